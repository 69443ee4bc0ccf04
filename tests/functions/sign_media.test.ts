import { assertEquals } from "@std/assert";
import type { ClaimedJob } from "../../supabase/functions/_shared/messages/job.ts";
import { signMedia } from "../../supabase/functions/_shared/messages/sign_media.ts";

const WORKSPACE = "5eed0000-0000-4000-8000-000000000011";
const PICTURE = `${WORKSPACE}/a picture (1).png`;
const MENU = `${WORKSPACE}/menu.pdf`;
const LINK = "https://media.example.com/1.png";

const jobOf = (message_id: string, media_urls: string[], changes: Partial<ClaimedJob> = {}) =>
  ({ step: "send", message_id, media_urls, ...changes }) as ClaimedJob;

const signed = (path: string) => ({
  path,
  signedURL: `/object/sign/message-media/${path}?token=of-${path.length}`,
  error: null,
});

Deno.test("stored files of a batch get URLs in one call, in their place", async () => {
  await using storage = startStorage(({ paths }) => Response.json(paths.map(signed)));
  const jobs = [
    jobOf("one", [LINK, PICTURE]),
    jobOf("two", [MENU, PICTURE]),
    jobOf("three", [LINK]),
  ];

  const { jobs: ready, outcomes } = await signMedia(storage.access, jobs);

  const base = "https://files.example.com/storage/v1/object/sign/message-media";
  const picture = `${base}/${WORKSPACE}/a%20picture%20(1).png?token=of-${PICTURE.length}`;
  const menu = `${base}/${MENU}?token=of-${MENU.length}`;
  assertEquals(ready.map((job) => job.media_urls), [[LINK, picture], [menu, picture], [LINK]]);
  assertEquals(outcomes, []);
  assertEquals(storage.requests, [{
    path: "/storage/v1/object/sign/message-media",
    apikey: "sb_secret_test",
    authorization: null,
    body: { expiresIn: 43_200, paths: [PICTURE, MENU] },
  }]);
});

Deno.test("a key that is a JWT says so", async () => {
  await using storage = startStorage(({ paths }) => Response.json(paths.map(signed)));
  const access = { ...storage.access, secretKey: "eyJ.legacy.key" };

  await signMedia(access, [jobOf("one", [MENU])]);

  assertEquals(storage.requests[0]?.authorization, "Bearer eyJ.legacy.key");
});

Deno.test("nothing is asked for where nothing is stored", async () => {
  await using storage = startStorage(() => Response.json([]));
  const jobs = [
    jobOf("one", [LINK]),
    jobOf("two", []),
  ];

  assertEquals(await signMedia(storage.access, jobs), { jobs, outcomes: [] });
  assertEquals(storage.requests, []);
});

Deno.test("a message whose file is gone fails for good, and alone", async () => {
  const gone = { path: MENU, signedURL: null, error: "Either the object does not exist" };
  await using storage = startStorage(() => Response.json([gone, signed(PICTURE)]));

  const { jobs, outcomes } = await signMedia(storage.access, [
    jobOf("one", [PICTURE, MENU]),
    jobOf("two", [PICTURE]),
    jobOf("three", []),
  ]);

  assertEquals(jobs.map((job) => job.message_id), ["two", "three"]);
  assertEquals(
    outcomes.map(({ message_id, outcome, error_code, is_retryable }) => [
      message_id,
      outcome,
      error_code,
      is_retryable,
    ]),
    [["one", "rejected", "media_not_found", false]],
  );
});

Deno.test("while Storage cannot be reached or read, only messages with files are put back", async () => {
  const answers: Record<string, () => Response> = {
    "an error": () => new Response("no", { status: 503 }),
    "no JSON": () => new Response("<html>"),
    "no list": () => Response.json({ message: "no" }),
    "a list of nothing": () => Response.json([null]),
    "a redirect": () => Response.redirect("https://files.example.com/"),
  };
  for (const [name, answer] of Object.entries(answers)) {
    await using storage = startStorage(answer);
    const { jobs, outcomes } = await withoutLog(() =>
      signMedia(storage.access, [jobOf("one", [MENU]), jobOf("two", [LINK])])
    );

    assertEquals(jobs.map((job) => job.message_id), ["two"], name);
    assertEquals(
      outcomes.map(({ message_id, outcome, is_retryable }) => [message_id, outcome, is_retryable]),
      [["one", "rejected", true]],
      name,
    );
  }
});

Deno.test("a URL of another file is not taken for the one that was asked for", async () => {
  const stranger = { path: MENU, signedURL: signed("another/file.png").signedURL, error: null };
  await using storage = startStorage(() => Response.json([stranger]));

  const { outcomes } = await signMedia(storage.access, [jobOf("one", [MENU])]);

  assertEquals(outcomes.map((outcome) => outcome.error_code), ["media_not_found"]);
});

interface SignRequest {
  expiresIn: number;
  paths: string[];
}

/** Stands in for Storage, and keeps what it was asked. */
function startStorage(answer: (body: SignRequest) => Response) {
  const requests: object[] & { authorization?: string | null }[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const body = await request.json();
      const { headers } = request;
      requests.push({
        path: new URL(request.url).pathname,
        apikey: headers.get("apikey"),
        authorization: headers.get("authorization"),
        body,
      });
      return answer(body);
    },
  );
  return {
    requests,
    access: {
      url: `http://127.0.0.1:${server.addr.port}/storage/v1`,
      publicUrl: "https://files.example.com/storage/v1",
      secretKey: "sb_secret_test",
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Runs `work` without what it logs. */
async function withoutLog<Value>(work: () => Promise<Value>): Promise<Value> {
  const { error } = console;
  console.error = () => {};
  try {
    return await work();
  } finally {
    console.error = error;
  }
}
