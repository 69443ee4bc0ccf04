import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { AppError } from "../_shared/http/error.ts";

/** E.164 from any international spelling; whether the number exists is for the provider to say. */
export function toE164(input: string, field: "to" | "from"): string {
  const parsed = parsePhoneNumberFromString(input, { extract: false });
  if (parsed?.isPossible() && !parsed.ext) return parsed.number;
  const isEmail = input.includes("@");
  throw new AppError(
    field === "to" ? "invalid_recipient" : "invalid_sender",
    `Cannot reach anybody: ${field} is not a phone number`,
    {
      issues: [{ field, message: "is not a phone number" }],
      hint: isEmail
        ? "Set the channel to email"
        : "Use the international form, such as +14155550100",
    },
  );
}
