import { newPhoneNumber } from "./phone_number.ts";
import type { TwilioStore } from "./store.ts";

/** An account that is always there, for `dev` and `demo`. Worth nothing anywhere else. */
export const DEMO_TWILIO_ACCOUNT = {
  account_sid: `AC${"de".repeat(16)}`,
  auth_token: "d0".repeat(16),
  friendly_name: "Demo account",
  numbers: [
    { phone_number: "+14155550100", sms: true, mms: true, voice: true },
    { phone_number: "+14155550101", sms: true, mms: false, voice: false },
  ],
} as const;

/** Adds the demo account to a fresh store. */
export function addDemoAccount(store: TwilioStore): void {
  const account = store.addAccount({
    sid: DEMO_TWILIO_ACCOUNT.account_sid,
    authToken: DEMO_TWILIO_ACCOUNT.auth_token,
    friendlyName: DEMO_TWILIO_ACCOUNT.friendly_name,
  });
  DEMO_TWILIO_ACCOUNT.numbers.forEach(({ phone_number, sms, mms, voice }, index) => {
    const number = newPhoneNumber(account.sid, phone_number, {
      sid: `PN${"de".repeat(15)}0${index}`,
      capabilities: { sms, mms, voice, fax: false },
    });
    account.numbers.set(number.sid, number);
  });
}
