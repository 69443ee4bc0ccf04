import type { MessageReceipt, Operation } from "../provider.ts";
import { readTelnyxAnswer } from "./receipt.ts";
import { checkUuid, telnyxRequest } from "./request.ts";

export const lookUpTelnyxMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    telnyxRequest(credentials, "GET", `/messages/${checkUuid(externalId)}`),
  readResponse: readTelnyxAnswer,
};
