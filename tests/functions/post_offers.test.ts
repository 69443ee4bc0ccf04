/** One offer and one agent, who may be anybody: what is posted, where, and what counts as having arrived. */
import { OFFER_TRANSPORT } from "../../supabase/functions/_shared/agents/agent_endpoint.ts";
import { deliverOffers } from "../../supabase/functions/_shared/agents/deliver_offers.ts";
import {
  type ClaimedOffer,
  postOneOffer,
} from "../../supabase/functions/_shared/agents/post_offer.ts";
import type { Resolve } from "../../supabase/functions/_shared/http/name_guard.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { fail, scriptedService, succeed } from "../support/scripted_service.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { Webhook } from "standardwebhooks";

const SECRET = "whsec_" + btoa("0123456789abcdef0123456789abcdef");
const offer: ClaimedOffer = {
  offer_id: "0192f5b4-0000-7000-8000-000000000001",
  attempt_number: 2,
  agent_id: "agent",
  webhook_url: "https://agent.example.com/hook/token-in-the-path?key=value",
  payload: { type: "message.received", data: { text: "Grüße 👋", from: "+14155550111" } },
};
const { offer_id, attempt_number } = offer;
const nowhere: Resolve = () => Promise.resolve([]);

function answering(answer: () => Response | Promise<Response>, resolve = nowhere) {
  const requests: Request[] = [];
  const transport = createTransport({
    ...OFFER_TRANSPORT,
    timeoutMs: 50,
    fetch: (request) => {
      requests.push(request);
      return Promise.resolve(answer());
    },
  });
  return { requests, deps: { transport, resolve } };
}

const outcomeOf = async (answer: () => Response | Promise<Response>) =>
  await postOneOffer(answering(answer).deps, offer, [SECRET]);

Deno.test("an offer is posted to its address, to the byte as it is signed", async () => {
  const { requests, deps } = answering(() => new Response(null, { status: 204 }));

  const outcome = await postOneOffer(deps, offer, [SECRET]);

  assertEquals(outcome, { offer_id, attempt_number, is_delivered: true });
  const [request] = requests;
  assertEquals([request!.method, request!.url, request!.redirect], [
    "POST",
    offer.webhook_url,
    "manual",
  ]);
  const headers = Object.fromEntries(request!.headers);
  assertEquals([headers["webhook-id"], headers["content-type"]], [offer_id, "application/json"]);
  assertEquals(new Webhook(SECRET).verify(await request!.text(), headers), offer.payload);
});

Deno.test("whatever else it says, 2xx says that the agent has it", async () => {
  const bodies = ["x".repeat(100_000), "not JSON", "{}", ""];

  for (const body of bodies) {
    assertEquals((await outcomeOf(() => new Response(body, { status: 202 }))).is_delivered, true);
  }
});

Deno.test("anything but 2xx is tried again, and its words are not kept", async () => {
  for (const status of [301, 307, 400, 401, 404, 500, 503]) {
    const { is_delivered, error, is_gone } = await outcomeOf(() =>
      new Response("token-in-the-path " + SECRET, {
        status,
        headers: { location: "https://127.0.0.1/" },
      })
    );
    assertEquals([is_delivered, is_gone], [false, undefined]);
    assertMatch(error!, new RegExp(`^[^/]*the agent's webhook[^/]*status ${status}[^/]*$`));
  }
});

Deno.test("an agent that does not answer in time is tried again", async () => {
  const transport = createTransport({
    timeoutMs: 5,
    fetch: (request) =>
      new Promise((_, reject) =>
        request.signal.addEventListener("abort", () => reject(new Error()))
      ),
  });

  const outcome = await postOneOffer({ transport, resolve: nowhere }, offer, [SECRET]);

  assertEquals([outcome.is_delivered, outcome.error], [
    false,
    "Cannot call the agent's webhook: no answer within 5 ms",
  ]);
});

Deno.test("410 says that the address is gone, and retry-after how long to wait", async () => {
  const gone = await outcomeOf(() => new Response(null, { status: 410 }));
  assertEquals([gone.is_gone, gone.webhook_url], [true, offer.webhook_url]);

  const busy = await outcomeOf(() =>
    new Response(null, { status: 503, headers: { "retry-after": "7" } })
  );
  assertEquals(busy.retry_after_seconds, 7);
});

