import { databaseTest, ingest, record, type Row, senderOf, textFrom } from "../support/engine.ts";
import { confirmationsTo, flagsOf, isOptedOut, optOutsOf } from "../support/opt_outs.ts";
import {
  claim,
  queueOne,
  type Route,
  setMode,
  standingOf,
  withPlatform,
} from "../support/routing.ts";
import { asRole } from "../support/stack.ts";
import { asService, asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

/** Two workspaces that share one of the operator's numbers. */
async function withTenants(
  sql: postgres.Sql,
  work: (platform: Route, tenants: [World, World]) => Promise<void>,
): Promise<void> {
  const tenants: [World, World] = [await createWorld(sql), await createWorld(sql)];
  for (const world of tenants) await setMode(sql, world, "platform");
  await withPlatform(sql, (platform) => work(platform, tenants));
}

/** Begins to talk to somebody over the operator's number; answers their number. */
async function begin(sql: postgres.Sql, world: World): Promise<string> {
  const contact = freshNumber();
  await senderOf(sql, world, { to_address: contact });
  return contact;
}

const textTo = ({ phoneNumber }: Route, from: string, changes: Row = {}): Row => ({
  ...textFrom({ phoneNumber } as World, from),
  ...changes,
});

const write = (sql: postgres.Sql, platform: Route, ...events: Row[]) =>
  ingest(sql, platform.connectionId, events);

const statesOf = (rows: Iterable<{ state?: string }>) => [...rows].map((row) => row.state);

/** What the contact wrote to a workspace, as its members see it. */
const heardBy = (sql: postgres.Sql, world: World, contact: string): Promise<string[]> =>
  asRole(sql, "authenticated", world.memberId, async (tx) => {
    const rows = await tx`
      select m.body from public.conversation_messages as m
      join public.conversations as t on t.id = m.conversation_id
      where t.contact_address = ${contact} and t.channel <> 'call' and m.direction = 'inbound'
      order by m.created_at`;
    return rows.map((row) => row.body);
  });

databaseTest("an answer finds the workspace that wrote, and no other", async (sql) => {
  await withTenants(sql, async (platform, [own, other]) => {
    const contact = await begin(sql, own);
    const theirs = await begin(sql, other);

    const states = statesOf(
      await write(
        sql,
        platform,
        textTo(platform, contact, { text: "Yes please" }),
        textTo(platform, theirs, { text: "No thanks" }),
        textTo(platform, contact, { text: "At nine" }),
      ),
    );

    assertEquals(states, ["processed", "processed", "processed"]);
    assertEquals(await heardBy(sql, own, contact), ["Yes please", "At nine"]);
    assertEquals(await heardBy(sql, other, theirs), ["No thanks"]);
    assertEquals(
      [await heardBy(sql, own, theirs), await heardBy(sql, other, contact)],
      [[], []],
    );
    // And the answer goes on where it began.
    assertEquals(await senderOf(sql, own, { to_address: contact }), platform.phoneNumber);
  });
});

databaseTest("a contact of both writes to the one that has the number", async (sql) => {
  await withTenants(sql, async (platform, [own, other]) => {
    const contact = freshNumber();
    await ingest(sql, other.connectionId, [textFrom(other, contact, { text: "Hello you" })]);
    await senderOf(sql, own, { to_address: contact });

    await write(sql, platform, textTo(platform, contact, { text: "Hello" }));

    assertEquals(await heardBy(sql, own, contact), ["Hello"]);
    assertEquals(await heardBy(sql, other, contact), ["Hello you"]);
  });
});

databaseTest(
  "a stranger's message is kept, shown to nobody, and found once somebody talks",
  async (sql) => {
    await withTenants(sql, async (platform, [own, other]) => {
      const stranger = freshNumber();
      const event = textTo(platform, stranger, { text: "Who is there" });

      const [first] = await write(sql, platform, event);
      const known = await sql`
      select from public.contact_addresses where address = ${stranger}`;
      const [kept] = await sql`
      select workspace_id, state, reason from public.webhook_events where id = ${first!.event_id}`;
      const replay = () =>
        asService(
          sql,
          (tx) => tx`select * from public.replay_webhook_events(${[first!.event_id]})`,
        );
      const early = statesOf(await replay());
      await senderOf(sql, own, { to_address: stranger });
      const late = statesOf(await replay());

      assertEquals([known.length, { ...kept }], [
        0,
        { workspace_id: null, state: "quarantined", reason: "no_such_number" },
      ]);
      assertEquals([early, late], [["quarantined"], ["processed"]]);
      assertEquals(await heardBy(sql, own, stranger), ["Who is there"]);
      assertEquals(await heardBy(sql, other, stranger), []);
      assertEquals(statesOf(await replay()), []);
    });
  },
);

databaseTest("a contact of one of the operator's numbers is a stranger to another", async (sql) => {
  await withTenants(sql, async (platform, [own]) => {
    const contact = await begin(sql, own);
    const [spare] = await sql`
      insert into public.phone_numbers (
        connection_id, provider, phone_number, external_id, capabilities, status, last_verified_at
      )
      values (
        ${platform.connectionId}, 'twilio', ${freshNumber()}, ${crypto.randomUUID()}, '{"sms": true}',
        'active', now()
      )
      returning phone_number`;

    const rows = await write(sql, platform, textTo(platform, contact, { to: spare!.phone_number }));

    assertEquals(statesOf(rows), ["quarantined"]);
    assertEquals(await heardBy(sql, own, contact), []);
  });
});

databaseTest(
  "a stop opts out in the workspace that wrote, and is confirmed from there",
  async (sql) => {
    await withTenants(sql, async (platform, [own, other]) => {
      // The provider of a stop that it heeds itself answers it, too: this one does not know the word.
      const contact = await begin(sql, own);

      await write(sql, platform, textTo(platform, contact, { text: "Remove" }));

      const [optOut] = await optOutsOf(sql, own, contact);
      assertEquals([optOut!.source, optOut!.wording], ["keyword", "Remove"]);
      assertEquals(await isOptedOut(sql, other, contact), false);
      const [confirmation, ...more] = await confirmationsTo(sql, own, contact);
      assertEquals([confirmation!.from_address, more], [platform.phoneNumber, []]);
      const [job] = await claim(sql, [confirmation!.id]);
      assertEquals([job!.connection_id, job!.to_address], [platform.connectionId, contact]);

      assertEquals(await senderOf(sql, own, { to_address: contact }), "recipient_opted_out");
      await write(sql, platform, textTo(platform, contact, { text: "START" }));
      assertEquals(await isOptedOut(sql, own, contact), false);
    });
  },
);

databaseTest("words that may ask for a stop are shown to the workspace that wrote", async (sql) => {
  await withTenants(sql, async (platform, [own, other]) => {
    const contact = await begin(sql, own);

    await write(sql, platform, textTo(platform, contact, { text: "Please take me off your list" }));

    assertEquals((await flagsOf(sql, own)).map((flag) => flag.words), ["take me off"]);
    assertEquals(await flagsOf(sql, other), []);
  });
});

databaseTest(
  "receipts of the operator's connections move the messages of whom they are",
  async (sql) => {
    await withTenants(sql, async (platform, [own]) => {
      const id = await queueOne(sql, own);
      const [job] = await claim(sql, [id]);
      const externalId = `SM${id}`;
      await record(sql, job!.lease_token, [
        { message_id: id, outcome: "accepted", external_id: externalId, status: "queued" },
      ]);

      const receipt = { kind: "status", externalId, messageId: id, attemptNumber: 1 };
      const rows = await write(sql, platform, { ...receipt, status: "delivered" });

      assertEquals(statesOf(rows), ["processed"]);
      const { status, is_platform } = await standingOf(sql, id);
      assertEquals([status, is_platform], ["delivered", true]);
    });
  },
);

databaseTest("a call to the operator's number is its contact's workspace's", async (sql) => {
  await withTenants(sql, async (platform, [own, other]) => {
    const contact = await begin(sql, own);
    const call = (from: string, status: string, externalId = "CA" + from) => ({
      kind: "call",
      externalId,
      status,
      from,
      to: platform.phoneNumber,
    });

    const rows = await write(
      sql,
      platform,
      call(contact, "ringing"),
      call(contact, "in_progress"),
      { ...call(contact, "completed"), durationSeconds: 30 },
      call(freshNumber(), "ringing"),
    );

    assertEquals(statesOf(rows).sort(), ["processed", "processed", "processed", "quarantined"]);
    const seenBy = (world: World) =>
      asRole(sql, "authenticated", world.memberId, async (tx) =>
        [
          ...await tx`
          select workspace_id, direction, status, from_address, duration_seconds
          from public.calls where to_address = ${platform.phoneNumber}`,
        ].map((row) => ({ ...row })));
    assertEquals(await seenBy(other), []);
    assertEquals(await seenBy(own), [{
      workspace_id: own.workspaceId,
      direction: "inbound",
      status: "completed",
      from_address: contact,
      duration_seconds: 30,
    }]);
  });
});

databaseTest("what comes for a deleted workspace is kept and given to no other", async (sql) => {
  await withTenants(sql, async (platform, [own, other]) => {
    const contact = await begin(sql, own);
    await sql`update public.workspaces set deleted_at = now() where id = ${own.workspaceId}`;

    const rows = await write(sql, platform, textTo(platform, contact));

    assertEquals(statesOf(rows), ["quarantined"]);
    assertEquals(await heardBy(sql, other, contact), []);
    await sql`update public.workspaces set deleted_at = null where id = ${own.workspaceId}`;
  });
});

databaseTest("batches of both tenants at once never wait in a circle", async (sql) => {
  await withTenants(sql, async (platform, tenants) => {
    const contacts = await Promise.all(
      Array.from({ length: 20 }, (_, index) => begin(sql, tenants[index % 2]!)),
    );
    const batch = (order: string[]) =>
      write(sql, platform, ...order.map((contact) => textTo(platform, contact)));

    const states = await Promise.all([
      batch(contacts),
      batch(contacts.toReversed()),
      batch(contacts),
      asUser(
        sql,
        tenants[0].memberId,
        (tx) =>
          tx`select 'processed' as state from public.enqueue_messages(${tenants[0].workspaceId}, ${
            tx.json(
              contacts.filter((_, index) => index % 2 === 0).toReversed()
                .map((to_address) => ({ to_address, body: "Hello" })),
            )
          })`,
      ),
    ]);

    assertEquals(new Set(states.flatMap(statesOf)), new Set(["processed"]));
    await sql`
      delete from private.outbound_jobs where workspace_id in (${tenants[0].workspaceId}, ${
      tenants[1].workspaceId
    })`;
  });
});
