import { setFault, untilProviderIdle } from "../messages.ts";
import { eventually } from "../poll.ts";
import { control } from "../simulator.ts";
import { type CrashWorld, oneOf } from "./world.ts";

/** What may go wrong at the provider meanwhile, once or for a while. */
const FAULTS: ({ kind: string } & Record<string, unknown>)[] = [
  { kind: "rate_limited", times: 2 },
  { kind: "server_error", stage: "before", times: 1 },
  { kind: "server_error", stage: "after", times: 1 },
  { kind: "reset", stage: "before", times: 1 },
  { kind: "reset", stage: "after", times: 1 },
  { kind: "garbage", times: 1 },
  { kind: "receipt_duplicate", times: 4 },
  { kind: "receipt_early", times: 4 },
];

/**
 * For one round: slow answers for everybody, so that there is a time in which they are under way, and
 * a fault of another kind. Where the provider is deaf, it says nothing of messages, asked or unasked.
 */
export async function spoilProvider(world: CrashWorld, isDeaf: boolean): Promise<void> {
  const { random, told, untold } = world;
  const operation = "messages.create";
  for (const { workspace } of [told, untold]) {
    const { account_sid } = workspace.account;
    await control(`/faults?account_sid=${account_sid}`, { method: "DELETE" });
    const stage = oneOf(random, ["before", "after"]);
    const delay_ms = 40 + Math.floor(random() * 60);
    await setFault(workspace, { kind: "slow", operation, stage, delay_ms, times: 20 });
    const fault = { provider: "twilio", account_sid, operation, ...oneOf(random, FAULTS) };
    const { fault: { fault_id } } = await control("/faults", { json: fault });
    if (fault.kind === "reset") world.resetIds.push(fault_id);
  }
  await setFault(untold.workspace, { kind: "receipt_dropped" });
  // What nobody can look up any more is for a late receipt, which the other one would never get.
  if (isDeaf) {
    await setFault(told.workspace, { kind: "receipt_late" });
    await setFault(told.workspace, { kind: "server_error", operation: "messages.list" });
  }
}

/** Posts the receipts that were held back, long after they were due. */
export async function releaseReceipts({ told }: CrashWorld): Promise<void> {
  const { account_sid } = told.workspace.account;
  await control("/receipts/release", { json: { account_sid } });
}

/** Waits until the provider has done all that it was asked, and said all that it has to say. */
export async function untilProviderQuiet({ told, untold, resetIds }: CrashWorld): Promise<void> {
  for (const { workspace } of [told, untold]) {
    const query = `account_sid=${workspace.account.account_sid}&limit=100`;
    await eventually("the provider to have answered", async () => {
      const { requests } = await control(`/requests?${query}`);
      return requests.every((request: { status: number | null; fault_ids: string[] }) =>
        request.status !== null || request.fault_ids.some((id) => resetIds.includes(id))
      );
    });
    await untilProviderIdle(workspace);
  }
}
