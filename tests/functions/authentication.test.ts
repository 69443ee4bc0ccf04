import { createAuthenticate } from "../../supabase/functions/_shared/http/authentication.ts";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import { closedUrl } from "../providers/support/raw_server.ts";
import type { Arguments } from "../support/scripted_service.ts";
import { assertEquals, assertRejects } from "@std/assert";

/** A token that Auth is asked about, since its key is symmetric. */
function tokenOf(claims: Arguments): string {
  const encode = (part: unknown) =>
    btoa(JSON.stringify(part)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ exp: expiresAt, ...claims })}.c2ln`;
}

const authenticateAt = (supabaseUrl: string) =>
  createAuthenticate({
    supabaseUrl,
    publishableKey: "publishable",
    secretKey: "secret",
    secretKeys: ["secret"],
    webhooksUrl: supabaseUrl,
    simulatorUrl: undefined,
  });

/** An Auth on loopback that gives everybody the same answer. */
function serveAuth(status: number, body: unknown) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json(body, { status }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("authentication takes a token of a signed-in person, and of no other role", async () => {
  const id = crypto.randomUUID();
  await using auth = serveAuth(200, { id, aud: "authenticated" });
  const authenticate = authenticateAt(auth.url);

  const callers = [];
  for (const role of ["authenticated", "anon", "service_role", undefined]) {
    callers.push((await authenticate(tokenOf({ sub: id, role })))?.id ?? null);
  }
  const nobody = await authenticate(tokenOf({ role: "authenticated" }));

  assertEquals(callers, [id, null, null, null]);
  assertEquals(nobody, null);
});

Deno.test("authentication takes no for an answer from Auth", async () => {
  await using auth = serveAuth(403, { code: 403, error_code: "bad_jwt", msg: "invalid JWT" });
  const token = tokenOf({ sub: crypto.randomUUID(), role: "authenticated" });

  assertEquals(await authenticateAt(auth.url)(token), null);
});

for (const status of [429, 500, 503]) {
  Deno.test(`authentication calls an Auth that answers ${status} unavailable, not the token wrong`, async () => {
    await using auth = serveAuth(status, { code: status, msg: "try later" });
    const token = tokenOf({ sub: crypto.randomUUID(), role: "authenticated" });

    const error = await assertRejects(() => authenticateAt(auth.url)(token), AppError);

    assertEquals(error.code, "unavailable");
  });
}

Deno.test("authentication calls an Auth that cannot be reached unavailable", async () => {
  const token = tokenOf({ sub: crypto.randomUUID(), role: "authenticated" });

  const error = await assertRejects(() => authenticateAt(closedUrl())(token), AppError);

  assertEquals(error.code, "unavailable");
});
