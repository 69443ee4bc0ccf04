import { assertEquals } from "@std/assert";
import extract from "./fixtures/twilio_api_v2010.extract.json" with { type: "json" };
import { RECIPIENT, SENDER, type TestAccount, withSimulator } from "./support/simulator.ts";
import { extractSpec, findFaults, SERVED_PATHS, type Spec } from "./support/spec.ts";

const kept: Spec = extract;
const specsDirectory = Deno.env.get("SPECS_DIRECTORY");

/** One call for each operation that the simulator serves, in an order in which all succeed. */
async function callEverything(account: TestAccount): Promise<CallOutcome[]> {
  const outcomes: CallOutcome[] = [];
  const call = async (method: string, path: string, spelling: string, form?: FormFields) => {
    const answer = method === "GET"
      ? await account.get<Body>(path)
      : method === "DELETE"
      ? await account.delete<Body>(path)
      : await account.post<Body>(path, form ?? {});
    outcomes.push({ method, spelling, status: answer.status, body: answer.body });
    return answer.body.sid ?? "";
  };
  const numbers = "/IncomingPhoneNumbers";
  const offers = "/AvailablePhoneNumbers";
  const records = "/Usage/Records";
  const text = { To: RECIPIENT, From: SENDER, Body: "hello" };
  const media = { ...text, MediaUrl: "https://files.example/a.png" };

  await call("GET", ".json", "/{Sid}.json");
  await call("GET", "/Balance.json", "/Balance.json");
  await call("GET", `${numbers}.json?PageSize=1`, `${numbers}.json`);
  await call("GET", `${numbers}/Local.json`, `${numbers}/Local.json`);
  const number = await call("POST", `${numbers}.json`, `${numbers}.json`, { AreaCode: "415" });
  await call("POST", `${numbers}/Local.json`, `${numbers}/Local.json`, { AreaCode: "212" });
  await call("GET", `${numbers}/${number}.json`, `${numbers}/{Sid}.json`);
  await call("POST", `${numbers}/${number}.json`, `${numbers}/{Sid}.json`, { SmsMethod: "GET" });
  await call("DELETE", `${numbers}/${number}.json`, `${numbers}/{Sid}.json`);
  await call("GET", `${offers}.json`, `${offers}.json`);
  await call("GET", `${offers}/US.json`, `${offers}/{CountryCode}.json`);
  for (const [country, kind] of [["US", "Local"], ["US", "TollFree"], ["GB", "Mobile"]]) {
    await call("GET", `${offers}/${country}/${kind}.json`, `${offers}/{CountryCode}/${kind}.json`);
  }
  const message = await call("POST", "/Messages.json", "/Messages.json", text);
  const withMedia = await call("POST", "/Messages.json", "/Messages.json", media);
  await account.simulator.idle();
  await call("GET", "/Messages.json?PageSize=1", "/Messages.json");
  await call("GET", `/Messages/${message}.json`, "/Messages/{Sid}.json");
  await call("POST", `/Messages/${message}.json`, "/Messages/{Sid}.json", { Body: "" });
  await call("DELETE", `/Messages/${message}.json`, "/Messages/{Sid}.json");
  const list = await account.get<{ media_list: Array<{ sid: string }> }>(
    `/Messages/${withMedia}/Media.json`,
  );
  const file = list.body.media_list[0]?.sid ?? "";
  await call("GET", `/Messages/${withMedia}/Media.json`, "/Messages/{MessageSid}/Media.json");
  const one = "/Messages/{MessageSid}/Media/{Sid}.json";
  await call("GET", `/Messages/${withMedia}/Media/${file}.json`, one);
  await call("DELETE", `/Messages/${withMedia}/Media/${file}.json`, one);
  const spoken = { To: RECIPIENT, From: SENDER, Twiml: "<Response><Say>hello</Say></Response>" };
  await call("POST", "/Calls.json", "/Calls.json", spoken);
  for (const span of ["", "/Daily", "/Monthly", "/ThisMonth", "/Today"]) {
    await call("GET", `${records}${span}.json`, `${records}${span}.json`);
  }
  return outcomes;
}

