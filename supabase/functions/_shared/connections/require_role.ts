import type { DatabaseClient } from "../database/client.ts";
import { dataOf } from "../database/answer.ts";
import type { Caller } from "../http/authentication.ts";
import { AppError } from "../http/error.ts";

/** The caller's role in a workspace; refuses a stranger before anything is asked of a provider. */
export async function requireMember(
  client: DatabaseClient,
  caller: Caller,
  workspaceId: string,
): Promise<string> {
  const member = dataOf(
    await client.from("workspace_members").select("role")
      .eq("workspace_id", workspaceId).eq("user_id", caller.id).maybeSingle(),
  );
  if (!member) {
    throw new AppError("not_found", "Cannot find the workspace", {
      issues: [{ field: "workspace_id", message: "is not a workspace of yours" }],
    });
  }
  return member.role;
}

/** The same for who may manage what is the workspace's. */
export async function requireAdmin(
  client: DatabaseClient,
  caller: Caller,
  workspaceId: string,
): Promise<void> {
  if (await requireMember(client, caller, workspaceId) === "member") {
    throw new AppError("forbidden", "Cannot manage connections: the role is member", {
      hint: "Ask an owner or admin of the workspace",
    });
  }
}
