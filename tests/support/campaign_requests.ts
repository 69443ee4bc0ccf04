/** What tests of campaigns ask for over HTTP. */
import { callFunction } from "./functions.ts";
import { type Person, signUp } from "./people.ts";
import { createWorkspace } from "./workspace.ts";

/** Posts to `/messages/campaigns` and below. */
export const post = (person: Person, path: string, json?: unknown) =>
  callFunction(`messages/campaigns${path}`, { method: "POST", token: person.token, json });

/** A draft of a workspace of its own. */
export async function draft(fields: Record<string, unknown> = {}) {
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  const { body } = await post(owner, "", {
    workspace_id: workspaceId,
    name: "Spring",
    body: "We are open",
    ...fields,
  });
  return { owner, workspaceId, id: body.campaign.id as string };
}

/** Uploads a list of recipients. */
export function upload(
  { owner, id }: { owner: Person; id: string },
  body: BodyInit,
  contentType = "text/csv",
  query = "",
) {
  return callFunction(`messages/campaigns/${id}/recipients${query}`, {
    token: owner.token,
    headers: { "content-type": contentType },
    body,
  });
}

/** The recipients of a campaign, by their address. */
export async function recipientsOf({ owner, id }: { owner: Person; id: string }) {
  const { data } = await owner.client.from("campaign_recipients").select("address, variables")
    .eq("campaign_id", id).order("address");
  return data!;
}