type FormFields = Record<string, string>;
interface Body {
  sid?: string;
}
interface CallOutcome {
  method: string;
  /** Below the account, as the spec spells the path. */
  spelling: string;
  status: number;
  body: unknown;
}

/** Changing the account itself is not what the simulator is for, nor is keeping calls. */
const NOT_SERVED = ["POST /{Sid}.json", "GET /Calls.json"];

function operationsOf(spec: Spec): string[] {
  return Object.entries(spec.paths).flatMap(([path, operations]) => {
    const spelling = path.replace(/^\/2010-04-01\/Accounts(\/\{AccountSid\})?/, "");
    return Object.keys(operations).map((method) => `${method.toUpperCase()} ${spelling}`);
  });
}

/** A list in the spec has one page; a page of available numbers has no paging fields at all. */
const WITHOUT_PAGING = ["/AvailablePhoneNumbers"];
const PAGING_FIELDS =
  /\.(end|first_page_uri|next_page_uri|page|page_size|previous_page_uri|start): missing$/;

function faultsOf(spec: Spec, outcome: CallOutcome): string[] {
  const path = SERVED_PATHS.find((served) =>
    served === `/2010-04-01/Accounts/{AccountSid}${outcome.spelling}` ||
    served === `/2010-04-01/Accounts${outcome.spelling}`
  );
  const name = `${outcome.method} ${outcome.spelling}`;
  const responses = spec.paths[path ?? ""]?.[outcome.method.toLowerCase()]?.responses;
  const response = responses?.[String(outcome.status)];
  if (!response) return [`${name}: status ${outcome.status} is not in the spec`];
  const schema = response.content?.["application/json"]?.schema;
  if (!schema) return outcome.body === "" ? [] : [`${name}: a body where the spec has none`];
  const faults = findFaults(spec, schema, outcome.body, name);
  const isUnpaged = WITHOUT_PAGING.some((prefix) => outcome.spelling.startsWith(prefix));
  return isUnpaged ? faults.filter((fault) => !PAGING_FIELDS.test(fault)) : faults;
}

Deno.test("every operation answers as Twilio's specification says", async () => {
  const spec = specsDirectory
    ? JSON.parse(await Deno.readTextFile(`${specsDirectory}/twilio/twilio_api_v2010.json`))
    : kept;
  await withSimulator(async (simulator) => {
    const outcomes = await callEverything(await simulator.addAccount());

    assertEquals(outcomes.flatMap((outcome) => faultsOf(spec, outcome)), []);
    const called = outcomes.map(({ method, spelling }) => `${method} ${spelling}`);
    assertEquals(operationsOf(kept).filter((name) => !called.includes(name)), NOT_SERVED);
  });
});

Deno.test("the conformance check sees what is wrong", () => {
  const outcome = { method: "GET", spelling: "/Balance.json", status: 200 };
  const faults = (body: unknown) => faultsOf(kept, { ...outcome, body });
  const right = { account_sid: `AC${"0".repeat(32)}`, balance: "1.00", currency: "USD" };

  assertEquals(faults(right).length, 0);
  assertEquals(faults({ ...right, balance: 1 }).length, 1);
  assertEquals(faults({ ...right, account_sid: "AC1" }).length, 1);
  assertEquals(faults({ ...right, extra: "" }).length, 1);
  assertEquals(faults({ balance: "1.00", currency: "USD" }).length, 1);
  assertEquals(faultsOf(kept, { ...outcome, status: 201, body: right }).length, 1);
});

if (specsDirectory !== undefined) {
  Deno.test("the kept extract is the specification's", async () => {
    const path = `${specsDirectory}/twilio/twilio_api_v2010.json`;
    assertEquals(extractSpec(JSON.parse(await Deno.readTextFile(path))), kept);
  });
}
