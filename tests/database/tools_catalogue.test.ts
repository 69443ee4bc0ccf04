import { assert, assertEquals } from "@std/assert";
import { writeToolMigration } from "../../scripts/generate/tool_migration.ts";
import { defineToolRows, findToolDrift, readToolRows } from "../../scripts/generate/tool_rows.ts";
import { BODY_LENGTHS } from "../../supabase/functions/_shared/tools/definitions/shared_arguments.ts";
import { databaseTest } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { asUser, createWorld, freshNumber } from "../support/world.ts";
import type postgres from "postgres";

interface Schema {
  properties: Record<string, { maxItems?: number }>;
}

/** Works on the catalogue as its owner, and keeps nothing of it. */
function asOwner<Value>(sql: postgres.Sql, work: (tx: postgres.TransactionSql) => Promise<Value>) {
  return asRole(sql, "service_role", null, async (tx) => {
    await tx`reset role`;
    return await work(tx);
  });
}

databaseTest(
  "the catalogue's tools are those of the definitions; if not, run task generate",
  async (sql) => {
    const { changed, surplus } = findToolDrift(await readToolRows(sql));

    assertEquals({ changed: changed.map((row) => row.capability_key), surplus }, {
      changed: [],
      surplus: [],
    });
  },
);

databaseTest("a tool that differs in any column is noticed", async (sql) => {
  const changes = [
    "display_label = 'Other'",
    "display_order = 90",
    "description = 'Other'",
    "is_destructive = true",
    "is_idempotent = false",
    "sufficient_scopes = '{voice}'",
    "arguments_schema = jsonb_set(arguments_schema, '{properties,message_id,description}', '\"x\"')",
    "capability_key = 'other', family = 'other'",
  ];
  for (const change of changes) {
    const { changed } = await asOwner(sql, async (tx) => {
      await tx.unsafe(
        `update public.integration_capabilities set ${change} where capability_key = 'cancel_message'`,
      );
      return findToolDrift(await readToolRows(tx));
    });

    assertEquals(changed.map((row) => row.capability_key), ["cancel_message"], change);
  }
});

databaseTest(
  "the migration that is written leaves the tools as their definitions say",
  async (sql) => {
    await asOwner(sql, async (tx) => {
      await tx`
      update public.integration_capabilities
      set display_order = 8 - display_order, description = 'It''s other', is_idempotent = true
      where integration_id is null`;
      await tx`
      update public.integration_capabilities set capability_key = 'twilio_say_nothing', family = 'say_nothing'
      where capability_key = 'twilio_get_usage'`;
      await tx`delete from public.integration_capabilities where capability_key like 'resend_%'`;
      const drift = findToolDrift(await readToolRows(tx));
      assertEquals([drift.changed.length, drift.surplus], [12, ["twilio_say_nothing"]]);

      await tx.unsafe(writeToolMigration(drift));

      assertEquals(findToolDrift(await readToolRows(tx)), { changed: [], surplus: [] });
    });
  },
);

databaseTest("a tool of a provider that is not there is refused", async (sql) => {
  const [row] = defineToolRows().filter(({ provider }) => provider !== null);
  const stray = { ...row!, provider: "pigeon", capability_key: "pigeon_send_sms" };

  const refused = asOwner(sql, async (tx) => {
    await tx.unsafe(writeToolMigration({ changed: [stray], surplus: [] }));
  });

  assertEquals(await refusalOf(() => refused), "23514");
});

databaseTest(
  "a tool without provider is opened only by scopes that some provider has",
  async (sql) => {
    const setScopes = (scopes: string[]) =>
      asOwner(sql, async (tx) => {
        await tx`
        update public.integration_capabilities set sufficient_scopes = ${scopes}
        where capability_key = 'find_contact'`;
      });

    await setScopes(["email", "voice"]);
    assertEquals(await refusalOf(() => setScopes(["email", "telepathy"])), "23514");
  },
);

databaseTest("a message takes as many media as the catalogue says of its provider", async (sql) => {
  const rows = await sql<{ capability_key: string; most: number; arguments_schema: Schema }[]>`
    select c.capability_key, c.arguments_schema,
      coalesce((p.configuration_metadata #>> '{limits,mms_media_max_count}')::integer, 10) as most
    from public.integration_capabilities as c
    join public.service_providers as p on p.id = c.integration_id
    where c.family = 'send_mms'`;

  assert(rows.some(({ most }) => most < 10), "Expected a provider that takes fewer");
  for (const { capability_key, arguments_schema, most } of rows) {
    assertEquals(arguments_schema.properties.media_urls!.maxItems, most, capability_key);
  }
});

databaseTest("tools take bodies as long as channels do, and no longer", async (sql) => {
  const world = await createWorld(sql);
  const { voice: _, ...lengths } = BODY_LENGTHS;
  for (const [channel, length] of Object.entries(lengths)) {
    const to_address = channel === "email" ? "ann@example.com" : freshNumber();
    const codes = await asUser(
      sql,
      world.memberId,
      (tx) =>
        tx`select error_code from public.enqueue_messages(${world.workspaceId}, ${
          tx.json(
            [length, length + 1]
              .map((count) => ({
                channel,
                to_address,
                subject: "x",
                body: "x".repeat(count),
              })) as never,
          )
        })`,
    );

    assertEquals(
      codes.map((row) => row.error_code === "message_too_long"),
      [false, true],
      channel,
    );
  }
});
