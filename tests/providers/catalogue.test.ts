import { assertEquals } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { connectToDatabase } from "../support/stack.ts";

Deno.test("the catalogue's credential fields are those that the adapters check", async () => {
  const sql = connectToDatabase();
  const rows = await sql`
    select name, display_name, configuration_metadata -> 'credential_fields' as fields
    from public.service_providers where is_enabled`;
  await sql.end();

  const expected = [...providers.values()].map((provider) => ({
    name: provider.id,
    display_name: provider.displayName,
    fields: provider.credentialFields.map((field) => ({
      name: field.name,
      label: field.label,
      pattern: field.pattern.source,
      is_secret: field.isSecret,
      is_required: field.isRequired,
    })),
  }));
  assertEquals(rows.map((row) => ({ ...row })), expected);
});
