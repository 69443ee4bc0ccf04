import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "node:path";
import postgres from "postgres";
import { StackError } from "../../scripts/stack/errors.ts";
import { fallbackFor } from "../../scripts/stack/fallback.ts";
import { describeFailedPush } from "../../scripts/stack/migrations.ts";
import { stopAbandonedServer } from "../../scripts/stack/postgres_recovery.ts";
import { deleteStackData } from "../../scripts/stack/reset.ts";
import type { Stack } from "../../scripts/stack/types.ts";
import { isAlive, Project } from "./support/project.ts";

Deno.test("a restart keeps data, keys and secrets, and a stop leaves no process", async (t) => {
  await using project = await Project.create();
  const first = await project.start();
  await (await fetch(`${first.url}/functions/v1/echo`)).body?.cancel();
  await query(
    first,
    `
    insert into public.workspaces (name) values ('kept');
    select vault.create_secret('kept secret', 'kept');`,
  );
  assert((await project.processes()).length >= 2);
  const pids = await project.processes();
  await Promise.all([first.stop(), first.stop()]);
  for (const pid of pids) assert(!await isAlive(pid));

  await t.step("a lock file that names somebody else's process is no obstacle", async () => {
    const cluster = await clusterOf(project);
    await Deno.writeTextFile(join(cluster, "postmaster.pid"), `${Deno.pid}\n${cluster}\n`);
    const second = await project.start();
    try {
      assertEquals([second.publishableKey, second.secretKey], [
        first.publishableKey,
        first.secretKey,
      ]);
      assertEquals(second.users, first.users);
      const rows = await query(second, "select name from public.workspaces where name = 'kept'");
      assertEquals(rows.length, 1);
      const [secret] = await query(
        second,
        "select decrypted_secret from vault.decrypted_secrets where name = 'kept'",
      );
      assertEquals(secret?.decrypted_secret, "kept secret");
      const [seeds] = await query(
        second,
        "select count(*)::int from public.workspaces where name like 'seeded%'",
      );
      assertEquals(seeds?.count, first.users.length);

      await refusesWhileRunning(project);
    } finally {
      await second.stop();
    }
  });

  await t.step("a server that a killed run left behind is stopped", async () => {
    const third = await project.start();
    try {
      const cluster = await clusterOf(project);
      const [pid] = (await Deno.readTextFile(join(cluster, "postmaster.pid"))).split("\n");
      await stopAbandonedServer(cluster);
      assert(!await isAlive(Number(pid)));
    } finally {
      await third.stop();
    }
  });

  await t.step("a reset deletes the data and keeps the keys", async () => {
    await deleteStackData(project.dataDirectory);
    const fourth = await project.start();
    try {
      assertEquals(fourth.publishableKey, first.publishableKey);
      assertEquals(await query(fourth, "select from public.workspaces where name = 'kept'"), []);
    } finally {
      await fourth.stop();
    }
  });
});

Deno.test("a failed start says so in one line and leaves nothing running", async (t) => {
  await using project = await Project.create();
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const failure = async (start: () => Promise<unknown>) => {
    const { message } = await assertRejects(start, StackError);
    assert(!message.includes("\n"));
    assertEquals(await project.processes(), []);
    return message;
  };
  try {
    await t.step("a port in use", async () => {
      assertMatch(
        await failure(() => project.start({ port })),
        new RegExp(`Cannot start the gateway: port ${port} is in use; .* --port$`),
      );
      assertMatch(
        await failure(() => project.start({ databasePort: port })),
        new RegExp(`Cannot start Postgres: port ${port} is in use; .* --database-port$`),
      );
    });

    await t.step("a migration that Postgres refuses", async () => {
      const path = "supabase/migrations/20260102000000_break_it.sql";
      await project.write(
        path,
        "create table public.good ();\nalter table public.missing add x int;",
      );
      assertEquals(
        await failure(() => project.start()),
        "Cannot apply migration 20260102000000_break_it.sql: " +
          'relation "public.missing" does not exist (SQLSTATE 42P01); fix the file, or run ' +
          "`npx -y deno@2.9.6 task reset` to begin with an empty database",
      );
      await Deno.remove(join(project.directory, path));
    });

    await t.step("a database that is none", async () => {
      await Deno.writeTextFile(join(await clusterOf(project), "PG_VERSION"), "9\n");
      assertMatch(await failure(() => project.start()), /^Cannot start Postgres: .* task reset/);
    });
  } finally {
    taken.close();
  }
});

