import { dataOf } from "../../supabase/functions/_shared/database/answer.ts";
import { AppError, errorResponse } from "../../supabase/functions/_shared/http/error.ts";
import { toAppError } from "../../supabase/functions/_shared/http/provider_refusal.ts";
import { refusal } from "../../supabase/functions/_shared/providers/provider_errors.ts";
import { createIntake } from "../../supabase/functions/_shared/webhooks/intake.ts";
import { fail, scriptedService, succeed } from "../support/scripted_service.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";

Deno.test("intake turns away what it could not answer in time anyway", async () => {
  const pending = Promise.withResolvers<unknown>();
  const { service } = scriptedService({ ingest_webhooks: () => pending.promise });
  const intake = createIntake(service, () => {});
  const webhook = { connection_id: "c", events: [], body: "" };
  // Two calls are under way; a thousand wait.
  const taken = Array.from({ length: 1_002 }, () => intake.take(webhook));

  const error = await assertRejects(async () => await intake.take(webhook), AppError);

  assertEquals(error.code, "unavailable");
  pending.resolve(fail(503, ""));
  await Promise.allSettled(taken);
});

Deno.test("intake gives the database a limit of time", async () => {
  const { service, calls } = scriptedService({ ingest_webhooks: () => succeed([]) });

  await createIntake(service, () => {}).take({ connection_id: "c", events: [], body: "" });

  assert(calls[0]!.signal instanceof AbortSignal);
});

Deno.test("an answer of the database becomes the error it stands for", () => {
  const codes = [
    fail(404, "PT404"),
    fail(422, "PT422"),
    fail(401, "PGRST301"),
    fail(0, ""),
    fail(503, "PGRST002"),
    fail(500, "40P01"),
    fail(500, "57014"),
  ].map((answer) => assertThrows(() => dataOf(answer as never), AppError).code);

  assertEquals(codes, [
    "not_found",
    "internal",
    "not_authenticated",
    "unavailable",
    "unavailable",
    "unavailable",
    "unavailable",
  ]);
});

Deno.test("an answer that asks to wait says how long, by itself or as the provider asked", () => {
  const waits = [
    new AppError("unavailable", "x"),
    new AppError("rate_limited", "x"),
    new AppError("unavailable", "x", {}, 7),
    toAppError({ ...refusal("rate_limited", "x"), retryAfterMs: 1_500 }),
    new AppError("not_found", "x"),
  ].map((error) => errorResponse(error).headers.get("retry-after"));

  assertEquals(waits, ["5", "30", "7", "2", null]);
});
