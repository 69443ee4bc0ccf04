/** What an agent is offered, and what ends an offer. */
import { databaseTest, ingest, textFrom } from "../support/engine.ts";
import {
  claimOffers,
  createAgentWorld,
  handOver,
  hearContact,
  hearStranger,
  offersOf,
  setWebhook,
  statesOf,
  takeOver,
  writeAsAgent,
} from "../support/offers.ts";
import { addAgent } from "../support/tenancy.ts";
import { asUser, createWorld } from "../support/world.ts";
import { assertEquals } from "@std/assert";

databaseTest("an inbound message in an agent's hands is offered to it", async (sql) => {
  const world = await createAgentWorld(sql);

  const messageId = await hearContact(sql, world);

  const offers = await offersOf(sql, world);
  assertEquals(
    offers.map((offer) => [offer.agent_id, offer.conversation_id, offer.message_id, offer.state]),
    [[world.agentId, world.conversationId, messageId, "pending"]],
  );
});

databaseTest("a webhook that the provider repeats offers its message once", async (sql) => {
  const world = await createAgentWorld(sql);
  const event = textFrom(world, world.contactAddress);

  await ingest(sql, world.connectionId, [event, event]);
  await Promise.all([1, 2, 3].map(() => ingest(sql, world.connectionId, [event])));

  assertEquals(await statesOf(sql, world), ["pending"]);
});

databaseTest("what is in nobody's hands, or a person's, is offered to nobody", async (sql) => {
  const world = await createAgentWorld(sql);

  await hearStranger(sql, world);
  await takeOver(sql, world);
  await hearContact(sql, world);

  assertEquals(await offersOf(sql, world), []);
});

databaseTest("a stop, a start and what follows a stop are not offered", async (sql) => {
  const world = await createAgentWorld(sql);

  await hearContact(sql, world, "Stop!");
  await hearContact(sql, world, "But why?");
  await hearContact(sql, world, "START");

  assertEquals(await offersOf(sql, world), []);
});

databaseTest("a yes is an answer as any other", async (sql) => {
  const world = await createAgentWorld(sql);

  await hearContact(sql, world, "Yes!");

  assertEquals(await statesOf(sql, world), ["pending"]);
});

databaseTest("spam is not offered", async (sql) => {
  const world = await createAgentWorld(sql);
  await sql`update public.conversations set status = 'spam' where id = ${world.conversationId}`;

  await hearContact(sql, world);

  assertEquals(await offersOf(sql, world), []);
});

