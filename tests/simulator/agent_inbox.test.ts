import { assertEquals } from "@std/assert";
import { withSimulator } from "./support/simulator.ts";

Deno.test("simulated agents take webhooks at any path, keep them, and answer as the path says", async () => {
  await withSimulator(async (simulator) => {
    const post = async (path: string) => {
      const response = await fetch(`${simulator.url}/agent.example.com${path}`, {
        method: "POST",
        headers: { "webhook-id": path },
        body: `to ${path}`,
        redirect: "manual",
      });
      await response.body?.cancel();
      return response;
    };

    const answers = ["/one", "/two/status/410", "/three/redirect", "/four/status/429"].map(post);
    assertEquals((await Promise.all(answers)).map(({ status }) => status), [204, 410, 307, 429]);
    assertEquals((await answers[3]!).headers.get("retry-after"), "900");

    const { body } = await simulator.control<
      { total: number; webhooks: { headers: Record<string, string>; body: string }[] }
    >(
      "GET",
      "/agent-webhooks?path=/one",
    );
    assertEquals([body.total, body.webhooks[0]!.headers["webhook-id"], body.webhooks[0]!.body], [
      1,
      "/one",
      "to /one",
    ]);
    await simulator.control("POST", "/reset");
    assertEquals(
      (await simulator.control<{ total: number }>("GET", "/agent-webhooks")).body.total,
      0,
    );
  });
});
