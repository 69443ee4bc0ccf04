import type postgres from "postgres";
import { createRandom } from "../../providers/support/random.ts";
import { serviceClient } from "../people.ts";
import { createConnectedWorkspace, type Workspace } from "../workspace.ts";
import { freshNumber } from "../world.ts";

/** A workspace that sends while its workers are killed. */
export interface Site {
  workspace: Workspace;
  campaignId: string;
  /** To whom it has written, and who has not opted out. */
  recipients: string[];
}

export interface CrashWorld {
  sql: postgres.Sql;
  random: () => number;
  /** One that is told what became of its messages, and one that has to ask. */
  told: Site;
  untold: Site;
  workspaceIds: string[];
  messageCount: number;
  /** The faults that let the provider break connections off: there it never answers. */
  resetIds: string[];
}

/** Refused at once, for the number's sake, or (the last) for the account's. */
const REFUSED_RECIPIENTS = ["+15005550001", "+15005550002", "+15005550009", "+15005550003"];

export async function createCrashWorld(sql: postgres.Sql, seed: number): Promise<CrashWorld> {
  const told = await createSite(sql);
  const untold = await createSite(sql);
  const workspaceIds = [told.workspace.id, untold.workspace.id];
  return {
    sql,
    random: createRandom(seed),
    told,
    untold,
    workspaceIds,
    messageCount: 0,
    resetIds: [],
  };
}

async function createSite(sql: postgres.Sql): Promise<Site> {
  const workspace = await createConnectedWorkspace();
  const { id } = workspace;
  await sql`update public.workspaces set communication_mode = 'byoc' where id = ${id}`;
  // Campaigns respect quiet hours: these are over, wherever a recipient may be.
  await sql`
    insert into public.quiet_hours (workspace_id, starts_at, ends_at)
    select ${id}, t.at::time, (t.at + interval '1 minute')::time
    from (select date_trunc('minute', now() at time zone 'UTC') - interval '5 minutes' as at) as t`;
  const [campaign] = await sql`
    insert into public.campaigns (workspace_id, name, channel, body, status, started_at)
    values (${id}, 'Spring', 'sms', 'Hello', 'running', now())
    returning id`;
  return { workspace, campaignId: campaign!.id, recipients: [] };
}

/** Queues messages of every kind, before all others, and lets some of their recipients opt out. */
export async function queueMessages(world: CrashWorld, count: number): Promise<void> {
  for (const site of [world.told, world.untold]) {
    const messages = Array.from({ length: Math.ceil(count / 2) }, () => draft(world, site));
    const { data, error } = await serviceClient().rpc("enqueue_messages", {
      workspace_id: site.workspace.id,
      messages: messages as never,
    });
    const refusal = error ?? data.find((row) => row.error_code);
    if (refusal) throw new Error(`Cannot queue: ${JSON.stringify(refusal)}`);
    await optOut(world, site);
  }
  await world.sql`
    update private.outbound_jobs set turn = ${-Date.now()}
    where workspace_id = any (${world.workspaceIds}) and turn is not null`;
}

function draft(world: CrashWorld, site: Site): Record<string, unknown> {
  const { random } = world;
  const body = `Message ${++world.messageCount}`;
  const chance = random();
  if (chance < 0.04) return { body, to_address: oneOf(random, REFUSED_RECIPIENTS) };
  const isKnown = random() < 0.2 && site.recipients.length > 0;
  const to_address = isKnown ? oneOf(random, site.recipients) : freshNumber();
  if (!isKnown) site.recipients.push(to_address);
  if (chance < 0.08) {
    const scheduled_at = new Date(Date.now() + 3_600_000).toISOString();
    return { body, to_address, scheduled_at };
  }
  if (chance < 0.3) return { body, to_address, message_class: "one_time_code" };
  return chance < 0.6
    ? { body, to_address, message_class: "campaign", campaign_id: site.campaignId }
    : { body, to_address };
}

/** Somebody of whom messages may be queued, in flight, unknown or sent. */
async function optOut({ random }: CrashWorld, site: Site): Promise<void> {
  const [address] = site.recipients.splice(Math.floor(random() * site.recipients.length), 1);
  const { error } = await site.workspace.owner.client.rpc("opt_out", {
    workspace_id: site.workspace.id,
    address: address!,
  });
  if (error) throw new Error(`Cannot opt out: ${error.message}`);
}

export const oneOf = <Value>(random: () => number, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)]!;
