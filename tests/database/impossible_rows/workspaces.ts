import type { FullWorld } from "../../support/full_world.ts";
import { badLengths, type Impossible, update } from "./statements.ts";

const profile = (w: FullWorld) => (change: string) =>
  update("public.profiles", change, `id = '${w.ownerId}'`);
const plan = (change: string) => update("public.plans", change, "id = 'pro'");
const workspace = (w: FullWorld) => (change: string) =>
  update("public.workspaces", change, `id = '${w.workspaceId}'`);
const invitation = (w: FullWorld) => (change: string) =>
  update("public.workspace_invitations", change, `workspace_id = '${w.workspaceId}'`);
const audit = (w: FullWorld) => (change: string) =>
  update("public.audit_log", change, `workspace_id = '${w.workspaceId}'`);

/** People, plans, workspaces and what is written down about them. */
export const WORKSPACES: Impossible = {
  audit_log_details_are_an_object: (w) =>
    update("public.audit_log", "details = '[]'", `workspace_id = '${w.workspaceId}'`),
  audit_log_action_is_named: (w) => [
    audit(w)("action = 'Did Something'"),
    audit(w)("action = 'created'"),
  ],
  invitation_tokens_hash_is_sha256: (w) =>
    `update private.invitation_tokens set token_hash = substring(token_hash from 2) where invitation_id in
      (select id from public.workspace_invitations where workspace_id = '${w.workspaceId}')`,
  plan_limits_channel_is_known: () =>
    "insert into public.plan_limits (plan_id, channel) values ('pro', 'pigeon')",
  plan_limits_limit_is_not_negative: () =>
    update("public.plan_limits", "monthly_limit = -1", "plan_id = 'pro'"),
  plans_display_name_has_length: () => badLengths(plan, "display_name", 100),
  plans_id_is_plain: () =>
    "insert into public.plans (id, display_name, monthly_price) values ('No Plan', 'x', 1)",
  plans_price_has_currency: () => [plan("price_currency = 'usd'"), plan("price_currency = 'EURO'")],
  plans_price_is_an_amount: () => [
    plan("monthly_price = -1"),
    plan("monthly_price = 'NaN'"),
    plan("monthly_price = 'Infinity'"),
  ],
  profiles_display_name_has_length: (w) => badLengths(profile(w), "display_name", 100),
  workspace_invitations_acceptor_has_accepted: (w) => invitation(w)(`accepted_by = '${w.ownerId}'`),
  workspace_invitations_email_is_an_address: (w) => [
    invitation(w)("email = 'nowhere'"),
    invitation(w)("email = 'Not@Lower.example'"),
    invitation(w)("email = repeat('x', 250) || '@x.example'"),
  ],
  workspace_invitations_end_once: (w) => invitation(w)("accepted_at = now(), revoked_at = now()"),
  workspace_invitations_expire_later: (w) => invitation(w)("expires_at = created_at"),
  workspace_invitations_role_is_known: (w) => invitation(w)("role = 'king'"),
  workspace_members_role_is_known: (w) =>
    update("public.workspace_members", "role = 'king'", `user_id = '${w.memberId}'`),
  workspaces_communication_mode_is_known: (w) => workspace(w)("communication_mode = 'smoke'"),
  workspaces_conversation_access_is_known: (w) => workspace(w)("conversation_access = 'guess'"),
  workspaces_name_has_length: (w) => badLengths(workspace(w), "name", 100),
  workspaces_opt_out_confirmation_has_length: (w) => [
    workspace(w)("opt_out_confirmation = ' '"),
    workspace(w)("opt_out_confirmation = repeat('x', 321)"),
  ],
  workspaces_slug_is_url_safe: (w) => [
    workspace(w)("slug = 'No Slug'"),
    workspace(w)("slug = 'two--hyphens'"),
    workspace(w)("slug = 'x'"),
    workspace(w)("slug = repeat('x', 64)"),
  ],
  workspaces_spend_cap_is_an_amount: (w) => [
    workspace(w)("monthly_spend_cap = -1"),
    workspace(w)("monthly_spend_cap = 'NaN'"),
    workspace(w)("monthly_spend_cap = 'Infinity'"),
  ],
  workspaces_timezone_is_known: (w) => workspace(w)("timezone = 'Mars/Olympus'"),
};
