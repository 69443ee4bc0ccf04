import { AppError } from "../_shared/http/error.ts";

/** What is read at once: a long row is then looked at a few times only until its end is there. */
const PIECE_CHARACTERS = 64 * 1024;

/**
 * The records of CSV (RFC 4180) whose lines end in LF, however the text is cut into pieces. Our own,
 * since parsers from npm either want all of the text or bring node:stream, which doubles a cold start.
 */
export async function* readRecords(
  text: AsyncIterable<string>,
  delimiterOf: (firstText: string) => string,
): AsyncGenerator<{ records: string[][]; restLength: number }> {
  let rest = "";
  let delimiter: string | undefined;
  let wanted = PIECE_CHARACTERS;
  for await (const piece of text) {
    rest += piece;
    if (rest.length < wanted) continue;
    delimiter ??= delimiterOf(rest);
    const { records, end } = parse(rest, delimiter, false);
    rest = rest.slice(end);
    wanted = rest.length + PIECE_CHARACTERS;
    yield { records, restLength: rest.length };
  }
  if (rest === "") return;
  delimiter ??= delimiterOf(rest);
  yield { records: parse(rest, delimiter, true).records, restLength: 0 };
}

/** The records that end in the text, and where the last of them does. */
function parse(text: string, delimiter: string, isLast: boolean) {
  if (!text.includes('"')) return split(text, delimiter, isLast);
  const records: string[][] = [];
  let nextDelimiter = -1;
  let start = 0;
  while (start < text.length) {
    const record: string[] = [];
    let position = start;
    for (;;) {
      let value = "";
      if (text[position] === '"') {
        const close = closingQuote(text, position);
        // A second quote may come with the next piece.
        if (close >= text.length - 1 && !isLast) return { records, end: start };
        if (close === text.length) throw openQuote();
        value = text.slice(position + 1, close).replaceAll('""', '"');
        position = close + 1;
      }
      const newline = text.indexOf("\n", position);
      if (newline < 0 && !isLast) return { records, end: start };
      const lineEnd = newline < 0 ? text.length : newline;
      if (nextDelimiter < position) {
        const found = text.indexOf(delimiter, position);
        nextDelimiter = found < 0 ? Infinity : found;
      }
      const end = Math.min(nextDelimiter, lineEnd);
      record.push(value + text.slice(position, end));
      position = end + 1;
      if (end === lineEnd) break;
    }
    records.push(record);
    start = position;
  }
  return { records, end: text.length };
}

/** The same where nothing is quoted. */
function split(text: string, delimiter: string, isLast: boolean) {
  const end = isLast ? text.length : text.lastIndexOf("\n") + 1;
  const lines = text.slice(0, end).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return { records: lines.map((line) => line.split(delimiter)), end };
}

/** Where a quoted value ends; the end of the text when it does not. */
function closingQuote(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  return close < 0 ? text.length : close;
}

function openQuote(): AppError {
  return new AppError("invalid_request", "Cannot read the list: a quote is never closed", {
    issues: [{ field: "body", message: "opens a quote and never closes it" }],
    hint: "Quote a value as a whole, and write a quote in it twice",
  });
}
