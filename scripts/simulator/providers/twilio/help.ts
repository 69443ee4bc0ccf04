import { DEMO_TWILIO_ACCOUNT } from "./demo.ts";
import {
  FAILED_CODES,
  REFUSED_RECIPIENTS,
  REFUSED_SENDERS,
  UNDELIVERED_CODES,
} from "./outcomes.ts";

const pairs = (numbers: Readonly<Record<string, number>>) =>
  Object.entries(numbers).map(([number, code]) => `${number} ${code}`).join(", ");

/** What `--help` says about Twilio. */
export const TWILIO_HELP = `Twilio (api.twilio.com)
  Demo account   ${DEMO_TWILIO_ACCOUNT.account_sid}
  Auth token     ${DEMO_TWILIO_ACCOUNT.auth_token}
  Numbers        ${DEMO_TWILIO_ACCOUNT.numbers.map((number) => number.phone_number).join(", ")}
  Recipients     delivered, unless the last five digits are an error code:
                 undelivered with ${UNDELIVERED_CODES.join(", ")}
                 failed with ${FAILED_CODES.join(", ")}
                 refused at once: ${pairs(REFUSED_RECIPIENTS)}
  Senders        refused at once: ${pairs(REFUSED_SENDERS)}
  Control        POST /twilio/accounts {auth_token, secondary_auth_token, friendly_name, status, type,
                 balance_usd, numbers, api_keys, messaging_services, verified_numbers}
                 PATCH /twilio/accounts/<sid> changes some of them
                 POST /twilio/inbound {from, to, body, media, message_sid, signature, parameters}
                 POST /twilio/recipients {number, statuses, error_code}
                 POST /twilio/messages/<sid>/release sends a scheduled message now`;