Deno.test("nothing is sent to an address inside, by whatever name", async () => {
  const inside: [string, Resolve][] = [
    ["https://127.0.0.1/", nowhere],
    ["https://agent.example.com:8080/", nowhere],
    ["http://agent.example.com/", nowhere],
    [
      "https://127.0.0.1.nip.example/",
      (_, kind) => Promise.resolve(kind === "A" ? ["127.0.0.1"] : []),
    ],
    [
      "https://two.example.com/",
      (_, kind) => Promise.resolve(kind === "A" ? ["1.1.1.1", "10.0.0.7"] : []),
    ],
    [
      "https://six.example.com/",
      (_, kind) => Promise.resolve(kind === "AAAA" ? ["::1"] : ["1.1.1.1"]),
    ],
    [
      "https://mapped.example.com/",
      (_, kind) => Promise.resolve(kind === "AAAA" ? ["::FFFF:169.254.169.254"] : []),
    ],
    [
      "https://metadata.example.com/",
      (_, kind) => Promise.resolve(kind === "A" ? ["169.254.169.254"] : []),
    ],
  ];

  for (const [webhook_url, resolve] of inside) {
    const { requests, deps } = answering(() => new Response(), resolve);
    const outcome = await postOneOffer(deps, { ...offer, webhook_url }, [SECRET]);
    assertEquals(
      [outcome.is_delivered, outcome.is_gone, requests.length],
      [false, true, 0],
      webhook_url,
    );
    assertMatch(outcome.error!, /^Cannot post to the agent's webhook: the URL /);
  }
});

Deno.test("a name on the public internet, or one that nobody knows, is called", async () => {
  const resolvers: Resolve[] = [
    (_, kind) => Promise.resolve(kind === "A" ? ["93.184.215.14"] : ["2606:2800:21f:cb07::1"]),
    () => Promise.reject(new Error("no such name")),
  ];

  for (const resolve of resolvers) {
    const { requests, deps } = answering(() => new Response(), resolve);
    await postOneOffer(deps, offer, [SECRET]);
    assertEquals(requests.length, 1);
  }
});

Deno.test("an offer without a secret that can be read is not sent, and tried again", async () => {
  const { requests, deps } = answering(() => new Response());

  const outcome = await postOneOffer(deps, offer, []);

  assertEquals([outcome.is_delivered, outcome.is_gone, requests.length], [false, undefined, 0]);
});

Deno.test("of a batch each is posted with the secrets of its own agent, and recorded in one call", async () => {
  const { requests, deps } = answering(() => new Response());
  const second = { ...offer, offer_id: crypto.randomUUID(), agent_id: "other" };
  const broken = { ...offer, offer_id: crypto.randomUUID(), agent_id: "broken" };
  const batches = [[offer, second, broken], []];
  const other = "whsec_" + btoa("x".repeat(32));
  const { service, calls, count } = scriptedService({
    claim_agent_offers: () => succeed(batches.shift()),
    read_agent_webhook_secrets: () =>
      succeed([
        { agent_id: "agent", secrets: [SECRET] },
        { agent_id: "other", secrets: [other] },
        { agent_id: "broken", secrets: ["whsec_???"] },
      ]),
    record_agent_offers: () => succeed(3),
  });

  const report = await deliverOffers({ service, ...deps });

  assertEquals([report, count("record_agent_offers")], [{ delivered: 2, failed: 1 }, 1]);
  for (const [index, secret] of [SECRET, other].entries()) {
    new Webhook(secret).verify(
      await requests[index]!.text(),
      Object.fromEntries(requests[index]!.headers),
    );
  }
  const { outcomes } = calls.find(({ name }) => name === "record_agent_offers")!.input as {
    outcomes: { is_delivered: boolean }[];
  };
  assertEquals(outcomes.map(({ is_delivered }) => is_delivered), [true, true, false]);
});

Deno.test("what cannot be recorded ends the run: it is due again when its lease ends", async () => {
  const { deps } = answering(() => new Response());
  const { service, count } = scriptedService({
    claim_agent_offers: () => succeed([offer]),
    read_agent_webhook_secrets: () => succeed([{ agent_id: "agent", secrets: [SECRET] }]),
    record_agent_offers: () => fail(503, ""),
  });

  const report = await deliverOffers({ service, ...deps });

  assertEquals([report, count("claim_agent_offers")], [{ delivered: 0, failed: 0 }, 1]);
});
