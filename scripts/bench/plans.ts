import type postgres from "postgres";

/** What a plan of Postgres does for every row that it could do once. */

/** Plans are the same whether there is such a workspace or not. */
const WORKSPACE_ID = "5eed0000-0000-4000-8000-000000000000";

type PlanNode = { [key: string]: unknown; Plans?: PlanNode[] };

/**
 * The sub-plans and the conditions that call a function, in a plan of `explain (format json)`. An
 * InitPlan runs once, whatever is in it. Postgres writes a call as `name(`, and `ANY (` with a space.
 */
function findWorkPerRow(plan: unknown): string[] {
  return inNode((plan as [{ Plan: PlanNode }])[0].Plan);
}

function inNode(node: PlanNode): string[] {
  const conditions = Object.entries(node).filter(([key]) => /(Filter|Cond)$/.test(key));
  return [
    ...(node["Parent Relationship"] === "SubPlan" ? [`sub-plan ${node["Subplan Name"]}`] : []),
    ...conditions.filter(([, text]) => /\w\(|SubPlan/.test(String(text)))
      .map(([key, text]) => `${key}: ${text}`),
    ...(node.Plans ?? []).filter((child) => child["Parent Relationship"] !== "InitPlan")
      .flatMap(inNode),
  ];
}

/**
 * What policies do for every row when a member reads, changes and deletes, for every table with
 * policies and for each verb that the member holds a grant for; nothing is carried out.
 */
export async function findWorkPerRowOfPolicies(
  tx: postgres.TransactionSql,
  userId: string,
): Promise<{ query: string; work: string[] }[]> {
  const tables = await tx<Table[]>`
    select
      c.relname as name, bool_or(a.attname = 'workspace_id') as has_workspace,
      min(a.attname) filter (where has_column_privilege('authenticated', c.oid, a.attnum, 'update')) as column,
      has_table_privilege('authenticated', c.oid, 'select') as can_select,
      has_table_privilege('authenticated', c.oid, 'delete') as can_delete
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and exists (select from pg_policy as p where p.polrelid = c.oid)
    group by c.oid
    order by c.relname`;
  const claims = JSON.stringify({ role: "authenticated", sub: userId });
  await tx`
    select set_config('role', 'authenticated', true), set_config('request.jwt.claims', ${claims}, true)`;
  const findings = [];
  for (const query of tables.flatMap(queriesOf)) {
    const [row] = await tx.unsafe(`explain (format json) ${query}`);
    findings.push({ query, work: findWorkPerRow(row!["QUERY PLAN"]) });
  }
  return findings;
}

interface Table {
  name: string;
  has_workspace: boolean;
  /** One that a member may update. */
  column: string | null;
  can_select: boolean;
  can_delete: boolean;
}

function queriesOf({ name, has_workspace, column, can_select, can_delete }: Table): string[] {
  const filters = has_workspace ? ["", ` where workspace_id = '${WORKSPACE_ID}'`] : [""];
  return filters.flatMap((filter) => [
    ...(can_select ? [`select * from public.${name}${filter}`] : []),
    ...(column === null ? [] : [`update public.${name} set ${column} = ${column}${filter}`]),
    ...(can_delete ? [`delete from public.${name}${filter}`] : []),
  ]);
}
