import { databaseTest, type Row } from "../support/engine.ts";
import { render, saveTemplate } from "../support/templates.ts";
import { createWorld, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const bodyOf = async (
  sql: postgres.Sql,
  world: World,
  template_id: string,
  variables: Row,
  channel?: string,
) => {
  const { body, flaw_field } = await render(sql, world, { template_id, variables }, channel);
  return body ?? flaw_field;
};

databaseTest("a value is written as its type says, or refused by its name", async (sql) => {
  const world = await createWorld(sql);
  const ids: Record<string, string> = {};
  for (const type of ["text", "number", "date", "url"]) {
    ids[type] = await saveTemplate(sql, world, {
      name: type,
      body: "{{value}}",
      variables: [{ name: "value", type }],
    });
  }
  const longest = "x".repeat(1_000);
  const longestUrl = "https://example.com/".padEnd(2_048, "x");
  const accepted: [string, unknown, string][] = [
    ["text", " Ada  Lovelace ", " Ada  Lovelace "],
    ["text", longest, longest],
    ["text", 7, "7"],
    ["number", "1234.50", "1234.50"],
    ["number", "-0.5", "-0.5"],
    ["number", 1e6, "1000000"],
    ["date", "2026-11-05", "Nov 5, 2026"],
    ["date", "2028-02-29", "Feb 29, 2028"],
    ["url", "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"],
    ["url", longestUrl, longestUrl],
  ];
  const refused: [string, unknown[]][] = [
    ["text", [longest + "x", "two\nlines", "tab\t", "bell\u0007", "line\u2028", true, {}, ["x"]]],
    ["number", ["one", "1,000", "1e3", "+1", "007", ".5", "5.", "NaN", " 1", "1\n", 1e30]],
    ["date", ["2026-02-30", "5.11.2026", "2026-11-5", "tomorrow", "2026-11-05T10:00", 20261105]],
    ["url", [
      "http://example.com",
      "javascript:alert(1)",
      "https://",
      "https:///path",
      "https://example.com/a b",
      "https://example.com/\n",
      longestUrl + "x",
    ]],
  ];

  for (const [type, value, written] of accepted) {
    assertEquals(await bodyOf(sql, world, ids[type]!, { value }), written, `${type} ${value}`);
  }
  for (const [type, values] of refused) {
    for (const value of values) {
      assertEquals(
        await bodyOf(sql, world, ids[type]!, { value }),
        "template.variables.value",
        `${type} ${JSON.stringify(value)}`,
      );
    }
  }
});

databaseTest("a date is written as the template's language does", async (sql) => {
  const world = await createWorld(sql);
  const written: Record<string, string> = {
    "en": "Jan 2, 2026",
    "en-US": "Jan 2, 2026",
    "en-GB": "2 Jan 2026",
    "de": "02.01.2026",
    "de-AT": "02.01.2026",
    "pt-BR": "02/01/2026",
    "nl": "02-01-2026",
    "sv": "2026-01-02",
    "ja": "2026-01-02",
  };

  for (const [language, expected] of Object.entries(written)) {
    const id = await saveTemplate(sql, world, {
      language,
      body: "{{day}}",
      variables: [{ name: "day", type: "date" }],
    });
    assertEquals(await bodyOf(sql, world, id, { day: "2026-01-02" }), expected, language);
  }
});

databaseTest("what is filled in is never read as a placeholder or a format", async (sql) => {
  const world = await createWorld(sql);
  const template_id = await saveTemplate(sql, world, {
    body: "100% of {{a}} and {{ b }}, {{a}} again: %s %1$s \\1",
    variables: [{ name: "a", type: "text" }, { name: "b", type: "text" }],
  });

  const body = await bodyOf(sql, world, template_id, { a: "{{b}} %2$s", b: "\\0 {{a}} & <i>" });

  assertEquals(
    body,
    "100% of {{b}} %2$s and \\0 {{a}} & <i>, {{b}} %2$s again: %s %1$s \\1",
  );
});

databaseTest("in HTML a value is escaped, in text and subject it is not", async (sql) => {
  const world = await createWorld(sql);
  const template_id = await saveTemplate(sql, world, {
    channel: "email",
    subject: "For {{name}}",
    body: "Dear {{name}}: {{link}}",
    html: `<p title='{{name}}'>Dear {{name}}: <a href="{{link}}">here</a></p>`,
    variables: [{ name: "name", type: "text" }, { name: "link", type: "url" }],
  });
  const variables = { name: `<b>"A" & 'B'`, link: `https://example.com/?a=1&b="x"` };

  const { subject, body, html } = await render(sql, world, { template_id, variables }, "email");

  assertEquals(subject, `For <b>"A" & 'B'`);
  assertEquals(body, `Dear <b>"A" & 'B': https://example.com/?a=1&b="x"`);
  const name = "&lt;b&gt;&quot;A&quot; &amp; &#39;B&#39;";
  assertEquals(
    html,
    `<p title='${name}'>Dear ${name}: <a href="https://example.com/?a=1&amp;b=&quot;x&quot;">here</a></p>`,
  );
});

databaseTest(
  "a required variable is needed, an optional one may be empty, another is refused",
  async (sql) => {
    const world = await createWorld(sql);
    const template_id = await saveTemplate(sql, world, {
      body: "Hi {{name}}{{ending}}",
      variables: [
        { name: "name", type: "text" },
        { name: "ending", type: "number", is_required: false },
      ],
    });

    const outcomes = [
      await bodyOf(sql, world, template_id, { name: "Ada", ending: 5 }),
      await bodyOf(sql, world, template_id, { name: "Ada" }),
      await bodyOf(sql, world, template_id, { name: "Ada", ending: null }),
      await bodyOf(sql, world, template_id, { ending: 5 }),
      await bodyOf(sql, world, template_id, { name: "" }),
      await bodyOf(sql, world, template_id, { name: "  " }),
      await bodyOf(sql, world, template_id, { name: null }),
      await bodyOf(sql, world, template_id, { name: "Ada", place: "here" }),
      await bodyOf(sql, world, template_id, { name: "Ada", "1": "by position" }),
    ];
    const unreadable = await render(sql, world, { template_id, variables: ["Ada"] });

    const missing = "template.variables.name";
    assertEquals(outcomes, [
      "Hi Ada5",
      "Hi Ada",
      "Hi Ada",
      ...Array(4).fill(missing),
      "template.variables.place",
      "template.variables.1",
    ]);
    assertEquals(unreadable.flaw_field, "template.variables");
  },
);

databaseTest(
  "WhatsApp takes values by name or position, and the provider by position",
  async (sql) => {
    const world = await createWorld(sql);
    const template_id = await saveTemplate(sql, world, {
      channel: "whatsapp",
      language: "pt-BR",
      external_id: "HX1",
      body: "{{day}} {{2}}",
      variables: [
        { name: "day", type: "date" },
        { name: "hour", type: "text" },
        { name: "button", type: "text", is_required: false },
      ],
    });

    const { body, language, external_id, variables } = await render(sql, world, {
      template_id,
      variables: { "1": "2026-11-20", day: null, hour: "9" },
    }, "whatsapp");

    assertEquals(body, "20/11/2026 9");
    assertEquals([language, external_id], ["pt-BR", "HX1"]);
    assertEquals(variables, { "1": "20/11/2026", "2": "9", "3": "" });
  },
);

databaseTest(
  "a template that only the provider knows takes its variables as they are",
  async (sql) => {
    const world = await createWorld(sql);
    const name = { external_id: "HX1", language: "pt_BR" };
    const variables = { "1": "3 pm", "2": 5, "3": null };

    const filled = await render(sql, world, { ...name, variables }, "whatsapp");
    const empty = await render(sql, world, name, "whatsapp");
    const none = await render(sql, world, { ...name, variables: null }, "whatsapp");
    const composed = await render(sql, world, { ...name, variables: { "1": {} } }, "whatsapp");

    assertEquals([filled.variables, filled.body], [{ "1": "3 pm", "2": "5" }, null]);
    assertEquals([empty.variables, empty.flaw], [{}, null]);
    assertEquals([none.variables, none.flaw], [{}, null]);
    assertEquals(composed.flaw_field, "template.variables.1");
    assert(composed.flaw);
  },
);
