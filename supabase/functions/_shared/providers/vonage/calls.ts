import * as z from "zod/mini";
import { optionalText, readJson } from "../json.ts";
import type { CallReceipt, Operation, OutboundCall } from "../provider.ts";
import { API_HOST, toVonageAddress } from "./request.ts";
import { createVonageToken } from "./token.ts";
import { readVonageCallStatus } from "./words.ts";

const callAnswer = z.object({ uuid: z.string().check(z.minLength(1)), status: optionalText });

/** Calls belong to the application, and take its token where all else takes the account's secret. */
export const startVonageCall: Operation<OutboundCall, CallReceipt> = {
  async toRequest({ from, to, text, language, statusUrl }, credentials, { nowMs, nonce }) {
    const { application_id: applicationId = "", private_key: privateKey } = credentials;
    if (!privateKey) throw new Error("no Private Key among the credentials");
    const token = await createVonageToken({ applicationId, privateKey, nowMs, nonce });
    return {
      method: "POST",
      url: `https://${API_HOST}/v1/calls`,
      headers: { authorization: `Bearer ${token}` },
      json: {
        to: [{ type: "phone", number: toVonageAddress(to) }],
        from: { type: "phone", number: toVonageAddress(from) },
        ncco: [{ action: "talk", text, language }],
        event_url: [statusUrl],
        event_method: "POST",
      },
    };
  },
  readResponse({ json }) {
    const { uuid, status } = readJson(callAnswer, json);
    return { externalId: uuid, status: readVonageCallStatus(status), providerStatus: status };
  },
};
