/** The path of a connection's webhooks, below the public URL of the function. */
export function connectionWebhookUrl(webhooksUrl: string, provider: string, token: string): string {
  return `${webhooksUrl}/${provider}/${token}`;
}

/** One hand-over of one message, as a status webhook names it. */
export interface AttemptReference {
  messageId: string;
  attemptNumber: number;
}

/** Where a provider reports what became of one attempt. */
export function statusWebhookUrl(
  webhooksUrl: string,
  provider: string,
  token: string,
  { messageId, attemptNumber }: AttemptReference,
): string {
  const url = connectionWebhookUrl(webhooksUrl, provider, token);
  return `${url}?message=${messageId}&attempt=${attemptNumber}`;
}

/** Where a provider reports what became of a voice call. */
export function callWebhookUrl(
  webhooksUrl: string,
  provider: string,
  token: string,
  callId: string,
): string {
  return `${connectionWebhookUrl(webhooksUrl, provider, token)}?call=${callId}`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The attempt that a status webhook's URL names; undefined for any other URL. */
export function readAttemptReference(url: string): AttemptReference | undefined {
  const { searchParams } = new URL(url);
  const messageId = searchParams.get("message") ?? "";
  const attempt = searchParams.get("attempt") ?? "";
  if (!UUID.test(messageId) || !/^[1-9]\d{0,3}$/.test(attempt)) return undefined;
  return { messageId, attemptNumber: Number(attempt) };
}

/** The call that a status webhook's URL names; undefined for any other URL. */
export function readCallId(url: string): string | undefined {
  const callId = new URL(url).searchParams.get("call") ?? "";
  return UUID.test(callId) ? callId : undefined;
}

/** What providers give back of an attempt: letters, digits, hyphens and a dot. */
export function writeReference({ messageId, attemptNumber }: AttemptReference): string {
  return `${messageId}.${attemptNumber}`;
}

/** The attempt that a reference names; undefined for anything that is none of ours. */
export function readReference(reference: string): AttemptReference | undefined {
  const [messageId = "", attempt = "", ...rest] = reference.split(".");
  if (!UUID.test(messageId) || !/^[1-9]\d{0,3}$/.test(attempt) || rest.length > 0) return undefined;
  return { messageId, attemptNumber: Number(attempt) };
}

/** The same URL as people may see it: the token would let anyone post to the connection. */
export function redactedWebhookUrl(webhooksUrl: string, provider: string): string {
  return connectionWebhookUrl(webhooksUrl, provider, "…");
}

/** 256 random bits that name a connection in its webhook URL. Secret. */
export function createWebhookToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
