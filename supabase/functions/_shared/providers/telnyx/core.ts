import type { ProviderCore } from "../provider.ts";
import { readTelnyxError } from "./errors.ts";
import { TELNYX_HOST } from "./request.ts";

export const telnyxCore: ProviderCore = {
  id: "telnyx",
  displayName: "Telnyx",
  hosts: () => [TELNYX_HOST],
  readError: readTelnyxError,
};
