import type { Relation } from "./catalogue.ts";
import { type Block, group } from "./format.ts";
import { measure, type Plan, planFor, type Side, SIDES } from "./plan.ts";
import { type Database, type Outcome, tryOut } from "./probe.ts";
import type { Scene, Subject } from "./scene.ts";

/** Refused by a grant or a policy. */
const REFUSED = "42501";
/** Refused before any right is looked at, as a view that cannot be written to is. */
const IMPOSSIBLE = ["55000", "0A000"];

type Tried = Plan & { outcome: Outcome };

/** What everybody may do with the rows of a table or a view, in each workspace. */
export async function describeRelation(
  sql: Database,
  relation: Relation,
  scene: Scene,
): Promise<Block> {
  const extents = await measure(sql, relation, scene);
  const plans = scene.subjects.flatMap((subject) => planFor(relation, subject, extents));
  const outcomes = await tryOut(sql, plans);
  const tried = plans.map((plan, index): Tried => ({ ...plan, outcome: outcomes[index]! }));
  const rows = scene.subjects.map((subject) => {
    const cells = SIDES.map((side) =>
      cellOf(
        relation,
        subject,
        side,
        extents.of(subject, side).count,
        tried.filter(({ who }) => who === subject.name),
      )
    );
    return { who: subject.name, cells };
  });
  return { title: `${relation.name} (${relation.kind})`, lines: group(rows) };
}

/** How much of a world something reaches. */
function reachOf(outcome: Outcome, count: number): "none" | "some" | "all" | `${string}!` {
  if ("code" in outcome) {
    return outcome.code === REFUSED || IMPOSSIBLE.includes(outcome.code)
      ? "none"
      : `${outcome.code}!`;
  }
  const touched = Number(outcome.value);
  return touched === 0 ? "none" : touched < count ? "some" : "all";
}

function cellOf(
  relation: Relation,
  subject: Subject,
  side: Side,
  count: number,
  tried: Tried[],
): string {
  const find = (verb: Plan["verb"]) =>
    tried.filter((plan) => plan.verb === verb && (plan.side ?? side) === side);
  const say = (word: string, reach: string) =>
    reach === "none" ? [] : [reach === "all" ? word : `${word}(${reach})`];

  const select = reachOf(find("select")[0]!.outcome, count);
  const readable = relation.columns.filter(({ readers }) => readers.includes(subject.role));
  const isWholeRow = readable.length === relation.columns.length;
  const selected = isWholeRow ? "select" : `select(${readable.map(({ name }) => name).join(", ")})`;

  const columnsByReach = Map.groupBy(find("update"), ({ outcome }) => reachOf(outcome, count));
  columnsByReach.delete("none");
  const updates = [...columnsByReach].map(([reach, plans]) =>
    `update(${reach === "all" ? "" : `${reach}: `}${plans.map(({ detail }) => detail).join(", ")})`
  );

  const inserts = find("insert").flatMap(({ outcome, detail }) =>
    say(detail!, "code" in outcome ? reachOf(outcome, 1) : "all")
  );
  const deletes = reachOf(find("delete")[0]!.outcome, count);

  // One blind statement touches own rows and others': each side counts its own.
  const blind = (verb: "update" | "delete", sighted: string[]) => {
    const outcome = find(`blind ${verb}`)[0]?.outcome;
    if (!outcome) return [];
    const [own, others] = "value" in outcome ? outcome.value.split(" ") : [];
    const reach = "code" in outcome
      ? reachOf(outcome, count)
      : side === "own"
      ? reachOf({ value: own! }, count)
      : reachOf({ value: others! }, 1);
    if (reach === (sighted[0] ?? "none") && sighted.length <= 1) return [];
    return [reach === "all" ? `blind ${verb}` : `blind ${verb}(${reach})`];
  };
  const moves = side === "own" ? find("move") : [];

  return [
    ...say(selected, select),
    ...updates,
    ...find("redirect").flatMap(({ outcome, detail }) => say(detail!, reachOf(outcome, count))),
    ...inserts,
    ...say("delete", deletes),
    ...blind("update", [...columnsByReach.keys()]),
    ...blind("delete", deletes === "none" ? [] : [deletes]),
    ...moves.flatMap(({ outcome }) => say("move", reachOf(outcome, 0))),
  ].join(", ") || "-";
}
