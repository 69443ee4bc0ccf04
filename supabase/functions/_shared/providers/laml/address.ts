/** WhatsApp addresses are E.164 behind a prefix. */
const WHATSAPP = "whatsapp:";

export function toNeutralAddress(
  address: string,
): { channel: "sms" | "whatsapp"; address: string } {
  return address.startsWith(WHATSAPP)
    ? { channel: "whatsapp", address: address.slice(WHATSAPP.length) }
    : { channel: "sms", address };
}

export function toWhatsAppAddress(phoneNumber: string): string {
  return WHATSAPP + phoneNumber;
}
