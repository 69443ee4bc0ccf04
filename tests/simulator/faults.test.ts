import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { postRaw } from "./support/raw_client.ts";
import {
  RECIPIENT,
  SENDER,
  type TestAccount,
  type TestSimulator,
  withSimulator,
} from "./support/simulator.ts";

const FORM = { To: RECIPIENT, From: SENDER, Body: "hello" };

async function messageCount(account: TestAccount): Promise<number> {
  const { body } = await account.get<{ messages: unknown[] }>("/Messages.json");
  return body.messages.length;
}

/** A simulator with one account, and a fault on sending from it. */
async function withFault(
  fault: Record<string, unknown>,
  test: (account: TestAccount, simulator: TestSimulator) => Promise<void>,
): Promise<void> {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    await simulator.addFault({
      operation: "messages.create",
      account_sid: account.sid,
      times: 1,
      ...fault,
    });
    await test(account, simulator);
    assertEquals((await account.sendMessage()).status, 201, "the fault is spent");
  });
}

async function sendRaw(account: TestAccount) {
  return await postRaw(account.urlOf("/Messages.json"), account.authorization, FORM);
}

Deno.test("fault rate_limited: 429 with the code, Retry-After only when asked for, nothing done", async () => {
  for (const seconds of [undefined, 7]) {
    const more = seconds === undefined ? {} : { retry_after_seconds: seconds };
    await withFault({ kind: "rate_limited", ...more }, async (account) => {
      const { status, body, headers } = await account.sendMessage();
      assertEquals([status, body.code], [429, 20429]);
      assertEquals(headers.get("retry-after"), seconds === undefined ? null : "7");
      assertEquals(await messageCount(account), 0);
    });
  }
});

Deno.test("fault server_error: before the work or after it, in Twilio's words or a proxy's", async () => {
  const cases: Array<[status: number, stage: string, code: number | undefined, count: number]> = [
    [500, "before", 20500, 0],
    [503, "before", 20503, 0],
    [502, "before", undefined, 0],
    [500, "after", 20500, 1],
    [503, "after", 20503, 1],
    [502, "after", undefined, 1],
  ];
  for (const [status, stage, code, count] of cases) {
    await withFault({ kind: "server_error", status, stage }, async (account, simulator) => {
      const answer = await account.sendMessage();
      assertEquals([answer.status, answer.body.code], [status, code]);
      assertEquals(await messageCount(account), count);
      await simulator.idle();
      if (count === 1) {
        const { body } = await account.get<{ messages: Array<{ status: string }> }>(
          "/Messages.json",
        );
        assertEquals(body.messages[0]?.status, "delivered", "what was accepted goes on");
      }
    });
  }
});

Deno.test("fault reset: a TCP reset, before the work or after the message was accepted", async () => {
  for (const [stage, count] of [["before", 0], ["after", 1]] as const) {
    await withFault({ kind: "reset", stage }, async (account) => {
      assertEquals(await sendRaw(account), { kind: "reset", text: "" });
      assertEquals(await messageCount(account), count);
    });
  }
});

Deno.test("fault slow: the answer takes as long as it is told to", async () => {
  for (const stage of ["before", "after"]) {
    await withFault({ kind: "slow", stage, delay_ms: 50 }, async (account) => {
      const started = performance.now();
      assertEquals((await account.sendMessage()).status, 201);
      assert(performance.now() - started >= 49);
    });
  }
});

Deno.test("fault slow: a client that gives up has sent its message, or has not", async () => {
  for (const [stage, count] of [["before", 0], ["after", 1]] as const) {
    await withFault({ kind: "slow", stage, delay_ms: 60_000 }, async (account, simulator) => {
      const patience = new AbortController();
      const answer = fetch(account.urlOf("/Messages.json"), {
        method: "POST",
        headers: { authorization: account.authorization },
        body: new URLSearchParams(FORM),
        signal: patience.signal,
      });
      const arrived = async () =>
        (await simulator.control<{ total: number }>("GET", "/requests?operation=messages.create"))
          .body.total;
      while (await arrived() === 0);
      patience.abort();
      await assertRejects(() => answer);
      assertEquals(await messageCount(account), count);
    });
  }
});

