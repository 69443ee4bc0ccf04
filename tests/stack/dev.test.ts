import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { eventually } from "../support/poll.ts";
import { Project } from "./support/project.ts";

Deno.test("dev prints what a newcomer needs, and Ctrl-C ends everything", async () => {
  await using project = await Project.create();
  const stackFile = join(project.dataDirectory, "stack.json");
  await using dev = project.dev();
  await dev.printed("Sign in, then read");
  assertMatch(dev.stdout, /^Ready in \d+\.\d s$/m);

  const stack = JSON.parse(await Deno.readTextFile(stackFile));
  assertEquals(Object.keys(stack), [
    "url",
    "publishable_key",
    "secret_key",
    "database_url",
    "simulator_url",
    "users",
  ]);
  for (const shown of [stack.url, stack.publishable_key, stack.secret_key, stack.users[0].email]) {
    assert(dev.stdout.includes(shown));
  }

  const lines = dev.stdout.split("\n").filter((line) => /^(TOKEN=|curl )/.test(line));
  const pasted = await new Deno.Command("sh", { args: ["-c", lines.join("\n")] }).output();
  const [own, ...others] = JSON.parse(new TextDecoder().decode(pasted.stdout));
  assertEquals([own.name, others], ["seeded for owner@example.com", []]);

  assertEquals((await dev.end("SIGINT")).code, 0);
  assertEquals(await project.processes(), []);
  assertEquals(await exists(stackFile), false);
});

Deno.test("a signal in the middle of the start ends everything, and the next start works", async () => {
  await using project = await Project.create();
  for (const [line, signal] of [["Starting", "SIGINT"], ["Created", "SIGTERM"]] as const) {
    await using dev = project.dev();
    await dev.printed(line);
    assertEquals((await dev.end(signal)).code, 0);
    assertEquals(dev.stderr, "");
    assertEquals(await project.processes(), []);
  }
  const stack = await project.start();
  await stack.stop();
});

Deno.test("a killed dev leaves nothing running for long, and the next start works", async () => {
  await using project = await Project.create();
  await using dev = project.dev();
  await dev.printed("Sign in, then read");
  const { url } = JSON.parse(await Deno.readTextFile(join(project.dataDirectory, "stack.json")));
  await (await fetch(`${url}/functions/v1/echo`)).body?.cancel();

  await dev.end("SIGKILL");

  await eventually("its children to end", async () => (await project.processes()).length === 0);
  const stack = await project.start();
  await stack.stop();
});

Deno.test("a failing dev prints one line and exits with 1", async () => {
  await using project = await Project.create();
  await project.write(
    "supabase/migrations/20260102000000_break_it.sql",
    "select no_such_function();",
  );
  await using broken = project.dev();
  assertEquals((await broken.ended).code, 1);
  assertMatch(broken.stderr, /^Cannot apply migration 20260102000000_break_it\.sql: [^\n]+\n$/);
  assertEquals(await project.processes(), []);

  await using mistyped = project.dev("--prot", "1");
  assertEquals((await mistyped.ended).code, 1);
  assertMatch(mistyped.stderr, /^[^\n]*--prot[^\n]*--help lists the options\n$/);
});

Deno.test("dev explains itself", async () => {
  await using project = await Project.create();
  await using dev = project.dev("--help");
  assertEquals((await dev.ended).code, 0);
  assertMatch(dev.stdout, /^Usage: [^]*--port[^]*DATABASE_URL/);
});

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}
