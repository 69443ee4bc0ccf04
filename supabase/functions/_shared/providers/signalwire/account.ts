import * as z from "zod/mini";
import { optionalText, readJson } from "../json.ts";
import { type AccountInfo, type Operation, UnreadableAnswerError } from "../provider.ts";
import { projectRequest } from "./request.ts";

const project = z.object({ sid: z.string(), friendly_name: optionalText, status: optionalText });

/** The token needs the scope "Management" for this, "Messaging" and "Numbers" for the rest. */
export const validateSignalwireCredentials: Operation<void, AccountInfo> = {
  toRequest: (_input, credentials) => projectRequest(credentials, "GET", ""),
  readResponse({ json }, _input, { project_id = "" }) {
    const { sid, friendly_name, status } = readJson(project, json);
    if (sid.toLowerCase() !== project_id.toLowerCase()) {
      throw new UnreadableAnswerError("unexpected sid");
    }
    return {
      externalAccountId: sid,
      displayName: friendly_name || sid,
      isActive: status === "active",
      providerStatus: status,
    };
  },
};
