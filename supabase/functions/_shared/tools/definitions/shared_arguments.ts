/** Arguments that several tools share, and what holds between them. */
import * as z from "zod/mini";
import { findUrlFlaw } from "../../http/url_guard.ts";
import {
  day,
  httpsUrl,
  id,
  moment,
  oneOf,
  optional,
  required,
  several,
  text,
  whole,
} from "./fields.ts";
import type { Flaw, ToolArguments } from "./tool.ts";

const LONGEST_ADDRESS = 254;
/** What the channels take: `private.read_outbound_drafts` refuses more. */
export const BODY_LENGTHS = { sms: 1600, whatsapp: 4096, email: 100_000, voice: 4000 };
const LONGEST_HTML = 1_000_000;
/** More is refused for any channel by `private.read_media`. */
export const MOST_MEDIA = 10;

export const connectionArgument = {
  connection_id: optional(
    id(),
    "Id of the provider's account to use, where the agent has several. Leave it out otherwise.",
  ),
};

export const recipientArguments = {
  contact_id: optional(
    id(),
    "Id of the contact. One of contact_id, conversation_id and to is needed.",
  ),
  conversation_id: optional(
    id(),
    "Id of the conversation to go on with, in place of contact_id.",
  ),
  to: optional(
    text(LONGEST_ADDRESS),
    "Address of a person who is not a contact yet: a phone number such as +14155550100, or for email an email address. Works only where the agent may reach new people.",
  ),
  from: optional(
    text(LONGEST_ADDRESS),
    "The workspace's sender to use: its phone number such as +14155550199, or for email its address. Leave it out to use the one that is meant for the agent.",
  ),
};

export const templateArguments = {
  template: optional(
    text(100),
    "Name of one of the workspace's message templates, sent in place of a text of your own.",
  ),
  template_language: optional(
    text(35),
    "Language of the template, such as en or pt-BR, where it is written in several.",
  ),
  // A list, since strict function calling knows no objects with names of their own choosing.
  template_variables: optional(
    several(
      z.strictObject({
        name: required(text(100), "Name of the variable."),
        value: required(text(2048), "What stands in its place."),
      }),
      100,
    ),
    "What to fill into the template, one entry for each of its variables.",
  ),
};

export const scheduledAt = {
  scheduled_at: optional(
    moment(),
    "When to send it, as ISO 8601 with an offset. Leave it out to send now.",
  ),
};

export const bodyArgument = (maxLength: number, description: string) => ({
  body: optional(text(maxLength), description),
});

export const mediaUrls = (most: number) => several(httpsUrl(), most);

export const subjectArgument = {
  subject: optional(
    text(998),
    "The subject line. Needed unless the email answers in a conversation or a template is named.",
  ),
};

export const htmlArgument = (description: string) => ({
  html: optional(text(LONGEST_HTML), description),
});

export const historyArguments = {
  contact_id: optional(
    id(),
    "Id of a contact, to list the messages with that contact only.",
  ),
  limit: optional(whole(1, 100), "How many messages to list at most; 20 when left out."),
  before: optional(
    moment(),
    "List messages older than this time, as ISO 8601 with an offset: next_before of the last answer gives the next page.",
  ),
};

export const messageId = {
  message_id: required(id(), "Id of the message, as given when it was sent."),
};

export const dayRange = {
  start_date: required(day(), "First day, such as 2026-11-01."),
  end_date: required(day(), "Last day, included."),
};

export const sendingChannel = {
  channel: optional(
    oneOf("sms", "whatsapp", "email"),
    "How to reach the person; MMS is sms with media. Leave it out to go on where the conversation is, or to use what fits the address.",
  ),
};

/** The first that finds something. */
export const firstOf =
  (...checks: ((given: ToolArguments) => Flaw | null)[]) => (given: ToolArguments): Flaw | null => {
    for (const check of checks) {
      const flaw = check(given);
      if (flaw) return flaw;
    }
    return null;
  };

export function findRecipientFlaw(given: ToolArguments): Flaw | null {
  const [first, second] = ["contact_id", "conversation_id", "to"].filter((name) => name in given);
  if (first === undefined) {
    return {
      field: "contact_id",
      message: "is missing: say who is meant by contact_id, conversation_id or to",
    };
  }
  if (second === undefined) return null;
  return { field: second, message: `must not be given beside ${first}: say who is meant by one` };
}

/** At least one of the arguments has to say something. */
export const requireContent = (...names: [string, ...string[]]) => (given: ToolArguments) => {
  if (names.some((name) => name in given)) return null;
  return { field: names[0], message: `is missing: give one of ${names.join(", ")}` };
};

export function findTemplateFlaw(given: ToolArguments): Flaw | null {
  const stray = ["template_variables", "template_language"].find((name) => name in given);
  if (stray !== undefined && !("template" in given)) {
    return { field: stray, message: "says nothing without template: name the template as well" };
  }
  const variables = (given.template_variables ?? []) as { name: string }[];
  const names = variables.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  return twice < 0 ? null : {
    field: `template_variables.${twice}.name`,
    message: "was given before: give each variable once",
  };
}

/** A provider that fetches from the inside of somebody's network would show it to the recipient. */
export function findMediaFlaw(given: ToolArguments): Flaw | null {
  const urls = Array.isArray(given.media_urls) ? given.media_urls : [];
  for (const [index, url] of urls.entries()) {
    const flaw = findUrlFlaw(String(url));
    if (flaw) {
      return {
        field: `media_urls.${index}`,
        message: `must be a public https URL, and this one ${flaw}`,
      };
    }
  }
  return null;
}

export const findSendingFlaw = (...content: [string, ...string[]]) =>
  firstOf(findRecipientFlaw, requireContent(...content), findTemplateFlaw, findMediaFlaw);
