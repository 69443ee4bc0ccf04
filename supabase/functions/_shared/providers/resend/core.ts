import type { ProviderCore } from "../provider.ts";
import { readResendError } from "./errors.ts";
import { RESEND_HOST } from "./request.ts";

export const resendCore: ProviderCore = {
  id: "resend",
  displayName: "Resend",
  hosts: () => [RESEND_HOST],
  readError: readResendError,
};
