import type { FullWorld } from "../full_world.ts";
import type { Relation } from "./catalogue.ts";
import type { Database } from "./probe.ts";
import type { Scene, Subject } from "./scene.ts";

/** How rows belong to a workspace, and what is written when somebody tries to write. */

/** The same for everybody: no workspace has a part in them. */
const CATALOGUES = [
  "integration_capabilities",
  "plan_limits",
  "plans",
  "service_providers",
];

/** Views without a workspace in sight: the table whose ids they show. */
const SHOWN_IDS: Record<string, string> = {
  clicksend_connections: "public.connections",
  integration_phone_numbers: "public.phone_numbers",
  twilio_whatsapp_webhook_events: "public.webhook_events",
  user_oauth_connections: "public.connections",
};

/**
 * A condition that picks a world's rows. It holds ids and no subquery, so that whoever tries it is
 * asked about this relation alone.
 */
export async function conditionOf(
  sql: Database,
  relation: Relation,
  world: FullWorld,
  scene: Scene,
): Promise<string> {
  const shown = SHOWN_IDS[relation.name];
  if (CATALOGUES.includes(relation.name)) return "true";
  if (shown) {
    const rows = await sql`select id from ${
      sql(shown)
    } where workspace_id = ${world.workspaceId} order by id`;
    return anyOf("id", rows.map((row) => row.id));
  }
  if (relation.name === "profiles") {
    // Everybody who tries has a profile of their own in the own workspace's column.
    const near = world === scene.own ? [scene.strangerId] : [];
    const { ownerId, adminId, memberId, removedMemberId } = world;
    return anyOf("id", [ownerId, adminId, memberId, removedMemberId, ...near]);
  }
  return anyOf(workspaceColumnOf(relation), [world.workspaceId]);
}

/** The column that a row would be given to another workspace, or person, with. */
export function workspaceColumnOf({ name, columns }: Relation): string {
  if (name === "workspaces" || name === "profiles") return "id";
  if (name === "twilio_whatsapp_connections") return "organization_id";
  if (columns.some((column) => column.name === "workspace_id")) return "workspace_id";
  throw new Error(`Cannot try ${name}: say in rows.ts how its rows belong to a workspace`);
}

function anyOf(column: string, ids: string[]): string {
  return `${column} = any ('{${ids.join(",")}}'::uuid[])`;
}

/** What can be set in every row without breaking a constraint, where no column can be reset. */
const HARMLESS: Record<string, [column: string, value: string]> = {
  connection_rates: ["price", "0.01"],
  outcome_policies: ["on_unknown", "'hold'"],
  profiles: ["display_name", "'Somebody'"],
  team_messages: ["body", "'Hello'"],
};

/** `column = value` of an update that reads no column, and so asks no select policy. */
export function blindAssignment({ name, columns }: Relation, writable: string[]): string {
  const reset = columns.find((column) => column.isResettable && writable.includes(column.name));
  const [column, value] = HARMLESS[name] ?? [reset?.name, "default"];
  if (!column || !writable.includes(column)) {
    throw new Error(`Cannot try ${name}: say in rows.ts what every row of it can be set to`);
  }
  return `"${column}" = ${value}`;
}

type Rows = Record<string, string>;

/** Updates that point a row at what it must not be pointed at, by what the attempt is called. */
const REDIRECTIONS: Record<string, (world: FullWorld) => Rows> = {
  routing_policy_steps: (w) => ({
    "update(to an account of the admin's own)": `connection_id = '${w.personalConnectionId}'`,
  }),
};

export function redirectionsOf(relation: Relation, world: FullWorld): Rows {
  return REDIRECTIONS[relation.name]?.(world) ?? {};
}

