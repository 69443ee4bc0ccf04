import { AppError } from "../_shared/http/error.ts";
import { refuseEndlessRow, type UploadedRow } from "./campaign_rows.ts";
import { readRecords } from "./csv_records.ts";

const MAX_COLUMNS = 100;
const DELIMITERS = [",", ";", "\t", "|"];
const ADDRESS_COLUMNS = [
  "address",
  "to",
  "phone",
  "phone_number",
  "mobile",
  "mobile_number",
  "number",
  "email",
  "e_mail",
  "email_address",
];

/** The rows of a CSV file, piece by piece; its first line names the columns. */
export async function* readCsv(
  text: AsyncIterable<string>,
  addressColumn: string | undefined,
): AsyncGenerator<UploadedRow[]> {
  let toRow: ((record: string[]) => UploadedRow) | undefined;
  for await (const { records, restLength } of readRecords(withPlainLines(text), detectDelimiter)) {
    refuseEndlessRow(restLength);
    const filled = records.filter((record) => record.some((value) => value.trim() !== ""));
    const header = toRow ? undefined : filled.shift();
    if (header) toRow = readHeader(header, addressColumn);
    if (toRow) yield filled.map(toRow);
  }
  if (!toRow) throw refuseHeader("there is no line that names the columns");
}

/** Lines that end in LF alone, whatever they ended in; NUL goes, which Postgres does not take. */
async function* withPlainLines(text: AsyncIterable<string>): AsyncGenerator<string> {
  let held = "";
  for await (const piece of text) {
    const whole = held + piece;
    // Its LF may come with the next piece.
    held = whole.endsWith("\r") ? "\r" : "";
    const plain = held ? whole.slice(0, -1) : whole;
    yield plain.includes("\r") || plain.includes("\0")
      ? plain.replace(/\r\n?/g, "\n").replaceAll("\0", "")
      : plain;
  }
  if (held) yield "\n";
}

/** What stands most often in the first line. */
function detectDelimiter(text: string): string {
  const [line = ""] = text.trimStart().split("\n", 1);
  const count = (delimiter: string) => line.split(delimiter).length;
  return DELIMITERS.toSorted((a, b) => count(b) - count(a))[0]!;
}

function readHeader(header: string[], addressColumn: string | undefined) {
  const names = header.map(toName);
  if (names.length > MAX_COLUMNS) {
    throw refuseHeader(`it has ${names.length} columns`, `Send at most ${MAX_COLUMNS}`);
  }
  const repeated = names.find((name, index) => name !== "" && names.indexOf(name) !== index);
  if (repeated) throw refuseHeader(`two columns are called ${repeated}`);
  const wanted = addressColumn === undefined ? ADDRESS_COLUMNS : [toName(addressColumn)];
  const addressIndex = names.indexOf(wanted.find((name) => names.includes(name)) ?? "\n");
  if (addressIndex < 0) {
    throw new AppError(
      "address_column_missing",
      "Cannot read the list: no column holds the address",
      {
        issues: [{ field: "address_column", message: `is none of ${names.join(", ")}` }],
        hint: "Call the column address, or name it in ?address_column=",
      },
    );
  }

  return (record: string[]): UploadedRow => {
    const address = record[addressIndex] ?? "";
    // A value too many has moved the others: an unquoted delimiter, most likely.
    if (record.length > names.length) return { address, variables: [] };
    const variables: Record<string, string> = {};
    for (let index = 0; index < record.length; index++) {
      const value = record[index]!;
      if (index !== addressIndex && value !== "" && names[index] !== "") {
        variables[names[index]!] = value;
      }
    }
    return { address, variables };
  };
}

/** As a placeholder is written: "First name" is `{{first_name}}`. */
function toName(header: string): string {
  return header.trim().toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
}

function refuseHeader(reason: string, hint?: string): AppError {
  return new AppError("invalid_request", `Cannot read the list: ${reason}`, {
    issues: [{ field: "body", message: reason }],
    ...(hint === undefined ? {} : { hint }),
  });
}
