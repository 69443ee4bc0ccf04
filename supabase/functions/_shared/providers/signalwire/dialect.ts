import type { LamlDialect } from "../laml/message_operations.ts";
import { readSignalwireStatus } from "./words.ts";

export const signalwireDialect: LamlDialect = {
  readStatus: readSignalwireStatus,
  toAddress(channel, address) {
    if (channel !== "sms") throw new Error(`no messages of channel ${channel} in this API`);
    return address;
  },
};
