import { createAgentWorld, execute, setGuardrails, text } from "../support/agent_calls.ts";
import { databaseTest } from "../support/engine.ts";
import { setMode, withPlatform } from "../support/routing.ts";
import { asService } from "../support/world.ts";
import { assertEquals } from "@std/assert";

databaseTest(
  "an agent sends through the operator's account where an admin lets it",
  async (sql) => {
    const world = await createAgentWorld(sql);
    await sql`
    update public.agent_integration_permissions set is_active = false where agent_id = ${world.agentId}`;
    await withPlatform(sql, async (platform) => {
      await setMode(sql, world, "platform");
      const toolsOf = async () => {
        const [page] = await asService(
          sql,
          (tx) =>
            tx`select tools from public.list_agent_tools(${tx.json({ api_key: world.apiKey })})`,
        );
        return page!.tools.map((tool: Record<string, string>) => tool.capability_key);
      };

      assertEquals(await toolsOf(), []);
      assertEquals((await text(sql, world)).error_code, "tool_not_allowed");
      await setGuardrails(sql, world, { platform_scopes: ["sms"] });
      assertEquals((await toolsOf()).includes("send_message"), true);
      assertEquals((await toolsOf()).includes("twilio_get_balance"), false);
      const { result } = await text(sql, world);
      assertEquals(result.from, platform.phoneNumber);

      // The key goes no further than it was made for, and the mode decides.
      await sql`
      update public.agent_api_keys set allowed_scopes = '{history}' where id = ${world.keyId}`;
      assertEquals((await text(sql, world)).error_code, "tool_not_allowed");
      await sql`update public.agent_api_keys set allowed_scopes = '{sms}' where id = ${world.keyId}`;
      assertEquals((await text(sql, world)).state, "succeeded");
      await setMode(sql, world, "byoc");
      assertEquals((await text(sql, world)).error_code, "tool_not_allowed");
    });
  },
);

databaseTest(
  "an agent without a word of an admin uses the workspace's own account",
  async (sql) => {
    const world = await createAgentWorld(sql);
    await withPlatform(sql, async (platform) => {
      await setMode(sql, world, "hybrid");
      const named = { contact_id: world.contactId, from: platform.phoneNumber };

      assertEquals((await text(sql, world, "Hi", { to: named })).error_code, "sender_not_found");
      assertEquals((await text(sql, world)).result.from, world.phoneNumber);
      // Listed numbers hold for the operator's, too.
      await setGuardrails(sql, world, {
        platform_scopes: ["sms"],
        allowed_phone_number_ids: [world.phoneNumberId],
      });
      assertEquals((await text(sql, world, "Hi", { to: named })).error_code, "sender_not_found");
      const asked = await execute(sql, world, {
        tool: "twilio_get_balance",
        arguments: { connection_id: platform.connectionId },
      });
      assertEquals(asked.error_code, "tool_not_allowed");
    });
  },
);
