import { assertEquals, assertMatch } from "@std/assert";
import { dirname, join } from "node:path";

const DEMO = new URL("../../scripts/demo.ts", import.meta.url).pathname;

async function playDemo(stackFile: string) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", DEMO, "--stack-file", stackFile],
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

Deno.test("the demo plays its story on a running stack, and fails when one step is not as told", async () => {
  const directory = dirname(Deno.env.get("TEST_STACK_FILE")!);
  const stackFile = join(directory, "stack", "stack.json");
  const spoiledFile = join(directory, "spoiled.json");
  const stack = JSON.parse(await Deno.readTextFile(stackFile));
  for (const user of stack.users) {
    if (user.email.startsWith("stranger")) user.password = "not the password";
  }
  await Deno.writeTextFile(spoiledFile, JSON.stringify(stack));

  const played = await playDemo(stackFile);
  const spoiled = await playDemo(spoiledFile);

  assertEquals([played.code, played.stderr.includes("Not as told")], [0, false], played.stderr);
  assertMatch(played.stdout, /queued → sent → delivered/);
  assertMatch(played.stdout, /403 new_contact_not_allowed/);
  assertMatch(played.stdout, /202 awaiting_approval/);
  assertMatch(played.stdout, /Everything as told/);
  assertEquals(spoiled.code, 1);
  assertMatch(spoiled.stderr, /Not as told: stranger@example.com signs in/);
});
