import { lamlHistory } from "../laml/history.ts";
import { twilioDialect } from "./dialect.ts";
import { twilioApi } from "./request.ts";

export const {
  lookUpMessage: lookUpTwilioMessage,
  searchMessages: searchTwilioMessages,
} = lamlHistory(twilioApi, {
  ...twilioDialect,
  /** `DateSent>` means "on or after". */
  firstDay: (since) => since.slice(0, 10),
});
