import type { Stack } from "./types.ts";

/** What to print once a stack is ready: addresses, keys, people, and two lines to paste. */
export function describeStack(stack: Stack): string {
  const rows = [
    ["API", stack.url],
    ["Functions", `${stack.url}/functions/v1/<name>`],
    ["Database", stack.databaseUrl],
    ...(stack.simulatorUrl === undefined ? [] : [["Simulator", stack.simulatorUrl]]),
    ["Publishable key", stack.publishableKey],
    ["Secret key", stack.secretKey],
    ...stack.users.map(({ email, password }) => ["Sign in as", `${email} / ${password}`]),
  ];
  const table = rows.map(([name = "", value]) => `  ${name.padEnd(17)}${value}`).join("\n");
  return `${table}\n\n${describeFirstCalls(stack)}`;
}

function describeFirstCalls(stack: Stack): string {
  const user = stack.users[0];
  if (user === undefined) return "";
  const credentials = JSON.stringify({ email: user.email, password: user.password });
  return [
    "Sign in, then read with that person's rights:",
    "",
    `TOKEN=$(curl -s '${stack.url}/auth/v1/token?grant_type=password'` +
    ` -H 'apikey: ${stack.publishableKey}' -H 'content-type: application/json'` +
    ` -d '${credentials}' | sed -E 's/.*"access_token":"([^"]+)".*/\\1/')`,
    `curl -s '${stack.url}/rest/v1/workspaces?select=id,name'` +
    ` -H 'apikey: ${stack.publishableKey}' -H "authorization: Bearer $TOKEN"`,
    "",
  ].join("\n");
}
