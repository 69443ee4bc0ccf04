import { setBreaker } from "../support/breakers.ts";
import { databaseTest, ingest, jobOf, record, type Row, textFrom } from "../support/engine.ts";
import {
  addRoute,
  claim,
  firstRoute,
  queueOne,
  refuseOne,
  type Route,
  setPolicy,
  standingOf,
} from "../support/routing.ts";
import { connectAccount } from "../support/tenancy.ts";
import { createWorld, freshNumber, type World } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

/** A world whose default number has a second account behind it. */
async function createTwo(sql: postgres.Sql) {
  const world = await createWorld(sql);
  const second = await addRoute(sql, world);
  await setPolicy(sql, world, [firstRoute(world), second]);
  return { world, first: firstRoute(world), second };
}

const REFUSALS: { result: Row; goesElsewhere: boolean; end?: string }[] = [
  { result: { error_code: "account_suspended", owner: "account" }, goesElsewhere: true },
  { result: { error_code: "invalid_sender", owner: "account" }, goesElsewhere: true },
  { result: { error_code: "insufficient_funds", owner: "account" }, goesElsewhere: true },
  { result: { error_code: "rejected", owner: "provider" }, goesElsewhere: true },
  {
    result: { error_code: "connection_refused", owner: "provider", is_retryable: true },
    goesElsewhere: true,
  },
  // What this provider cannot do, another one may.
  { result: { error_code: "unsupported", owner: "caller" }, goesElsewhere: true },
  {
    result: { error_code: "unreachable_recipient", owner: "recipient" },
    goesElsewhere: false,
    end: "failed",
  },
  {
    result: { error_code: "recipient_opted_out", owner: "recipient" },
    goesElsewhere: false,
    end: "failed",
  },
  {
    result: { error_code: "content_refused", owner: "caller" },
    goesElsewhere: false,
    end: "failed",
  },
  // The account has only to wait.
  {
    result: { error_code: "rate_limited", owner: "provider", is_retryable: true },
    goesElsewhere: false,
  },
  {
    result: { error_code: "timeout", owner: "provider", outcome: "unknown" },
    goesElsewhere: false,
    end: "sending",
  },
];
for (const { result, goesElsewhere, end = "queued" } of REFUSALS) {
  const where = goesElsewhere ? "goes another way at once" : "goes no other way";
  databaseTest(`after ${result.error_code} a message ${where}`, async (sql) => {
    const { world, first, second } = await createTwo(sql);

    const id = await refuseOne(sql, world, {}, result);

    const { from_address, status } = await standingOf(sql, id);
    assertEquals([from_address, status], [
      goesElsewhere ? second.phoneNumber : first.phoneNumber,
      end,
    ]);
    const job = await jobOf(sql, id);
    assertEquals(job?.step === "send" && job.wait_seconds <= 0, goesElsewhere);
  });
}

databaseTest("each account is asked once, and then a person", async (sql) => {
  const { world, second } = await createTwo(sql);
  const third = await addRoute(sql, world);
  await setPolicy(sql, world, [firstRoute(world), second, third]);
  const id = await refuseOne(sql, world);

  for (const route of [second, third]) {
    const [job] = await claim(sql, [id]);
    assertEquals(job!.connection_id, route.connectionId);
    await record(sql, job!.lease_token, [{
      message_id: id,
      outcome: "rejected",
      error_code: "insufficient_funds",
      owner: "account",
    }]);
  }

  const { status, error_code } = await standingOf(sql, id);
  assertEquals([status, error_code], ["failed", "insufficient_funds"]);
  const letters = await sql`select from public.dead_letters where message_id = ${id}`;
  assertEquals([letters.length, await jobOf(sql, id)], [1, undefined]);
});

databaseTest("a message whose sender was chosen is never sent from another", async (sql) => {
  const { world, first } = await createTwo(sql);
  for (
    const chosen of [{ from_address: first.phoneNumber }, { phone_number_id: first.phoneNumberId }]
  ) {
    const refused = await refuseOne(sql, world, chosen);
    const waiting = await queueOne(sql, world, chosen);
    await setBreaker(sql, first.connectionId, "open");

    assertEquals(await claim(sql, [waiting]), []);

    const { from_address, status } = await standingOf(sql, refused);
    assertEquals([from_address, status], [first.phoneNumber, "failed"]);
    const standing = await standingOf(sql, waiting);
    assertEquals([standing.from_address, standing.status], [first.phoneNumber, "queued"]);
    await setBreaker(sql, first.connectionId, "closed");
  }
});

databaseTest(
  "a message goes another way whose number is gone, were it of one account",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await queueOne(sql, world);
    const [other] = await sql`
    insert into public.phone_numbers (
      workspace_id, connection_id, provider, phone_number, external_id, capabilities, status, last_verified_at
    )
    values (
      ${world.workspaceId}, ${world.connectionId}, 'twilio', ${freshNumber()}, ${crypto.randomUUID()},
      '{"sms": true}', 'active', now()
    )
    returning phone_number`;
    await sql`
    update public.phone_numbers set status = 'inactive', is_default = false where id = ${world.phoneNumberId}`;

    await claim(sql, [id]);

    assertEquals((await standingOf(sql, id)).from_address, other!.phone_number);
    assertEquals((await jobOf(sql, id))!.step, "send");
  },
);

