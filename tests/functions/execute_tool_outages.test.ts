import { assert, assertEquals } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { databaseTest } from "../support/engine.ts";
import { serviceClient } from "../support/people.ts";
import { recreateAccount } from "./providers/accounts.ts";
import { countRequests, manage, setFault } from "./providers/desk.ts";
import {
  addContact,
  type AgentDesk,
  execute,
  openAgentDesk,
  recordOf,
} from "./tools/agent_desk.ts";

const twilio = providers.get("twilio")!;
let shared: Promise<AgentDesk> | undefined;
const openSharedDesk = () => shared ??= openAgentDesk(twilio);

const asOf = ({ status, body }: Awaited<ReturnType<typeof execute>>) => [
  status,
  body.error?.code,
  body.error?.details?.tool_call?.status,
];

Deno.test("a provider that is down is told as such, and asked again by the next try", async () => {
  const desk = await openSharedDesk();
  const faults: [fault: Record<string, unknown>, status: number, code: string][] = [
    [{ kind: "server_error", status: 503 }, 503, "provider_unavailable"],
    [{ kind: "reset" }, 503, "provider_unavailable"],
    [{ kind: "rate_limited", retry_after_seconds: 3 }, 429, "rate_limited"],
  ];

  for (const [fault, status, code] of faults) {
    const call = { call_id: crypto.randomUUID() };
    await setFault(desk, { ...fault, operation: "balance.fetch", times: 1 });
    const down = await execute(desk, "twilio_get_balance", {}, call);
    const up = await execute(desk, "twilio_get_balance", {}, call);

    assertEquals(asOf(down), [status, code, "failed"], JSON.stringify(down.body));
    assert(down.body.error.details.hint && down.headers.get("retry-after"));
    assertEquals([up.status, up.body.result?.currency], [200, "USD"]);
    const { audit } = await recordOf(up.body.tool_call.id);
    assertEquals(audit[0]?.action, "agent_tool.failed");
  }
});

const REFUSING = [
  ["twilio", "twilio_get_balance", "auth_token"],
  ["clicksend_sms", "clicksend_get_balance", "api_key"],
  ["sendgrid", "sendgrid_get_balance", "api_key"],
] as const;

Deno.test("credentials that a provider refuses are told without a word of them", async () => {
  for (const [id, tool, name] of REFUSING) {
    const desk = await openAgentDesk(providers.get(id)!);
    const old = desk.account.given[name]!;
    const changed = old.slice(0, -1) + (old.endsWith("0") ? "1" : "0");
    await recreateAccount(desk.account, { [name]: changed });

    const answer = await execute(desk, tool, {});

    assertEquals(asOf(answer), [422, "credentials_refused", "failed"], JSON.stringify(answer.body));
    const { call, audit } = await recordOf(answer.body.error.details.tool_call.id);
    const everything = JSON.stringify([answer.body, call, audit]);
    for (const secret of [...desk.account.secrets, changed]) assert(!everything.includes(secret));
  }
});

databaseTest("reading the secrets is written down, with what for", async (sql) => {
  const desk = await openSharedDesk();
  const { body } = await execute(desk, "twilio_get_balance", {});

  const entries = await sql`
    select reason, batch_id from private.credential_access_log
    where connection_id = ${desk.connectionId}`;

  assert(
    entries.some(({ reason, batch_id }) =>
      reason === "agent tool get_balance" && batch_id === body.tool_call.id
    ),
    JSON.stringify(entries),
  );
});

Deno.test("an account that was disconnected takes its tools along", async () => {
  const desk = await openAgentDesk(twilio);
  const { contactId } = await addContact(desk);
  await manage(desk, "DELETE");

  for (
    const [tool, given] of [
      ["twilio_get_balance", {}],
      ["send_message", { contact_id: contactId, body: "Hello" }],
    ] as const
  ) {
    const { status, body } = await execute(desk, tool, given);
    assert([403, 503].includes(status), JSON.stringify(body));
    assert(["tool_not_allowed", "connection_unavailable"].includes(body.error.code));
  }
});

databaseTest("an account whose breaker is open is unavailable, and is not asked", async (sql) => {
  const desk = await openAgentDesk(twilio);
  const before = await countRequests(desk, "balance.fetch");
  await sql`
    insert into public.connection_health (connection_id, workspace_id, state, opened_at, probe_at)
    values (${desk.connectionId}, ${desk.workspaceId}, 'open', now(), now() + interval '1 hour')
    on conflict (connection_id) do update
    set state = 'open', opened_at = excluded.opened_at, probe_at = excluded.probe_at`;

  const answer = await execute(desk, "twilio_get_balance", {});

  assertEquals(asOf(answer), [503, "connection_unavailable", "refused"]);
  assertEquals(await countRequests(desk, "balance.fetch"), before);
});

Deno.test("a call that the provider refuses has failed, and one that nobody answered for is in doubt", async () => {
  const desk = await openAgentDesk(twilio);
  const [one, other] = [await addContact(desk), await addContact(desk)];
  await setFault(desk, {
    kind: "server_error",
    stage: "after",
    operation: "calls.create",
    times: 1,
  });

  const lost = await execute(desk, "twilio_start_call", {
    contact_id: one.contactId,
    body: "Your appointment is at 3",
  });
  await recreateAccount(desk.account, { numbers: [] });
  const refused = await execute(desk, "twilio_start_call", {
    contact_id: other.contactId,
    body: "Your appointment is at 3",
  });

  assertEquals(asOf(lost), [409, "outcome_unknown", "failed"], JSON.stringify(lost.body));
  assertEquals(refused.body.error?.details?.tool_call?.status, "failed");
  assertEquals(refused.status, 422, JSON.stringify(refused.body));
  const { data } = await serviceClient().from("calls").select("status")
    .eq("workspace_id", desk.workspaceId);
  assertEquals(data!.length, 2);
});
