import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { databaseTest, type Row } from "../support/engine.ts";
import { createFullWorld, type FullWorld } from "../support/full_world.ts";
import { refusalOf } from "../support/stack.ts";
import { asUser, createAccount } from "../support/world.ts";

const URL = "https://media.example.com/1.png";

databaseTest("media are read in their order, links before files", async (sql) => {
  const world = await createFullWorld(sql);
  const path = await store(sql, world, "1.png", world.memberId);

  const message = { media_urls: [URL, `${URL}?2`], media: [{ path }, { path }] };
  assertEquals(await read(sql, world, world.memberId, message), [URL, `${URL}?2`, path, path]);
  for (const nothing of [{}, { media_urls: null, media: null }, { media_urls: [], media: [] }]) {
    assertEquals(await read(sql, world, world.memberId, nothing), []);
  }
});

databaseTest("each flaw of media is told with its field", async (sql) => {
  const [world, other] = [await createFullWorld(sql), await createFullWorld(sql)];
  const foreign = await store(sql, other, "1.png", other.memberId);
  const strange = await store(sql, world, "1.png?download", world.memberId);
  const path = await store(sql, world, "1.png", world.memberId);
  const own = world.workspaceId;
  const cases: [Row, string][] = [
    [{ media_urls: URL }, "invalid_request media_urls"],
    [{ media_urls: {} }, "invalid_request media_urls"],
    [{ media: path }, "invalid_request media"],
    [{ media: { path } }, "invalid_request media"],
    [{ media_urls: Array(11).fill(URL) }, "too_many_media media_urls"],
    [{ media: Array(11).fill({ path }) }, "too_many_media media"],
    [{ media_urls: Array(9).fill(URL), media: [{ path }, { path }] }, "too_many_media media"],
    [{ media_urls: [null] }, "media_url_invalid media_urls.0"],
    [{ media_urls: [URL, 5] }, "media_url_invalid media_urls.1"],
    [{ media_urls: [[URL]] }, "media_url_invalid media_urls.0"],
    [{ media_urls: [URL, "http://media.example.com/"] }, "media_url_invalid media_urls.1"],
    [{ media_urls: ["https://169.254.169.254/"] }, "media_url_invalid media_urls.0"],
    [{ media_urls: [path] }, "media_url_invalid media_urls.0"],
    [{ media: [null] }, "media_not_found media.0.path"],
    [{ media: [path] }, "media_not_found media.0.path"],
    [{ media: [{ path: 5 }] }, "media_not_found media.0.path"],
    [{ media: [{ path: foreign }] }, "media_not_found media.0.path"],
    [{ media: [{ path: strange }] }, "media_not_found media.0.path"],
    [{ media: [{ path: URL }] }, "media_not_found media.0.path"],
    [{ media: [{ path }, { path: `${own}/2.png` }] }, "media_not_found media.1.path"],
  ];
  for (const [message, flaw] of cases) {
    assertEquals(await read(sql, world, world.memberId, message), flaw, JSON.stringify(message));
  }
});

databaseTest("a file's path is in the workspace's folder and plain", async (sql) => {
  const id = "5eed0000-0000-4000-8000-000000000011";
  const paths: Record<string, boolean> = {
    [`${id}/1.png`]: true,
    [`${id}/2026/11/A picture (1)_final-2.png`]: true,
    [`${id}/${"x".repeat(475)}`]: true,
    [`${id}/${"x".repeat(476)}`]: false,
    [`${id}/`]: false,
    [id]: false,
    [`/${id}/1.png`]: false,
    [`${id.toUpperCase()}/1.png`]: false,
    [`${id}1/1.png`]: false,
    [`${id}//1.png`]: false,
    [`${id}/../1.png`]: false,
    [`${id}/.env`]: false,
    [`${id}/1.png?download`]: false,
    [`${id}/1.png#x`]: false,
    [`${id}/1%2epng`]: false,
    [`${id}/a\\b`]: false,
    [`${id}/a\nb`]: false,
    [`${id}/\u00e9.png`]: false,
    "b0000000-0000-4000-8000-000000000001/1.png": false,
  };
  for (const [path, isPath] of Object.entries(paths)) {
    const [row] = await sql`select private.is_media_path(${path}, ${id}) as is_path`;
    assertEquals(row!.is_path, isPath, path);
  }
});

databaseTest("files are for members, and none of them is changed", async (sql) => {
  const [world, other] = [await createFullWorld(sql), await createFullWorld(sql)];
  const path = await store(sql, world, "1.png", world.ownerId);

  assertEquals(await seenBy(sql, world.memberId, world), [path]);
  assertEquals(await seenBy(sql, other.memberId, world), []);
  assertEquals(await seenBy(sql, world.removedMemberId, world), []);
  for (const userId of [other.memberId, world.removedMemberId]) {
    assertEquals(await refusalOf(() => add(sql, userId, `${world.workspaceId}/2.png`)), "42501");
    assertEquals(await deletedBy(sql, userId, path), 0);
  }
  for (
    const name of ["2.png", `x/${path}`, `${world.workspaceId}2.png`, other.workspaceId + "/2"]
  ) {
    assertEquals(await refusalOf(() => add(sql, world.memberId, name)), "42501", name);
  }
  assertEquals(
    await refusalOf(() => add(sql, world.memberId, `${world.workspaceId}/2.png`, "x")),
    "42501",
  );
  const changed = await asUser(sql, world.memberId, (tx) =>
    tx`
    update storage.objects set name = ${`${world.workspaceId}/2.png`} where name = ${path}`);
  assertEquals(changed.count, 0);
  assertEquals(await deletedBy(sql, world.memberId, path), 1);
});

