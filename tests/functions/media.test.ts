import { assert, assertEquals } from "@std/assert";
import { runDispatch, untilStatus } from "../support/messages.ts";
import { anonymousClient, type Client, signUp } from "../support/people.ts";
import { connectToDatabase, readTestStack } from "../support/stack.ts";
import { createConnectedWorkspace, sendMessage, type Workspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";

const PICTURE = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10, 1, 2, 3]);

Deno.test("a stored picture becomes an MMS whose URL the provider can fetch", async () => {
  const workspace = await createConnectedWorkspace();
  const path = `${workspace.id}/a picture (1).png`;
  await upload(workspace.owner.client, path);

  const { status, body } = await sendMessage(workspace, {
    to: freshNumber(),
    media_urls: ["https://media.example.com/1.png"],
    media: [{ path }],
  });

  assertEquals(status, 202, JSON.stringify(body));
  const message = await untilStatus(body.message.id, "delivered");
  assertEquals(message.message_media.map(({ url, storage_path }) => [url, storage_path]), [
    ["https://media.example.com/1.png", null],
    [null, path],
  ]);
  const externalId = message.message_attempts[0]!.external_id!;
  assertEquals(await fetchedByProvider(workspace, externalId, 1), {
    contentType: "image/png",
    bytes: PICTURE,
  });
});

Deno.test("a picture that was deleted before it left fails the message, and says so", async () => {
  const workspace = await createConnectedWorkspace();
  const path = `${workspace.id}/gone.png`;
  await upload(workspace.owner.client, path);
  const { data } = await workspace.owner.client.rpc("enqueue_messages", {
    workspace_id: workspace.id,
    messages: [{ to_address: freshNumber(), body: "Look", media: [{ path }] }],
  });
  await bucketOf(workspace.owner.client).remove([path]);

  await runDispatch();

  const message = await untilStatus(data![0]!.message_id, "failed");
  assertEquals(message.error_code, "media_not_found");
});

Deno.test("a message takes along only files of its workspace that are there", async () => {
  const [mine, theirs] = [await createConnectedWorkspace(), await createConnectedWorkspace()];
  const path = `${theirs.id}/1.png`;
  await upload(theirs.owner.client, path);

  for (const wanted of [path, `${mine.id}/1.png`, `${mine.id}/../${path}`, "1.png"]) {
    const { status, body } = await sendMessage(mine, {
      to: freshNumber(),
      media: [{ path: wanted }],
    });

    const { code, details } = body.error;
    assertEquals([status, code, details.issues[0].field], [404, "media_not_found", "media.0.path"]);
    assert(details.hint.includes("message-media"));
  }
});

Deno.test("a stranger reads, signs, lists, adds and deletes nothing of another workspace", async () => {
  const workspace = await createConnectedWorkspace();
  const path = `${workspace.id}/1.png`;
  await upload(workspace.owner.client, path);
  assertEquals((await bucketOf(workspace.owner.client).list(workspace.id)).data?.length, 1);

  for (const { client } of [await signUp("stranger"), { client: anonymousClient() }]) {
    const bucket = bucketOf(client);
    assertEquals((await bucket.download(path)).data, null);
    assertEquals((await bucket.createSignedUrl(path, 60)).data, null);
    const { data: signed } = await bucket.createSignedUrls([path], 60);
    assertEquals(signed?.map(({ signedUrl }) => signedUrl) ?? [null], [null]);
    assertEquals((await bucket.list(workspace.id)).data ?? [], []);
    const file = new Blob([PICTURE], { type: "image/png" });
    assertEquals((await bucket.upload(`${workspace.id}/2.png`, file)).data, null);
    assertEquals((await bucket.upload("2.png", file)).data, null);
    assertEquals((await bucket.upload(path, file, { upsert: true })).data, null);
    assertEquals((await bucket.remove([path])).data ?? [], []);
    assertEquals((await bucket.move(path, `${workspace.id}/3.png`)).data, null);
    const { url } = readTestStack();
    const open = await fetch(`${url}/storage/v1/object/public/message-media/${path}`);
    await open.body?.cancel();
    assertEquals(open.ok, false);
  }

  const { data } = await bucketOf(workspace.owner.client).list(workspace.id);
  assertEquals(data?.map(({ name }) => name.split("/").at(-1)), ["1.png"]);
});

Deno.test("a member reads by signed URL, and nobody changes the file behind it", async () => {
  const workspace = await createConnectedWorkspace();
  const bucket = bucketOf(workspace.owner.client);
  const path = `${workspace.id}/1.png`;
  await upload(workspace.owner.client, path);

  const { data } = await bucket.createSignedUrl(path, 60);
  const answer = await fetch(data!.signedUrl);
  const forged = await fetch(data!.signedUrl.replace("1.png", "2.png"));
  await forged.body?.cancel();

  assertEquals(await answer.bytes(), PICTURE);
  assertEquals(forged.ok, false);
  const other = new Blob(["other"], { type: "image/png" });
  assertEquals((await bucket.upload(path, other, { upsert: true })).data, null);
  assertEquals((await bucket.move(path, `${workspace.id}/2.png`)).data, null);
  assertEquals((await bucket.remove([path])).data?.length, 1);
});

Deno.test("what no phone shows, what runs in a browser and what is too large is not stored", async () => {
  const workspace = await createConnectedWorkspace();
  const bucket = bucketOf(workspace.owner.client);
  const files: [string, Blob][] = [
    ["page.html", new Blob(["<script>"], { type: "text/html" })],
    ["drawing.svg", new Blob(["<svg/>"], { type: "image/svg+xml" })],
    ["anything", new Blob(["x"], { type: "application/octet-stream" })],
    ["large.png", new Blob([new Uint8Array(5 * 1024 * 1024 + 1)], { type: "image/png" })],
  ];
  for (const [name, file] of files) {
    assertEquals((await bucket.upload(`${workspace.id}/${name}`, file)).data, null, name);
  }
  const sql = connectToDatabase();
  const [stored] = await sql`
    select public, file_size_limit::int, 'image/svg+xml' = any (allowed_mime_types) as takes_svg
    from storage.buckets where id = 'message-media'`;
  await sql.end();
  assertEquals({ ...stored }, { public: false, file_size_limit: 5_242_880, takes_svg: false });
});

const bucketOf = (client: Client) => client.storage.from("message-media");

async function upload(client: Client, path: string): Promise<void> {
  const file = new Blob([PICTURE], { type: "image/png" });
  const { error } = await bucketOf(client).upload(path, file);
  if (error) throw new Error(`Cannot upload: ${error.message}`);
}

/** What the simulated Twilio gets when it follows the URL that it was given. */
async function fetchedByProvider({ account }: Workspace, messageSid: string, index: number) {
  const base = `${readTestStack().simulator_url}/api.twilio.com/2010-04-01/Accounts/` +
    `${account.account_sid}/Messages/${messageSid}/Media`;
  const headers = {
    authorization: `Basic ${btoa(`${account.account_sid}:${account.auth_token}`)}`,
  };
  const list = await (await fetch(`${base}.json`, { headers })).json();
  const answer = await fetch(`${base}/${list.media_list[index].sid}`, { headers });
  return { contentType: answer.headers.get("content-type"), bytes: await answer.bytes() };
}
