import { drawReceiptFaults } from "../../receipts.ts";
import type { SimulatorState } from "../../state.ts";
import type { Webhook } from "../../webhooks.ts";
import type { TwilioCall, TwilioHandler } from "./call.ts";
import { badRequest, json, TwilioError } from "./errors.ts";
import { refusal, REFUSED_RECIPIENTS } from "./outcomes.ts";
import { readPhoneNumber } from "./phone_number.ts";
import { API_VERSION, representCall, type VoiceCall } from "./representation.ts";
import { type Account, newSid } from "./store.ts";
import { isCallbackUrl, prepareWebhook } from "./webhook.ts";

const ANSWERED = ["initiated", "ringing", "in-progress", "completed"];
const SECONDS_SPOKEN = 7;

/** `POST Calls.json`: rings, is answered, hears the document and hangs up. */
export function createCall(state: SimulatorState): TwilioHandler {
  return (request) => {
    const call = readCall(request);
    const answer = json(representCall(call), 201);
    const { account, scope } = request;
    void state.receipts.run({
      accountSid: account.sid,
      messageSid: call.sid,
      to: call.to,
      steps: ANSWERED.map((status) => ({
        status,
        happen(isForged) {
          call.status = status;
          return statusWebhook(account, call, isForged);
        },
      })),
      faults: drawReceiptFaults(state.faults, scope),
    });
    return answer;
  };
}

/** Refuses what Twilio refuses; a call needs a number of the account, and something to say. */
function readCall({ account, form }: TwilioCall): VoiceCall {
  const to = readPhoneNumber(form.get("To") ?? "");
  if (to === undefined) throw refusal(21211, form.get("To") ?? "");
  const code = REFUSED_RECIPIENTS[to];
  if (code !== undefined) throw refusal(code, to);
  const from = readPhoneNumber(form.get("From") ?? "");
  const sender = [...account.numbers.values()].find(({ phoneNumber }) => phoneNumber === from);
  if (!sender?.capabilities.voice) {
    const number = form.get("From") ?? "";
    throw new TwilioError(
      400,
      21210,
      `The source phone number provided, ${number}, is not yet verified for your account.`,
    );
  }
  if (!form.get("Twiml") && !form.get("Url") && !form.get("ApplicationSid")) {
    throw new TwilioError(400, 21205, "Url parameter is required.");
  }
  const statusCallback = form.get("StatusCallback") || null;
  if (statusCallback !== null && !isCallbackUrl(statusCallback)) {
    throw badRequest("Invalid parameter: StatusCallback");
  }
  return {
    sid: newSid("CA"),
    accountSid: account.sid,
    from: sender.phoneNumber,
    to,
    status: "queued",
    statusCallback,
    createdAt: Date.now(),
  };
}

function statusWebhook(account: Account, call: VoiceCall, isForged: boolean): Webhook | undefined {
  if (call.statusCallback === null) return undefined;
  return prepareWebhook({
    accountSid: account.sid,
    authToken: account.authToken,
    purpose: "call_status",
    messageSid: call.sid,
    method: "POST",
    url: call.statusCallback,
    parameters: {
      CallSid: call.sid,
      AccountSid: account.sid,
      CallStatus: call.status,
      CallbackSource: "call-progress-events",
      Direction: "outbound-api",
      ApiVersion: API_VERSION,
      From: call.from,
      To: call.to,
      ...(call.status === "completed" ? { CallDuration: String(SECONDS_SPOKEN) } : {}),
    },
    signature: isForged ? "forged" : "valid",
  });
}
