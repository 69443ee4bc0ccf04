import { assertEquals } from "@std/assert";
import { callFunction } from "../support/functions.ts";
import { signUp } from "../support/people.ts";
import { connectToDatabase } from "../support/stack.ts";
import { createConnectedWorkspace, sendMessage } from "../support/workspace.ts";
import { readMessage } from "../support/messages.ts";
import { freshNumber } from "../support/world.ts";

const change = (id: string, token: string, json: unknown) =>
  callFunction(`messages/${id}`, { method: "PATCH", token, json });
const cancel = (id: string, token: string) =>
  callFunction(`messages/${id}/cancel`, { method: "POST", token });

/** A queued message that no dispatcher finds before a time that never comes. */
async function createWaiting() {
  const sql = connectToDatabase(1);
  const workspace = await createConnectedWorkspace();
  const { id, job } = await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', ${
      JSON.stringify({ role: "authenticated", sub: workspace.owner.id })
    }, true)`;
    const [row] = await tx`
      select message_id from public.enqueue_messages(${workspace.id}, ${
      tx.json([{ to_address: freshNumber(), body: "Hello" }])
    })`;
    const [job] = await tx`
      update private.outbound_jobs set turn = null, due_at = '2100-01-01' where message_id = ${
      row!.message_id
    } returning due_at`;
    return { id: row!.message_id as string, job };
  });
  await sql.end();
  return { workspace, id, job };
}

Deno.test("a waiting message is edited, put off and canceled over HTTP", async () => {
  const { workspace, id } = await createWaiting();
  const { token } = workspace.owner;
  const scheduled_at = new Date(Date.now() + 5 * 86_400_000).toISOString();

  const edited = await change(id, token, { body: "Hello again" });
  const putOff = await change(id, token, { scheduled_at, unless: ["replied"] });
  const canceled = await cancel(id, token);
  const again = await cancel(id, token);

  assertEquals([edited.status, edited.body.message.body], [200, "Hello again"]);
  assertEquals([putOff.status, putOff.body.message.status], [200, "scheduled"]);
  assertEquals(new Date(putOff.body.message.scheduled_at).toISOString(), scheduled_at);
  assertEquals([canceled.status, canceled.body.message.status], [200, "canceled"]);
  assertEquals([again.status, again.body.error.code], [409, "already_canceled"]);
});

Deno.test("a message that a provider has is neither edited nor canceled: 409", async () => {
  const { workspace, id } = await createWaiting();
  const sql = connectToDatabase(1);
  await sql`delete from private.outbound_jobs where message_id = ${id}`;
  await sql.end();

  for (
    const answer of [
      await change(id, workspace.owner.token, { body: "x" }),
      await cancel(id, workspace.owner.token),
    ]
  ) {
    assertEquals([answer.status, answer.body.error.code], [409, "already_handed_over"]);
  }
});

Deno.test("an edit names the field that is wrong, and strangers find nothing to edit", async () => {
  const { workspace, id } = await createWaiting();
  const stranger = await signUp("stranger");
  const { token } = workspace.owner;
  const refused = async (json: unknown) => {
    const { status, body } = await change(id, token, json);
    return [status, body.error.code, body.error.details.issues[0].field];
  };

  assertEquals(await refused({}), [400, "invalid_request", ""]);
  assertEquals(await refused({ to: "+14155550100" }), [400, "invalid_request", "to"]);
  assertEquals(await refused({ unless: ["raining"] }), [400, "invalid_request", "unless.0"]);
  assertEquals(await refused({ recurrence: { every: "day", interval: 0 } }), [
    400,
    "invalid_request",
    "recurrence.interval",
  ]);
  assertEquals(await refused({ scheduled_at: "tomorrow" }), [
    422,
    "schedule_invalid",
    "scheduled_at",
  ]);
  assertEquals(await refused({ body: "" }), [422, "message_empty", "body"]);
  for (
    const answer of [
      await change(id, stranger.token, { body: "x" }),
      await cancel(id, stranger.token),
      await cancel("nonsense", token),
      await change(crypto.randomUUID(), token, { body: "x" }),
    ]
  ) {
    assertEquals([answer.status, answer.body.error.code], [404, "not_found"]);
  }
  assertEquals((await readMessage(id)).body, "Hello");
});

Deno.test("sending refuses a schedule of the wrong shape by its field", async () => {
  const workspace = await createConnectedWorkspace();
  const refused = async (message: Record<string, unknown>) => {
    const { status, body } = await sendMessage(workspace, {
      to: freshNumber(),
      body: "Hello",
      ...message,
    });
    return [status, body.error.details.issues[0].field];
  };

  assertEquals(await refused({ scheduled_at: 5 }), [400, "scheduled_at"]);
  assertEquals(await refused({ time_zone: "" }), [400, "time_zone"]);
  assertEquals(await refused({ unless: "replied" }), [400, "unless"]);
  assertEquals(await refused({ quiet_hours: "sometimes" }), [400, "quiet_hours"]);
  assertEquals(await refused({ recurrence: { every: "year" } }), [400, "recurrence.every"]);
  assertEquals(await refused({ recurrence: { every: "day", often: 1 } }), [
    400,
    "recurrence.often",
  ]);
});
