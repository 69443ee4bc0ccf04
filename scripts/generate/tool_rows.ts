/** Holds the rows of `integration_capabilities` to the definitions, and writes the migration that aligns them. */
import postgres from "postgres";
import { toJsonSchema } from "../../supabase/functions/_shared/tools/definitions/json_schema.ts";
import { toolDefinitions } from "../../supabase/functions/_shared/tools/definitions/registry.ts";
import type { ToolDefinition } from "../../supabase/functions/_shared/tools/definitions/tool.ts";

export interface ToolRow {
  capability_key: string;
  provider: string | null;
  family: string;
  display_label: string;
  display_order: number;
  required_scope: string | null;
  sufficient_scopes: string[];
  description: string;
  is_read_only: boolean;
  is_destructive: boolean;
  is_idempotent: boolean;
  arguments_schema: unknown;
}

export interface ToolDrift {
  /** Rows as they have to be: those that differ, and those that are not there. */
  changed: ToolRow[];
  /** Keys that no definition has. */
  surplus: string[];
}

export function defineToolRows(
  definitions: Iterable<ToolDefinition> = toolDefinitions.values(),
): ToolRow[] {
  return [...definitions].map((definition) => ({
    capability_key: definition.key,
    provider: definition.provider,
    family: definition.family,
    display_label: definition.label,
    display_order: definition.position,
    required_scope: definition.provider === null ? null : definition.scopes[0] ?? null,
    sufficient_scopes: [...definition.scopes],
    description: definition.description,
    is_read_only: definition.isReadOnly,
    is_destructive: definition.isDestructive,
    is_idempotent: definition.isIdempotent,
    arguments_schema: toJsonSchema(definition),
  }));
}

export async function readToolRows(databaseUrl: string): Promise<ToolRow[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    return [
      ...await sql<ToolRow[]>`
        select c.capability_key, p.name as provider, c.family, c.display_label, c.display_order,
          c.required_scope, c.sufficient_scopes, c.description, c.is_read_only, c.is_destructive,
          c.is_idempotent, c.arguments_schema
        from public.integration_capabilities as c
        left join public.service_providers as p on p.id = c.integration_id`,
    ];
  } finally {
    await sql.end();
  }
}

export function findToolDrift(rows: readonly ToolRow[], defined = defineToolRows()): ToolDrift {
  const kept = new Map(rows.map((row) => [row.capability_key, canonical(row)]));
  const keys = new Set(defined.map((row) => row.capability_key));
  return {
    changed: defined.filter((row) => kept.get(row.capability_key) !== canonical(row)),
    surplus: [...kept.keys()].filter((key) => !keys.has(key)).sort(),
  };
}

/** The same text for the same content: jsonb keeps no order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1))
        : part,
  );
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
