import * as z from "zod/mini";
import { readJson } from "../json.ts";
import { CALL_EVENTS, readCallStatus } from "../laml/calls.ts";
import type { CallReceipt, Operation, OutboundCall } from "../provider.ts";
import { writeXml } from "../xml.ts";
import { telnyxRequest } from "./request.ts";

const callAnswer = z.object({
  call_sid: z.string().check(z.minLength(1)),
  status: z.string(),
});

/**
 * By TeXML, which takes along what is to be said; Call Control would have to be told so once the call
 * is answered. This path needs the connection alone, the other one an account's identifier that
 * Telnyx shows nowhere. `alice` is the voice that has languages.
 * https://developers.telnyx.com/api-reference/texml-rest-commands/create-a-connection-scoped-texml-call
 * (read 2026-11-20)
 */
export const startTelnyxCall: Operation<OutboundCall, CallReceipt> = {
  toRequest({ from, to, text, language, statusUrl }, credentials) {
    const { connection_id } = credentials;
    if (!connection_id) throw new Error("no Voice Connection ID among the credentials");
    const say = writeXml("Say", text, { voice: "alice", language });
    return telnyxRequest(credentials, "POST", `/texml/calls/${connection_id}`, {
      json: {
        From: from,
        To: to,
        Texml: `<?xml version="1.0" encoding="UTF-8"?>${writeXml("Response", [say])}`,
        StatusCallback: statusUrl,
        StatusCallbackMethod: "POST",
        StatusCallbackEvent: CALL_EVENTS.join(" "),
      },
    });
  },
  readResponse({ json }) {
    const { call_sid, status } = readJson(callAnswer, json);
    return {
      externalId: call_sid,
      status: readCallStatus(status),
      providerStatus: status,
    };
  },
};
