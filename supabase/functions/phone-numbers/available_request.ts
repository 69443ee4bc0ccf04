import * as z from "zod/mini";
import { listOf, text, uuid } from "../_shared/http/fields.ts";
import type { NumberSearch } from "../_shared/providers/provider.ts";
import { country } from "./requests.ts";

const search = z.strictObject({
  country: country(),
  kind: z._default(
    z.enum(["local", "toll_free", "mobile"], { error: "must be local, toll_free or mobile" }),
    "local",
  ),
  area_code: z.optional(
    z.string({ error: "must be digits" }).check(z.regex(/^\d{1,6}$/, "must be digits")),
  ),
  contains: z.optional(
    z.string({ error: "must be digits and *" })
      .check(z.regex(/^[\d*]{2,16}$/, "must be 2 to 16 digits and *")),
  ),
  locality: z.optional(text(100)),
  region: z.optional(text(100)),
  needs: z.optional(
    listOf(z.enum(["sms", "mms", "voice"], { error: "must be sms, mms or voice" }), 3),
  ),
  limit: z._default(
    z.int({ error: "must be 1 to 50" })
      .check(z.gte(1, "must be 1 to 50"), z.lte(50, "must be 1 to 50")),
    20,
  ),
});

/** Of a connection, or by bare credentials during set-up; `search` asks for numbers that can be bought. */
export const availableRequest = z.strictObject({
  connection_id: z.optional(uuid()),
  workspace_id: z.optional(uuid()),
  credentials: z.optional(
    z.record(z.string(), z.unknown(), { error: "must be an object of fields" }),
  ),
  search: z.optional(search),
}).check(
  z.refine((request) => {
    const isBare = request.workspace_id !== undefined && request.credentials !== undefined;
    const isAnyBare = request.workspace_id !== undefined || request.credentials !== undefined;
    return request.connection_id === undefined ? isBare : !isAnyBare;
  }, {
    error: "must be given, or workspace_id and credentials instead",
    path: ["connection_id"],
  }),
);

export function toNumberSearch(request: z.output<typeof search>): NumberSearch {
  const { area_code: areaCode, contains, locality, region, needs } = request;
  return {
    country: request.country,
    kind: request.kind,
    limit: request.limit,
    ...(areaCode === undefined ? {} : { areaCode }),
    ...(contains === undefined ? {} : { contains }),
    ...(locality === undefined ? {} : { locality }),
    ...(region === undefined ? {} : { region }),
    ...(needs === undefined ? {} : { needs }),
  };
}
