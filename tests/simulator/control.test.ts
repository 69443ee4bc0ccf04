import { assert, assertEquals } from "@std/assert";
import { PROVIDERS } from "../../scripts/simulator/registry.ts";
import { DEFAULT_SETTINGS, SimulatorState } from "../../scripts/simulator/state.ts";
import { withReceiver } from "./support/receiver.ts";
import { RECIPIENT, SENDER, withSimulator } from "./support/simulator.ts";

interface ControlErrorBody {
  error: { code: string; message: string };
}

Deno.test("the control API answers health and state, without secrets", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const health = await simulator.control("GET", "/health");
    const state = await simulator.control<{ pending: number }>("GET", "/state");

    assertEquals(health.body, {
      status: "ok",
      providers: PROVIDERS.map((create) => create(new SimulatorState(DEFAULT_SETTINGS)).id),
    });
    assertEquals(state.body.pending, 0);
    assert(JSON.stringify(state.body).includes(account.sid));
    assert(!JSON.stringify(state.body).includes(account.authToken));
  });
});

Deno.test("what the control API does not know is refused, so that no typo passes", async () => {
  await withSimulator(async (simulator) => {
    await simulator.addAccount({ account_sid: `AC${"2".repeat(32)}` });
    const twilio = { provider: "twilio" };
    const cases: Array<[string, string, unknown, number, string]> = [
      ["GET", "/nothing", undefined, 404, "unknown_path"],
      ["GET", "/requests?account=AC1", undefined, 400, "unknown_field"],
      ["GET", "/messages?limit=many", undefined, 400, "invalid_field"],
      ["POST", "/faults", { ...twilio, kind: "unlucky" }, 400, "invalid_field"],
      ["POST", "/faults", { ...twilio, kind: "reset", times: 0 }, 400, "invalid_field"],
      ["POST", "/faults", { ...twilio, kind: "reset", delay_ms: 5 }, 400, "unknown_field"],
      ["POST", "/faults", { ...twilio, kind: "reset", operation: "x" }, 400, "invalid_field"],
      ["POST", "/faults", { provider: "x", kind: "reset" }, 400, "unknown_provider"],
      ["POST", "/faults", twilio, 400, "invalid_field"],
      ["POST", "/faults", [], 400, "invalid_body"],
      ["POST", "/twilio/accounts", { sid: "AC1" }, 400, "unknown_field"],
      ["POST", "/twilio/accounts", { account_sid: "AC1" }, 400, "invalid_field"],
      ["POST", "/twilio/accounts", { account_sid: `AC${"2".repeat(32)}` }, 409, "account_exists"],
      ["POST", "/twilio/accounts", { numbers: ["4155550100"] }, 400, "invalid_field"],
      ["GET", "/twilio/accounts/AC1", undefined, 404, "unknown_account"],
      ["POST", "/twilio/inbound", { from: RECIPIENT, to: "+1" }, 404, "unknown_number"],
      ["POST", "/twilio/inbound", { from: RECIPIENT }, 400, "invalid_field"],
    ];
    for (const [method, path, body, status, code] of cases) {
      const answer = await simulator.control<ControlErrorBody>(method, path, body);
      assertEquals([answer.status, answer.body.error.code], [status, code], `${method} ${path}`);
    }
    const notJson = await fetch(`${simulator.url}/_control/faults`, { method: "POST", body: "{" });
    const body: ControlErrorBody = await notJson.json();
    assertEquals([notJson.status, body.error.code], [400, "invalid_body"]);
  });
});

Deno.test("a refused account leaves nothing behind", async () => {
  await withSimulator(async (simulator) => {
    const sid = `AC${"3".repeat(32)}`;
    await simulator.control("POST", "/twilio/accounts", { account_sid: sid, numbers: ["x"] });
    assertEquals((await simulator.control("GET", `/twilio/accounts/${sid}`)).status, 404);
  });
});

Deno.test("a page in a browser cannot steer the simulator", async () => {
  await withSimulator(async (simulator) => {
    const health = `${simulator.url}/_control/health`;
    const withOrigin = await fetch(health, { headers: { origin: "https://elsewhere.example" } });
    await withOrigin.body?.cancel();
    const { port } = new URL(simulator.url);
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await connection.write(
      new TextEncoder().encode("GET /_control/health HTTP/1.1\r\nhost: rebound.example\r\n\r\n"),
    );
    const buffer = new Uint8Array(1_024);
    const size = await connection.read(buffer);
    connection.close();

    assertEquals(withOrigin.status, 403);
    assert(new TextDecoder().decode(buffer.subarray(0, size ?? 0)).startsWith("HTTP/1.1 403"));
  });
});

