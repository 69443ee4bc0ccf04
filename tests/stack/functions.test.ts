import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { Stack } from "../../scripts/stack/types.ts";
import { eventually } from "../support/poll.ts";
import { isAlive, Project } from "./support/project.ts";

Deno.test("functions run behind the gateway as on the platform", async (t) => {
  await using project = await Project.create();
  await project.write(".env", "FROM_ROOT=root\nFROM_BOTH=root\n");
  await project.write("supabase/functions/.env", "FROM_BOTH=functions\nSUPABASE_URL=https://no\n");
  const stack = await project.start({
    functionEnvironment: { FROM_TEST: "test" },
  });
  const call = (path: string, init?: RequestInit) =>
    fetch(`${stack.url}/functions/v1${path}`, init);
  const echo = async (path: string, init?: RequestInit) => await (await call(path, init)).json();
  try {
    await t.step("a function starts at its first use and stays", async () => {
      assertEquals(project.lines.filter((line) => line.startsWith("[echo]")), []);
      const [first, second] = [await echo("/echo"), await echo("/echo")];
      assertEquals(first.pid, second.pid);
    });

    await t.step("it finds the platform's environment and the project's", async () => {
      const { environment } = await echo("/echo");
      assertEquals(environment.SUPABASE_URL, stack.url);
      assertEquals(environment.SUPABASE_DB_URL, stack.databaseUrl);
      assertEquals(environment.SUPABASE_ANON_KEY, stack.publishableKey);
      assertEquals(environment.SUPABASE_SERVICE_ROLE_KEY, stack.secretKey);
      assertEquals(JSON.parse(environment.SUPABASE_PUBLISHABLE_KEYS), {
        default: stack.publishableKey,
      });
      assertEquals(JSON.parse(environment.SUPABASE_SECRET_KEYS), { default: stack.secretKey });
      assertEquals(environment.FROM_ROOT, "root");
      assertEquals(environment.FROM_BOTH, "functions");
      assertEquals(environment.FROM_TEST, "test");
      assertEquals(environment.USER, undefined);
    });

    await t.step("path, method and headers arrive as they were sent", async () => {
      const got = await echo("/echo/a%20b/c?d=e&d=f", {
        method: "PATCH",
        headers: {
          "x-request-id": "r-1",
          "x-forwarded-for": "203.0.113.7",
          authorization: "Bearer t",
        },
      });
      assertEquals(got.method, "PATCH");
      assertEquals(got.path, "/echo/a%20b/c?d=e&d=f");
      assertEquals(got.headers["x-request-id"], "r-1");
      assertEquals(got.headers.authorization, "Bearer t");
      assertEquals(got.headers["x-forwarded-for"], "203.0.113.7, 127.0.0.1");
      assertEquals(got.headers["x-forwarded-host"], new URL(stack.url).host);
      assertEquals(got.headers["x-forwarded-proto"], "http");
      assertEquals(got.headers.connection, undefined);
    });

    await t.step("bodies arrive byte by byte", () => checkBodies(call));
    await t.step("answers stream through", () => checkStream(call));
    await t.step("redirects are the client's to follow", async () => {
      const response = await call("/echo/status", { redirect: "manual" });
      await response.body?.cancel();
      assertEquals([response.status, response.headers.get("location")], [302, "/elsewhere"]);
    });
    await t.step("a client that leaves is noticed", async () => {
      const client = new AbortController();
      const left = call("/echo/wait", { signal: client.signal }).catch((error) => error.name);
      await eventually("the request", () => logged(project, "[echo] waiting"));
      client.abort();
      assertEquals(await left, "AbortError");
      await eventually("the abort", () => logged(project, "[echo] aborted"));
    });

    await t.step("a browser may ask Auth and the Data API", () => checkBrowser(stack));
    await t.step("refusals come in the envelope", () => checkRefusals(stack, project));
    await t.step("a crash is answered, logged and followed by a new start", async () => {
      const { pid } = await echo("/crash");
      const response = await call("/crash/now");
      assertEquals([response.status, (await response.json()).error.code], [503, "unavailable"]);
      await eventually("the log", () => logged(project, "[crash] ended with code 3"));
      assertNotEquals((await echo("/crash")).pid, pid);
    });

    await t.step("a change restarts the function it belongs to", async () => {
      const [before, other] = [await echo("/echo"), await echo("/crash")];
      assertEquals(before.texts, ["own", "shared"]);
      await project.write("supabase/functions/echo/text.ts", 'export const OWN_TEXT = "new";');
      await eventually("new code", async () => (await echo("/echo")).texts[0] === "new");
      await eventually("the old process to end", async () => !await isAlive(before.pid));
      assertEquals((await echo("/crash")).pid, other.pid);
    });

    await t.step("a change of shared code restarts every function", async () => {
      const other = await echo("/crash");
      await project.write("supabase/functions/_shared/text.ts", 'export const SHARED_TEXT = "x";');
      await eventually("new code", async () => (await echo("/echo")).texts[1] === "x");
      assertNotEquals((await echo("/crash")).pid, other.pid);
    });
  } finally {
    await stack.stop();
  }
});

