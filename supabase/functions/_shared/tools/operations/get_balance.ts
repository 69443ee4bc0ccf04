import { readAccount } from "./read_account.ts";

export const getBalance = readAccount(
  ({ transport, provider, credentials }) =>
    transport.call(provider, provider.readBalance, undefined, credentials),
  ({ amount, currency }) => ({ balance: amount, currency }),
);
