/** What `findViolations` objects to: each of these has one thing wrong, and only that. */
import type { Evidence } from "../support/crashes/evidence.ts";
import { findViolations } from "../support/crashes/find_violations.ts";
import { assert, assertEquals } from "@std/assert";

const NOW_MS = Date.parse("2026-11-20T12:00:00Z");
const TO = "+14155550101";

type Change = Partial<Evidence["messages"][number]>;

/** A message that one attempt handed over, as the tables and the provider have it. */
function sent(change: Change = {}): Evidence {
  return {
    read_at_ms: NOW_MS,
    messages: [{
      id: "one",
      on_unknown: "hold",
      status: "delivered",
      error_code: null,
      to_address: TO,
      body: "Hello",
      ...change,
    }],
    attempts: [attempt({})],
    waiting: [],
    dead_letters: [],
    opt_outs: [],
    usage_differences: [],
    requests: [request({})],
    taken: [{ sid: "SM1", to: TO, body: "Hello" }],
  };
}

/** A message that nobody has tried to hand over yet. */
const queued = (change: Change = {}): Evidence => ({
  ...sent({ status: "queued", ...change }),
  attempts: [],
  requests: [],
  taken: [],
});

/** A message of which nobody knows whether it was handed over, and that a person is to decide. */
const held = (): Evidence => ({
  ...sent({ status: "failed", error_code: "outcome_unknown" }),
  attempts: [attempt({ outcome: "unknown", external_id: null })],
  dead_letters: [{ message_id: "one", error_code: "outcome_unknown" }],
  taken: [],
});

const attempt = (change: Partial<Evidence["attempts"][number]>): Evidence["attempts"][number] => ({
  message_id: "one",
  attempt_number: 1,
  outcome: "accepted",
  external_id: "SM1",
  ...change,
});

const request = (change: Partial<Evidence["requests"][number]>): Evidence["requests"][number] => ({
  message_id: "one",
  attempt_number: 1,
  to: TO,
  at_ms: NOW_MS - 60_000,
  status: 201,
  ...change,
});

const waits = (kind: Evidence["waiting"][number]["kind"], until_ms: number) => [
  { message_id: "one", kind, until_ms },
];

/** A second hand-over, as the tables and the log of the provider have it. */
const again = (evidence: Evidence, status: number | null): Evidence => ({
  ...evidence,
  attempts: [
    attempt({}),
    attempt({ attempt_number: 2, outcome: "unknown", external_id: null }),
  ],
  requests: [request({}), request({ attempt_number: 2, status })],
});

const later = NOW_MS + 60_000;
const fine: Record<string, Evidence> = {
  "a message that was delivered": sent(),
  "a message that the provider holds": sent({ status: "queued" }),
  "a message that the provider did not deliver": sent({ status: "undelivered", error_code: "x" }),
  "a message that waits": { ...queued(), waiting: waits("job", later) },
  "a message in a dispatcher's hands": {
    ...queued(),
    attempts: [attempt({ outcome: null, external_id: null })],
    waiting: waits("lease", later),
  },
  "a message that is looked up": { ...held(), ...open(), waiting: waits("look_up", later) },
  "a dead letter of unknown outcome": held(),
  "a message that was refused, then sent": {
    ...sent(),
    attempts: [
      attempt({ outcome: "rejected", external_id: null }),
      attempt({ attempt_number: 2 }),
    ],
    requests: [request({ status: 429 }), request({ attempt_number: 2 })],
  },
  "a message that was refused": {
    ...queued({ status: "failed", error_code: "invalid_recipient" }),
    attempts: [attempt({ outcome: "rejected", external_id: null })],
    requests: [request({ status: 400 })],
  },
  "a message to somebody who opted out before it left": {
    ...queued({ status: "failed", error_code: "recipient_opted_out" }),
    opt_outs: [{ address: TO, opted_out_at_ms: NOW_MS - 90_000 }],
  },
  "a message to somebody who opted out afterwards": {
    ...sent(),
    opt_outs: [{ address: TO, opted_out_at_ms: NOW_MS - 30_000 }],
  },
  "a code that was sent twice": {
    ...again(sent({ on_unknown: "resend" }), 201),
    taken: ["SM1", "SM2"].map((sid) => ({ sid, to: TO, body: "Hello" })),
  },
};

/** What of a dead letter is not so as long as it is open. */
function open(): Partial<Evidence> {
  const { messages } = queued({ status: "sending" });
  return { messages, dead_letters: [] };
}

