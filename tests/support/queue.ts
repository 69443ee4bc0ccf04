import type postgres from "postgres";
import { eventually } from "./poll.ts";
import { control } from "./simulator.ts";
import type { Workspace } from "./workspace.ts";

/** Moves the clock of one message's job, and of a lease that holds it, instead of waiting. */
export async function makeDue(sql: postgres.Sql, messageId: string): Promise<void> {
  await sql`update private.outbound_jobs set due_at = now() where message_id = ${messageId}`;
  await sql`update private.look_ups set due_at = now() where message_id = ${messageId}`;
  await sql`
    update private.outbound_leases as l set ends_at = now()
    where exists (select from unnest(l.jobs) as j where j.message_id = ${messageId})`;
  await sql`
    update public.connection_health as h
    set paused_until = null, probe_at = case when h.state <> 'closed' then now() end
    from public.conversation_messages as m
    where m.id = ${messageId} and h.workspace_id = m.workspace_id`;
}

/** The job of a message, and how long it still waits; undefined when there is none. */
export async function jobOf(sql: postgres.Sql, messageId: string) {
  const [job] = await sql`
    select 'send' as step, attempt_count, extract(epoch from due_at - now())::float8 as wait_seconds
    from private.outbound_jobs where message_id = ${messageId}
    union all
    select 'look_up', attempt_number, extract(epoch from due_at - now())::float8
    from private.look_ups where message_id = ${messageId}`;
  return job;
}

/** Starts a dispatcher of its own and kills it with SIGKILL once the provider was asked. */
export async function killDuringHandOver(workspace: Workspace): Promise<void> {
  const script = new URL("./dispatch_process.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", script] })
    .spawn();
  const query = `account_sid=${workspace.account.account_sid}&operation=messages.create`;
  try {
    await eventually("the provider to be asked", async () => {
      const { total } = await control(`/requests?${query}`);
      return total > 0;
    });
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}