Deno.test("fault garbage: a success that cannot be read, of a message that was accepted", async () => {
  for (const [more, status] of [[{}, 200], [{ status: 201 }, 201]] as const) {
    await withFault({ kind: "garbage", ...more }, async (account) => {
      const outcome = await sendRaw(account);
      assertEquals(outcome.kind, "answered");
      assertStringIncludes(outcome.text, `HTTP/1.1 ${status}`);
      const body = outcome.text.split("\r\n\r\n")[1] ?? "";
      assert(body.length > 0);
      assertEquals(parses(body), false);
      assertEquals(await messageCount(account), 1);
    });
  }
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

Deno.test("a fault hits only the operation, account and number that it names", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({ numbers: [SENDER, "+14155550121"] });
    const other = await simulator.addAccount();
    await simulator.addFault({
      kind: "rate_limited",
      operation: "messages.create",
      account_sid: account.sid,
      number: RECIPIENT,
    });
    const statuses = async () => [
      (await account.sendMessage()).status,
      (await account.sendMessage({ To: "+14155558888" })).status,
      (await account.get("/Messages.json?To=%2B14155559999")).status,
      (await other.sendMessage()).status,
    ];

    assertEquals(await statuses(), [429, 201, 200, 201]);
    assertEquals(await statuses(), [429, 201, 200, 201], "without times it stays");
    await simulator.control("DELETE", `/faults?account_sid=${account.sid}`);
    assertEquals(await statuses(), [201, 201, 200, 201]);

    await simulator.addFault({ kind: "rate_limited", number: "+14155550121" });
    assertEquals((await account.sendMessage({ From: "+14155550121" })).status, 429);
    assertEquals((await account.sendMessage()).status, 201);
    const number = account.answer.numbers.find(({ phone_number }) => phone_number !== SENDER);
    assertEquals((await account.get(`/IncomingPhoneNumbers/${number?.sid}.json`)).status, 429);
  });
});

Deno.test("faults are used up one after the other, in the order in which they were set", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const fault = { account_sid: account.sid, operation: "messages.create" };
    await simulator.addFault({ ...fault, kind: "rate_limited", times: 2 });
    const second = await simulator.addFault({ ...fault, kind: "server_error", times: 1 });
    const statuses = [];
    for (let index = 0; index < 4; index++) statuses.push((await account.sendMessage()).status);
    const { body } = await simulator.control<
      { faults: Array<{ fault_id: string; times_left: number; times_used: number }> }
    >("GET", `/faults?account_sid=${account.sid}`);

    assertEquals(statuses, [429, 429, 500, 201]);
    assertEquals(body.faults.map(({ times_left, times_used }) => [times_left, times_used]), [
      [0, 2],
      [0, 1],
    ]);
    assertEquals((await simulator.control("DELETE", `/faults/${second}`)).status, 200);
    assertEquals((await simulator.control("DELETE", `/faults/${second}`)).status, 404);
  });
});

Deno.test("the request log tells which calls a fault spoiled, and holds no credential", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const fault = await simulator.addFault({ kind: "reset", account_sid: account.sid, times: 1 });
    await sendRaw(account);
    await account.sendMessage();
    const answer = await simulator.control<{
      total: number;
      requests: Array<{ status: number | null; fault_ids: string[]; body: unknown }>;
    }>("GET", `/requests?account_sid=${account.sid}&operation=messages.create`);

    assertEquals(answer.body.total, 2);
    assertEquals(answer.body.requests.map(({ status, fault_ids }) => [status, fault_ids]), [
      [null, [fault]],
      [201, []],
    ]);
    assertEquals(answer.body.requests[0]?.body, FORM);
    assert(!JSON.stringify(answer.body).includes(account.authToken));
    assert(!JSON.stringify(answer.body).includes(account.authorization.slice(6)));
  });
});
