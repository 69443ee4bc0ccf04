import { databaseTest, type Row } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { saveTemplate } from "../support/templates.ts";
import { refusalAs } from "../support/tenancy.ts";
import { asUser, createAccount, createWorld } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const preview = (id: string, variables: unknown = {}) => (tx: postgres.TransactionSql) =>
  tx`select * from public.preview_template(${id}, ${tx.json(variables as never)})`;

databaseTest(
  "a member sees what a template says, with samples for what is not given",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await saveTemplate(sql, world, {
      channel: "email",
      language: "de",
      subject: "{{first_name}} & {{amount}}",
      body: "{{first_name}} {{day}} {{link}} {{note}}",
      html: "<p>{{first_name}} {{amount}}",
      variables: [
        { name: "first_name", type: "text" },
        { name: "day", type: "date" },
        { name: "link", type: "url" },
        { name: "amount", type: "number" },
        { name: "note", type: "text", is_required: false },
      ],
    });
    await sql`update public.message_templates set is_active = false where id = ${id}`;

    const [sampled] = await asUser(sql, world.memberId, preview(id));
    const [given] = await asUser(
      sql,
      world.memberId,
      preview(id, { first_name: "<Ada>", day: "2026-11-20", amount: 5, link: null, note: "" }),
    );

    assertEquals({ ...sampled }, {
      subject: "[first name] & 42",
      body: "[first name] 31.01.2026 https://example.com/ [note]",
      html: "<p>[first name] 42",
      segment_count: null,
      missing_variables: ["first_name", "day", "link", "amount"],
    });
    const { subject, body, html, missing_variables } = given as Row;
    assertEquals([subject, html], ["<Ada> & 5", "<p>&lt;Ada&gt; 5"]);
    assertEquals(body, "<Ada> 20.11.2026 https://example.com/ [note]");
    assertEquals(missing_variables, ["link"]);
  },
);

databaseTest("a WhatsApp preview takes values by position, too", async (sql) => {
  const world = await createWorld(sql);
  const id = await saveTemplate(sql, world, {
    channel: "whatsapp",
    body: "{{day}} {{2}}",
    variables: [{ name: "day", type: "text" }, { name: "hour", type: "text" }],
  });

  const [row] = await asUser(sql, world.memberId, preview(id, { "1": "Monday" }));

  assertEquals([row!.body, row!.missing_variables], ["Monday [hour]", ["hour"]]);
});

databaseTest("strangers preview nothing", async (sql) => {
  const world = await createWorld(sql);
  const id = await saveTemplate(sql, world, {});
  const strangerId = await createAccount(sql, "stranger");

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, preview(id))), "42501");
  assertEquals(await refusalAs(sql, strangerId, preview(id)), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, preview(crypto.randomUUID())), "PT404");
});

databaseTest("a preview refuses what a message would, by the variable's name", async (sql) => {
  const world = await createWorld(sql);
  const id = await saveTemplate(sql, world, {
    body: "{{day}}",
    variables: [{ name: "day", type: "date" }],
  });
  const fieldOf = async (variables: unknown) => {
    try {
      await asUser(sql, world.memberId, preview(id, variables));
      return null;
    } catch (error) {
      const { code, detail } = error as { code: string; detail: string };
      return [code, JSON.parse(detail).field];
    }
  };

  assertEquals(await fieldOf({ day: "soon" }), ["PT422", "variables.day"]);
  assertEquals(await fieldOf({ hour: "9" }), ["PT422", "variables.hour"]);
  assertEquals(await fieldOf(["9"]), ["PT400", "variables"]);
  assertEquals(await fieldOf(null), null);
});
