import { assert, assertEquals } from "@std/assert";
import { databaseTest, type Row } from "../support/engine.ts";
import {
  begin,
  type Beginning,
  done,
  failure,
  type Happening,
  ordersOf,
  playOrders,
  receipt,
  recorded,
  stateOf,
} from "../support/receipt_orders.ts";
import { asService } from "../support/world.ts";
import type postgres from "postgres";

databaseTest("of a delivery and a failure the one that was told first stands", async (sql) => {
  const beginning = await begin(sql);
  const statuses = async (happenings: Happening[]) => {
    const orders = [[0, 1, 2], [0, 2, 1]];
    const read = [];
    for (const order of orders) {
      const [ending] = await playOrders(sql, beginning, happenings, [order]);
      read.push(ending!.state.status);
    }
    return read;
  };

  assertEquals(
    await statuses([recorded("queued"), receipt("delivered"), failure("undelivered")]),
    ["delivered", "undelivered"],
  );
  assertEquals(
    await statuses([recorded("queued"), receipt("read"), failure("failed")]),
    ["read", "failed"],
  );
});

databaseTest(
  "of a refusal and a receipt the one that was told first stands, and counts",
  async (sql) => {
    const beginning = await begin(sql);
    const happenings: Happening[] = [
      {
        do: "record",
        result: { outcome: "rejected", error_code: "content_refused", owner: "caller" },
      },
      receipt("sent"),
    ];

    const [refused] = await playOrders(sql, beginning, happenings, [[0, 1]]);
    const [sent] = await playOrders(sql, beginning, happenings, [[1, 0]]);

    const essence = ({ status, usage, unapplied }: Row) => ({ status, usage, unapplied });
    assertEquals([essence(refused!.state), essence(sent!.state)], [
      { status: "failed", usage: [["sms", false, 0, 0, "0.00", "0"]], unapplied: 1 },
      { status: "sent", usage: [["sms", false, 0, 1, "0.00", "0.01"]], unapplied: 0 },
    ]);
  },
);

databaseTest(
  "of two prices the one that a receipt told last is counted, never both",
  async (sql) => {
    const beginning = await begin(sql);
    const happenings = [
      recorded("queued", { price: 0.5, price_currency: "USD" }),
      receipt("sent", { price: "0.02", priceCurrency: "USD" }),
      receipt("delivered", { price: "0.03", priceCurrency: "USD" }),
    ];

    for (const order of ordersOf(3)) {
      const [ending] = await playOrders(sql, beginning, happenings, [order]);
      const price = order.indexOf(1) > order.indexOf(2) ? "0.02" : "0.03";
      assertEquals(ending!.state.usage, [["sms", false, 0, 1, "0.00", price]], String(order));
    }
  },
);

/** The first attempt is of unknown outcome, and the second one under way. */
async function beginAgain(sql: postgres.Sql): Promise<Beginning> {
  const beginning = await begin(sql);
  const { messageId, workspaceId, token } = beginning;
  await sql`
    insert into public.outcome_policies (workspace_id, message_class, on_unknown)
    values (${workspaceId}, 'conversation', 'resend')`;
  await sql`update private.outbound_leases set ends_at = now() where token = ${token}`;
  await sql`select private.end_expired_leases()`;
  await sql`
    update public.message_attempts set started_at = started_at - interval '1 hour' where message_id = ${messageId}`;
  await sql`update private.look_ups set due_at = '2000-01-01' where message_id = ${messageId}`;
  const [asked] = await asService(sql, (tx) => tx`select * from public.claim_look_ups(1)`);
  const unknown = [{ message_id: messageId, outcome: "unknown" }];
  await asService(
    sql,
    (tx) =>
      tx`select count(*) from public.record_attempts(${asked!.lease_token}, ${tx.json(unknown)})`,
  );
  await sql`
    update private.outbound_jobs set turn = ${-Date.now()} where message_id = ${messageId}`;
  const [job] = await asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(1)`);
  assertEquals([job?.message_id, job?.attempt_number], [messageId, 2]);
  return { ...beginning, token: job!.lease_token };
}

const second = (status: string, more: Row = {}): Happening => ({
  do: "receipt",
  attempt: 2,
  externalId: "SM2",
  status,
  more,
});

databaseTest(
  "sent twice, it counts once, and is as far as either got, whatever came first",
  async (sql) => {
    const beginning = await beginAgain(sql);
    const happenings: Happening[] = [
      { do: "record", result: { outcome: "accepted", external_id: "SM2", status: "queued" } },
      receipt("sent"),
      receipt("delivered"),
      second("queued"),
      second("sent"),
    ];
    const orders = ordersOf(happenings.length);

    const endings = await playOrders(sql, beginning, happenings, orders);

    // Which of the two counts is whichever was told first.
    for (const { state, example } of endings) {
      const { attempts, ...rest } = state as { attempts: [number, string, string][] };
      const outcomes = attempts.map(([, outcome]) => outcome).toSorted();
      assertEquals(outcomes, ["accepted", "unknown"], String(example));
      assertEquals(attempts.map(([, , externalId]) => externalId), ["SM1", "SM2"]);
      const { attempts: _, ...expected } = done({ status: "delivered", has_delivered_at: true });
      assertEquals(rest as Row, expected);
    }
    assert(endings.length === 2, `${endings.length} endings`);
  },
);

databaseTest(
  "a failure of the attempt that does not count leaves the one that does alone",
  async (sql) => {
    const beginning = await beginAgain(sql);
    const happenings: Happening[] = [
      { do: "record", result: { outcome: "accepted", external_id: "SM2", status: "queued" } },
      failure("undelivered"),
      second("sent"),
      second("delivered"),
    ];
    const orders = ordersOf(happenings.length, [[0, 1]]).filter((order) => order[0] === 0);

    const endings = await playOrders(sql, beginning, happenings, orders);

    const { status, error_code } = stateOf(endings, orders.length);
    assertEquals({ status, error_code }, { status: "delivered", error_code: null });
  },
);
