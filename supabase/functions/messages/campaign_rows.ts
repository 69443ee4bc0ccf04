import { AppError } from "../_shared/http/error.ts";

/** One row of an uploaded list; what is wrong with it is for the database to say. */
export interface UploadedRow {
  address: string;
  /** An object of values by name; a list where the row does not fit: that is refused. */
  variables: Record<string, string> | [];
}

/** A row without its end after so much is none: a quote was opened and never closed. */
const MAX_ROW_CHARACTERS = 1024 * 1024;

export function refuseEndlessRow(length: number): void {
  if (length <= MAX_ROW_CHARACTERS) return;
  throw new AppError("invalid_request", "Cannot read the list: a row of more than 1 MB", {
    issues: [{ field: "body", message: "holds a row of more than 1 MB" }],
    hint: "Look for a quote that is opened and never closed",
  });
}

/** The body as text, piece by piece; nothing but UTF-8. */
export async function* decode(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const bytes of body) yield decoder.decode(bytes, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new AppError("invalid_request", "Cannot read the list: it is not UTF-8", {
      issues: [{ field: "body", message: "is not UTF-8" }],
      hint: "Save the file as UTF-8",
    });
  }
}

/** Objects, one on each line. */
export async function* readJsonLines(text: AsyncIterable<string>): AsyncGenerator<UploadedRow[]> {
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    refuseEndlessRow(rest.length);
    yield lines.filter((line) => line.trim() !== "").map(parseLine);
  }
  if (rest.trim() !== "") yield [parseLine(rest)];
}

/** A list of objects, or an object that holds it as `recipients`; read whole. */
export async function* readJsonList(text: AsyncIterable<string>): AsyncGenerator<UploadedRow[]> {
  let whole = "";
  for await (const piece of text) whole += piece;
  const value = parse(whole);
  const list = Array.isArray(value) ? value : (value as { recipients?: unknown })?.recipients;
  if (Array.isArray(list)) return yield list.map(toRow);
  throw new AppError("invalid_json", "Cannot read the list: not a JSON list of recipients", {
    hint: 'Send [{ "address": "+14155550100", "variables": { "first_name": "Ada" } }]',
  });
}

const parseLine = (line: string): UploadedRow => toRow(parse(line));

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function toRow(value: unknown): UploadedRow {
  const { address, variables = {} } = (value ?? {}) as { address?: unknown; variables?: unknown };
  const isPlain = typeof variables === "object" && variables !== null && !Array.isArray(variables);
  return {
    address: typeof address === "string" ? storable(address) : "",
    variables: isPlain ? toTexts(variables as Record<string, unknown>) : [],
  };
}

function toTexts(values: Record<string, unknown>): Record<string, string> | [] {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === "") continue;
    if (typeof value === "object") return [];
    texts[storable(name)] = storable(String(value));
  }
  return texts;
}

/** Postgres takes neither NUL nor half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
