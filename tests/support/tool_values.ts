/** Values for a tool's arguments, right and wrong ones, made up from its schema by a seed. */
import { Ajv2020, type ValidateFunction } from "ajv/2020";
import addFormats from "ajv-formats";
import type { Random } from "./random.ts";

export type Node = Record<string, unknown>;

export const SOME_ID = "a0000000-0000-4000-8000-000000000001";

/** Arguments that each family takes, with everything in them that has to be there. */
export const ENOUGH: Record<string, Node> = {
  send_sms: { contact_id: SOME_ID, body: "Hello" },
  send_mms: { contact_id: SOME_ID, media_urls: ["https://files.example.com/cat.png"] },
  send_whatsapp: { contact_id: SOME_ID, body: "Hello" },
  send_email: { contact_id: SOME_ID, text: "Hello" },
  start_call: { contact_id: SOME_ID, body: "Hello" },
  get_balance: {},
  get_usage: { start_date: "2026-11-01", end_date: "2026-11-01" },
  get_sms_history: {},
  get_mms_history: {},
  get_email_history: {},
  get_delivery_receipts: { message_id: SOME_ID },
  search_numbers: { country: "US" },
  send_message: { contact_id: SOME_ID, body: "Hello" },
  schedule_message: { contact_id: SOME_ID, body: "Hello", scheduled_at: "2026-12-01T09:00:00Z" },
  cancel_message: { message_id: SOME_ID },
  get_message_status: { message_id: SOME_ID },
  find_contact: { query: "Ann" },
  list_conversations: {},
  read_conversation: { conversation_id: SOME_ID },
};

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
// The package's types are those of CommonJS.
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);

/** Throws for what is no JSON Schema by its meta-schema. */
export function validatorOf(schema: unknown): ValidateFunction {
  return ajv.compile(schema as Node);
}

const LETTERS = [..."abcXYZ 019.,:;-_/\\\"'<>{}%$\n\té漢🙂"];

export function randomText(random: Random, length: number): string {
  return Array.from({ length }, () => random.pick(LETTERS)).join("");
}

/** An object for a schema: mostly right, with what goes wrong thrown in. */
export function randomArguments(random: Random, schema: Node): Node {
  const { properties, required } = schema as {
    properties: Record<string, Node>;
    required: string[];
  };
  const value: Node = {};
  for (const [name, property] of Object.entries(properties)) {
    if (!random.integer(0, required.includes(name) ? 30 : 1)) continue;
    value[name] = randomValue(random, property, random.integer(0, 24) === 0);
  }
  if (random.integer(0, 20) === 0) value[random.pick(["extra", "toString", "Body", ""])] = "x";
  return value;
}

function randomValue(random: Random, node: Node, isWrong: boolean): unknown {
  if (isWrong) {
    return random.pick<unknown>([
      null,
      1,
      1.5,
      -1,
      true,
      "",
      "null",
      [],
      {},
      [[]],
      [null],
      ["x"],
      "x",
    ]);
  }
  const types = [node.type].flat();
  if (types.includes("null") && random.integer(0, 5) === 0) return null;
  if (Array.isArray(node.enum)) return random.pick([...node.enum, ...node.enum, "other"]);
  switch (types[0]) {
    case "boolean":
      return random.pick([true, false]);
    case "integer":
      return around(random, Number(node.minimum), Number(node.maximum));
    case "array":
      return Array.from(
        { length: around(random, Number(node.minItems), Number(node.maxItems)) },
        () => randomValue(random, node.items as Node, random.integer(0, 60) === 0),
      );
    case "object":
      return randomArguments(random, node);
  }
  return randomTextOf(random, node);
}

/** From the lowest to the highest, now and then one beyond. */
function around(random: Random, lowest: number, highest: number): number {
  return random.pick([
    ...Array.from({ length: 8 }, () => random.integer(lowest, Math.min(highest, lowest + 9))),
    lowest,
    highest,
    ...(random.integer(0, 4) === 0 ? [lowest - 1, highest + 1] : []),
  ]);
}

function randomTextOf(random: Random, { format, pattern, maxLength }: Node): string {
  const digits = (length: number) =>
    String(random.integer(0, 10 ** length - 1)).padStart(length, "0");
  const date = () =>
    `${random.integer(1900, 2100)}-${digits(1)}${digits(1)}-${random.integer(10, 32)}`;
  const time = () => `${digits(2)}:${random.integer(10, 61)}:${random.integer(10, 59)}`;
  const offset = () => random.pick(["Z", "+01:00", "-05:30", "", "+25:00", "z2"]);
  if (format === "uuid") {
    const id = crypto.randomUUID().replaceAll(
      /[0-9a-f]/g,
      () => random.integer(0, 15).toString(16),
    );
    return random.pick([id, id.toUpperCase(), id, id.slice(1), `${id}0`]);
  }
  if (format === "date") return random.pick([date(), "2024-02-29", "2100-02-29", "2026-11-1"]);
  if (format === "date-time") {
    const fraction = random.pick(["", ".5", ".123456", ".1234567890123456789012345"]);
    return `${date()}T${time()}${fraction}${offset()}`;
  }
  if (pattern === "^https://") {
    const host = random.pick([
      "https://files.example.com/",
      "http://files.example.com/",
      "https://",
    ]);
    const length = random.pick([0, 3, 20, Number(maxLength) - host.length + random.integer(-1, 1)]);
    return host + "a".repeat(length);
  }
  if (pattern !== undefined) {
    return random.pick([
      "US",
      "us",
      "USA",
      digits(3),
      digits(6),
      digits(7),
      "4*5",
      "*",
      `${date()}T${time()}${offset()}`,
    ]);
  }
  const filled = (length: number) =>
    random.pick(["a", "é", "🙂"]).repeat(length - 1) + random.pick(["b", "🙂"]);
  const long = random.integer(0, 6) === 0;
  return long
    ? filled(Number(maxLength) + random.integer(-1, 1))
    : randomText(random, random.integer(0, Math.min(Number(maxLength), 30)));
}