databaseTest(
  "who sees only what is assigned sees its files and their own, and sends no other",
  async (sql) => {
    const world = await createFullWorld(sql);
    const colleagueId = await createAccount(sql, "colleague");
    await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${world.workspaceId}, ${colleagueId}, 'member')`;
    await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${world.workspaceId}`;
    const theirs = await store(sql, world, "theirs.png", colleagueId);
    const mine = await store(sql, world, "mine.png", world.memberId);
    const sent = await store(sql, world, "sent.png", colleagueId);
    await sql`
    insert into public.message_media (message_id, position, workspace_id, conversation_id, storage_path)
    values (${world.messageId}, 9, ${world.workspaceId}, ${world.conversationId}, ${sent})`;
    const sends = async (path: string) =>
      Array.isArray(await read(sql, world, world.memberId, { media: [{ path }] }));

    assertEquals(await seenBy(sql, world.memberId, world), [mine]);
    assertEquals([await sends(mine), await sends(sent), await sends(theirs)], [true, false, false]);

    await sql`
    update public.conversations set assigned_to = ${world.memberId} where id = ${world.conversationId}`;

    assertEquals(await seenBy(sql, world.memberId, world), [mine, sent]);
    assertEquals([await sends(mine), await sends(sent), await sends(theirs)], [true, true, false]);
    assertEquals(await deletedBy(sql, world.memberId, sent), 0);
    assertEquals(await deletedBy(sql, world.memberId, mine), 1);
    assertEquals(await seenBy(sql, world.ownerId, world), [sent, theirs]);
  },
);

databaseTest(
  "the bucket is created again without harm, and not at all where there is no Storage",
  async (sql) => {
    class Undo extends Error {}
    const policies = (tx: postgres.TransactionSql) =>
      tx`select policyname, cmd, qual, with_check, roles::text from pg_policies
      where schemaname = 'storage' order by policyname`;
    try {
      await sql.begin(async (tx) => {
        const before = await policies(tx);
        assertEquals(
          (await tx`select private.create_media_storage() as is_created`)[0]!.is_created,
          true,
        );
        assertEquals([...await policies(tx)], [...before]);
        assertEquals(before.map(({ cmd, roles }) => [cmd, roles]), [
          ["DELETE", "{authenticated}"],
          ["INSERT", "{authenticated}"],
          ["SELECT", "{authenticated}"],
        ]);
        await tx`alter schema storage rename to elsewhere`;
        assertEquals(
          (await tx`select private.create_media_storage() as is_created`)[0]!.is_created,
          false,
        );
        const path = "5eed0000-0000-4000-8000-000000000011/1.png";
        const [row] = await tx`
        select private.find_stored_media_flaw(split_part(${path}, '/', 1)::uuid, ${path}) as flaw`;
        assertEquals(row!.flaw, "this project has no Storage");
        throw new Undo();
      });
    } catch (error) {
      if (!(error instanceof Undo)) throw error;
    }
  },
);

/** The media that a message of that member's would have, or the code and field of its flaw. */
async function read(sql: postgres.Sql, world: FullWorld, userId: string, message: Row) {
  return await sql.begin(async (tx) => {
    const claims = JSON.stringify({ role: "authenticated", sub: userId });
    await tx`select set_config('request.jwt.claims', ${claims}, true)`;
    const [row] = await tx`
      select * from private.read_media(${world.workspaceId}, ${tx.json(message as never)})`;
    return row!.error_code === null
      ? row!.media as string[]
      : `${row!.error_code} ${row!.error_field}`;
  });
}

/** What Storage leaves of an upload. */
async function add(sql: postgres.Sql, userId: string, path: string, bucket = "message-media") {
  await asUser(sql, userId, (tx) =>
    tx`
    insert into storage.objects (bucket_id, name, owner_id) values (${bucket}, ${path}, ${userId})`);
}

async function store(sql: postgres.Sql, world: FullWorld, name: string, userId: string) {
  const path = `${world.workspaceId}/${name}`;
  await add(sql, userId, path);
  return path;
}

async function seenBy(sql: postgres.Sql, userId: string, { workspaceId }: FullWorld) {
  const rows = await asUser(sql, userId, (tx) =>
    tx`
    select name from storage.objects where name like ${workspaceId + "%"} order by name`);
  return rows.map((row) => row.name as string);
}

async function deletedBy(sql: postgres.Sql, userId: string, path: string): Promise<number> {
  const deleted = await asUser(
    sql,
    userId,
    (tx) => tx`delete from storage.objects where name = ${path}`,
  );
  return deleted.count;
}
