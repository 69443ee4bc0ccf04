/** One table, view or call in the matrix. */
export interface Block {
  title: string;
  lines: string[];
}

/** One line per kind of answer, with everybody who gets it. */
export function group(rows: { who: string; cells: string[] }[]): string[] {
  const byAnswer = Map.groupBy(rows, ({ cells }) => cells.join(" | "));
  return [...byAnswer].map(([answer, rows]) =>
    `${rows.map(({ who }) => who).join(", ")} | ${answer}`
  );
}

export function render({ title, lines }: Block): string {
  return ["", `## ${title}`, ...lines].join("\n");
}