databaseTest("a message that may go keeps its way, whatever is claimed with it", async (sql) => {
  const { world, first, second } = await createTwo(sql);
  const third = await addRoute(sql, world);
  await setPolicy(sql, world, [first, second, third]);
  const [fine, stuck] = [
    await queueOne(sql, world),
    await queueOne(sql, world, { from_address: third.phoneNumber }),
  ];
  await setBreaker(sql, third.connectionId, "open");

  const claimed = await claim(sql, [fine, stuck]);

  assertEquals(claimed.map((job) => [job.message_id, job.from_address]), [
    [fine, first.phoneNumber],
  ]);
  assertEquals((await standingOf(sql, fine)).from_address, first.phoneNumber);
});

databaseTest("a message with media goes no way that takes none", async (sql) => {
  const world = await createWorld(sql);
  await addRoute(sql, world, { capabilities: { sms: true, mms: false } });

  const id = await refuseOne(sql, world, { media_urls: ["https://media.example.com/1.png"] });

  const { from_address, status } = await standingOf(sql, id);
  assertEquals([from_address, status], [world.phoneNumber, "failed"]);
});

databaseTest("a message goes no way that its country is not to take", async (sql) => {
  const { world, first, second } = await createTwo(sql);
  await setPolicy(sql, world, [first, { ...second, countries: ["GB"] }]);

  const [home, abroad] = [
    await refuseOne(sql, world),
    await refuseOne(sql, world, { to_address: "+442079460199" }),
  ];

  assertEquals((await standingOf(sql, home)).from_address, first.phoneNumber);
  assertEquals((await standingOf(sql, abroad)).from_address, second.phoneNumber);
});

databaseTest("a colleague's own account is no way round, one's own is", async (sql) => {
  const world = await createWorld(sql);
  const own = await addRoute(sql, world, { isPersonal: true });

  const [mine, theirs] = [
    await refuseOne(sql, world),
    await refuseOne(sql, { ...world, memberId: world.adminId }),
  ];

  assertEquals((await standingOf(sql, mine)).from_address, own.phoneNumber);
  assertEquals((await standingOf(sql, theirs)).from_address, world.phoneNumber);
});

databaseTest(
  "a WhatsApp text stays with its number's window, a template goes another way",
  async (sql) => {
    const { world, first, second } = await createTwo(sql);
    await sql`
    update public.phone_numbers set capabilities = '{"sms": true, "whatsapp": true}'
    where id in (${first.phoneNumberId}, ${second.phoneNumberId})`;
    await setPolicy(sql, world, [first, second], { channel: "whatsapp" });
    const from = freshNumber();
    await ingest(sql, first.connectionId, [textFrom(world, from, { channel: "whatsapp" })]);

    const text = await refuseOne(sql, world, { channel: "whatsapp", to_address: from });
    const template = await refuseOne(sql, world, {
      channel: "whatsapp",
      to_address: freshNumber(),
      body: "",
      template: { external_id: "HX1", language: "en" },
    });

    assertEquals((await standingOf(sql, text)).from_address, first.phoneNumber);
    assertEquals((await standingOf(sql, template)).from_address, second.phoneNumber);
  },
);

/** An account with a sender of e-mail. */
async function addMailbox(sql: postgres.Sql, world: World, address: string): Promise<string> {
  const connectionId = await connectAccount(sql, world.ownerId, world.workspaceId, {
    provider: "postmark",
  });
  await sql`update public.connections set max_concurrent = null where id = ${connectionId}`;
  await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at)
    values (${connectionId}, ${address}, 'active', now())`;
  return connectionId;
}

const MAILBOXES = [
  { other: "desk", isWayRound: true, name: "the same address" },
  { other: "*", isWayRound: true, name: "the whole domain" },
  { other: "sales", isWayRound: false, name: "another address" },
];
for (const { other, isWayRound, name } of MAILBOXES) {
  const verb = isWayRound ? "takes" : "does not take";
  databaseTest(`an account with ${name} ${verb} an e-mail that another refused`, async (sql) => {
    const world = await createWorld(sql);
    const domain = `${crypto.randomUUID()}.example.com`;
    const first = await addMailbox(sql, world, `desk@${domain}`);
    await sql`update public.connections set priority = 1 where id = ${first}`;
    const second = await addMailbox(sql, world, `${other}@${domain}`);
    const to_address = `${crypto.randomUUID()}@example.net`;
    const from_address = `desk@${domain}`;
    const email = { channel: "email", subject: "Your appointment", to_address, from_address };

    const id = await refuseOne(sql, world, email);

    const standing = await standingOf(sql, id);
    const [sender] = await sql`
      select e.connection_id from public.conversation_messages as m
      join public.email_senders as e on e.id = m.email_sender_id where m.id = ${id}`;
    assertEquals([standing.from_address, standing.status, sender!.connection_id], [
      from_address,
      isWayRound ? "queued" : "failed",
      isWayRound ? second : first,
    ]);
  });
}

databaseTest("what was reserved moves with the message, at the new way's price", async (sql) => {
  const { world, second } = await createTwo(sql);
  await setPrice(sql, second, 0.07);
  const reserved = async () =>
    Number(
      (await sql`
        select sum(reserved_cost) as cost from public.usage_counters
        where workspace_id = ${world.workspaceId} and channel = 'sms'`)[0]!.cost,
    );
  const before = await reserved();

  await refuseOne(sql, world);

  assertEquals((await reserved() - before).toFixed(4), "0.0700");
});

async function setPrice(sql: postgres.Sql, { connectionId }: Route, price: number) {
  await sql`
    insert into public.connection_rates (connection_id, channel, price)
    values (${connectionId}, 'sms', ${price})`;
}
