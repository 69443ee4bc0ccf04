import { assert, assertEquals } from "@std/assert";
import { draft, recipientsOf, upload } from "../support/campaign_requests.ts";
import { callFunction } from "../support/functions.ts";
import { freshNumber } from "../support/world.ts";

Deno.test("a CSV file is read whatever it was written by", async () => {
  const [one, two, three] = [freshNumber(), freshNumber(), freshNumber()].sort();
  const files: Record<string, string> = {
    "commas and LF":
      `phone,First name,City\n${one},Ada,"Rome, Italy"\n${two},"B ""B"" B",\n${three},C,D`,
    "semicolons, BOM and CRLF":
      `\uFEFFFirst name;Phone;City\r\nAda;${one};"Rome, Italy"\r\n"B ""B"" B";${two};\r\nC;${three};D\r\n`,
    "tabs, blank lines and spaces":
      `\n\nFIRST NAME\t phone \tCity\n\nAda\t ${one} \tRome, Italy\n\t\t\n"B ""B"" B"\t${two}\t\nC\t${three}\tD\n\n\n`,
    "CR, and fewer values":
      `phone,First name,City\r${one},Ada,"Rome, Italy"\r${two},"B ""B"" B"\r${three},C,D\r`,
  };

  for (const [name, file] of Object.entries(files)) {
    const campaign = await draft();
    const { status, body } = await upload(campaign, file);
    assertEquals([status, body.added_count, body.error_count], [200, 3, 0], name);
    assertEquals(await recipientsOf(campaign), [
      { address: one!, variables: { first_name: "Ada", city: "Rome, Italy" } },
      { address: two!, variables: { first_name: 'B "B" B' } },
      { address: three!, variables: { first_name: "C", city: "D" } },
    ], name);
  }
});

Deno.test("a row of CSV may run over lines and over the pieces it comes in", async () => {
  const campaign = await draft();
  const rows = Array.from(
    { length: 40 },
    (_, index) => `${freshNumber()},"Line ${index}\r\nnext ä"`,
  );
  const bytes = new TextEncoder().encode(`phone,note\r\n${rows.join("\r\n")}\r\n`);
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let start = 0; start < bytes.length; start += 7) {
        controller.enqueue(bytes.slice(start, start + 7));
      }
      controller.close();
    },
  });

  const { status, body } = await upload(campaign, pieces);

  assertEquals([status, body.row_count, body.added_count], [200, 40, 40]);
  const notes = (await recipientsOf(campaign)).map(({ variables }) => (variables as never)["note"]);
  assertEquals(new Set(notes), new Set(rows.map((_, index) => `Line ${index}\nnext ä`)));
});

Deno.test("a CSV file that cannot be read is refused as a whole, with the remedy", async () => {
  const campaign = await draft();
  const columns = Array.from({ length: 101 }, (_, index) => `c${index}`).join(",");
  const files: [string, BodyInit, string][] = [
    ["empty", "", "invalid_request"],
    ["blank", "\n\n", "invalid_request"],
    ["only a header", "phone,name\n", "invalid_request"],
    ["no address column", "name,city\nAda,Rome\n", "address_column_missing"],
    ["101 columns", `phone,${columns}\n`, "invalid_request"],
    ["a column twice", "phone,name,Name\n", "invalid_request"],
    ["not UTF-8", new Uint8Array([112, 104, 111, 110, 101, 10, 0xff, 0xfe]), "invalid_request"],
    ["an open quote", `phone,name\n"Ada,Rome\n`, "invalid_request"],
    ["a row without an end", `phone,name\n"${"x".repeat(1_200_000)}`, "invalid_request"],
  ];

  for (const [name, file, code] of files) {
    const { status, body } = await upload(campaign, file);
    assertEquals([status >= 400 && status < 500, body.error?.code], [true, code], name);
  }
  assertEquals((await upload(campaign, "x", "text/plain")).status, 400);
  assertEquals(await recipientsOf(campaign), []);
});

