import { assert, assertEquals } from "@std/assert";
import {
  allAt,
  parseXml,
  textAt,
  writeXml,
} from "../../supabase/functions/_shared/providers/xml.ts";
import { createRandom, mutate } from "./support/random.ts";
import { locationNumbers } from "./fixtures/bandwidth/answers.ts";

Deno.test("XML is read by the names of its elements", () => {
  const root = parseXml(
    '\uFEFF<?xml version="1.0"?>\n<!-- a > b --><a x="1 > 0" y=\'"\'><b> one </b><b/><c><b>two' +
      "</b></c><d><![CDATA[<&]]>&amp;&#65;&#x1F44D;&quot;</d></a>\n",
  );

  assertEquals(root?.name, "a");
  assertEquals(allAt(root, "b").map(({ text }) => text), [" one ", ""]);
  assertEquals(textAt(root, "b"), "one");
  assertEquals(textAt(root, "c", "b"), "two");
  assertEquals(textAt(root, "d"), '<&&A👍"');
  assertEquals(textAt(root, "e", "f"), "");
  assertEquals(textAt(undefined, "e"), "");
});

Deno.test("XML that is not well-formed is none", () => {
  for (
    const text of [
      "",
      " ",
      "text",
      "{}",
      "<a>",
      "</a>",
      "<a></b>",
      "<a><b></a></b>",
      "<a/><b/>",
      "<a/>text",
      "text<a/>",
      "<a>&nbsp;</a>",
      "<a>&</a>",
      "<a>a & b</a>",
      "<a>&#0;</a>",
      "<a>&#x110000;</a>",
      "<a b></a>",
      "<a b=c></a>",
      "<!-- <a/>",
      "<![CDATA[a]]>",
      '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
      "<a>".repeat(100) + "</a>".repeat(100),
    ]
  ) assertEquals(parseXml(text), undefined, text);
});

Deno.test("XML is read in a time that grows with its length alone", () => {
  const started = performance.now();
  for (
    const text of [
      "<".repeat(100_000),
      `<a ${"b=".repeat(100_000)}`,
      `<a${" ".repeat(100_000)}`,
      `<a>${"&".repeat(100_000)}`,
      `<a ${'b="c" '.repeat(20_000)}`,
      `<!--${"-".repeat(100_000)}`,
      `<a>${"<![CDATA[".repeat(10_000)}`,
    ]
  ) assertEquals(parseXml(text), undefined);
  assert(performance.now() - started < 5000);
});

Deno.test("XML that was written is read back, whatever the text", () => {
  for (const text of ["", "a & b", "<a>", "]]>", "\"'", "Grüße 👍", "&amp;"]) {
    assertEquals(parseXml(writeXml("a", [writeXml("b", text)]))?.children[0]?.text, text);
  }
  assertEquals(
    writeXml("a", "\u0000\u001f\ud800\n", { b: '"<' }),
    '<a b="&quot;&lt;">\ufffd\n</a>',
  );
});

Deno.test("XML that is damaged is read or not, and nothing else", () => {
  const random = createRandom(20_261_120);
  const bytes = new TextEncoder().encode(locationNumbers);
  for (let round = 0; round < 2000; round++) {
    const root = parseXml(new TextDecoder().decode(mutate(bytes, random)));
    assert(root === undefined || typeof textAt(root, "Links", "next") === "string");
  }
});