/** Rows that people could want to insert, by what the attempt is called. */
const INSERTS: Record<string, (world: FullWorld, subject: Subject) => Rows> = {
  agents: (w) => ({ insert: `(workspace_id, name) values ('${w.workspaceId}', 'Scheduler')` }),
  contact_addresses: (w) => ({
    insert: `(workspace_id, contact_id, kind, address)
      values ('${w.workspaceId}', '${w.contactId}', 'email', 'new@example.com')`,
  }),
  contacts: (w) => ({ insert: `(workspace_id) values ('${w.workspaceId}')` }),
  live_chat_widgets: (w) => ({
    insert: `(workspace_id, name, allowed_origins)
      values ('${w.workspaceId}', 'Shop', '{https://shop.example.com}')`,
  }),
  message_templates: (w) => ({
    insert: `(workspace_id, name, channel, body) values ('${w.workspaceId}', 'new', 'sms', 'Hi')`,
  }),
  phone_number_assignments: (w) => {
    const assign = (numberId: string) =>
      `(workspace_id, phone_number_id, user_id)
        values ('${w.workspaceId}', '${numberId}', '${w.memberId}')`;
    return {
      insert: assign(w.phoneNumberId),
      "insert(a number of the admin's own)": assign(w.personalPhoneNumberId),
    };
  },
  phone_number_settings: (w) => {
    const set = (numberId: string) =>
      `(workspace_id, phone_number_id) values ('${w.workspaceId}', '${numberId}')`;
    return {
      insert: set(w.whatsAppNumberId),
      "insert(a number of the admin's own)": set(w.personalPhoneNumberId),
    };
  },
  connection_rates: (w) => ({
    insert: `(connection_id, channel, price) values ('${w.connectionId}', 'whatsapp', 0.01)`,
  }),
  outcome_policies: (w) => ({
    insert:
      `(workspace_id, message_class, on_unknown) values ('${w.workspaceId}', 'conversation', 'hold')`,
  }),
  // Every world has a row already: where a person may insert, the key speaks.
  quiet_hours: (w) => ({ insert: `(workspace_id) values ('${w.workspaceId}')` }),
  routing_policies: (w) => ({
    insert: `(workspace_id, channel) values ('${w.workspaceId}', 'whatsapp')`,
  }),
  routing_policy_steps: (w) => {
    const go = (connectionId: string) =>
      `(workspace_id, routing_policy_id, position, connection_id)
        values ('${w.workspaceId}', '${w.routingPolicyId}', 2, '${connectionId}')`;
    return {
      insert: go(w.emailConnectionId),
      "insert(an account of the admin's own)": go(w.personalConnectionId),
    };
  },
  team_channel_members: (w) => {
    const join = (channelId: string, userId: string) =>
      `(workspace_id, team_channel_id, user_id)
        values ('${w.workspaceId}', '${channelId}', '${userId}')`;
    return {
      insert: join(w.teamChannelId, w.adminId),
      "insert(into a private channel)": join(w.privateTeamChannelId, w.memberId),
    };
  },
  team_messages: (w) => {
    const say = (channelId: string) =>
      `(workspace_id, team_channel_id, body) values ('${w.workspaceId}', '${channelId}', 'Hi')`;
    return {
      insert: say(w.teamChannelId),
      "insert(into a private channel)": say(w.privateTeamChannelId),
    };
  },
  user_integration_settings: (w, { userId }) => {
    const somebodyElse = userId === w.ownerId ? w.adminId : w.ownerId;
    return {
      insert: `(workspace_id, connection_id) values ('${w.workspaceId}', '${w.emailConnectionId}')`,
      "insert(for somebody else)": `(workspace_id, connection_id, user_id)
        values ('${w.workspaceId}', '${w.emailConnectionId}', '${somebodyElse}')`,
      "insert(an account of the admin's own)": `(workspace_id, connection_id)
        values ('${w.workspaceId}', '${w.personalConnectionId}')`,
    };
  },
};

/** Where nobody may insert, nothing has to be said of the row: it is refused before it is looked at. */
export function insertsOf(relation: Relation, world: FullWorld, subject: Subject): Rows {
  const rows = INSERTS[relation.name];
  if (!rows && relation.inserters.length > 0) {
    throw new Error(`Cannot try ${relation.name}: say in rows.ts what can be inserted`);
  }
  return rows?.(world, subject) ?? { insert: "default values" };
}
