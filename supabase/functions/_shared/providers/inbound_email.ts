import { storableText } from "./text.ts";

export interface Mailbox {
  /** Lower case. */
  address: string;
  name: string;
}

const ADDRESS = /^[^\s@<>,;\p{Cc}]+@[^\s@<>,;\p{Cc}]+$/u;

/** Reads `address`, `<address>`, `Name <address>` or `"Name" <address>`; undefined for anything else. */
export function readMailbox(text: string): Mailbox | undefined {
  const angled = /^(.*)<([^<>]*)>\s*$/s.exec(text);
  const address = (angled?.[2] ?? text).trim().toLowerCase();
  if (!ADDRESS.test(address)) return undefined;
  const name = (angled?.[1] ?? "").trim();
  const unquoted = /^"(.*)"$/s.exec(name)?.[1]?.replace(/\\(.)/gs, "$1") ?? name;
  return {
    address: storableText(address),
    name: storableText(unquoted).replace(/\s+/g, " ").trim(),
  };
}

/** Of a list with commas between; what is no mailbox is left out. */
export function readMailboxes(list: string): Mailbox[] {
  const items = list.match(/("(\\.|[^"\\])*"|<[^<>]*>|[^,"<])+/gs) ?? [];
  return items.flatMap((item) => readMailbox(item) ?? []);
}

/** The identifiers of messages in a header, without angle brackets. */
export function readMessageIds(text: string): string[] {
  return [...text.matchAll(/<([^<>\s]+)>/g)].map(([, id]) => storableText(id ?? ""));
}

/** What ties an e-mail to a conversation. */
interface Threading {
  messageId: string;
  references: string[];
}

export function readThreading(header: (name: string) => string): Threading {
  const [messageId = ""] = readMessageIds(header("message-id"));
  const references = new Set(readMessageIds(header("references")));
  // The message that is answered comes last, also where a mail program names it only here.
  for (const id of readMessageIds(header("in-reply-to"))) references.add(id);
  return { messageId, references: [...references] };
}

/** Looks headers up in text as it was received: folded lines, any case. The first of a name counts. */
export function readRawHeaders(text: string): (name: string) => string {
  const headers = new Map<string, string>();
  for (const line of text.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return (name) => headers.get(name) ?? "";
}
