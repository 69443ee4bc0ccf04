import { connect } from "./bootstrap.ts";
import type { DemoUser } from "./types.ts";

// As in supabase/seed.sql, and known to everybody who reads it: for stacks on loopback only.
const PASSWORD = "switchboard-demo";
const EMAILS = ["owner", "admin", "member", "stranger"].map((name) => `${name}@example.com`);

/** The people that the seed brought and who can sign in. */
export async function findDemoUsers(adminDatabaseUrl: string): Promise<DemoUser[]> {
  const sql = connect(adminDatabaseUrl);
  try {
    const rows = await sql<{ id: string; email: string }[]>`
      select u.id, u.email from auth.users as u
      join unnest(${EMAILS}::text[]) with ordinality as e (email, position) on e.email = u.email
      order by e.position`;
    return rows.map(({ id, email }) => ({ id, email, password: PASSWORD }));
  } finally {
    await sql.end();
  }
}
