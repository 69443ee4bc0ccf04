/** The migration that a change of the tools' definitions needs. */
import postgres from "postgres";
import { findToolDrift, readToolRows, type ToolDrift, type ToolRow } from "./tool_rows.ts";

const MIGRATIONS = new URL("../../supabase/migrations/", import.meta.url);
/** Room for what others add between. */
const STEP = 10n;

/** Where the rows behind a connection string are not those of the definitions, the file that aligns them. */
export async function generateToolMigration(
  databaseUrl: string,
): Promise<{ file: URL; content: string } | null> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const drift = findToolDrift(await readToolRows(sql));
    if (drift.changed.length + drift.surplus.length === 0) return null;
    const names = await Array.fromAsync(Deno.readDir(MIGRATIONS), ({ name }) => name);
    const last = BigInt(names.sort().at(-1)!.slice(0, 14));
    return {
      file: new URL(`${last + STEP}_align_tools.sql`, MIGRATIONS),
      content: writeToolMigration(drift),
    };
  } finally {
    await sql.end();
  }
}

/** A migration that leaves the rows as the definitions say. */
export function writeToolMigration({ changed, surplus }: ToolDrift): string {
  const parts = [
    "-- Tools as supabase/functions/_shared/tools/definitions says; written by task generate.",
  ];
  if (surplus.length > 0) {
    parts.push(
      `delete from public.integration_capabilities where capability_key in (${
        surplus.map(quote).join(", ")
      });`,
    );
  }
  if (changed.length > 0) parts.push(upsert(changed));
  return `${parts.join("\n")}\n`;
}

function upsert(rows: readonly ToolRow[]): string {
  const schemas = [...new Set(rows.map((row) => write(row.arguments_schema)))];
  const tools = rows.map((row) =>
    `    (${
      [
        row.provider === null ? "null" : quote(row.provider),
        ...[row.capability_key, row.family, row.display_label].map(quote),
        row.display_order,
        row.required_scope === null ? "null" : quote(row.required_scope),
        quote(`{${row.sufficient_scopes.join(",")}}`),
        ...[row.is_read_only, row.is_destructive, row.is_idempotent],
        schemas.indexOf(write(row.arguments_schema)) + 1,
      ].join(", ")
    },\n      ${quote(row.description)})`
  );
  return `with schema (number, arguments_schema) as (
  values
${schemas.map((schema, index) => `    (${index + 1}, $json$${schema}$json$::jsonb)`).join(",\n")}
),
tool (
  provider, capability_key, family, display_label, display_order, required_scope, sufficient_scopes,
  is_read_only, is_destructive, is_idempotent, schema_number, description
) as (
  values
${tools.join(",\n")}
)
insert into public.integration_capabilities (
  integration_id, capability_key, family, display_label, display_order, required_scope, sufficient_scopes,
  is_read_only, is_destructive, is_idempotent, description, arguments_schema
)
select
  p.id, t.capability_key, t.family, t.display_label, t.display_order, t.required_scope, t.sufficient_scopes::text[],
  t.is_read_only, t.is_destructive, t.is_idempotent, t.description, s.arguments_schema
from tool as t
-- Left joins: a misspelt provider is refused, where an inner join would leave it out.
left join public.service_providers as p on p.name = t.provider
left join schema as s on s.number = t.schema_number
on conflict (capability_key) do update set
  integration_id = excluded.integration_id,
  family = excluded.family,
  display_label = excluded.display_label,
  display_order = excluded.display_order,
  required_scope = excluded.required_scope,
  sufficient_scopes = excluded.sufficient_scopes,
  is_read_only = excluded.is_read_only,
  is_destructive = excluded.is_destructive,
  is_idempotent = excluded.is_idempotent,
  description = excluded.description,
  arguments_schema = excluded.arguments_schema;`;
}

/** One argument a line. */
function write(schema: unknown): string {
  const { properties, ...rest } = schema as { properties: Record<string, unknown> };
  const lines = Object.entries(properties)
    .map(([name, property]) => `      ${JSON.stringify(name)}: ${JSON.stringify(property)}`);
  return `${JSON.stringify(rest).slice(0, -1)},"properties":{${
    lines.length > 0 ? `\n${lines.join(",\n")}\n    ` : ""
  }}}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
