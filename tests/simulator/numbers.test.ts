import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type ErrorAnswer, SENDER, type TestAccount, withSimulator } from "./support/simulator.ts";

interface NumberBody extends ErrorAnswer {
  sid: string;
  phone_number: string;
  friendly_name: string;
  sms_url: string;
  sms_fallback_url: string;
  sms_method: string;
  status_callback: string;
  type: string;
}
interface NumberList {
  incoming_phone_numbers: NumberBody[];
  next_page_uri: string | null;
  previous_page_uri: string | null;
  page: number;
  start: number;
  end: number;
}
const PATH = "/IncomingPhoneNumbers";

async function buy(account: TestAccount, form: Record<string, string>) {
  return await account.post<NumberBody>(`${PATH}.json`, form);
}

async function offers(account: TestAccount, path: string): Promise<string[]> {
  const answer = await account.get<{ available_phone_numbers: Array<{ phone_number: string }> }>(
    `/AvailablePhoneNumbers/${path}`,
  );
  return answer.body.available_phone_numbers.map((offer) => offer.phone_number);
}

Deno.test("numbers are listed by number, by part of it and by name", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({
      numbers: [
        { phone_number: "+14155550111", friendly_name: "Front desk" },
        "+12125550122",
        "+18335550133",
      ],
    });
    const list = async (query: string) => {
      const { body } = await account.get<NumberList>(`${PATH}${query}`);
      return body.incoming_phone_numbers.map((number) => number.phone_number);
    };

    assertEquals(await list(".json"), ["+14155550111", "+12125550122", "+18335550133"]);
    assertEquals(await list(".json?PhoneNumber=%2B12125550122"), ["+12125550122"]);
    assertEquals(await list(".json?PhoneNumber=4155*50"), ["+14155550111"]);
    assertEquals(await list(".json?PhoneNumber=999"), []);
    assertEquals(await list(".json?FriendlyName=Front+desk"), ["+14155550111"]);
    assertEquals(await list(".json?Origin=hosted"), []);
    assertEquals(await list("/TollFree.json"), ["+18335550133"]);
    assertEquals(await list("/Local.json"), ["+14155550111", "+12125550122"]);
    assertEquals(await list("/Mobile.json"), []);
  });
});

Deno.test("a list is paged by cursor, so that deleting what was read shifts nothing", async () => {
  await withSimulator(async (simulator) => {
    const numbers = Array.from({ length: 5 }, (_, index) => `+1415555020${index}`);
    const account = await simulator.addAccount({ numbers });
    const first = (await account.get<NumberList>(`${PATH}.json?PageSize=2`)).body;
    for (const { sid } of first.incoming_phone_numbers) await account.delete(`${PATH}/${sid}.json`);
    const second = (await account.follow<NumberList>(first.next_page_uri ?? "")).body;
    const third = (await account.follow<NumberList>(second.next_page_uri ?? "")).body;
    const pages = [first, second, third];

    assertEquals(
      pages.flatMap((page) => page.incoming_phone_numbers.map((number) => number.phone_number)),
      numbers,
    );
    assertEquals(pages.map(({ page, start, end }) => [page, start, end]), [
      [0, 0, 1],
      [1, 2, 3],
      [2, 4, 4],
    ]);
    assertEquals(third.next_page_uri, null);
    const back = (await account.follow<NumberList>(third.previous_page_uri ?? "")).body;
    assertEquals(back.incoming_phone_numbers, second.incoming_phone_numbers);
  });
});

Deno.test("page sizes and tokens out of range are refused", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const codes = [];
    for (const query of ["PageSize=1001", "PageSize=0", "PageSize=x", "PageToken=PAPN1"]) {
      const { status, body } = await account.get<ErrorAnswer>(`${PATH}.json?${query}`);
      codes.push([status, body.code]);
    }
    assertEquals(codes, [[400, 20007], [400, 400], [400, 400], [400, 400]]);
    assertEquals((await account.get(`${PATH}.json?PageSize=1000`)).status, 200);
  });
});

Deno.test("a bought number is owned, configured, and gone from the search until released", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount({ numbers: [] });
    const [wanted = ""] = await offers(account, "US/Local.json?AreaCode=415");

    const bought = await buy(account, {
      PhoneNumber: wanted,
      FriendlyName: "Sales",
      SmsUrl: "https://project.example/in?token=1#rc=5",
    });

    assertEquals(bought.status, 201);
    assertEquals([bought.body.phone_number, bought.body.friendly_name], [wanted, "Sales"]);
    assertEquals(bought.body.sms_url, "https://project.example/in?token=1#rc=5");
    assert(!(await offers(account, "US/Local.json?AreaCode=415")).includes(wanted));
    const again = await buy(account, { PhoneNumber: wanted });
    assertEquals([again.status, again.body.code], [400, 21422]);
    const path = `${PATH}/${bought.body.sid}.json`;
    assertEquals((await account.get<NumberBody>(path)).body.phone_number, wanted);
    assertEquals((await account.delete(path)).status, 204);
    assertEquals((await account.get(path)).status, 404);
    assert((await offers(account, "US/Local.json?AreaCode=415")).includes(wanted));
  });
});