const wrong: Record<string, [flaw: string, evidence: Evidence]> = {
  "a queued message without a job": ["lost: open", queued()],
  "a scheduled message without a job": ["lost: open", queued({ status: "scheduled" })],
  "an unknown outcome without a look-up": ["lost: open", { ...held(), ...open() }],
  "an attempt that nobody makes any more": ["lost: an attempt is under way", {
    ...held(),
    attempts: [attempt({ outcome: null, external_id: null })],
  }],
  "a message that the provider took and nobody knows of": ["lost: the provider took it", {
    ...held(),
    taken: sent().taken,
  }],
  "a failure that nobody can see or mend": ["lost: failed without a refusal", {
    ...held(),
    dead_letters: [],
  }],
  "a lease that has ended": ["stuck: its lease", {
    ...queued(),
    attempts: [attempt({ outcome: null, external_id: null })],
    waiting: waits("lease", NOW_MS - 1),
  }],
  "a job that is due": ["stuck: its job", { ...queued(), waiting: waits("job", NOW_MS) }],
  "a look-up that is due": ["stuck: its look_up", {
    ...held(),
    ...open(),
    waiting: waits("look_up", NOW_MS - 1),
  }],
  "a message that the provider took twice": ["sent twice: the provider took it 2 times", {
    ...sent(),
    taken: ["SM1", "SM2"].map((sid) => ({ sid, to: TO, body: "Hello" })),
  }],
  "a second request that succeeded": ["sent twice: 2 requests", again(sent(), 201)],
  "a second request that had no answer": ["sent twice: 2 requests", again(sent(), null)],
  "a second request that the provider broke down over": [
    "sent twice: 2 requests",
    again(sent(), 503),
  ],
  "two requests of one attempt, of which one was refused": [
    "sent twice: an attempt was made twice",
    {
      ...sent(),
      requests: [request({}), request({ status: 429 })],
    },
  ],
  "two attempts that were accepted": ["sent twice: two attempts were accepted", {
    ...again(sent({ on_unknown: "resend" }), 201),
    attempts: [attempt({}), attempt({ attempt_number: 2 })],
  }],
  "an acceptance that the provider knows nothing of": ["accepted as something", {
    ...sent(),
    attempts: [attempt({ external_id: "SM2" })],
  }],
  "an accepted dead letter": ["accepted, and a dead letter", {
    ...held(),
    attempts: sent().attempts,
    taken: sent().taken,
  }],
  "an accepted message that waits": ["accepted, and still waiting", {
    ...sent(),
    waiting: waits("job", later),
  }],
  "an accepted message that was taken back": [
    "accepted, and canceled",
    sent({ status: "canceled" }),
  ],
  "a delivery without an acceptance": ["delivered, and no attempt was accepted", {
    ...held(),
    messages: sent().messages,
    dead_letters: [],
  }],
  "a failed message that waits": ["failed, and still waiting", {
    ...held(),
    waiting: waits("job", later),
  }],
  "a dead letter that is queued": ["a dead letter that has not failed", {
    ...queued(),
    waiting: waits("job", later),
    dead_letters: held().dead_letters,
  }],
  "a hand-over that was not written down": ["sent by an attempt that was not written down", {
    ...queued(),
    waiting: waits("job", later),
    requests: [request({ status: 400 })],
  }],
  "a gap between attempts": ["not numbered one after the other", {
    ...sent(),
    attempts: [attempt({ attempt_number: 2 })],
    requests: [request({ attempt_number: 2 })],
  }],
  "a request for a message that is not there": ["sent to +14155550101 for no message", {
    ...sent(),
    requests: [request({}), request({ message_id: "two" })],
  }],
  "a text that is no message's": ["SM2 was sent for no message", {
    ...sent(),
    taken: [...sent().taken, { sid: "SM2", to: TO, body: "Bye" }],
  }],
  "a message to somebody who had opted out": ["who had opted out", {
    ...sent(),
    opt_outs: [{ address: TO, opted_out_at_ms: NOW_MS - 90_000 }],
  }],
  "usage that is counted wrong": ["usage counted wrong", {
    ...sent(),
    usage_differences: ["1 and 2"],
  }],
};

for (const [name, evidence] of Object.entries(fine)) {
  Deno.test(`the checker of crashes finds nothing wrong with ${name}`, () => {
    assertEquals(findViolations(evidence), []);
  });
}

for (const [name, [flaw, evidence]] of Object.entries(wrong)) {
  Deno.test(`the checker of crashes objects to ${name}`, () => {
    const [first, ...others] = findViolations(evidence);

    assert(first?.includes(flaw), first ?? "It found nothing");
    assertEquals(others, []);
  });
}