Deno.test("idle waits for receipts, and says when they take too long", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      const other = await simulator.addAccount();
      await account.sendMessage({ StatusCallback: receiver.url });

      const query = `?account_sid=${account.sid}&timeout_ms=50`;
      const busy = await simulator.control<ControlErrorBody>("GET", `/idle${query}`);
      assertEquals([busy.status, busy.body.error.code], [504, "not_idle"]);
      const idle = await simulator.control("GET", `/idle?account_sid=${other.sid}`);
      assertEquals(idle.body, { idle: true, pending: 0 });
    }, { receiptDelayMs: 60_000 });
  });
});

Deno.test("a hanging receiver of one account does not hold up another", async () => {
  const release = Promise.withResolvers<void>();
  await withReceiver(async (hanging) => {
    await withReceiver(async (receiver) => {
      await withSimulator(async (simulator) => {
        const account = await simulator.addAccount();
        const other = await simulator.addAccount();
        await Promise.all(
          Array.from(
            { length: 150 },
            () => account.sendMessage({ StatusCallback: hanging.url }),
          ),
        );
        await other.sendMessage({ StatusCallback: receiver.url });
        const idle = await simulator.control("GET", `/idle?account_sid=${other.sid}`);
        assertEquals([idle.status, receiver.webhooks.length], [200, 2]);
        assert(hanging.webhooks.length <= 64);
        release.resolve();
        await simulator.idle();
        assertEquals(hanging.webhooks.length, 300);
      });
    });
  }, async () => {
    await release.promise;
    return new Response(null, { status: 204 });
  });
});

Deno.test("webhooks go to this machine only", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const urls = ["https://project.example/s", "http://10.0.0.1/s", "http://127.0.0.1.example/s"];
    for (const StatusCallback of urls) {
      assertEquals((await account.sendMessage({ StatusCallback })).status, 201);
    }
    await simulator.idle();
    const outcomes = (await simulator.deliveries()).map(({ outcome, attempts }) => [
      outcome,
      attempts.length,
    ]);
    assertEquals(outcomes, Array.from({ length: 6 }, () => ["refused", 0]));
  });
});

Deno.test("logs and messages are bounded", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      for (let index = 0; index < 30; index++) {
        await account.sendMessage({ Body: `${index}`, StatusCallback: receiver.url });
      }
      await simulator.idle();
      const count = async (path: string) =>
        (await simulator.control<{ total: number }>("GET", path)).body.total;

      assertEquals(await count("/messages"), 10);
      assert(await count("/requests") <= 10);
      assert(await count("/deliveries") <= 10);
      const { body } = await simulator.control<{ messages: Array<{ body: string }> }>(
        "GET",
        `/messages?account_sid=${account.sid}&to=%2B14155559999&limit=1`,
      );
      assertEquals(body.messages.map((message) => message.body), ["29"]);
    }, { maximumLogEntries: 8, maximumMessages: 10 });
  });
  assertEquals(DEFAULT_SETTINGS.maximumLogEntries, 50_000);
});

Deno.test("a reset forgets everything and leaves nothing pending", async () => {
  await withReceiver(async (receiver) => {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount();
      await simulator.addFault({ kind: "reset", account_sid: account.sid, operation: "unknown" });
      await account.sendMessage({ StatusCallback: receiver.url });
      await simulator.control("POST", "/reset");
      await simulator.idle();
      const state = await simulator.control<{ faults: unknown[] }>("GET", "/state");
      const requests = await simulator.control<{ total: number }>("GET", "/requests");

      assertEquals([state.body.faults, requests.body.total], [[], 0]);
      assertEquals((await account.get(".json")).status, 401);
      assertEquals(receiver.webhooks.length, 0);
    }, { receiptDelayMs: 60_000 });
  });
});

Deno.test("an account can be looked at, changed and deleted", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({ messaging_services: [{ senders: [SENDER] }] });
    const path = `/twilio/accounts/${account.sid}`;
    await simulator.inbound({ body: "STOP" });
    const changed = await simulator.control<{
      status: string;
      opt_outs: Array<{ sender: string; recipient: string }>;
    }>("PATCH", path, { status: "suspended" });
    const service = account.answer.messaging_services[0]?.sid ?? "";

    assertEquals(changed.body.status, "suspended");
    assertEquals(changed.body.opt_outs, [{ sender: service, recipient: RECIPIENT }]);
    assertEquals((await simulator.control("DELETE", path)).status, 204);
    assertEquals((await account.get(".json")).status, 401);
  });
});