Deno.test("the scheduler calls dispatch with the secret key, and nothing that is missing", async () => {
  await using project = await Project.create();
  const stack = await project.start({
    scheduler: { dispatch: 50, maintenance: 50 },
  });
  try {
    await eventually("two calls", () => logged(project, "[dispatch] POST true", 2));
    assert(!project.lines.some((line) => line.includes("maintenance")));
  } finally {
    await stack.stop();
  }
});

type Call = (path: string, init?: RequestInit) => Promise<Response>;

async function checkBodies(call: Call): Promise<void> {
  const bytes = new Uint8Array(3_000_000);
  for (let i = 0; i < bytes.length; i += 65_536) {
    crypto.getRandomValues(bytes.subarray(i, i + 65_536));
  }
  const binary = await call("/echo/body", {
    method: "POST",
    body: bytes,
    headers: { "content-type": "application/octet-stream" },
  });
  assertEquals(await binary.bytes(), bytes);

  const form = new FormData();
  form.append("name", "café");
  form.append("file", new File([bytes.subarray(0, 1000)], "photo.png", { type: "image/png" }));
  const returned = await (await call("/echo/body", { method: "POST", body: form })).formData();
  assertEquals(returned.get("name"), "café");
  const file = returned.get("file") as File;
  assertEquals([file.name, file.type, file.size], ["photo.png", "image/png", 1000]);
}

async function checkStream(call: Call): Promise<void> {
  const response = await call("/echo/stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "one ");
  await (await call("/echo/release")).body?.cancel();
  assertEquals((await reader.read()).value, "two");
  assertEquals((await reader.read()).done, true);
}

async function checkBrowser(stack: Stack): Promise<void> {
  for (const path of ["/auth/v1/signup", "/rest/v1/workspaces"]) {
    const preflight = await fetch(stack.url + path, {
      method: "OPTIONS",
      headers: {
        origin: "http://localhost:3000",
        "access-control-request-method": "POST",
        "access-control-request-headers": "apikey,authorization,x-client-info",
      },
    });
    await preflight.body?.cancel();
    assertEquals(preflight.headers.get("access-control-allow-origin"), "*");
    assertStringIncludes(
      preflight.headers.get("access-control-allow-headers") ?? "",
      "x-client-info",
    );
  }
  const answer = await fetch(`${stack.url}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ email: "browser@example.com", password: "from a browser" }),
  });
  await answer.body?.cancel();
  assertEquals([answer.status, answer.headers.get("access-control-allow-origin")], [200, "*"]);
}

async function checkRefusals(stack: Stack, project: Project): Promise<void> {
  const refusal = async (path: string) => {
    const response = await fetch(stack.url + path);
    const { error } = await response.json();
    return { status: response.status, ...error };
  };
  const unknown = await refusal("/functions/v1/nothing");
  assertEquals([unknown.status, unknown.code], [404, "not_found"]);
  for (const path of ["/functions/v1/_shared", "/functions/v1/..%2Fecho", "/functions/v1", "/x"]) {
    assertEquals((await refusal(path)).status, 404);
  }
  const broken = await refusal("/functions/v1/broken");
  assertEquals([broken.status, broken.code], [503, "unavailable"]);
  assertStringIncludes(broken.message, "[broken]");
  assert(!broken.message.includes("a detail of the boot"));
  await eventually("the log", () => logged(project, "a detail of the boot"));
  const health = await fetch(`${stack.url}/health`);
  assertEquals([health.status, await health.json()], [200, { status: "ok" }]);
}

function logged(project: Project, text: string, times = 1): Promise<boolean> {
  return Promise.resolve(project.lines.filter((line) => line.includes(text)).length >= times);
}
