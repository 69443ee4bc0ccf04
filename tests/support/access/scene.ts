import type postgres from "postgres";
import { createFullWorld, type FullWorld } from "../full_world.ts";
import { asUser, createAccount } from "../world.ts";
import type { Role } from "./probe.ts";

/** Who tries, and which workspace counts as their own. */
export interface Subject {
  name: string;
  role: Role;
  userId: string | null;
  own: FullWorld;
  other: FullWorld;
}

export interface Scene {
  own: FullWorld;
  other: FullWorld;
  /** Its members see only what is assigned; the first conversation is assigned to its member. */
  restricted: FullWorld;
  subjects: Subject[];
  strangerId: string;
  /** Of an invitation of the stranger's into `own`. */
  strangersToken: string;
}

/** Three workspaces full of rows, and everybody who could want something of them. */
export async function createScene(sql: postgres.Sql): Promise<Scene> {
  const [own, other, restricted] = [
    await createFullWorld(sql),
    await createFullWorld(sql),
    await createFullWorld(sql),
  ];
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${restricted.workspaceId}`;
  await sql`
    update public.conversations set assigned_to = ${restricted.memberId} where id = ${restricted.conversationId}`;
  const strangerId = await createAccount(sql, "stranger");
  const [stranger] = await sql`
    update auth.users set email_confirmed_at = now() where id = ${strangerId} returning email`;
  const [invitation] = await asUser(
    sql,
    own.ownerId,
    (tx) => tx`select token from public.create_invitation(${own.workspaceId}, ${stranger!.email})`,
  );
  const person = (name: string, userId: string, world = own): Subject => (
    { name, role: "authenticated", userId, own: world, other }
  );
  return {
    own,
    other,
    restricted,
    strangerId,
    strangersToken: invitation!.token,
    subjects: [
      { name: "anon", role: "anon", userId: null, own, other },
      person("stranger", strangerId),
      person("removed member", own.removedMemberId),
      person("assigned-only member", restricted.memberId, restricted),
      person("member", own.memberId),
      person("admin", own.adminId),
      person("owner", own.ownerId),
      { name: "service_role", role: "service_role", userId: null, own, other },
    ],
  };
}
