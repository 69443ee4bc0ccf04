import { createWebhookSecrets } from "../../supabase/functions/_shared/webhooks/secrets.ts";
import { scriptedService, succeed, TOKEN } from "../support/scripted_service.ts";
import { assertEquals } from "@std/assert";

function secretsOnClock() {
  const clock = { now: 1_000_000 };
  const database = scriptedService({
    read_webhook_secret: ({ token }) =>
      succeed(token === "unknown".repeat(7) ? [] : [{ connection_id: token, secrets: ["key"] }]),
  });
  const secrets = createWebhookSecrets(database.service, () => clock.now);
  return { clock, secrets, reads: () => database.count("read_webhook_secret") };
}

Deno.test("webhook secrets are kept for less than a minute, then read again", async () => {
  const { clock, secrets, reads } = secretsOnClock();
  await secrets.find("twilio", TOKEN);

  clock.now += 59_999;
  await secrets.find("twilio", TOKEN);
  const withinMinute = reads();
  clock.now += 1;
  await secrets.find("twilio", TOKEN);

  assertEquals([withinMinute, reads()], [1, 2]);
});

Deno.test("webhook secrets ask nobody about a token of a shape that we never make", async () => {
  const { secrets, reads } = secretsOnClock();

  for (const token of ["", "short", "t".repeat(39), "t".repeat(101), `${"t".repeat(42)}%`]) {
    assertEquals(await secrets.find("twilio", token), null, token);
  }

  assertEquals(reads(), 0);
});

Deno.test("webhook secrets are asked for again at most every five seconds", async () => {
  const { clock, secrets, reads } = secretsOnClock();
  await secrets.find("twilio", TOKEN);

  const first = await secrets.findAgain("twilio", TOKEN);
  const second = await secrets.findAgain("twilio", TOKEN);
  clock.now += 4_999;
  const third = await secrets.findAgain("twilio", TOKEN);
  const soon = reads();
  clock.now += 1;
  const later = await secrets.findAgain("twilio", TOKEN);

  assertEquals([first?.connectionId, second, third, later?.connectionId], [
    TOKEN,
    null,
    null,
    TOKEN,
  ]);
  assertEquals([soon, reads()], [2, 3]);
});

Deno.test("webhook secrets of one provider are not those of another", async () => {
  const { secrets, reads } = secretsOnClock();

  await secrets.find("twilio", TOKEN);
  await secrets.find("telnyx", TOKEN);

  assertEquals(reads(), 2);
});

Deno.test("webhook secrets keep no more than five hundred, and forget the oldest first", async () => {
  const { secrets, reads } = secretsOnClock();
  const tokens = Array.from({ length: 501 }, (_, index) => String(index).padStart(43, "t"));
  for (const token of tokens) await secrets.find("twilio", token);

  await secrets.find("twilio", tokens[1]!);
  const kept = reads();
  await secrets.find("twilio", tokens[0]!);

  assertEquals([kept, reads()], [501, 502]);
});

Deno.test("webhook secrets do not remember that a token is unknown", async () => {
  const { secrets, reads } = secretsOnClock();

  const first = await secrets.find("twilio", "unknown".repeat(7));
  const second = await secrets.find("twilio", "unknown".repeat(7));

  assertEquals([first, second, reads()], [null, null, 2]);
});
