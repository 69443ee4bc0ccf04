import { databaseTest, type Row } from "../support/engine.ts";
import { readTestStack, refusalOf } from "../support/stack.ts";
import { type NewTemplate, render, saveTemplate } from "../support/templates.ts";
import { asUser, createWorld, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";

/** The field that a refusal names, or null where the template was saved. */
async function refusedField(
  work: () => Promise<unknown>,
): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    assertEquals([error.code, JSON.parse(error.detail!).code], ["PT422", "template_invalid"]);
    assert(error.hint);
    return JSON.parse(error.detail!).field;
  }
}

databaseTest("a template is saved only with each placeholder declared once", async (sql) => {
  const world = await createWorld(sql);
  const day = { name: "day", type: "text" };
  const email = { channel: "email", variables: [day] };
  const cases: [NewTemplate, string | null][] = [
    [{ body: "See you {{day}}", variables: [day] }, null],
    [{ body: "See you {{  day }}", variables: [day] }, null],
    [{ body: "Nobody uses it", variables: [day] }, null],
    [{ body: "a {b} }} 100% %s", variables: [] }, null],
    [{ body: "{{1}}", variables: [day], channel: "whatsapp" }, null],
    [{ body: "See you {{day}}" }, "body"],
    [{ body: "See you {{days}}", variables: [day] }, "body"],
    [{ body: "See you {{Day}}", variables: [day] }, "body"],
    [{ body: "See you {{day", variables: [day] }, "body"],
    [{ body: "See you {{}}", variables: [day] }, "body"],
    [{ body: "{{1}}", variables: [day] }, "body"],
    [{ body: "{{2}}", variables: [day], channel: "whatsapp" }, "body"],
    [{ ...email, subject: "{{day}}", html: "<p>{{day}}</p>" }, null],
    [{ ...email, subject: "{{hour}}" }, "subject"],
    [{ ...email, html: "<p>{{hour}}</p>" }, "html"],
    [{ variables: [day, { ...day, type: "date" }] }, "variables"],
    [{ variables: [{ ...day, is_required: "maybe" }] }, "variables"],
    [{ variables: [{ ...day, name: "x".repeat(64) }] }, "variables"],
    [
      { variables: Array.from({ length: 101 }, (_, i) => ({ ...day, name: `v${i}` })) },
      "variables",
    ],
  ];

  for (const [index, [template, field]] of cases.entries()) {
    const save = () => saveTemplate(sql, world, { name: `t${index}`, ...template });
    assertEquals(await refusedField(save), field, JSON.stringify(template).slice(0, 200));
  }
});

databaseTest("a template is looked at again when its words or variables change", async (sql) => {
  const world = await createWorld(sql);
  const id = await saveTemplate(sql, world, {
    body: "See you {{day}}",
    variables: [{ name: "day", type: "text" }],
  });
  const change = (changes: Row) => () =>
    asUser(
      sql,
      world.adminId,
      (tx) => tx`update public.message_templates set ${tx(changes)} where id = ${id}`,
    );

  assertEquals(await refusedField(change({ body: "See you {{hour}}" })), "body");
  assertEquals(await refusedField(change({ variables: sql.json([]) as never })), "body");
});

