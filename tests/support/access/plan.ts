import type { FullWorld } from "../full_world.ts";
import type { Relation } from "./catalogue.ts";
import type { Database, Try } from "./probe.ts";
import {
  blindAssignment,
  conditionOf,
  insertsOf,
  redirectionsOf,
  workspaceColumnOf,
} from "./rows.ts";
import type { Scene, Subject } from "./scene.ts";

/** The statements that are tried on a table or a view. */

export type Side = "own" | "other";
export const SIDES: Side[] = ["own", "other"];

/** A try, and where its outcome goes. */
export interface Plan extends Try {
  who: string;
  verb:
    | "select"
    | "update"
    | "insert"
    | "delete"
    | "blind update"
    | "blind delete"
    | "redirect"
    | "move";
  side?: Side;
  /** The column, or what the insert is called. */
  detail?: string;
}
interface Extent {
  condition: string;
  count: number;
}

interface Extents {
  total: number;
  of: (subject: Subject, side: Side) => Extent;
}

/** How many rows there are, and how those of each world are picked. */
export async function measure(
  sql: Database,
  relation: Relation,
  scene: Scene,
): Promise<Extents> {
  const extents = new Map<FullWorld, Extent>();
  for (const world of [scene.own, scene.other, scene.restricted]) {
    const condition = await conditionOf(sql, relation, world, scene);
    const [row] = await sql.unsafe(
      `select count(*)::int as count from ${relation.path} where ${condition}`,
    );
    if (row!.count === 0) throw new Error(`Cannot try ${relation.name}: a world has no row in it`);
    extents.set(world, { condition, count: row!.count });
  }
  const [row] = await sql.unsafe(`select count(*)::int as count from ${relation.path}`);
  return {
    total: row!.count,
    of: (subject, side) => extents.get(subject[side])!,
  };
}

export function planFor(relation: Relation, subject: Subject, extents: Extents): Plan[] {
  const writable = relation.columns
    .filter(({ writers }) => writers.includes(subject.role))
    .map(({ name }) => name);
  const statements = [
    ...SIDES.flatMap((side) =>
      sighted(relation, subject, side, extents.of(subject, side).condition, writable)
    ),
    ...(relation.kind === "table" ? blind(relation, subject, extents, writable) : []),
  ];
  const { name: who, role, userId } = subject;
  return statements.map((statement) => ({ who, role, userId, ...statement }));
}

type Statement = Omit<Plan, "who" | "role" | "userId">;

/** On the rows of one world, which a condition picks: the select policy speaks as well. */
function sighted(
  relation: Relation,
  subject: Subject,
  side: Side,
  condition: string,
  writable: string[],
): Statement[] {
  const { path, columns } = relation;
  // One of those without a grant is tried as well: that it is the grant which refuses is seen, not said.
  const ungranted = columns.filter(({ name }) => !writable.includes(name)).slice(0, 1);
  const updates = [...writable, ...ungranted.map(({ name }) => name)];
  const world = subject[side];
  return [
    { side, verb: "select", statement: `select 1 from ${path} where ${condition}` },
    ...updates.map((column): Statement => ({
      side,
      verb: "update",
      detail: column,
      statement: `update ${path} set "${column}" = "${column}" where ${condition}`,
    })),
    ...Object.entries(redirectionsOf(relation, world)).map(([detail, assignment]): Statement => ({
      side,
      verb: "redirect",
      detail,
      statement: `update ${path} set ${assignment} where ${condition}`,
    })),
    ...Object.entries(insertsOf(relation, world, subject)).map(([detail, values]): Statement => ({
      side,
      verb: "insert",
      detail,
      statement: `insert into ${path} ${values}`,
    })),
    // What else refers to a row must not hide who may delete it.
    {
      side,
      verb: "delete",
      statement: `delete from ${path} where ${condition}`,
      isWithoutTriggers: true,
    },
  ];
}

/** On whatever rows there are, reading none: the policies of the verb speak alone. */
function blind(
  relation: Relation,
  subject: Subject,
  { of, total }: Extents,
  writable: string[],
): Statement[] {
  const { path, name } = relation;
  const { condition, count } = of(subject, "own");
  const own = `count(*) filter (where ${condition})`;
  const others = `count(*) filter (where (${condition}) is not true)`;
  const deletion: Statement = {
    verb: "blind delete",
    statement: `delete from ${path}`,
    isWithoutTriggers: true,
    observe: `select (${count} - ${own}) || ' ' || (${total - count} - ${others}) from ${path}`,
  };
  if (writable.length === 0) return [deletion];
  const another = name === "profiles" ? subject.other.ownerId : subject.other.workspaceId;
  return [deletion, {
    verb: "blind update",
    statement: `update ${path} set ${blindAssignment(relation, writable)}`,
    isWithoutTriggers: true,
    // Rows written since this transaction began: xmin holds the lower half of the number.
    observe: `select ${own} || ' ' || ${others} from ${path}
      where xmin::text::bigint >= (pg_current_xact_id()::text::bigint & 4294967295)`,
  }, {
    verb: "move",
    prepare: `grant update on ${path} to ${subject.role}`,
    statement: `update ${path} set ${workspaceColumnOf(relation)} = '${another}'`,
    isWithoutTriggers: true,
  }];
}
