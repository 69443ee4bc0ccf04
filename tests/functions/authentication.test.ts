import { createAuthenticate } from "../../supabase/functions/_shared/http/authentication.ts";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import { closedUrl } from "../providers/support/raw_server.ts";
import type { Arguments } from "../support/scripted_service.ts";
import { assertEquals, assertRejects } from "@std/assert";

/** A token that Auth is asked about, since its key is symmetric. */
function tokenOf(claims: Arguments): string {
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ exp: expiresAt, ...claims })}.c2ln`;
}

function encode(part: unknown): string {
  return toUrlSafe(btoa(JSON.stringify(part)));
}

function toUrlSafe(base64: string): string {
  return base64.replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
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

Deno.test("authentication checks an asymmetric token by the published keys, and asks nobody else", async () => {
  const id = crypto.randomUUID();
  const [ours, theirs] = await Promise.all([createKey("ours"), createKey("theirs")]);
  const asked: string[] = [];
  await using auth = serveKeys([ours.published], asked);
  const authenticate = authenticateAt(auth.url);
  const claims = { sub: id, role: "authenticated", exp: Math.floor(Date.now() / 1000) + 60 };
  const refused = [
    await theirs.sign(claims),
    await ours.sign({ ...claims, exp: 1 }),
    await ours.sign({ ...claims, role: "anon" }),
    await ours.sign({ role: "authenticated", exp: claims.exp }),
    `${(await ours.sign(claims)).split(".").slice(0, 2).join(".")}.AAAA`,
  ];

  assertEquals((await authenticate(await ours.sign(claims)))?.id, id);
  for (const token of refused) {
    assertEquals(await authenticate(token).catch(() => null), null);
  }
  assertEquals(new Set(asked), new Set(["/auth/v1/.well-known/jwks.json"]));
});

Deno.test("authentication without the published keys is unavailable, not a wrong token", async () => {
  const { sign } = await createKey("ours");
  const token = await sign({ sub: crypto.randomUUID(), role: "authenticated", exp: 9_999_999_999 });
  await using down = serveAuth(503, {});

  for (const url of [closedUrl(), down.url]) {
    const error = await assertRejects(() => authenticateAt(url)(token), AppError);
    assertEquals(error.code, "unavailable");
  }
});

Deno.test("a token that ended is nobody's, whatever Auth says", async () => {
  const id = crypto.randomUUID();
  await using auth = serveAuth(200, { id });

  const caller = await authenticateAt(auth.url)(
    tokenOf({ sub: id, role: "authenticated", exp: 1 }),
  );

  assertEquals(caller, null);
});

/** A key as Auth has it, to sign with, and what it publishes of it. */
async function createKey(kid: string) {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  const published = { ...await crypto.subtle.exportKey("jwk", pair.publicKey), kid, alg: "ES256" };
  return {
    published,
    async sign(claims: Arguments): Promise<string> {
      const head = `${encode({ alg: "ES256", typ: "JWT", kid })}.${encode(claims)}`;
      const signature = await crypto.subtle.sign(
        { name: "ECDSA", hash: "SHA-256" },
        pair.privateKey,
        new TextEncoder().encode(head),
      );
      return `${head}.${toUrlSafe(btoa(String.fromCharCode(...new Uint8Array(signature))))}`;
    },
  };
}

/** An Auth on loopback that publishes keys, and tells what it was asked for. */
function serveKeys(keys: unknown[], asked: string[]) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      asked.push(new URL(request.url).pathname);
      return Response.json({ keys });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
