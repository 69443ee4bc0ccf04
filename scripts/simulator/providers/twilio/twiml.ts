/** A `<Message>` of a TwiML answer. */
export interface TwimlMessage {
  to: string | undefined;
  from: string | undefined;
  statusCallback: string | undefined;
  body: string;
  mediaUrls: string[];
}

/** Thrown for an answer that is not TwiML. */
export class TwimlError extends Error {
  override name = "TwimlError";
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

const XML_TYPES = ["text/xml", "application/xml", "text/html"];
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * What an answer to an inbound message asks for. XML is read for its `<Message>` verbs, plain text
 * is itself the reply, nothing asks for nothing: https://www.twilio.com/docs/messaging/twiml
 */
export function readReplies(contentType: string | null, body: string): TwimlMessage[] {
  if (body.trim() === "") return [];
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "text/plain") {
    return [{ to: undefined, from: undefined, statusCallback: undefined, body, mediaUrls: [] }];
  }
  if (!XML_TYPES.includes(type)) {
    throw new TwimlError(12300, `Cannot read answer: content type ${type}`);
  }
  const markup = body.replaceAll(/<!--[\s\S]*?-->/g, "");
  if (!/^\s*(<\?xml[^>]*\?>)?\s*<Response\s*(\/>|>[\s\S]*<\/Response\s*>)\s*$/.test(markup)) {
    throw new TwimlError(12100, "Cannot read answer: no Response element");
  }
  return [...markup.matchAll(/<Message\b([^>]*?)(?:\/>|>([\s\S]*?)<\/Message\s*>)/g)]
    .map((match) => readMessage(match[1] ?? "", match[2] ?? ""));
}

function readMessage(attributes: string, content: string): TwimlMessage {
  const bodies = [...content.matchAll(/<Body\s*>([\s\S]*?)<\/Body\s*>/g)].map((m) => m[1] ?? "");
  const media = [...content.matchAll(/<Media\s*>([\s\S]*?)<\/Media\s*>/g)].map((m) => m[1] ?? "");
  const text = bodies.length > 0
    ? bodies.join("")
    : content.replaceAll(/<Media\b[\s\S]*?<\/Media\s*>/g, "");
  return {
    to: readAttribute(attributes, "to"),
    from: readAttribute(attributes, "from"),
    statusCallback: readAttribute(attributes, "statusCallback") ??
      readAttribute(attributes, "action"),
    body: decode(text).trim(),
    mediaUrls: media.map((url) => decode(url).trim()),
  };
}

function readAttribute(attributes: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  const value = match?.[1] ?? match?.[2];
  return value === undefined ? undefined : decode(value);
}

function decode(text: string): string {
  return text.replaceAll(/&(#x[0-9a-fA-F]+|#\d+|\w+);/g, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return ENTITIES[name] ?? whole;
  });
}
