import { type Call, CALLS } from "./calls.ts";
import type { FunctionEntry } from "./catalogue.ts";
import { type Block, group } from "./format.ts";
import { type Database, type Outcome, type Try, tryOut } from "./probe.ts";
import type { Scene, Subject } from "./scene.ts";

/** Who may execute a function, and what comes of it when everybody calls it for each workspace. */
export async function describeFunction(
  sql: Database,
  entry: FunctionEntry,
  scene: Scene,
): Promise<Block> {
  const lines = [`may execute: ${entry.callers.join(", ") || "nobody"}`];
  for (const [name, call] of Object.entries(callsOf(entry))) {
    lines.push(...(name ? [`${name}:`] : []), ...await describeCall(sql, entry, scene, call));
  }
  return { title: entry.signature, lines };
}

/** Whether people may execute it, and nobody has said what it is to be called with. */
export function isUntried({ name, callers, isOverloaded }: FunctionEntry): boolean {
  const isForPeople = callers.includes("anon") || callers.includes("authenticated");
  return isForPeople && (isOverloaded || !CALLS[name]);
}

/** Functions of the operator's machinery are called with nulls, by everybody who may not call them. */
function callsOf({ name, emptyCall }: FunctionEntry): Record<string, Call> {
  return CALLS[name] ?? { "": { of: () => emptyCall } };
}

async function describeCall(
  sql: Database,
  entry: FunctionEntry,
  scene: Scene,
  { of, isAsked = false }: Call,
): Promise<string[]> {
  const tries = scene.subjects.flatMap((subject): Try[] =>
    [subject.own, subject.other].map((world) => ({
      role: subject.role,
      userId: subject.userId,
      statement: of(world, scene),
      isAsked,
    }))
  );
  const outcomes = await tryOut(sql, tries);
  return group(scene.subjects.map((subject, index) => ({
    who: subject.name,
    cells: outcomes.slice(2 * index, 2 * index + 2).map((outcome) =>
      isOperators(entry, subject) ? "not tried" : wordFor(outcome, isAsked)
    ),
  })));
}

/** Called with nulls, it would say nothing of what it does. */
function isOperators({ name, callers }: FunctionEntry, { role }: Subject): boolean {
  return !CALLS[name] && role === "service_role" && callers.includes(role);
}

function wordFor(outcome: Outcome, isAsked: boolean): string {
  if ("code" in outcome) return outcome.code.replace(/^PT/, "");
  return isAsked ? outcome.value : "ok";
}
