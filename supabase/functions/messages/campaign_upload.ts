import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import type { CountryCode } from "libphonenumber-js/min";
import { dataOf } from "../_shared/database/answer.ts";
import type { DatabaseClient } from "../_shared/database/client.ts";
import { AppError } from "../_shared/http/error.ts";
import { readCsv } from "./campaign_csv.ts";
import { decode, readJsonLines, readJsonList, type UploadedRow } from "./campaign_rows.ts";

/** Enough to be quick in Postgres, and small in memory. */
const ROWS_PER_CALL = 10_000;
const MAX_ERRORS = 1_000;

export interface Upload {
  body: ReadableStream<Uint8Array>;
  contentType: string;
  firstRow: number;
  addressColumn: string | undefined;
}

interface Campaign {
  id: string;
  channel: string;
  default_country: string | null;
}

/** Adds the rows of an uploaded list to a campaign, piece by piece as they come in. */
export async function addUploadedRows(db: DatabaseClient, campaign: Campaign, upload: Upload) {
  const counts = { added_count: 0, duplicate_count: 0, opted_out_count: 0, error_count: 0 };
  const errors: unknown[] = [];
  const toAddress = campaign.channel === "email"
    ? (address: string) => address
    : numberReader(campaign.default_country);
  let rowCount = 0;
  for await (const rows of inChunks(readRows(upload))) {
    const [added] = dataOf(
      await db.rpc("add_campaign_recipients", {
        campaign_id: campaign.id,
        addresses: rows.map((row) => toAddress(row.address)),
        variables: rows.map((row) => row.variables) as never,
        first_row_number: upload.firstRow + rowCount,
      }),
    );
    if (!added) throw new Error("add_campaign_recipients returned no row");
    rowCount += rows.length;
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += added[name];
    errors.push(...(added.errors as unknown[]).slice(0, MAX_ERRORS - errors.length));
  }
  if (rowCount === 0) {
    throw new AppError("invalid_request", "Cannot add recipients: the list has no rows", {
      issues: [{ field: "body", message: "has no rows" }],
    });
  }
  return {
    row_count: rowCount,
    ...counts,
    errors,
    ...(counts.error_count > errors.length
      ? { hint: "Read the other errors from the table campaign_row_errors, by campaign_id" }
      : {}),
  };
}

function readRows(upload: Upload): AsyncGenerator<UploadedRow[]> {
  const text = decode(upload.body);
  switch (upload.contentType.split(";")[0]!.trim().toLowerCase()) {
    case "text/csv":
      return readCsv(text, upload.addressColumn);
    case "application/x-ndjson":
    case "application/jsonl":
      return readJsonLines(text);
    case "application/json":
      return readJsonList(text);
  }
  throw new AppError("invalid_request", "Cannot read the list: neither CSV nor JSON", {
    issues: [{ field: "content-type", message: "is none that can be read" }],
    hint: "Send text/csv, application/json or application/x-ndjson",
  });
}

async function* inChunks(rows: AsyncIterable<UploadedRow[]>): AsyncGenerator<UploadedRow[]> {
  let chunk: UploadedRow[] = [];
  for await (const more of rows) {
    for (const row of more) {
      chunk.push(row);
      if (chunk.length < ROWS_PER_CALL) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

/** North America's form, which is decided without the library: it takes 20 times as long. */
const NORTH_AMERICAN = /^\+1[2-9]\d\d[2-9]\d{6}$/;

/** E.164 where it can be read as a number; what cannot is for the database to refuse by its row. */
function numberReader(defaultCountry: string | null): (input: string) => string {
  const options = {
    extract: false,
    ...(defaultCountry === null ? {} : { defaultCountry: defaultCountry as CountryCode }),
  };
  return (input) => {
    if (NORTH_AMERICAN.test(input)) return input;
    const trimmed = input.trim();
    const parsed = parsePhoneNumberFromString(trimmed.replace(/^00/, "+"), options);
    if (parsed?.isPossible() && !parsed.ext) return parsed.number;
    // Not a number, though its digits might pass for one.
    return trimmed === "" ? "" : `?${trimmed}`.slice(0, 100);
  };
}
