import type { ProviderCore } from "../provider.ts";
import { readSendgridError } from "./errors.ts";
import { SENDGRID_HOST } from "./request.ts";

export const sendgridCore: ProviderCore = {
  id: "sendgrid",
  displayName: "SendGrid",
  hosts: () => [SENDGRID_HOST],
  readError: readSendgridError,
};
