/** Says in words which rows the policies of a table let a signed-in person reach. */
import type { Policy } from "./catalogue.ts";

const WORKSPACE = ["workspace_id", "workspaces.id"];
const PERSON = ["user_id", "profiles.id"];

/** Predicates that policies are made of: who is meant, and the columns where that needs no saying. */
export const PREDICATES: Record<string, { words: string; usual: string[] }> = {
  "private.my_workspace_ids": { words: "members", usual: WORKSPACE },
  "private.my_admin_workspace_ids": { words: "owners and admins", usual: WORKSPACE },
  "private.my_open_workspace_ids": { words: "members who see everything", usual: WORKSPACE },
  "private.my_restricted_workspace_ids": { words: "restricted members", usual: WORKSPACE },
  "private.my_assigned_conversation_ids": {
    words: "only what is assigned",
    usual: ["conversation_id", "conversations.id"],
  },
  "private.my_connection_ids": {
    words: "only of a connection they know of",
    usual: ["connection_id", "connections.id"],
  },
  "private.my_phone_number_ids": {
    words: "only on a number of theirs",
    usual: ["phone_number_id", "phone_numbers.id"],
  },
  "private.my_team_channel_ids": {
    words: "only in a channel of theirs",
    usual: ["team_channel_id", "channel_id", "team_channels.id"],
  },
  "private.my_shared_connection_ids": {
    words: "only of a connection of the workspace's",
    usual: ["connection_id", "connections.id"],
  },
  "private.my_shared_phone_number_ids": {
    words: "only of a number of the workspace's",
    usual: ["phone_number_id", "phone_numbers.id"],
  },
  "private.my_visible_team_channel_ids": {
    words: "only in a channel they see",
    usual: ["team_channel_id", "team_channels.id"],
  },
  "private.my_colleague_ids": { words: "oneself and colleagues", usual: PERSON },
  "auth.uid": { words: "oneself", usual: PERSON },
};

/** What the policies allow for a verb; undefined when no policy does. */
export function whoMay(verb: string, policies: Policy[], table: string): string | undefined {
  const all = policies.filter((policy) => policy.verb === verb || policy.verb === "all");
  const permissive = all.filter((policy) => policy.isPermissive);
  if (permissive.length === 0) return undefined;
  const restrictive = all.filter((policy) => !policy.isPermissive);
  const inWords = (policy: Policy) => policyInWords(verb, policy, table);
  return [
    [...new Set(permissive.map(inWords))].join("; or "),
    ...restrictive.map((policy) => `and only ${inWords(policy)}`),
  ].join("; ");
}

function policyInWords(verb: string, { using, check }: Policy, table: string): string {
  const before = expressionInWords(using ?? "true", table);
  const after = expressionInWords(check ?? using ?? "true", table);
  if (verb === "insert") return after;
  return verb !== "update" || before === after ? before : `${before}; the new row: ${after}`;
}

/** Postgres puts every operation in parentheses, so that one level has one connective. */
export function expressionInWords(expression: string, table: string): string {
  const text = withoutParentheses(expression.replace(/\s+/g, " ").trim());
  for (const [connective, word] of [[" OR ", ", or "], [" AND ", ", and "]] as const) {
    const parts = splitOutside(text, connective);
    if (parts.length === 1) continue;
    return parts.map((part) => {
      const words = expressionInWords(part, table);
      return / (OR|AND) /.test(part) && /, (or|and) /.test(words) ? `(${words})` : words;
    }).join(word);
  }
  if (text === "true") return "everybody signed in";
  const [, column, source] = text.match(/^(\w+) = ANY \(ARRAY\( SELECT ([\w.]+)\(\) AS \w+\)\)$/) ??
    text.match(/^(\w+) IN \( SELECT ([\w.]+)\(\) AS \w+\)$/) ??
    text.match(/^(\w+) = \( SELECT (auth\.uid)\(\) AS uid\)$/) ?? [];
  const predicate = PREDICATES[source ?? ""];
  if (column !== undefined && predicate !== undefined) {
    const isUsual = predicate.usual.some((name) =>
      name === column || name === `${table}.${column}`
    );
    return isUsual ? predicate.words : `${predicate.words} as \`${column}\``;
  }
  if (
    /^\w+ <> ALL \(ARRAY\( SELECT private\.my_restricted_workspace_ids\(\) AS \w+\)\)$/.test(text)
  ) {
    return "not restricted";
  }
  const nullable = text.match(/^(\w+) IS (NOT )?NULL$/);
  if (nullable) return `${nullable[2] ? "any" : "no"} \`${nullable[1]}\``;
  return `\`${text}\``;
}

function withoutParentheses(text: string): string {
  const isWrapped = text.startsWith("(") && depths(text).indexOf(0) === text.length - 1;
  return isWrapped ? withoutParentheses(text.slice(1, -1)) : text;
}

function splitOutside(text: string, separator: string): string[] {
  const depth = depths(text);
  const parts = [];
  let start = 0;
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) {
    if (depth[at] !== 0) continue;
    parts.push(text.slice(start, at));
    start = at + separator.length;
  }
  return [...parts, text.slice(start)];
}

/** How many parentheses are open after each character; inside of a string counts as one more. */
function depths(text: string): number[] {
  let open = 0;
  let isString = false;
  return text.split("").map((character) => {
    if (character === "'") isString = !isString;
    else if (!isString && character === "(") open++;
    else if (!isString && character === ")") open--;
    return open + (isString ? 1 : 0);
  });
}
