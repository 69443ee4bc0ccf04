import { TwilioError } from "./errors.ts";
import type { NumberSettings } from "./phone_number.ts";
import { isCallbackUrl } from "./webhook.ts";

const MAXIMUM_FRIENDLY_NAME_LENGTH = 64;
const URL_FIELDS = {
  SmsUrl: "sms_url",
  SmsFallbackUrl: "sms_fallback_url",
  VoiceUrl: "voice_url",
  VoiceFallbackUrl: "voice_fallback_url",
  StatusCallback: "status_callback",
} as const;
const METHOD_FIELDS = {
  SmsMethod: "sms_method",
  SmsFallbackMethod: "sms_fallback_method",
  VoiceMethod: "voice_method",
  VoiceFallbackMethod: "voice_fallback_method",
  StatusCallbackMethod: "status_callback_method",
} as const;
const TEXT_FIELDS = {
  SmsApplicationSid: "sms_application_sid",
  VoiceApplicationSid: "voice_application_sid",
  AddressSid: "address_sid",
  BundleSid: "bundle_sid",
  EmergencyAddressSid: "emergency_address_sid",
  EmergencyStatus: "emergency_status",
  IdentitySid: "identity_sid",
  TrunkSid: "trunk_sid",
  VoiceReceiveMode: "voice_receive_mode",
} as const;

/** The settings that a form changes. An empty URL clears it. */
export function readSettings(form: URLSearchParams): Partial<NumberSettings> {
  const settings: Partial<NumberSettings> = {};
  for (const [parameter, field] of entriesOf(URL_FIELDS)) {
    const value = form.get(parameter);
    if (value === null) continue;
    if (value !== "" && !isCallbackUrl(value)) {
      throw new TwilioError(400, 21402, `${parameter} is not valid: ${value}`);
    }
    settings[field] = value;
  }
  for (const [parameter, field] of entriesOf(METHOD_FIELDS)) {
    const value = form.get(parameter);
    if (value === null || value === "") continue;
    if (value !== "GET" && value !== "POST") {
      throw new TwilioError(400, 21403, `${parameter} is not valid: ${value}`);
    }
    settings[field] = value;
  }
  for (const [parameter, field] of entriesOf(TEXT_FIELDS)) {
    const value = form.get(parameter);
    if (value !== null) settings[field] = value;
  }
  const name = form.get("FriendlyName");
  if (name !== null && name.length > MAXIMUM_FRIENDLY_NAME_LENGTH) {
    throw new TwilioError(400, 20002, "Invalid FriendlyName: longer than 64 characters");
  }
  if (name) settings.friendly_name = name;
  const lookup = form.get("VoiceCallerIdLookup");
  if (lookup !== null) settings.voice_caller_id_lookup = lookup.toLowerCase() === "true";
  return settings;
}

function entriesOf<Parameter extends string, Field extends string>(
  fields: Readonly<Record<Parameter, Field>>,
): Array<[string, Field]> {
  return Object.entries<Field>(fields);
}
