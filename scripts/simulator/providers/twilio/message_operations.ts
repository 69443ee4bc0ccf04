import type { TwilioCall, TwilioHandler } from "./call.ts";
import { badRequest, json, notFound, TwilioError } from "./errors.ts";
import { readDraft } from "./message_rules.ts";
import { isInProgress, type Outbound } from "./outbound.ts";
import { listAnswer } from "./paging.ts";
import { readPhoneNumber } from "./phone_number.ts";
import { representMedia, representMessage } from "./representation.ts";
import type { Media, Message, TwilioStore } from "./store.ts";

const DAY_MS = 86_400_000;

/** `POST Messages.json` */
export function createMessage(outbound: Outbound): TwilioHandler {
  return async (call) => {
    const draft = readDraft(call.account, call.form);
    const scope = { ...call.scope, numbers: [draft.to, draft.from] };
    const { answer } = await outbound.accept(call.account, draft, "outbound-api", scope);
    return json(answer, 201);
  };
}

/** `GET Messages.json`, newest first. */
export function listMessages(call: TwilioCall): Response {
  const tests = readTests(call.query);
  const messages = [...call.account.messages.values()].reverse()
    .filter((message) => tests.every((test) => test(message)));
  return listAnswer(call, "messages", messages, (message) => -message.sequence, representMessage);
}

/** `GET Messages/SM….json` */
export function fetchMessage(call: TwilioCall): Response {
  return json(representMessage(findMessage(call)));
}

/** `POST Messages/SM….json`: an empty `Body` redacts, `Status=canceled` cancels. */
export function updateMessage(call: TwilioCall): Response {
  const message = findMessage(call);
  const status = call.form.get("Status");
  if (status !== null) {
    if (status !== "canceled") throw badRequest("Invalid parameter: Status");
    if (!["scheduled", "accepted", "queued"].includes(message.status)) {
      throw new TwilioError(409, 30409, "This message cannot be canceled");
    }
    message.status = "canceled";
  }
  const body = call.form.get("Body");
  if (body !== null) {
    if (body !== "") throw badRequest("Invalid parameter: Body can only be set to empty");
    if (isInProgress(message)) {
      throw new TwilioError(409, 20009, "Cannot redact before it is complete");
    }
    message.body = "";
  }
  message.updatedAt = Date.now();
  return json(representMessage(message));
}

/** `DELETE Messages/SM….json` */
export function deleteMessage(store: TwilioStore): TwilioHandler {
  return (call) => {
    const message = findMessage(call);
    if (isInProgress(message)) {
      throw new TwilioError(409, 20009, "Cannot delete this resource before it is complete");
    }
    store.removeMessage(message);
    return new Response(null, { status: 204 });
  };
}

/** `GET Messages/SM…/Media.json` */
export function listMedia(call: TwilioCall): Response {
  const message = findMessage(call);
  return listAnswer(
    call,
    "media_list",
    message.media,
    (_, index) => index,
    (media) => representMedia(message, media),
  );
}

/** `GET Messages/SM…/Media/ME….json`, or without `.json` the file itself. */
export async function fetchMedia(call: TwilioCall): Promise<Response> {
  const message = findMessage(call);
  const media = findMedia(call, message);
  if (call.pathname.endsWith(".json")) return json(representMedia(message, media));
  if (media.sourceUrl?.startsWith("https://127.0.0.1:")) return await fetchSource(media.sourceUrl);
  return new Response(media.bytes, { headers: { "content-type": media.contentType } });
}

/** From this machine alone, where nothing speaks TLS; other media of ours are empty files. */
async function fetchSource(url: string): Promise<Response> {
  const answer = await fetch(url.replace("https:", "http:"), { redirect: "error" });
  const contentType = answer.headers.get("content-type") ?? "application/octet-stream";
  const bytes = await answer.bytes();
  if (!answer.ok) throw new TwilioError(404, 11200, `Cannot fetch the media: ${answer.status}`);
  return new Response(bytes, { headers: { "content-type": contentType } });
}

/** `DELETE Messages/SM…/Media/ME….json` */
export function deleteMedia(call: TwilioCall): Response {
  const message = findMessage(call);
  const media = findMedia(call, message);
  message.media = message.media.filter((kept) => kept !== media);
  return new Response(null, { status: 204 });
}

function findMessage(call: TwilioCall): Message {
  const message = call.account.messages.get(call.path.message ?? "");
  if (!message) throw notFound(call.pathname);
  return message;
}

function findMedia(call: TwilioCall, message: Message): Media {
  const media = message.media.find((candidate) => candidate.sid === call.path.media);
  if (!media) throw notFound(call.pathname);
  return media;
}

function readTests(query: URLSearchParams): Array<(message: Message) => boolean> {
  const tests: Array<(message: Message) => boolean> = [];
  const address = (name: string) => {
    const value = query.get(name);
    return value ? readPhoneNumber(value) ?? value : undefined;
  };
  const [to, from] = [address("To"), address("From")];
  if (to !== undefined) tests.push((message) => message.to === to);
  if (from !== undefined) tests.push((message) => message.from === from);
  const sentAt = (message: Message) => message.sentAt ?? message.createdAt;
  const on = readSpan(query, "DateSent");
  if (on) tests.push((message) => sentAt(message) >= on.start && sentAt(message) < on.end);
  const before = readSpan(query, "DateSent<");
  if (before) tests.push((message) => sentAt(message) < before.end);
  const after = readSpan(query, "DateSent>");
  if (after) tests.push((message) => sentAt(message) >= after.start);
  return tests;
}

/** A day in GMT, or the second that a full timestamp names. */
function readSpan(
  query: URLSearchParams,
  name: string,
): { start: number; end: number } | undefined {
  const value = query.get(name);
  if (!value) return undefined;
  const start = Date.parse(value);
  if (Number.isNaN(start)) throw badRequest(`Invalid parameter: ${name}`);
  return { start, end: start + (/^\d{4}-\d{2}-\d{2}$/.test(value) ? DAY_MS : 1_000) };
}
