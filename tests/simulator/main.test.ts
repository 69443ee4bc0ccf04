import { assertEquals, assertStringIncludes } from "@std/assert";
import { PROVIDERS } from "../../scripts/simulator/registry.ts";
import { DEFAULT_SETTINGS, SimulatorState } from "../../scripts/simulator/state.ts";

const MAIN = new URL("../../scripts/simulator/main.ts", import.meta.url).pathname;

function command(...parameters: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, ...parameters],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("the command listens, says where, and stops on a signal", async () => {
  const child = command("--port", "0").spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  const url = /^Simulator listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(text)?.[1] ?? "";
  const health = await fetch(`${url}/_control/health`);
  await health.body?.cancel();
  child.kill("SIGTERM");
  const { code } = await child.status;
  await reader.cancel();
  await child.stderr.cancel();

  assertEquals([health.status, code], [200, 0]);
});

Deno.test("the command explains itself, and refuses what it does not understand", async () => {
  const help = await command("--help").output();
  const text = new TextDecoder().decode(help.stdout);
  assertEquals(help.code, 0);
  for (const part of ["--port", "Demo account", "30003", "+15005550001 21211", "/_control"]) {
    assertStringIncludes(text, part);
  }
  for (const { id } of PROVIDERS.map((create) => create(new SimulatorState(DEFAULT_SETTINGS)))) {
    assertStringIncludes(text, `POST /${id}/accounts {`);
  }
  for (const wrong of [["--port", "many"], ["--port", ""], ["--nonsense"]]) {
    assertEquals((await command(...wrong).output()).code, 2);
  }
});

Deno.test("the command says so when the port is taken", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stderr } = await command("--port", String(listener.addr.port)).output();
  listener.close();
  assertEquals(code, 1);
  assertStringIncludes(new TextDecoder().decode(stderr), "Cannot listen on 127.0.0.1:");
});
