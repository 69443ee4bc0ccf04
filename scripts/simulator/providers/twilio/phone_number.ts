import { newSid, nextSequence } from "./store.ts";

/** What a number can do. */
export interface Capabilities {
  voice: boolean;
  sms: boolean;
  mms: boolean;
  fax: boolean;
}

/** The kinds of numbers that can be searched, in Twilio's spelling of the path. */
export const NUMBER_KINDS = { Local: "local", TollFree: "toll-free", Mobile: "mobile" } as const;
export type NumberType = typeof NUMBER_KINDS[keyof typeof NUMBER_KINDS];

/** The settings of a number that its owner may change, in the spelling of the answer. */
export interface NumberSettings {
  friendly_name: string;
  sms_application_sid: string;
  sms_fallback_method: string;
  sms_fallback_url: string;
  sms_method: string;
  sms_url: string;
  status_callback: string;
  status_callback_method: string;
  voice_application_sid: string;
  voice_caller_id_lookup: boolean;
  voice_fallback_method: string;
  voice_fallback_url: string;
  voice_method: string;
  voice_url: string;
  address_sid: string | null;
  bundle_sid: string | null;
  emergency_address_sid: string | null;
  emergency_status: string;
  identity_sid: string | null;
  trunk_sid: string | null;
  voice_receive_mode: string;
}

/** A number that an account owns. */
export interface PhoneNumber {
  sid: string;
  sequence: number;
  accountSid: string;
  /** E.164, or a short code. */
  phoneNumber: string;
  capabilities: Capabilities;
  /** May send and receive as `whatsapp:<number>`. */
  isWhatsappSender: boolean;
  addressRequirements: string;
  type: NumberType;
  createdAt: number;
  updatedAt: number;
  settings: NumberSettings;
}

/** Makes a number as Twilio makes it when nothing else is said. */
export function newPhoneNumber(
  accountSid: string,
  phoneNumber: string,
  traits: Partial<
    Pick<
      PhoneNumber,
      "sid" | "capabilities" | "isWhatsappSender" | "type" | "addressRequirements"
    >
  >,
): PhoneNumber {
  const now = Date.now();
  return {
    sid: traits.sid ?? newSid("PN"),
    sequence: nextSequence(),
    accountSid,
    phoneNumber,
    capabilities: traits.capabilities ?? { voice: true, sms: true, mms: true, fax: false },
    isWhatsappSender: traits.isWhatsappSender ?? false,
    addressRequirements: traits.addressRequirements ?? "none",
    type: traits.type ?? (isTollFree(phoneNumber) ? "toll-free" : "local"),
    createdAt: now,
    updatedAt: now,
    settings: {
      friendly_name: nationalFormat(phoneNumber),
      sms_application_sid: "",
      sms_fallback_method: "POST",
      sms_fallback_url: "",
      sms_method: "POST",
      sms_url: "",
      status_callback: "",
      status_callback_method: "POST",
      voice_application_sid: "",
      voice_caller_id_lookup: false,
      voice_fallback_method: "POST",
      voice_fallback_url: "",
      voice_method: "POST",
      voice_url: "",
      address_sid: null,
      bundle_sid: null,
      emergency_address_sid: null,
      emergency_status: "Active",
      identity_sid: null,
      trunk_sid: null,
      voice_receive_mode: "voice",
    },
  };
}

/** `(415) 555-0100` for numbers of the US and Canada, the number itself for others. */
export function nationalFormat(phoneNumber: string): string {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phoneNumber);
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : phoneNumber;
}

/** Whether it is a toll-free number of the US and Canada. */
export function isTollFree(phoneNumber: string): boolean {
  return /^\+18(00|33|44|55|66|77|88)/.test(phoneNumber);
}

/** A telephone number in E.164, as Twilio reads it from a parameter; undefined if it is none. */
export function readPhoneNumber(value: string): string | undefined {
  const digits = value.replaceAll(/[\s().-]/g, "");
  if (/^[2-9]\d{2}[2-9]\d{6}$/.test(digits)) return `+1${digits}`;
  if (/^\+1\d*$/.test(digits)) return /^\+1[2-9]\d{2}[2-9]\d{6}$/.test(digits) ? digits : undefined;
  return /^\+[2-9]\d{6,14}$/.test(digits) ? digits : undefined;
}
