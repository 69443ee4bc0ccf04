import { assertEquals } from "@std/assert";
import { databaseTest, type Row } from "../support/engine.ts";
import { createRandom } from "../support/random.ts";
import {
  ACCEPTED,
  begin,
  done,
  failure,
  type Happening,
  ordersOf,
  playOrders,
  PRICE,
  receipt,
  recorded,
  stateOf,
} from "../support/receipt_orders.ts";

/** A set whose orders all end alike, what it ends in, and which of it can come only after which. */
interface Case {
  happenings: Happening[];
  pairs?: [number, number][];
  state: Row;
}

const CASES: Record<string, Case> = {
  "every receipt of a message that was read": {
    happenings: [
      recorded("queued"),
      receipt("queued"),
      receipt("sending"),
      receipt("sent"),
      receipt("delivered"),
      receipt("read"),
    ],
    state: done({ status: "read", has_delivered_at: true, has_read_at: true }),
  },
  "a failure after it was sent, told twice": {
    happenings: [
      recorded("queued"),
      receipt("queued"),
      receipt("sending"),
      receipt("sent"),
      failure("undelivered"),
      failure("undelivered"),
    ],
    state: done({ status: "undelivered", error_code: "recipient_unreachable" }),
  },
  "a price in what the dispatcher recorded, and again in receipts": {
    happenings: [
      recorded("sent", { price: 0.0079, price_currency: "USD", segment_count: 2 }),
      receipt("queued"),
      receipt("sent"),
      receipt("delivered", PRICE),
      receipt("read", PRICE),
    ],
    state: done({
      status: "read",
      has_delivered_at: true,
      has_read_at: true,
      attempts: [[1, "accepted", "SM1", null, 2, 0.0079, "USD"]],
      usage: [["sms", false, 0, 1, "0.00", "0.0079"]],
    }),
  },
  "a price that only the dispatcher was told": {
    happenings: [
      recorded("sent", { price: 0.02, price_currency: "USD", segment_count: 3 }),
      receipt("queued"),
      receipt("sending"),
    ],
    state: done({
      status: "sent",
      attempts: [[1, "accepted", "SM1", null, 3, 0.02, "USD"]],
      usage: [["sms", false, 0, 1, "0.00", "0.02"]],
    }),
  },
  "an outcome that the dispatcher did not know": {
    happenings: [
      { do: "record", result: { outcome: "unknown" } },
      receipt("queued"),
      receipt("sent", PRICE),
      { do: "look_up", result: { ...ACCEPTED, status: "sent" } },
      receipt("delivered", PRICE),
    ],
    state: done({
      status: "delivered",
      has_delivered_at: true,
      attempts: [[1, "accepted", "SM1", null, null, 0.0079, "USD"]],
      usage: [["sms", false, 0, 1, "0.00", "0.0079"]],
    }),
  },
  "a lost lease, a look-up under way, and a stop that the carrier knew of": {
    happenings: [
      { do: "expire" },
      { do: "ask" },
      { do: "answer", result: { ...ACCEPTED, status: "sent" } },
      receipt("queued"),
      receipt("sent"),
      failure("failed", "recipient_opted_out"),
    ],
    pairs: [[0, 1], [1, 2]],
    state: done({ status: "failed", error_code: "recipient_opted_out", opt_outs: 1 }),
  },
  "a worker that records late": {
    happenings: [{ do: "expire" }, recorded("queued"), receipt("sent"), receipt("delivered")],
    state: done({ status: "delivered", has_delivered_at: true }),
  },
  "one that was given up although it was delivered": {
    happenings: [
      { do: "expire" },
      { do: "give_up" },
      receipt("queued"),
      receipt("sending"),
      receipt("delivered", PRICE),
    ],
    pairs: [[0, 1]],
    state: done({
      status: "delivered",
      has_delivered_at: true,
      attempts: [[1, "accepted", "SM1", null, null, 0.0079, "USD"]],
      usage: [["sms", false, 0, 1, "0.00", "0.0079"]],
    }),
  },
  "one that was given up, of which the provider says no more than that it has it": {
    happenings: [{ do: "expire" }, { do: "give_up" }, receipt("queued")],
    pairs: [[0, 1]],
    state: done({ status: "on its way", has_sent_at: false }),
  },
};

for (const [name, { happenings, pairs, state }] of Object.entries(CASES)) {
  databaseTest(`whatever its order, the same came of it: ${name}`, async (sql) => {
    const orders = ordersOf(happenings.length, pairs);

    const endings = await playOrders(sql, await begin(sql), happenings, orders);

    assertEquals(stateOf(endings, orders.length), state);
  });
}

databaseTest("whatever its order and its repetitions, the same came of many more", async (sql) => {
  const random = createRandom(20261121);
  const beginning = await begin(sql);
  const ends = [
    [receipt("delivered"), receipt("read")],
    [receipt("delivered", PRICE)],
    [failure("undelivered")],
    [failure("failed", "recipient_opted_out")],
    [],
  ];
  const firsts: Happening[] = [
    recorded("queued", { segment_count: 2 }),
    recorded("sent", { price: 0.0079, price_currency: "USD" }),
    { do: "record", result: { outcome: "unknown" } },
  ];
  let playedCount = 0;

  for (let round = 0; round < 100; round++) {
    const happenings: Happening[] = [
      random.pick(firsts),
      receipt("sent", random.pick([{}, PRICE])),
      ...random.pick(ends),
      ...random.shuffle([receipt("queued"), receipt("sending")]).slice(0, random.integer(0, 2)),
    ];
    while (happenings.length < 12 && random.next() < 0.8) happenings.push(random.pick(happenings));
    const orders = Array.from(
      { length: 4 },
      () => random.shuffle(happenings.map((_, index) => index)),
    );

    const endings = await playOrders(sql, beginning, happenings, orders);

    stateOf(endings, orders.length);
    playedCount += orders.length;
  }
  assertEquals(playedCount, 400);
});