Deno.test("a purchase by area code takes a number of that area and type", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const local = await buy(account, { AreaCode: "212" });
    const tollFree = await account.post<NumberBody>(`${PATH}/TollFree.json`, { AreaCode: "800" });
    const none = await account.post<NumberBody>(`${PATH}/TollFree.json`, { AreaCode: "212" });

    assert(local.body.phone_number.startsWith("+1212"));
    assert(tollFree.body.phone_number.startsWith("+1800"));
    assertEquals([none.status, none.body.code], [400, 21452]);
  });
});

Deno.test("purchases that Twilio refuses are refused with its codes", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const [london = ""] = await offers(account, "GB/Local.json");
    const [mobile = ""] = await offers(account, "GB/Mobile.json");
    const cases: Array<[Record<string, string>, number]> = [
      [{ PhoneNumber: "+15005550000" }, 21422],
      [{ PhoneNumber: "+15005550001" }, 21421],
      [{ PhoneNumber: "nonsense" }, 21421],
      [{ PhoneNumber: "+14155550999" }, 21422],
      [{}, 21421],
      [{ AreaCode: "533" }, 21452],
      [{ AreaCode: "4x5" }, 21451],
      [{ AreaCode: "415", SmsUrl: "not a url" }, 21402],
      [{ AreaCode: "415", SmsMethod: "PUT" }, 21403],
      [{ AreaCode: "415", FriendlyName: "x".repeat(65) }, 20002],
      [{ PhoneNumber: london }, 21631],
      [{ PhoneNumber: mobile }, 21649],
    ];
    for (const [form, code] of cases) {
      const { status, body } = await buy(account, form);
      assertEquals([status, body.code], [400, code], JSON.stringify(form));
    }
    assertEquals((await buy(account, { PhoneNumber: london, AddressSid: "AD1" })).status, 201);
    assertEquals((await buy(account, { PhoneNumber: mobile, BundleSid: "BU1" })).status, 201);
  });
});

Deno.test("an update changes what it names, and nothing when it is refused", async () => {
  await withSimulator(async (simulator) => {
    const account = await simulator.addAccount();
    const path = `${PATH}/${account.answer.numbers[0]?.sid}.json`;
    const form = {
      SmsUrl: "https://project.example/in",
      SmsFallbackUrl: "https://project.example/fallback",
      SmsMethod: "POST",
      StatusCallback: "https://project.example/calls",
      FriendlyName: "Desk",
    };

    const updated = (await account.post<NumberBody>(path, form)).body;
    const refused = await account.post<NumberBody>(path, { SmsUrl: "ftp://x", FriendlyName: "No" });
    const cleared = (await account.post<NumberBody>(path, { SmsFallbackUrl: "" })).body;

    assertEquals(
      [updated.sms_url, updated.sms_fallback_url, updated.status_callback, updated.friendly_name],
      [form.SmsUrl, form.SmsFallbackUrl, form.StatusCallback, "Desk"],
    );
    assertEquals([refused.status, refused.body.code], [400, 21402]);
    assertEquals([cleared.sms_url, cleared.sms_fallback_url], [form.SmsUrl, ""]);
    assertEquals(cleared.friendly_name, "Desk");
  });
});

Deno.test("the stock is the same at every start, and each account has its own", async () => {
  const sid = `AC${"1".repeat(32)}`;
  const runs: string[][] = [];
  for (let run = 0; run < 2; run++) {
    await withSimulator(async (simulator) => {
      const account = await simulator.addAccount({ account_sid: sid });
      const other = await simulator.addAccount();
      runs.push(await offers(account, "US/Local.json"));
      assertNotEquals(await offers(other, "US/Local.json"), runs.at(-1));
    });
  }
  assertEquals(runs[0], runs[1]);
  assertEquals(runs[0]?.length, 50);
});

Deno.test("two accounts may own the same number, so that tests do not meet", async () => {
  await withSimulator(async (simulator) => {
    const [first, second] = [await simulator.addAccount(), await simulator.addAccount()];
    await first.delete(`${PATH}/${first.answer.numbers[0]?.sid}.json`);
    assertEquals((await first.sendMessage()).body.code, 21606);
    assertEquals((await second.sendMessage({ From: SENDER })).status, 201);
  });
});