databaseTest("a machine's e-mail is not offered, and a person's is", async (sql) => {
  const world = await createAgentWorld(sql);
  const to = `desk@${crypto.randomUUID()}.example.com`;
  await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at, agent_id)
    values (${world.connectionId}, ${to}, 'active', now(), ${world.agentId})`;
  const mail = (from: string) =>
    textFrom(world, from, {
      channel: "email",
      to,
      subject: "Hello",
      html: "",
      cc: [],
      messageId: crypto.randomUUID(),
      references: [],
    });

  for (const name of ["no-reply", "NoReply+7", "mailer-daemon", "bounce", "norely", "ann"]) {
    await ingest(sql, world.connectionId, [mail(`${name}@mail.example.com`)]);
  }

  const rows = await sql`
    select m.from_address from public.agent_offers as o
    join public.conversation_messages as m on m.id = o.message_id
    where o.workspace_id = ${world.workspaceId} order by o.created_at`;
  assertEquals(rows.map((row) => row.from_address), [
    "norely@mail.example.com",
    "ann@mail.example.com",
  ]);
});

databaseTest("an agent that is switched off is offered nothing any more", async (sql) => {
  const world = await createAgentWorld(sql);
  await hearContact(sql, world);
  const isActive = (is_active: boolean) =>
    asUser(sql, world.adminId, (tx) =>
      tx`
      update public.agents set is_active = ${is_active} where id = ${world.agentId}`);

  await isActive(false);
  await hearContact(sql, world);
  assertEquals(await statesOf(sql, world), ["agent_inactive"]);

  await isActive(true);
  await hearContact(sql, world);
  assertEquals(await statesOf(sql, world), ["agent_inactive", "pending"]);
  assertEquals(
    (await asUser(sql, world.memberId, (tx) =>
      tx`
    select id from public.conversations where agent_id = ${world.agentId}`)).length,
    1,
  );
});

databaseTest("who takes over cancels what is not answered", async (sql) => {
  const world = await createAgentWorld(sql);
  await setWebhook(sql, world);
  await hearContact(sql, world);
  await claimOffers(sql, world);
  await writeAsAgent(sql, world);
  await hearContact(sql, world);

  await takeOver(sql, world);

  assertEquals(await statesOf(sql, world), ["answered", "taken_over"]);
});

databaseTest("another agent is offered what the first has not answered", async (sql) => {
  const world = await createAgentWorld(sql);
  const other = await addAgent(sql, world);
  await hearContact(sql, world);

  await handOver(sql, world, other);

  const offers = await offersOf(sql, world);
  assertEquals(
    offers.map(({ agent_id, state, cancel_reason }) => [agent_id, cancel_reason ?? state]),
    [
      [world.agentId, "handed_over"],
      [other, "pending"],
    ],
  );
  assertEquals(offers[0]!.message_id, offers[1]!.message_id);
});

databaseTest(
  "what nobody has answered is offered with the conversation, and nothing else",
  async (sql) => {
    const world = await createAgentWorld(sql);
    await takeOver(sql, world);
    await handOver(sql, world, world.agentId);
    assertEquals(await offersOf(sql, world), [], "the last word is a person's");

    await takeOver(sql, world);
    await hearContact(sql, world, "One");
    const last = await hearContact(sql, world, "Two");
    await handOver(sql, world, world.agentId);
    await handOver(sql, world, world.agentId);

    assertEquals((await offersOf(sql, world)).map(({ message_id }) => message_id), [last]);
  },
);

databaseTest(
  "what the agent writes answers what it was given, and nothing that it was not",
  async (sql) => {
    const world = await createAgentWorld(sql);
    await setWebhook(sql, world);
    await hearContact(sql, world, "One");
    await claimOffers(sql, world);
    await hearContact(sql, world, "Two");

    await writeAsAgent(sql, world);

    assertEquals(await statesOf(sql, world), ["answered", "pending"]);
  },
);

databaseTest("members read the offers of their workspace, and nobody writes them", async (sql) => {
  const world = await createAgentWorld(sql);
  const other = await createWorld(sql);
  await hearContact(sql, world);
  const countAs = async (userId: string) =>
    (await asUser(sql, userId, (tx) => tx`select id from public.agent_offers`)).length;

  assertEquals([await countAs(world.memberId), await countAs(other.ownerId)], [1, 0]);
});

databaseTest(
  "who takes over takes back what the agent has waiting in the conversation",
  async (sql) => {
    const world = await createAgentWorld(sql);
    const schedule = async (agent_id: string | null) => {
      const [message] = await sql`
      insert into public.conversation_messages (
        workspace_id, conversation_id, direction, status, body, agent_id, from_address, to_address, scheduled_at
      )
      values (
        ${world.workspaceId}, ${world.conversationId}, 'outbound', 'scheduled', 'x', ${agent_id}, '+1', '+2',
        now() + interval '1 day'
      )
      returning id`;
      await sql`
      insert into private.outbound_jobs (message_id, workspace_id, due_at)
      values (${message!.id}, ${world.workspaceId}, now() + interval '1 day')`;
      return message!.id as string;
    };
    const [agents, peoples] = [await schedule(world.agentId), await schedule(null)];

    await takeOver(sql, world);

    const rows = await sql`
    select m.id, m.status, m.error_code, j.message_id is not null as is_waiting
    from public.conversation_messages as m left join private.outbound_jobs as j on j.message_id = m.id
    where m.id in (${agents}, ${peoples}) order by m.agent_id nulls last`;
    assertEquals(rows.map((row) => ({ ...row })), [
      { id: agents, status: "canceled", error_code: "conversation_taken_over", is_waiting: false },
      { id: peoples, status: "scheduled", error_code: null, is_waiting: true },
    ]);
  },
);

databaseTest(
  "what comes from a short code or a name cannot be answered, and is not offered",
  async (sql) => {
    const world = await createAgentWorld(sql);
    await sql`
    update public.phone_numbers set agent_id = ${world.agentId} where id = ${world.phoneNumberId}`;

    await ingest(sql, world.connectionId, [textFrom(world, "22395"), textFrom(world, "AMAZON")]);

    assertEquals(await offersOf(sql, world), []);
    const rows = await sql`select id from public.conversations where agent_id = ${world.agentId}`;
    assertEquals(rows.length, 3, "they are the agent's, though");
  },
);

databaseTest("switching an agent off waits for no offer that is being worked on", async (sql) => {
  const world = await createAgentWorld(sql);
  await hearContact(sql, world);
  const { agentId, workspaceId } = world;

  await sql.begin(async (tx) => {
    await tx`select from public.agent_offers where workspace_id = ${workspaceId} for update`;
    await sql`update public.agents set is_active = false where id = ${agentId}`;
  });
  assertEquals(await statesOf(sql, world), ["pending"]);
  await sql`select private.end_old_offers()`;

  assertEquals(await statesOf(sql, world), ["agent_inactive"]);
});
