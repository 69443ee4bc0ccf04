import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DEMO_TWILIO_ACCOUNT } from "../../scripts/simulator/providers/twilio/demo.ts";
import { type ErrorAnswer, TestAccount, withSimulator } from "./support/simulator.ts";

interface AccountBody {
  sid: string;
  status: string;
  type: string;
  auth_token: string;
}

Deno.test("an account is answered to its own token, with the token in it", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({ friendly_name: "Shop" });

    const { status, body } = await account.get<AccountBody>(".json");

    assertEquals(status, 200);
    assertEquals([body.sid, body.status, body.type], [account.sid, "active", "Full"]);
    assertEquals(body.auth_token, account.authToken);
  });
});

Deno.test("wrong, missing and foreign credentials are refused", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const other = await simulator.addAccount();
    const passwords = ["", "wrong", other.authToken, `${account.authToken} `];

    for (const password of passwords) {
      account.password = password;
      const { status, headers, body } = await account.get<ErrorAnswer>("/Messages.json");
      assertEquals([status, body.code, body.status], [401, 20003, 401]);
      assertEquals(body.more_info, "https://www.twilio.com/docs/errors/20003");
      assertMatch(headers.get("www-authenticate") ?? "", /^Basic realm=/);
    }
    const bare = await fetch(account.urlOf("/Messages.json"));
    await bare.body?.cancel();
    assertEquals(bare.status, 401);
  });
});

Deno.test("the secondary token works too, until it becomes the only one", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({ secondary_auth_token: "b".repeat(32) });
    const second = new TestAccount(simulator, account.answer);
    second.password = "b".repeat(32);
    const statuses = async () => [
      (await account.get("/Messages.json")).status,
      (await second.get("/Messages.json")).status,
    ];

    assertEquals(await statuses(), [200, 200]);
    await simulator.control("PATCH", `/twilio/accounts/${account.sid}`, {
      auth_token: "b".repeat(32),
    });

    assertEquals(await statuses(), [401, 200]);
  });
});

Deno.test("an API key reads everything but the account", async () => {
  await withSimulator(async (simulator) => {
    const account = (await simulator.addAccount({ api_keys: [{}] })).withKey();

    assertEquals((await account.get("/IncomingPhoneNumbers.json?PageSize=1")).status, 200);
    assertEquals((await account.sendMessage()).status, 201);
    const refused = await account.get<ErrorAnswer>(".json");
    assertEquals([refused.status, refused.body.code], [401, 20003]);
  });
});

Deno.test("one account sees nothing of another", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const other = await simulator.addAccount();
    const { body: message } = await account.sendMessage();
    const paths = [".json", "/Messages.json", `/Messages/${message.sid}.json`, "/Balance.json"];

    for (const path of paths) {
      const url = account.urlOf(path);
      const answer = await other.send<ErrorAnswer>("GET", url);
      assertEquals([answer.status, answer.body.code], [404, 20404]);
      assertStringIncludes(
        answer.body.message,
        new URL(url).pathname.slice("/api.twilio.com".length),
      );
    }
    const own = await other.get<ErrorAnswer>(`/Messages/${message.sid}.json`);
    assertEquals([own.status, own.body.code], [404, 20404]);
  });
});

Deno.test("a suspended account says so, and does nothing", async () => {
  await withSimulator(async (simulator) => {
    for (const status of ["suspended", "closed"]) {
      const account = await simulator.addAccount({ status });

      assertEquals((await account.get<AccountBody>(".json")).body.status, status);
      const { status: refused, body } = await account.sendMessage();
      assertEquals([refused, body.code], [403, 20005]);
    }
  });
});

Deno.test("paths that do not exist are not found", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    for (const path of ["/Nothing.json", "/Messages", "/Messages/SM1.json", "/a/b/c"]) {
      const answer = await account.get<ErrorAnswer>(path);
      assertEquals([answer.status, answer.body.code], [404, 20404], path);
    }
    const elsewhere = await fetch(`${simulator.url}/api.example.com/2010-04-01`);
    await elsewhere.body?.cancel();
    assertEquals(elsewhere.status, 404);
  });
});

Deno.test("the demo account is there at start-up and after a reset", async () => {
  await withSimulator(async (simulator) => {
    const { account_sid, auth_token } = DEMO_TWILIO_ACCOUNT;
    const demo = new TestAccount(simulator, {
      account_sid,
      auth_token,
      numbers: [],
      api_keys: [],
      messaging_services: [],
    });
    const other = await simulator.addAccount();

    const listed = await demo.get<{ incoming_phone_numbers: Array<{ phone_number: string }> }>(
      "/IncomingPhoneNumbers.json",
    );
    await simulator.control("POST", "/reset");

    assertEquals(
      listed.body.incoming_phone_numbers.map((number) => number.phone_number),
      DEMO_TWILIO_ACCOUNT.numbers.map((number) => number.phone_number),
    );
    assertEquals((await demo.get(".json")).status, 200);
    assertEquals((await other.get(".json")).status, 401);
  });
});
