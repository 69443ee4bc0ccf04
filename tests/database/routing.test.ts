import { setBreaker } from "../support/breakers.ts";
import { databaseTest, enqueue, type Row, senderOf } from "../support/engine.ts";
import { addRoute, firstRoute, type Route, setPolicy } from "../support/routing.ts";
import { createWorld, freshNumber, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const CONTACTS = 2_000;

/** A world with three accounts, of which the first has the default number. */
async function createThree(sql: postgres.Sql) {
  const world = await createWorld(sql);
  const [second, third] = [await addRoute(sql, world), await addRoute(sql, world)];
  return { world, first: firstRoute(world), second, third };
}

const toSomebody = (sql: postgres.Sql, world: World, message: Row = {}) =>
  senderOf(sql, world, { to_address: freshNumber(), ...message });

/** The same numbers in every run. */
const contact = (index: number) => `+1202555${String(index).padStart(4, "0")}`;

/** Which sender each of the contacts is written to from. */
async function sendersOf(sql: postgres.Sql, world: World): Promise<string[]> {
  const senders: string[] = [];
  for (let begin = 0; begin < CONTACTS; begin += 500) {
    const rows = await enqueue(
      sql,
      world,
      Array.from({ length: 500 }, (_, index) => ({
        to_address: contact(begin + index),
        body: "Hello",
      })),
    );
    const stored = await sql`
      select m.from_address
      from unnest(${rows.map((row) => row.message_id)}::uuid[]) with ordinality as u (id, position)
      join public.conversation_messages as m on m.id = u.id
      order by u.position`;
    senders.push(...stored.map((row) => row.from_address));
  }
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
  return senders;
}

/** Five standard deviations: one run in two million is beyond them by chance. */
function assertShares(senders: string[], routes: Route[], weights: number[]): void {
  const total = weights.reduce((sum, weight) => sum + weight);
  for (const [index, { phoneNumber }] of routes.entries()) {
    const share = weights[index]! / total;
    const count = senders.filter((sender) => sender === phoneNumber).length;
    const bound = 5 * Math.sqrt(CONTACTS * share * (1 - share));
    assert(Math.abs(count - CONTACTS * share) <= bound, `${count} of ${CONTACTS} for ${share}`);
  }
}

databaseTest("an ordered policy is followed step by step, whatever the default is", async (sql) => {
  const { world, first, second, third } = await createThree(sql);
  await setPolicy(sql, world, [second, third, first]);
  const senders = [await toSomebody(sql, world)];

  for (const { connectionId } of [second, third, first]) {
    await setBreaker(sql, connectionId, "open");
    senders.push(await toSomebody(sql, world));
  }

  // Where all are open, the first one is still to be waited for.
  assertEquals(senders, [second, third, first, second].map((route) => route.phoneNumber));
});

databaseTest("what a policy does not name is not used, even where it is asked for", async (sql) => {
  const { world, first, second } = await createThree(sql);
  await setPolicy(sql, world, [{
    connectionId: second.connectionId,
    phoneNumberId: second.phoneNumberId,
  }]);
  await setBreaker(sql, second.connectionId, "open");

  const senders = [
    await toSomebody(sql, world),
    await toSomebody(sql, world, { from_address: first.phoneNumber }),
  ];
  await sql`update public.phone_numbers set status = 'inactive' where id = ${second.phoneNumberId}`;
  senders.push(await toSomebody(sql, world));

  assertEquals(senders, [second.phoneNumber, "sender_not_found", "no_sender"]);
});

databaseTest("a policy is of one channel and one workspace", async (sql) => {
  const { world, first, second } = await createThree(sql);
  const { world: other, first: theirs } = await createThree(sql);
  await setPolicy(sql, world, [second], { channel: "whatsapp" });
  await setPolicy(sql, other, [theirs]);

  assertEquals(await toSomebody(sql, world), first.phoneNumber);
  await setPolicy(sql, world, [second]);
  assertEquals(await toSomebody(sql, world), second.phoneNumber);
  assertEquals(await toSomebody(sql, other), theirs.phoneNumber);
});

databaseTest(
  "a weighted policy shares contacts out by its weights, each always alike",
  async (sql) => {
    const { world, first, second, third } = await createThree(sql);
    const routes = [first, second, third];
    const weights = [5, 2, 1];
    await setPolicy(
      sql,
      world,
      routes.map((route, index) => ({
        connectionId: route.connectionId,
        weight: weights[index]!,
      })),
      { strategy: "weighted", isSticky: false },
    );

    const senders = await sendersOf(sql, world);
    const again = await sendersOf(sql, world);

    assertShares(senders, routes, weights);
    assertEquals(again, senders);
  },
);

databaseTest("a share that falls away goes to the others, and nobody else moves", async (sql) => {
  const { world, first, second, third } = await createThree(sql);
  await setPolicy(sql, world, [first, second, third], { strategy: "weighted", isSticky: false });
  const before = await sendersOf(sql, world);
  await setBreaker(sql, third.connectionId, "open");

  const after = await sendersOf(sql, world);

  for (const [index, sender] of before.entries()) {
    if (sender !== third.phoneNumber) assertEquals(after[index], sender);
  }
  assertShares(after, [first, second], [1, 1]);
});

databaseTest(
  "two numbers of one account have the shares that the policy gives them",
  async (sql) => {
    const world = await createWorld(sql);
    const first = firstRoute(world);
    const [number] = await sql`
    insert into public.phone_numbers (
      workspace_id, connection_id, provider, phone_number, external_id, capabilities, status, last_verified_at
    )
    values (
      ${world.workspaceId}, ${world.connectionId}, 'twilio', ${freshNumber()}, ${crypto.randomUUID()},
      '{"sms": true}', 'active', now()
    )
    returning id, phone_number`;
    const second = { ...first, phoneNumberId: number!.id, phoneNumber: number!.phone_number };
    await setPolicy(sql, world, [{ ...first, weight: 1 }, { ...second, weight: 3 }], {
      strategy: "weighted",
      isSticky: false,
    });

    assertShares(await sendersOf(sql, world), [first, second], [1, 3]);
  },
);

databaseTest(
  "without a policy, priority decides, then the weights of the accounts",
  async (sql) => {
    const { world, first, second, third } = await createThree(sql);
    await sql`update public.phone_numbers set is_default = false where id = ${world.phoneNumberId}`;
    await sql`update public.connections set weight = 3 where id = ${second.connectionId}`;
    await sql`update public.connections set priority = 200 where id = ${first.connectionId}`;
    await sql`
    update public.conversations set phone_number_id = null where workspace_id = ${world.workspaceId}`;

    const senders = await sendersOf(sql, world);

    assertEquals(senders.includes(first.phoneNumber), false);
    assertShares(senders, [second, third], [3, 1]);
  },
);

databaseTest("a step for some countries takes their contacts alone", async (sql) => {
  const { world, first, second, third } = await createThree(sql);
  const to = (to_address: string) => senderOf(sql, world, { to_address });
  const [london, paris, toronto, nowhere] = [
    "+442079460123",
    "+33123456789",
    "+14165550123",
    "+99912345678",
  ];
  await setPolicy(sql, world, [
    { ...second, countries: ["GB", "FR"] },
    { ...third, countries: ["CA"] },
    first,
  ]);

  assertEquals(await Promise.all([london, paris, toronto, freshNumber(), nowhere].map(to)), [
    second.phoneNumber,
    second.phoneNumber,
    third.phoneNumber,
    first.phoneNumber,
    first.phoneNumber,
  ]);
  await setPolicy(sql, world, [{ ...second, countries: ["GB"] }]);
  assertEquals(await to(freshNumber()), "no_sender");
  assertEquals(await to(nowhere), "no_sender");
});

databaseTest(
  "a contact keeps its sender where the policy says so, as long as it works",
  async (sql) => {
    const { world, first, second, third } = await createThree(sql);
    const [loyal, free] = [freshNumber(), freshNumber()];
    const sendersAfter = async (isSticky: boolean, to_address: string) => {
      await setPolicy(sql, world, [first], { isSticky });
      const begun = await senderOf(sql, world, { to_address });
      await setPolicy(sql, world, [second, first, third], { isSticky });
      return [begun, await senderOf(sql, world, { to_address })];
    };

    assertEquals(await sendersAfter(false, free), [first.phoneNumber, second.phoneNumber]);
    assertEquals(await sendersAfter(true, loyal), [first.phoneNumber, first.phoneNumber]);
    await setBreaker(sql, first.connectionId, "open");
    assertEquals(await senderOf(sql, world, { to_address: loyal }), second.phoneNumber);
  },
);

databaseTest("a contact that wrote to a number is answered from it", async (sql) => {
  const { world, first, second } = await createThree(sql);
  await setPolicy(sql, world, [second, first]);

  // The contact of the world wrote to the first number.
  const answer = await senderOf(sql, world, { conversation_id: world.conversationId });

  assertEquals(answer, first.phoneNumber);
});

databaseTest("a message with media passes over numbers that take none", async (sql) => {
  const world = await createWorld(sql);
  const first = firstRoute(world);
  const plain = await addRoute(sql, world, { capabilities: { sms: true, mms: false } });
  await setPolicy(sql, world, [plain, first]);
  const media_urls = ["https://media.example.com/1.png"];
  const to_address = freshNumber();

  assertEquals(await senderOf(sql, world, { to_address }), plain.phoneNumber);
  assertEquals(await senderOf(sql, world, { to_address, media_urls }), first.phoneNumber);
});

databaseTest("a member's own number serves its owner alone, after the policy's", async (sql) => {
  const world = await createWorld(sql);
  const first = firstRoute(world);
  const own = await addRoute(sql, world, { isPersonal: true });
  await setPolicy(sql, world, [first]);
  const admin = { ...world, memberId: world.adminId };

  const open = [await toSomebody(sql, world), await toSomebody(sql, admin)];
  await setBreaker(sql, first.connectionId, "open");
  const detoured = [await toSomebody(sql, world), await toSomebody(sql, admin)];

  assertEquals(open, [first.phoneNumber, first.phoneNumber]);
  assertEquals(detoured, [own.phoneNumber, first.phoneNumber]);
});
