import { assertEquals } from "@std/assert";
import { readConnectionOverrides, sign } from "../../scripts/simulator/providers/twilio/webhook.ts";

Deno.test("the signature is the one of Twilio's published example", () => {
  // https://github.com/twilio/twilio-node, spec/validation.spec.js
  const parameters = {
    To: "+18005551212",
    CallSid: "CA1234567890ABCDE",
    From: "+14158675309",
    Digits: "1234",
    Caller: "+14158675309",
  };
  assertEquals(
    sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", parameters),
    "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
  );
});

Deno.test("connection overrides have Twilio's defaults and limits", () => {
  const read = (fragment: string) => {
    const policy = readConnectionOverrides(fragment);
    return [policy.maximumRetries, policy.attemptTimeoutMs, policy.totalTimeoutMs];
  };
  assertEquals(read(""), [1, 15_000, 15_000]);
  assertEquals(read("rc=5&rt=100&tt=200"), [5, 100, 200]);
  assertEquals(read("rc=6&rt=99&tt=15001"), [1, 15_000, 15_000]);
  assertEquals(read("rc=-1&rt=x"), [1, 15_000, 15_000]);
});
