/** Holds the rows of `integration_capabilities` to the definitions of the tools. */
import type postgres from "postgres";
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

export async function readToolRows(
  sql: postgres.Sql | postgres.TransactionSql,
): Promise<ToolRow[]> {
  return [
    ...await sql<ToolRow[]>`
      select c.capability_key, p.name as provider, c.family, c.display_label, c.display_order,
        c.required_scope, c.sufficient_scopes, c.description, c.is_read_only, c.is_destructive,
        c.is_idempotent, c.arguments_schema
      from public.integration_capabilities as c
      left join public.service_providers as p on p.id = c.integration_id`,
  ];
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
