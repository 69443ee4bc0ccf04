/** Why a message ends badly where a test says nothing of the reason. */
export const DEFAULT_ERROR_CODE = "1";

export function msisdn(address: string): string {
  return address.replace(/^\+/, "");
}

export function textWord(status: string): string {
  if (status === "queued" || status === "received") return "sent";
  if (status === "read") return "delivered";
  return status === "undelivered" || status === "failed" ? "delivery_failed" : status;
}

/** Of conversations. */
export function channelWord(status: string): string {
  if (status === "queued") return "pending";
  return status === "undelivered" ? "failed" : status;
}
