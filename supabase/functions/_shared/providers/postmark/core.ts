import type { ProviderCore } from "../provider.ts";
import { readPostmarkError } from "./errors.ts";
import { POSTMARK_HOST } from "./request.ts";

export const postmarkCore: ProviderCore = {
  id: "postmark",
  displayName: "Postmark",
  hosts: () => [POSTMARK_HOST],
  readError: readPostmarkError,
};
