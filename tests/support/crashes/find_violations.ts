import type { Evidence } from "./evidence.ts";

type Message = Evidence["messages"][number];

/** What evidence shows of one message. */
interface Case {
  message: Message;
  attempts: Evidence["attempts"];
  waiting: Evidence["waiting"];
  isDeadLetter: boolean;
  requests: Evidence["requests"];
  taken: Evidence["taken"];
}

/** Not ended, and nothing that the provider has said of it. */
const OPEN_STATUSES = ["scheduled", "queued", "sending"];
const ENDED_BEFORE_IT_LEFT = ["recipient_opted_out", "expired"];

/**
 * Whatever is wrong: a message that was lost, is stuck, was sent twice although it was to be held, or
 * was sent to somebody who had opted out, and tables that contradict each other or the provider.
 */
export function findViolations(evidence: Evidence): string[] {
  const cases = toCases(evidence);
  return [
    ...cases.flatMap((one) =>
      [
        ...findLoss(one),
        ...findDelay(one, evidence.read_at_ms),
        ...findRepetition(one),
        ...findContradiction(one),
        ...findGaps(one),
      ].map((flaw) => `${one.message.body} (${one.message.id}): ${flaw}`)
    ),
    ...findStrangers(evidence),
    ...findUnwanted(evidence),
    ...evidence.usage_differences.map((difference) => `usage counted wrong: ${difference}`),
  ];
}

function toCases(evidence: Evidence): Case[] {
  const attempts = Map.groupBy(evidence.attempts, (attempt) => attempt.message_id);
  const waiting = Map.groupBy(evidence.waiting, (entry) => entry.message_id);
  const requests = Map.groupBy(evidence.requests, (request) => request.message_id);
  const taken = Map.groupBy(evidence.taken, toText);
  const deadLetters = new Set(evidence.dead_letters.map((letter) => letter.message_id));
  return evidence.messages.map((message) => ({
    message,
    attempts: (attempts.get(message.id) ?? []).toSorted((one, other) =>
      one.attempt_number - other.attempt_number
    ),
    waiting: waiting.get(message.id) ?? [],
    isDeadLetter: deadLetters.has(message.id),
    requests: requests.get(message.id) ?? [],
    taken: taken.get(toText({ to: message.to_address, body: message.body })) ?? [],
  }));
}

const toText = ({ to, body }: { to: string; body: string }) => `${to} ${body}`;

const acceptedOf = ({ attempts }: Case) =>
  attempts.filter((attempt) => attempt.outcome === "accepted");

function findLoss(one: Case): string[] {
  const { message, attempts, waiting, isDeadLetter, taken } = one;
  const flaws = [];
  const isAccepted = acceptedOf(one).length > 0;
  if (!isAccepted && waiting.length === 0) {
    if (OPEN_STATUSES.includes(message.status)) {
      flaws.push("lost: open, and nothing is done for it");
    }
    if (attempts.some((attempt) => attempt.outcome === null)) {
      flaws.push("lost: an attempt is under way, and nobody makes it");
    }
  }
  if (!isAccepted && taken.length > 0) flaws.push("lost: the provider took it, and nobody knows");
  if (message.status === "failed" && !isAccepted && !isDeadLetter) {
    const isRefused = attempts.at(-1)?.outcome === "rejected" ||
      ENDED_BEFORE_IT_LEFT.includes(message.error_code ?? "");
    if (!isRefused) flaws.push("lost: failed without a refusal, and no dead letter");
  }
  return flaws;
}

function findDelay({ waiting }: Case, readAtMs: number): string[] {
  return waiting.filter(({ until_ms }) => until_ms <= readAtMs)
    .map(({ kind }) =>
      kind === "lease" ? "stuck: its lease has ended" : `stuck: its ${kind} is due`
    );
}

function findRepetition(one: Case): string[] {
  const { message, requests, taken } = one;
  const flaws = [];
  if (acceptedOf(one).length > 1) flaws.push("sent twice: two attempts were accepted");
  const numbers = requests.map((request) => request.attempt_number);
  if (new Set(numbers).size < numbers.length) flaws.push("sent twice: an attempt was made twice");
  if (message.on_unknown === "resend") return flaws;
  if (taken.length > 1) flaws.push(`sent twice: the provider took it ${taken.length} times`);
  // Whatever is not a refusal may have been a success.
  const possible = requests.filter(({ status }) =>
    status === null || status < 300 || status >= 500
  );
  if (possible.length > 1) flaws.push(`sent twice: ${possible.length} requests may have succeeded`);
  return flaws;
}

function findContradiction(one: Case): string[] {
  const { message, attempts, waiting, isDeadLetter, requests, taken } = one;
  const flaws = [];
  const [accepted] = acceptedOf(one);
  if (accepted) {
    if (!taken.some(({ sid }) => sid === accepted.external_id)) {
      flaws.push("accepted as something that the provider did not take");
    }
    if (isDeadLetter) flaws.push("accepted, and a dead letter");
    if (waiting.length > 0) flaws.push("accepted, and still waiting");
    if (message.status === "canceled") flaws.push("accepted, and canceled");
  } else if (!OPEN_STATUSES.includes(message.status) && message.status !== "canceled") {
    if (message.status !== "failed") flaws.push(`${message.status}, and no attempt was accepted`);
    if (waiting.length > 0) flaws.push("failed, and still waiting");
  }
  if (isDeadLetter && message.status !== "failed") flaws.push("a dead letter that has not failed");
  const known = new Set(attempts.map((attempt) => attempt.attempt_number));
  if (requests.some(({ attempt_number }) => !known.has(attempt_number!))) {
    flaws.push("sent by an attempt that was not written down");
  }
  return flaws;
}

function findGaps({ attempts }: Case): string[] {
  const isGapless = attempts.every((attempt, index) => attempt.attempt_number === index + 1);
  return isGapless ? [] : ["its attempts are not numbered one after the other"];
}

/** What the provider was asked to send, or took, without a message that says so. */
function findStrangers({ messages, requests, taken }: Evidence): string[] {
  const ids = new Set(messages.map(({ id }) => id));
  const texts = new Set(messages.map(({ to_address: to, body }) => toText({ to, body })));
  return [
    ...requests.filter(({ message_id }) => message_id === null || !ids.has(message_id))
      .map(({ to }) => `sent to ${to} for no message`),
    ...taken.filter((message) => !texts.has(toText(message)))
      .map(({ sid }) => `${sid} was sent for no message`),
  ];
}

function findUnwanted({ opt_outs, requests }: Evidence): string[] {
  const optedOutAt = new Map(opt_outs.map((optOut) => [optOut.address, optOut.opted_out_at_ms]));
  return requests.filter(({ to, at_ms }) => at_ms > (optedOutAt.get(to) ?? Infinity))
    .map(({ to }) => `sent to ${to}, who had opted out`);
}
