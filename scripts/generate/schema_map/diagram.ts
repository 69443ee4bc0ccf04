/** Draws the tables of a section with Mermaid: their keys, and what the foreign keys point to. */
import type { Column, ForeignKey, Relation } from "./catalogue.ts";

export function drawTables(tables: Relation[]): string {
  return ["```mermaid", "erDiagram", ...tables.flatMap(drawTable), "```"].join("\n");
}

function drawTable(table: Relation): string[] {
  const foreign = new Set(table.foreignKeys.flatMap((key) => key.columns));
  const keys = table.columns.filter((column) => column.isPrimaryKey || foreign.has(column.name));
  return [
    `  ${entity(table.name)} {`,
    ...keys.map((column) => `    ${attribute(column, foreign.has(column.name))}`),
    "  }",
    // Two keys that differ in the workspace alone are one line.
    ...new Set(table.foreignKeys.map((key) => `  ${relation(table.name, key)}`)),
  ];
}

/** Mermaid takes neither a dot in a name nor a blank in a type. */
function entity(name: string): string {
  return name.replace(".", "_");
}

function attribute({ name, type, isPrimaryKey }: Column, isForeignKey: boolean): string {
  const word = type.replace(/\(.*\)/, "").replace("[]", "_array").replace(/\W+/g, "_");
  const marks = [isPrimaryKey && "PK", isForeignKey && "FK"].filter(Boolean);
  return `${word} ${name} ${marks.join(", ")}`;
}

/** The workspace is part of most keys, and says nothing beside another column. */
function relation(table: string, { columns, target, isOptional, isUnique }: ForeignKey): string {
  const telling = columns.filter((column) => column !== "workspace_id");
  const label = (telling.length > 0 ? telling : columns).join(", ");
  const ends = `${isOptional ? "|o" : "||"}--${isUnique ? "o|" : "o{"}`;
  return `${entity(target)} ${ends} ${entity(table)} : "${label}"`;
}