Deno.test("a hundred columns are taken, and another column may hold the address", async () => {
  const campaign = await draft();
  const names = Array.from({ length: 98 }, (_, index) => `c${index}`);
  const address = freshNumber();
  const file = `phone,Work line,${names.join(",")}\n?,${address},${names.join(",")}\n`;

  const { body } = await upload(campaign, file, "text/csv", "?address_column=Work%20line");

  assertEquals([body.added_count, body.error_count], [1, 0]);
  const [recipient] = await recipientsOf(campaign);
  assertEquals(Object.keys(recipient!.variables as object).length, 99);
});

Deno.test("numbers are read as those of the campaign's country, and bad ones named by their row", async () => {
  const campaign = await draft({ default_country: "DE", body: "Hi {{name}}" });
  const file = [
    "phone,name",
    "030 1234567,Ada",
    "+49 (30) 1234567,again",
    "0049 30 7654321,Bob",
    "12,Eve",
    "+14155550123x9,Dan",
    "030 1112223,",
    "030 1112224,too,many",
  ].join("\n");

  const { body } = await upload(campaign, file, "text/csv; charset=utf-8", "?first_row=11");

  assertEquals([body.row_count, body.added_count, body.duplicate_count], [7, 2, 1]);
  assertEquals(
    body.errors.map((error: Record<string, unknown>) => [error.row_number, error.code]),
    [
      [14, "invalid_recipient"],
      [15, "invalid_recipient"],
      [16, "variable_missing"],
      [17, "variables_invalid"],
    ],
  );
  assertEquals((await recipientsOf(campaign)).map((row) => row.address), [
    "+49301234567",
    "+49307654321",
  ]);
});

Deno.test("JSON is taken as a list, inside an object, and line by line", async () => {
  const [one, two] = [freshNumber(), freshNumber()].sort() as [string, string];
  const rows = [
    { address: one, variables: { name: "A\0da", count: 3, none: null } },
    { address: two },
    { address: 7 },
    "nonsense",
    { address: freshNumber(), variables: { nested: {} } },
  ];
  const bodies: [string, string][] = [
    ["application/json", JSON.stringify(rows)],
    ["application/json", JSON.stringify({ recipients: rows })],
    ["application/x-ndjson", rows.map((row) => JSON.stringify(row)).join("\n")],
  ];

  for (const [contentType, body] of bodies) {
    const campaign = await draft();
    const { status, body: answer } = await upload(campaign, body, contentType);
    assertEquals([status, answer.added_count, answer.error_count], [200, 2, 3], contentType);
    assertEquals(await recipientsOf(campaign), [
      { address: one, variables: { name: "Ada", count: "3" } },
      { address: two, variables: {} },
    ]);
  }
  const campaign = await draft();
  assertEquals((await upload(campaign, "{", "application/json")).body.error.code, "invalid_json");
  assertEquals((await upload(campaign, "{}", "application/json")).body.error.code, "invalid_json");
});

Deno.test("a list larger than any other body is taken, with more errors than the answer holds", async () => {
  const campaign = await draft();
  const good = Array.from({ length: 25_000 }, (_, n) => `+1415${2_000_000 + n},${"x".repeat(600)}`);
  const bad = Array.from({ length: 1_200 }, (_, n) => `bad ${n},`);

  const { status, body } = await upload(campaign, `phone,note\n${[...bad, ...good].join("\n")}`);

  assertEquals([status, body.row_count, body.added_count, body.error_count], [
    200,
    26_200,
    25_000,
    1_200,
  ]);
  assertEquals(body.errors.length, 1_000);
  assert(body.hint.includes("campaign_row_errors"));
  const { count } = await campaign.owner.client.from("campaign_row_errors")
    .select("*", { count: "exact", head: true }).eq("campaign_id", campaign.id);
  assertEquals(count, 1_200);
  const cleared = await callFunction(`messages/campaigns/${campaign.id}/recipients`, {
    method: "DELETE",
    token: campaign.owner.token,
  });
  assertEquals(cleared.status, 204);
});

Deno.test("other bodies keep their limit", async () => {
  const { owner } = await draft();
  const tooLarge = "x".repeat(12 * 1024 * 1024 + 1);

  const { status } = await callFunction("messages/campaigns", {
    token: owner.token,
    body: tooLarge,
  });

  assertEquals(status, 413);
});
