/** Agents and their people at the endpoints. */
import type postgres from "postgres";
import { ALL_TOOLS, type ToolWorld } from "./agent_tools.ts";
import { type Answer, callFunction } from "./functions.ts";
import { type Person, signUp } from "./people.ts";

export const getTools = (
  token: string | undefined,
  query: Record<string, string> = {},
): Promise<Answer> =>
  callFunction(
    `get-agent-tools?${new URLSearchParams(query)}`,
    token === undefined ? {} : { token },
  );

/** The names that the models see, in whichever format. */
export const namesOf = ({ body }: Answer): string[] =>
  // deno-lint-ignore no-explicit-any -- each format has a shape of its own
  body.tools.map((tool: any): string => tool.function?.name ?? tool.name);

/** What the agent of a tool world has from the start. */
export const ALL_KEYS = ALL_TOOLS.map(([key]) => key);

/** Somebody who signs in, in the workspace. */
export async function addPerson(
  sql: postgres.Sql,
  { workspaceId }: ToolWorld,
  role = "member",
): Promise<Person> {
  const person = await signUp(role);
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspaceId}, ${person.id}, ${role})`;
  return person;
}
