import { assertEquals } from "@std/assert";
import type { Provider } from "../../../supabase/functions/_shared/providers/provider.ts";
import { providers } from "../../../supabase/functions/_shared/providers/registry.ts";
import { untilStatus } from "../../support/messages.ts";
import { connectToDatabase } from "../../support/stack.ts";
import { recreateAccount } from "./accounts.ts";
import {
  connect,
  conversationsOf,
  type Desk,
  freshContact,
  prepareDesk,
  send,
  takenBy,
  write,
} from "./desk.ts";

/** A desk whose number is a WhatsApp sender, which no list of numbers tells. */
async function openWhatsAppDesk(provider: Provider): Promise<Desk> {
  const prepared = await prepareDesk(provider);
  if (provider.id === "twilio") {
    const numbers = [{ phone_number: prepared.account.sender, whatsapp: true }];
    await recreateAccount(prepared.account, { numbers });
  }
  const { body } = await connect(prepared);
  const sql = connectToDatabase(1);
  await sql`
    update public.phone_numbers set capabilities = capabilities || '{"whatsapp": true}'
    where connection_id = ${body.connection.id}`;
  await sql.end();
  return { ...prepared, connectionId: body.connection.id };
}

const addressAt = (provider: Provider, number: string) =>
  provider.id === "twilio" ? { from: `whatsapp:${number}` } : { from: number, channel: "whatsapp" };

for (const provider of providers.values()) {
  if (!provider.features.includes("whatsapp")) continue;

  Deno.test(`who writes on WhatsApp through ${provider.displayName} is answered there`, async () => {
    const desk = await openWhatsAppDesk(provider);
    const contact = freshContact(desk.account);
    const to = provider.id === "twilio" ? `whatsapp:${desk.account.sender}` : desk.account.sender;

    const { delivery } = await write(desk, contact, { ...addressAt(provider, contact), to });
    const id = await send(desk, contact, "whatsapp");

    assertEquals(delivery?.status, 200);
    const { message_attempts: attempts } = await untilStatus(id, "delivered");
    assertEquals(attempts.map(({ outcome }) => outcome), ["accepted"]);
    const [conversation, ...others] = await conversationsOf(desk);
    assertEquals(
      [conversation!.channel, conversation!.conversation_messages.length, others],
      ["whatsapp", 2, []],
    );
    assertEquals((await takenBy(desk, contact)).length, 2, "one of theirs, one of ours");
  });
}
