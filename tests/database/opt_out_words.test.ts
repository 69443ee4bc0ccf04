import { databaseTest } from "../support/engine.ts";
import { createRandom } from "../providers/support/random.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const STOP_WORDS = [
  ...["stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke"],
  ...["optout", "opt out", "opt-out", "remove", "arret", "arrêt", "td"],
];
const START_WORDS = ["start", "unstop", "yes"];
const HELP_WORDS = ["help", "info"];

const keywordsOf = async (sql: postgres.Sql, bodies: string[]) =>
  (await sql`
    select private.opt_out_keyword(u.body) as keyword
    from unnest(${bodies}::text[]) with ordinality as u (body, position) order by u.position`)
    .map((row) => row.keyword as string | null);

const mentionsOf = async (sql: postgres.Sql, bodies: string[]) =>
  (await sql`
    select private.mentions_opt_out(u.body) as words
    from unnest(${bodies}::text[]) with ordinality as u (body, position) order by u.position`)
    .map((row) => row.words as string | null);

const AROUND = [
  ...["", "", "", " ", "  ", "\n", "\t", "\r\n", "\u00A0", "\u200B", "\u3000", "\uFEFF"],
  ...[".", "!", "?", ",", ";", ":", "-", "–", "…", "'", '"', "“", "”", "«", "(", ")", "*", "_"],
  ...["¡", "¿", "。", "！", "🙏", "🛑", "❤\uFE0F", "👍🏽", "#", "/", "\\", "~", "`", "^", "|", "€"],
];

/** The word as somebody might type it. */
function disguise(word: string, random: () => number): string {
  const pick = <Value>(values: Value[]) => values[Math.floor(random() * values.length)]!;
  const letters = [...word.normalize(pick(["NFC", "NFD"]))].map((letter) => {
    const cased = random() < 0.5 ? letter.toUpperCase() : letter;
    const code = cased.codePointAt(0)!;
    return random() < 0.1 && code > 0x20 && code < 0x7F
      ? String.fromCodePoint(code + 0xFEE0)
      : cased;
  });
  const between = random() < 0.2 ? pick([" ", ".", "-", "\u200B"]) : "";
  return pick(AROUND) + pick(AROUND) + letters.join(between) + pick(AROUND) + pick(AROUND);
}

databaseTest(
  "every keyword is one in any case, with spaces, punctuation and symbols",
  async (sql) => {
    const random = createRandom(5_6);
    const cases = [
      ...STOP_WORDS.map((word) => [word, "stop"]),
      ...START_WORDS.map((word) => [word, "start"]),
      ...HELP_WORDS.map((word) => [word, "help"]),
    ].flatMap(([word, keyword]) =>
      [word!, word!.toUpperCase(), ...Array.from({ length: 60 }, () => disguise(word!, random))]
        .map((body) => ({ body, keyword: keyword! }))
    );

    const keywords = await keywordsOf(sql, cases.map(({ body }) => body));

    const wrong = cases.filter(({ keyword }, index) => keywords[index] !== keyword);
    assertEquals(wrong, []);
  },
);

databaseTest("a keyword among other words, or almost one, is none", async (sql) => {
  const others = ["please", "don't", "bus", "now", "it", "2", "ok", "não", "не", "停止", "é"];
  const bodies = [
    ...["stop please", "don't stop", "bus stop", "Stopp", "stops", "STOP2", "2 stop", "st", "s"],
    ...["stopped", "starting", "yes please", "yess", "the end", "he", "tds", "", " ", "...", "🛑"],
    ...["Стоп", "ѕtop", "не stop", "stop\u0663", "stop stop", `stop${" ".repeat(40)}`],
    ...[...STOP_WORDS, ...START_WORDS, ...HELP_WORDS].flatMap((word) =>
      others.flatMap((other) => [`${word} ${other}`, `${other} ${word}`])
    ),
  ];

  const keywords = await keywordsOf(sql, bodies);

  assertEquals(bodies.filter((_, index) => keywords[index] !== null), []);
});

databaseTest("nothing at all is no keyword", async (sql) => {
  const [row] = await sql`
    select private.opt_out_keyword(null) as keyword, private.mentions_opt_out(null) as words`;

  assertEquals({ ...row }, { keyword: null, words: null });
});

databaseTest("a sentence that holds a word of the list mentions it", async (sql) => {
  const cases = STOP_WORDS.flatMap((word) => [
    `please ${word}`,
    `${word.toUpperCase()} please`,
    `I said "${word}", twice`,
    `Thanks.\n${word}!!! ${"and so on ".repeat(150)}`,
    `${"and so on ".repeat(150)}${word}`,
    `Grüße – ${word}`,
  ]);

  const words = await mentionsOf(sql, cases);

  assertEquals(cases.filter((_, index) => words[index] === null), []);
});

databaseTest("what people write instead of a keyword is a mention of one", async (sql) => {
  const cases = [
    ["Stop texting me", "stop"],
    ["Take me off your list", "take me off"],
    ["take  me\noff!", "take  me\noff"],
    ["Do not contact this number", "do not contact"],
    ["don't text me again", "don't text"],
    ["Don’t call", "don’t call"],
    ["dont message me", "dont message"],
    ["Never write to me again", "never write"],
    ["No more messages", "no more messages"],
    ["leave me alone", "leave me alone"],
    ["Lose my number", "lose my number"],
    ["opt me out", "opt me out"],
    ["I want to be unsubscribed", "unsubscribed"],
    ["Merci d'ARRÊT", "arret"],
    ["ＳＴＯＰ　it", "stop"],
  ];

  const words = await mentionsOf(sql, cases.map(([body]) => body!));

  assertEquals(words, cases.map(([, mention]) => mention!));
});

databaseTest("a keyword by itself, and what only looks like one, mention nothing", async (sql) => {
  const bodies = [
    ...[...STOP_WORDS, ...START_WORDS, ...HELP_WORDS].flatMap((word) => [word, ` ${word}! `]),
    ...["Stopp", "nonstop flights", "the weekend", "quite", "cancelled", "removed", "stopover"],
    ...["ended", "friend", "I opted for the blue one, without", "Yes, see you", "start at 9"],
    ...["text me", "call me", "do not worry", "no more sugar", "take off", "", " "],
  ];

  const words = await mentionsOf(sql, bodies);

  assertEquals(bodies.filter((_, index) => words[index] !== null), []);
});

databaseTest("the longest message is read in a moment", async (sql) => {
  const bodies = ["do not ", "opt ", "no more ", "take me ", "- ", "e\u0301", "стоп "]
    .map((part) => part.repeat(100_000 / part.length));
  const startedAt = performance.now();

  const words = await mentionsOf(sql, bodies);

  assertEquals(words, bodies.map(() => null));
  assert(performance.now() - startedAt < 5_000, "It took longer than 5 s");
});
