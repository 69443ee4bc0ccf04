import { lamlHistory } from "../laml/history.ts";
import { signalwireDialect } from "./dialect.ts";
import { signalwireApi } from "./request.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export const {
  lookUpMessage: lookUpSignalwireMessage,
  searchMessages: searchSignalwireMessages,
} = lamlHistory(signalwireApi, {
  ...signalwireDialect,
  /** "After" may or may not hold the day itself. */
  firstDay: (since) => new Date(Date.parse(since) - DAY_MS).toISOString().slice(0, 10),
});
