import { assertEquals } from "@std/assert";
import {
  enqueue,
  messagesAtProvider,
  readMessage,
  runDispatch,
  setFault,
  untilStatus,
} from "../support/messages.ts";
import { jobOf, makeDue } from "../support/queue.ts";
import { control } from "../support/simulator.ts";
import { connectToDatabase } from "../support/stack.ts";
import { createConnectedWorkspace, type Workspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

/** How the connection does, as a member's front end reads it. */
async function stateOf({ owner, connectionId }: Workspace): Promise<string | undefined> {
  const { data, error } = await owner.client.from("connection_health").select("state")
    .eq("connection_id", connectionId).maybeSingle();
  if (error) throw new Error(`Cannot read the health: ${error.message}`);
  return data?.state;
}

const countRequests = async ({ account }: Workspace): Promise<number> =>
  (await control(
    `/requests?account_sid=${account.account_sid}&operation=messages.create&limit=0`,
  )).total;

const someTexts = (count: number) =>
  Array.from({ length: count }, () => ({ to_address: freshNumber(), body: "Hello" }));

Deno.test("a provider that is down is left alone, probed with one message, and used again", async () => {
  const sql = connectToDatabase(1);
  const workspace = await createConnectedWorkspace();
  await sql`update public.workspaces set communication_mode = 'byoc' where id = ${workspace.id}`;
  await setFault(workspace, { kind: "server_error", operation: "messages.create", status: 503 });
  const lost = await enqueue(workspace, someTexts(5));
  const states = [await stateOf(workspace)];

  await runDispatch();
  states.push(await stateOf(workspace));
  const waiting = await enqueue(workspace, someTexts(3));
  await runDispatch();
  const askedWhileOpen = await countRequests(workspace);
  const waits = await Promise.all(waiting.map((id) => jobOf(sql, id)));

  // Its time comes while the provider is still down.
  for (const id of waiting) await makeDue(sql, id);
  await runDispatch();
  states.push(await stateOf(workspace));
  const askedByProbe = await countRequests(workspace);

  await control(`/faults?account_sid=${workspace.account.account_sid}`, { method: "DELETE" });
  for (const id of waiting) await makeDue(sql, id);
  await runDispatch();
  states.push(await stateOf(workspace));
  for (const id of waiting) await makeDue(sql, id);
  await runDispatch();

  assertEquals(states, [undefined, "open", "open", "closed"]);
  assertEquals([askedWhileOpen, askedByProbe], [5, 6]);
  assertEquals(waits.map((job) => [job!.step, job!.attempt_count]), Array(3).fill(["send", 0]));
  const unknown: string[] = [];
  for (const id of waiting) {
    const { message_attempts: [attempt] } = await readMessage(id);
    if (attempt!.outcome === "unknown") unknown.push(id);
    else await untilStatus(id, "delivered");
  }
  assertEquals(unknown.length, 1, "the probe that failed");
  assertEquals((await messagesAtProvider(workspace)).length, 2);
  for (const id of [...lost, ...unknown]) {
    await sql`delete from private.look_ups where message_id = ${id}`;
  }
  await sql.end();
});
