/** Where each table stands in the map. A new table is added here, or the map is refused. */
import type { Relation } from "./catalogue.ts";

/** By title. Without a schema a table is public. */
const SECTIONS: Record<string, string[]> = {
  "Tenancy": ["profiles", "workspaces", "workspace_members", "workspace_invitations"],
  "Catalogue": ["service_providers", "integration_capabilities"],
  "Connections": ["connections", "user_integration_settings"],
  "Senders": [
    "phone_numbers",
    "phone_number_assignments",
    "phone_number_settings",
    "number_orders",
    "email_senders",
  ],
  "Contacts and conversations": [
    "contacts",
    "contact_addresses",
    "opt_outs",
    "conversations",
    "conversation_messages",
    "conversation_flags",
    "message_media",
    "email_details",
    "template_details",
    "message_attempts",
    "message_schedules",
    "quiet_hours",
    "calls",
  ],
  "Agents": [
    "agents",
    "agent_api_keys",
    "agent_integration_permissions",
    "agent_guardrails",
    "agent_approvals",
    "agent_tool_calls",
    "agent_offers",
  ],
  "Chat": [
    "team_channels",
    "team_channel_members",
    "team_messages",
    "live_chat_widgets",
    "live_chat_sessions",
  ],
  "Volume: templates, campaigns, routing": [
    "message_templates",
    "campaigns",
    "campaign_recipients",
    "campaign_row_errors",
    "routing_policies",
    "routing_policy_steps",
    "outcome_policies",
    "dead_letters",
  ],
  "Money: plans and usage": [
    "plans",
    "plan_limits",
    "connection_rates",
    "usage_counters",
    "usage_daily",
  ],
  "Intake": ["webhook_events"],
  "Watching: health and audit": ["connection_health", "audit_log"],
  "Private": [
    "private.connection_credentials",
    "private.usage_days",
    "private.credential_access_log",
    "private.number_verifications",
    "private.agent_api_key_hashes",
    "private.agent_webhook_secrets",
    "private.invitation_tokens",
    "private.email_attachments",
    "private.calling_regions",
    "private.outbound_jobs",
    "private.outbound_leases",
    "private.look_ups",
    "private.sender_clocks",
    "private.workspace_turns",
    "private.platform_threads",
    "private.campaign_messages",
    "private.live_chat_session_tokens",
    "private.webhook_refusals",
    "private.idempotent_requests",
    "private.workspace_deletions",
  ],
};

export interface Section {
  title: string;
  tables: Relation[];
}

/** Puts every table into its section; throws for one that is missing on either side. */
export function arrange(tables: Relation[]): Section[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const listed = Object.values(SECTIONS).flat();
  const problems = [
    ...describe("no section; add it", [...byName.keys()].filter((name) => !listed.includes(name))),
    ...describe("no such table; take it out", listed.filter((name) => !byName.has(name))),
    ...describe("listed twice", listed.filter((name, index) => listed.indexOf(name) !== index)),
  ];
  if (problems.length > 0) {
    throw new Error(
      [
        "Cannot generate the schema map: SECTIONS of scripts/generate/schema_map/sections.ts is not the schema",
        ...problems,
      ].join("\n- "),
    );
  }
  return Object.entries(SECTIONS).map(([title, tables]) => ({
    title,
    tables: tables.map((name) => byName.get(name)!),
  }));
}

function describe(problem: string, names: string[]): string[] {
  return names.length > 0 ? [`${problem}: ${names.join(", ")}`] : [];
}