Deno.test("a failed push is described by file, reason and remedy", () => {
  const seed = describeFailedPush(
    'Seeding data from supabase/seed.sql...\nERROR: null value in column "name" (SQLSTATE 23502)\n' +
      "At statement: 0",
  );
  assertStringIncludes(seed, "Cannot load seed supabase/seed.sql: null value in column");
  const other = describeFailedPush("│\n▲  something odd\nTry rerunning the command with --debug");
  assertStringIncludes(other, "Cannot push the migrations: something odd; run `npx");
});

Deno.test("a server of one's own is used as far as it is ours to change", async (t) => {
  await using host = await Project.create();
  await using guest = await Project.create();
  const server = await host.start();
  try {
    const databaseUrl = server.adminDatabaseUrl.replace(/postgres$/, "guest");
    await query({ ...server, databaseUrl: server.adminDatabaseUrl }, "create database guest");

    await t.step("postgres owns the migrations there", async () => {
      const stack = await guest.start({ databaseUrl });
      try {
        const [row] = await query(
          stack,
          `select current_user as me, current_database() as database,
            (select tableowner from pg_tables where tablename = 'workspaces') as owner`,
        );
        assertEquals({ ...row }, { me: "postgres", database: "guest", owner: "postgres" });
        const [secret] = await query(stack, "select vault.create_secret('there') as id");
        const [opened] = await query(
          stack,
          `select decrypted_secret from vault.decrypted_secrets where id = '${secret?.id}'`,
        );
        assertEquals(opened?.decrypted_secret, "there");
      } finally {
        await stack.stop();
      }
    });

    await t.step("a superuser named postgres stays one, and is mentioned", async () => {
      const admin = { ...server, databaseUrl };
      await query(admin, "alter role postgres superuser");
      const stack = await guest.start({ databaseUrl });
      await stack.stop();
      assertEquals(stack.databaseUrl, databaseUrl);
      assertEquals(guest.lines.filter((line) => line.includes("stays one")).length, 1);
    });

    await t.step("another role is refused", async () => {
      await query({ ...server, databaseUrl }, "alter role postgres nosuperuser");
      const url = new URL(databaseUrl);
      url.username = "postgres";
      await query({ ...server, databaseUrl }, `alter role postgres password '${url.password}'`);
      const { message } = await assertRejects(
        () => guest.start({ databaseUrl: url.href }),
        StackError,
      );
      assertMatch(message, /postgres is no superuser; .* DATABASE_URL/);
    });
  } finally {
    await server.stop();
  }
});

async function refusesWhileRunning(project: Project): Promise<void> {
  for (const attempt of [() => project.start(), () => deleteStackData(project.dataDirectory)]) {
    const { message } = await assertRejects(attempt, StackError);
    assertMatch(message, new RegExp(`a stack is running as process ${Deno.pid}; stop it`));
  }
}

async function query(stack: Stack, statement: string): Promise<postgres.Row[]> {
  const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    return [...await sql.unsafe(statement)];
  } finally {
    await sql.end();
  }
}

async function clusterOf(project: Project): Promise<string> {
  for (const parent of [project.dataDirectory, fallbackFor(project.dataDirectory)]) {
    const cluster = join(parent, "database", "cluster");
    if (await Deno.stat(cluster).then(() => true, () => false)) return cluster;
  }
  throw new Error("Cannot find the cluster");
}