databaseTest("what was written before the rule is not sent, and can be put away", async (sql) => {
  const world = await createWorld(sql);
  const template_id = await saveTemplate(sql, world, {});
  const admin = postgres(readTestStack().admin_database_url, { max: 1, onnotice: () => {} });
  await admin.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update public.message_templates set body = 'On {{day}}' where id = ${template_id}`;
  });
  await admin.end();

  const { body, flaw_field } = await render(sql, world, { template_id });
  assertEquals([body, flaw_field], [null, "template"]);
  await asUser(
    sql,
    world.adminId,
    (tx) => tx`update public.message_templates set is_active = false where id = ${template_id}`,
  );
});

databaseTest(
  "an inactive template is refused, and so is another channel's or workspace's",
  async (sql) => {
    const [world, other] = [await createWorld(sql), await createWorld(sql)];
    const template_id = await saveTemplate(sql, world, {});
    const outcomeOf = async (by: World, template: unknown, channel = "sms") => {
      const { body, flaw_field } = await render(sql, by, template, channel);
      return body ?? flaw_field;
    };

    assertEquals(await outcomeOf(world, { template_id }), "Hello");
    assertEquals(await outcomeOf(other, { template_id }), "template.template_id");
    assertEquals(await outcomeOf(other, { name: "reminder" }), "template.name");
    assertEquals(await outcomeOf(world, { template_id }, "email"), "template.template_id");
    assertEquals(await outcomeOf(world, { name: "reminder" }, "email"), "template.name");
    assertEquals(await outcomeOf(world, { template_id: "reminder" }), "template.template_id");
    await sql`update public.message_templates set is_active = false where id = ${template_id}`;
    assertEquals(await outcomeOf(world, { template_id }), "template.template_id");
    assertEquals(await outcomeOf(world, { name: "reminder" }), "template.name");
  },
);

databaseTest("a template is named in exactly one way", async (sql) => {
  const world = await createWorld(sql);
  const template_id = await saveTemplate(sql, world, {});
  const unapproved = await saveTemplate(sql, world, { channel: "whatsapp" });
  const fieldOf = async (template: unknown, channel = "sms") =>
    (await render(sql, world, template, channel)).flaw_field;

  assertEquals(
    [
      await fieldOf({}),
      await fieldOf("reminder"),
      await fieldOf([]),
      await fieldOf({ template_id, name: "reminder" }),
      await fieldOf({ external_id: "HX1", language: "en" }),
      await fieldOf({ external_id: "", language: "en" }, "whatsapp"),
      await fieldOf({ external_id: "HX1" }, "whatsapp"),
      await fieldOf({ external_id: "HX1", language: "English" }, "whatsapp"),
      await fieldOf({ template_id: unapproved }, "whatsapp"),
      await fieldOf({ name: "reminder" }, "whatsapp"),
    ],
    [
      "template",
      "template",
      "template",
      "template",
      "template.external_id",
      "template.external_id",
      "template.language",
      "template.language",
      "template.template_id",
      "template.name",
    ],
  );
});

databaseTest("a name falls back from pt-BR to pt, to en, and to the only one", async (sql) => {
  const world = await createWorld(sql);
  const write = async (name: string, ...languages: string[]) => {
    for (const language of languages) {
      await saveTemplate(sql, world, { name, language, body: language });
    }
  };
  await write("many", "pt", "pt-BR", "pt-PT", "en", "de", "zh-Hant");
  await write("foreign", "de", "fr");
  await write("single", "de");
  await write("near", "pt-PT", "fr");
  await write("northern", "fi", "sv");
  const languageOf = async (name: string, language?: string) => {
    const { body, flaw_field } = await render(sql, world, { name, language });
    return body ?? flaw_field;
  };

  const chosen: [string, string | undefined, string][] = [
    ["many", "pt-BR", "pt-BR"],
    ["many", "pt-br", "pt-BR"],
    ["many", "pt_BR", "pt-BR"],
    ["many", "pt-AO", "pt"],
    ["many", "zh-Hant-TW", "zh-Hant"],
    ["many", "zh", "en"],
    ["many", "p", "en"],
    ["many", undefined, "en"],
    ["foreign", "fr-CA", "fr"],
    ["foreign", "it", "template.language"],
    ["foreign", undefined, "template.language"],
    ["near", "pt-BR", "template.language"],
    ["northern", "fil", "template.language"],
    ["single", "it", "de"],
    ["single", undefined, "de"],
  ];
  for (const [name, language, expected] of chosen) {
    assertEquals(await languageOf(name, language), expected, `${name} ${language}`);
  }
});

databaseTest("a template that cannot be sent is not what a name falls back to", async (sql) => {
  const world = await createWorld(sql);
  const retired = await saveTemplate(sql, world, { language: "pt", body: "pt" });
  await saveTemplate(sql, world, { language: "en", body: "en" });
  await sql`update public.message_templates set is_active = false where id = ${retired}`;
  const approval = { channel: "whatsapp", external_id: "HX1" };
  await saveTemplate(sql, world, { channel: "whatsapp", language: "pt", body: "pt" });
  await saveTemplate(sql, world, { ...approval, language: "en", body: "en" });
  const name = { name: "reminder", language: "pt" };

  assertEquals((await render(sql, world, name)).body, "en");
  assertEquals((await render(sql, world, name, "whatsapp")).body, "en");
});

databaseTest(
  "a campaign learns beforehand which variable is missing or none of the template's",
  async (sql) => {
    const world = await createWorld(sql);
    const variables = [
      { name: "name", type: "text" },
      { name: "day", type: "date" },
      { name: "note", type: "text", is_required: false },
    ];
    const id = await saveTemplate(sql, world, { variables });
    const whatsapp = await saveTemplate(sql, world, {
      channel: "whatsapp",
      external_id: "HX1",
      variables,
    });
    const flawOf = async (templateId: string, names: (string | null)[] | null) => {
      const rows = await sql`
      select * from private.find_template_flaw(${templateId}, ${names as string[] | null}::text[])`;
      return rows.map((row) => [row.error_code, row.error_field])[0] ?? null;
    };
    const missing = (field: string) => ["template_invalid", field];

    assertEquals(await flawOf(id, ["day", "name"]), null);
    assertEquals(await flawOf(id, ["day", "name", "note", null]), null);
    assertEquals(await flawOf(id, null), missing("template.variables.name"));
    assertEquals(await flawOf(id, ["name", null]), missing("template.variables.day"));
    assertEquals(await flawOf(id, ["name", "day", "city"]), missing("template.variables.city"));
    assertEquals(await flawOf(id, ["1", "2"]), missing("template.variables.name"));
    assertEquals(await flawOf(whatsapp, ["1", "day"]), null);
    assertEquals(await flawOf(crypto.randomUUID(), []), missing("template.template_id"));
    await sql`update public.message_templates set is_active = false where id = ${id}`;
    assertEquals(await flawOf(id, ["day", "name"]), missing("template.template_id"));
  },
);

databaseTest("a template that a campaign uses stays", async (sql) => {
  const world = await createWorld(sql);
  const id = await saveTemplate(sql, world, {});
  const remove = () =>
    asUser(sql, world.adminId, (tx) => tx`delete from public.message_templates where id = ${id}`);
  await sql`
    insert into public.campaigns (workspace_id, name, channel, template_id)
    values (${world.workspaceId}, 'Spring', 'sms', ${id})`;

  assertEquals(await refusalOf(remove), "23503");
});
