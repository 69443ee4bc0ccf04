import { assertEquals } from "@std/assert";
import { providers } from "../../../supabase/functions/_shared/providers/registry.ts";
import { serviceClient } from "../../support/people.ts";
import {
  conversationsOf,
  countEvents,
  type Desk,
  freshContact,
  openInbox,
  setFault,
  write,
} from "./desk.ts";

/** What reached the conversation with a contact. */
async function heardFrom(desk: Desk, contact: string) {
  const conversations = await conversationsOf(desk);
  return conversations.filter(({ contact_address }) => contact_address === contact);
}

for (const provider of providers.values()) {
  const { displayName } = provider;
  let shared: Promise<Desk> | undefined;
  const openSharedInbox = () => shared ??= openInbox(provider);

  Deno.test(`what somebody writes through ${displayName} lands in a conversation with them`, async () => {
    const desk = await openSharedInbox();
    const contact = freshContact(desk.account);

    const { delivery } = await write(desk, contact);

    assertEquals([delivery?.outcome, delivery?.status], ["answered", 200]);
    const [conversation, ...others] = await heardFrom(desk, contact);
    const { channel, is_unread, contact_id } = conversation!;
    assertEquals([channel, is_unread, others], [desk.account.channel, true, []]);
    assertEquals(conversation!.conversation_messages, [{
      direction: "inbound",
      status: "received",
      body: `Hello from ${contact}`,
      from_address: contact,
      to_address: desk.account.sender,
    }]);
    const { data: addresses } = await serviceClient().from("contact_addresses").select("address")
      .eq("contact_id", contact_id!);
    assertEquals(addresses, [{ address: contact }]);
  });

  Deno.test(`a webhook that ${displayName} did not sign is refused and leaves nothing`, async () => {
    const desk = await openSharedInbox();
    const before = await countEvents(desk);

    for (const signature of ["forged", "missing"]) {
      const contact = freshContact(desk.account);
      const { delivery } = await write(desk, contact, { signature });

      assertEquals(delivery?.status, desk.account.refusalStatus, signature);
      assertEquals(await heardFrom(desk, contact), []);
    }

    assertEquals(await countEvents(desk), before);
  });

  Deno.test(`what ${displayName} tells twice is heard once`, async () => {
    const desk = await openSharedInbox();
    const contact = freshContact(desk.account);
    const { message_sid } = await write(desk, contact);
    const before = await heardFrom(desk, contact);

    const { delivery } = await write(desk, contact, { message_sid });

    assertEquals([delivery?.status, before.length], [200, 1]);
    assertEquals(await heardFrom(desk, contact), before);
  });
}

Deno.test("mail of which Resend cannot give the text yet is told again, then whole", async () => {
  const desk = await openInbox(providers.get("resend")!);
  const contact = freshContact(desk.account);
  await setFault(desk, { kind: "server_error", operation: "received.fetch", times: 1 });

  const { delivery } = await write(desk, contact);

  const statuses = delivery.attempts.map((attempt: { status: number }) => attempt.status);
  assertEquals(statuses, [503, 200]);
  const [conversation, ...others] = await heardFrom(desk, contact);
  const bodies = conversation!.conversation_messages.map(({ body }) => body);
  assertEquals([bodies, others], [[`Hello from ${contact}`], []]);
});
