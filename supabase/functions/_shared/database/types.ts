export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "agent_api_keys": {
        Row: {
          "agent_id": string;
          "allowed_scopes": (string)[];
          "created_at": string;
          "created_by": string | null;
          "expires_at": string;
          "id": string;
          "key_prefix": string;
          "last_used_at": string | null;
          "name": string;
          "replaced_by": string | null;
          "revoked_at": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "allowed_scopes": (string)[];
          "created_at"?: string;
          "created_by"?: string | null;
          "expires_at": string;
          "id"?: string;
          "key_prefix": string;
          "last_used_at"?: string | null;
          "name": string;
          "replaced_by"?: string | null;
          "revoked_at"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string;
          "allowed_scopes"?: (string)[];
          "created_at"?: string;
          "created_by"?: string | null;
          "expires_at"?: string;
          "id"?: string;
          "key_prefix"?: string;
          "last_used_at"?: string | null;
          "name"?: string;
          "replaced_by"?: string | null;
          "revoked_at"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_api_keys_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_api_keys_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_api_keys_replaced_by_of_workspace";
            columns: ["workspace_id", "replaced_by"];
            isOneToOne: false;
            referencedRelation: "agent_api_keys";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "agent_approvals": {
        Row: {
          "agent_id": string;
          "conversation_id": string | null;
          "created_at": string;
          "decided_at": string | null;
          "decided_by": string | null;
          "expires_at": string;
          "id": string;
          "note": string | null;
          "reason": string;
          "status": string;
          "summary": string;
          "tool_call_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "conversation_id"?: string | null;
          "created_at"?: string;
          "decided_at"?: string | null;
          "decided_by"?: string | null;
          "expires_at"?: string;
          "id"?: string;
          "note"?: string | null;
          "reason": string;
          "status"?: string;
          "summary": string;
          "tool_call_id": string;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string;
          "conversation_id"?: string | null;
          "created_at"?: string;
          "decided_at"?: string | null;
          "decided_by"?: string | null;
          "expires_at"?: string;
          "id"?: string;
          "note"?: string | null;
          "reason"?: string;
          "status"?: string;
          "summary"?: string;
          "tool_call_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_approvals_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_approvals_call_of_workspace";
            columns: ["workspace_id", "tool_call_id"];
            isOneToOne: false;
            referencedRelation: "agent_tool_calls";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_approvals_conversation_of_workspace";
            columns: ["workspace_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_approvals_decided_by_fkey";
            columns: ["decided_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_guardrails": {
        Row: {
          "agent_id": string;
          "allowed_channels": (string)[];
          "allowed_contact_ids": (string)[] | null;
          "allowed_contact_labels": (string)[] | null;
          "allowed_phone_number_ids": (string)[] | null;
          "created_at": string;
          "denied_capability_keys": (string)[];
          "destructive_needs_approval": boolean;
          "first_contact_needs_approval": boolean;
          "may_reach_new_contacts": boolean;
          "messages_per_day": number;
          "messages_per_hour": number;
          "platform_scopes": (string)[];
          "quiet_hours_end": string | null;
          "quiet_hours_start": string | null;
          "spend_currency": string;
          "spend_per_day": number;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "allowed_channels"?: (string)[];
          "allowed_contact_ids"?: (string)[] | null;
          "allowed_contact_labels"?: (string)[] | null;
          "allowed_phone_number_ids"?: (string)[] | null;
          "created_at"?: string;
          "denied_capability_keys"?: (string)[];
          "destructive_needs_approval"?: boolean;
          "first_contact_needs_approval"?: boolean;
          "may_reach_new_contacts"?: boolean;
          "messages_per_day"?: number;
          "messages_per_hour"?: number;
          "platform_scopes"?: (string)[];
          "quiet_hours_end"?: string | null;
          "quiet_hours_start"?: string | null;
          "spend_currency"?: string;
          "spend_per_day"?: number;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string;
          "allowed_channels"?: (string)[];
          "allowed_contact_ids"?: (string)[] | null;
          "allowed_contact_labels"?: (string)[] | null;
          "allowed_phone_number_ids"?: (string)[] | null;
          "created_at"?: string;
          "denied_capability_keys"?: (string)[];
          "destructive_needs_approval"?: boolean;
          "first_contact_needs_approval"?: boolean;
          "may_reach_new_contacts"?: boolean;
          "messages_per_day"?: number;
          "messages_per_hour"?: number;
          "platform_scopes"?: (string)[];
          "quiet_hours_end"?: string | null;
          "quiet_hours_start"?: string | null;
          "spend_currency"?: string;
          "spend_per_day"?: number;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_guardrails_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "agent_integration_permissions": {
        Row: {
          "agent_id": string;
          "allowed_scopes": (string)[];
          "connection_id": string;
          "created_at": string;
          "denied_scopes": (string)[];
          "expires_at": string | null;
          "granted_by": string | null;
          "id": string;
          "is_active": boolean;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "allowed_scopes": (string)[];
          "connection_id": string;
          "created_at"?: string;
          "denied_scopes"?: (string)[];
          "expires_at"?: string | null;
          "granted_by"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string;
          "allowed_scopes"?: (string)[];
          "connection_id"?: string;
          "created_at"?: string;
          "denied_scopes"?: (string)[];
          "expires_at"?: string | null;
          "granted_by"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_integration_permissions_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_integration_permissions_connection_of_workspace";
            columns: ["workspace_id", "connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_integration_permissions_connection_of_workspace";
            columns: ["workspace_id", "connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_integration_permissions_granted_by_fkey";
            columns: ["granted_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_offers": {
        Row: {
          "agent_id": string;
          "answered_at": string | null;
          "attempt_count": number;
          "cancel_reason": string | null;
          "conversation_id": string;
          "created_at": string;
          "delivered_at": string | null;
          "id": string;
          "last_error": string | null;
          "message_id": string;
          "next_attempt_at": string | null;
          "state": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id": string;
          "answered_at"?: string | null;
          "attempt_count"?: number;
          "cancel_reason"?: string | null;
          "conversation_id": string;
          "created_at"?: string;
          "delivered_at"?: string | null;
          "id"?: string;
          "last_error"?: string | null;
          "message_id": string;
          "next_attempt_at"?: string | null;
          "state"?: string;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string;
          "answered_at"?: string | null;
          "attempt_count"?: number;
          "cancel_reason"?: string | null;
          "conversation_id"?: string;
          "created_at"?: string;
          "delivered_at"?: string | null;
          "id"?: string;
          "last_error"?: string | null;
          "message_id"?: string;
          "next_attempt_at"?: string | null;
          "state"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_offers_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_offers_conversation_of_workspace";
            columns: ["workspace_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_offers_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: false;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "agent_tool_calls": {
        Row: {
          "actor_id": string | null;
          "agent_id": string;
          "arguments": NonNullable<Json>;
          "arguments_hash": string;
          "call_id": string;
          "capability_key": string;
          "conversation_id": string | null;
          "created_at": string;
          "error_code": string | null;
          "error_message": string | null;
          "finished_at": string | null;
          "id": string;
          "key_id": string | null;
          "reason": string | null;
          "result": Json | null;
          "run_id": string;
          "started_at": string;
          "status": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "actor_id"?: string | null;
          "agent_id": string;
          "arguments": NonNullable<Json>;
          "arguments_hash": string;
          "call_id": string;
          "capability_key": string;
          "conversation_id"?: string | null;
          "created_at"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "finished_at"?: string | null;
          "id"?: string;
          "key_id"?: string | null;
          "reason"?: string | null;
          "result"?: Json | null;
          "run_id": string;
          "started_at"?: string;
          "status"?: string;
          "workspace_id": string;
        };
        Update: {
          "actor_id"?: string | null;
          "agent_id"?: string;
          "arguments"?: NonNullable<Json>;
          "arguments_hash"?: string;
          "call_id"?: string;
          "capability_key"?: string;
          "conversation_id"?: string | null;
          "created_at"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "finished_at"?: string | null;
          "id"?: string;
          "key_id"?: string | null;
          "reason"?: string | null;
          "result"?: Json | null;
          "run_id"?: string;
          "started_at"?: string;
          "status"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agent_tool_calls_actor_id_fkey";
            columns: ["actor_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agent_tool_calls_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_tool_calls_conversation_of_workspace";
            columns: ["workspace_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "agent_tool_calls_key_of_workspace";
            columns: ["workspace_id", "key_id"];
            isOneToOne: false;
            referencedRelation: "agent_api_keys";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "agents": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "description": string | null;
          "id": string;
          "is_active": boolean;
          "name": string;
          "updated_at": string;
          "webhook_disabled_at": string | null;
          "webhook_url": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "description"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "name": string;
          "updated_at"?: string;
          "webhook_disabled_at"?: string | null;
          "webhook_url"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "description"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "name"?: string;
          "updated_at"?: string;
          "webhook_disabled_at"?: string | null;
          "webhook_url"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "agents_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "agents_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "agents_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "audit_log": {
        Row: {
          "action": string;
          "actor_id": string | null;
          "agent_id": string | null;
          "created_at": string;
          "details": NonNullable<Json>;
          "entity_id": string;
          "entity_type": string;
          "id": number;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "action": string;
          "actor_id"?: string | null;
          "agent_id"?: string | null;
          "created_at"?: string;
          "details"?: NonNullable<Json>;
          "entity_id": string;
          "entity_type": string;
          "id"?: never;
          "workspace_id": string;
        };
        Update: {
          "action"?: string;
          "actor_id"?: string | null;
          "agent_id"?: string | null;
          "created_at"?: string;
          "details"?: NonNullable<Json>;
          "entity_id"?: string;
          "entity_type"?: string;
          "id"?: never;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "audit_log_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "audit_log_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "audit_log_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "calls": {
        Row: {
          "agent_id": string | null;
          "answered_at": string | null;
          "connection_id": string | null;
          "conversation_id": string;
          "created_at": string;
          "direction": string;
          "duration_seconds": number | null;
          "ended_at": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "external_id": string | null;
          "from_address": string;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "language": string | null;
          "phone_number_id": string | null;
          "price": number | null;
          "price_currency": string | null;
          "spoken_text": string | null;
          "started_by": string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "answered_at"?: string | null;
          "connection_id"?: string | null;
          "conversation_id": string;
          "created_at"?: string;
          "direction": string;
          "duration_seconds"?: number | null;
          "ended_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "from_address": string;
          "id"?: string;
          "idempotency_fingerprint"?: string | null;
          "idempotency_key"?: string | null;
          "language"?: string | null;
          "phone_number_id"?: string | null;
          "price"?: number | null;
          "price_currency"?: string | null;
          "spoken_text"?: string | null;
          "started_by"?: string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string | null;
          "answered_at"?: string | null;
          "connection_id"?: string | null;
          "conversation_id"?: string;
          "created_at"?: string;
          "direction"?: string;
          "duration_seconds"?: number | null;
          "ended_at"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "from_address"?: string;
          "id"?: string;
          "idempotency_fingerprint"?: string | null;
          "idempotency_key"?: string | null;
          "language"?: string | null;
          "phone_number_id"?: string | null;
          "price"?: number | null;
          "price_currency"?: string | null;
          "spoken_text"?: string | null;
          "started_by"?: string | null;
          "status"?: string;
          "to_address"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "calls_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "calls_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "clicksend_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calls_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calls_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "user_oauth_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calls_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calls_conversation_of_workspace";
            columns: ["workspace_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "calls_phone_number_id_fkey";
            columns: ["phone_number_id"];
            isOneToOne: false;
            referencedRelation: "integration_phone_numbers";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calls_phone_number_id_fkey";
            columns: ["phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calls_phone_number_id_fkey";
            columns: ["phone_number_id"];
            isOneToOne: false;
            referencedRelation: "twilio_whatsapp_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calls_started_by_fkey";
            columns: ["started_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "campaign_recipients": {
        Row: {
          "address": string;
          "campaign_id": string;
          "contact_id": string | null;
          "message_id": string | null;
          "skip_reason": string | null;
          "status": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "address": string;
          "campaign_id": string;
          "contact_id"?: string | null;
          "message_id"?: string | null;
          "skip_reason"?: string | null;
          "status"?: string;
          "variables"?: NonNullable<Json>;
          "workspace_id": string;
        };
        Update: {
          "address"?: string;
          "campaign_id"?: string;
          "contact_id"?: string | null;
          "message_id"?: string | null;
          "skip_reason"?: string | null;
          "status"?: string;
          "variables"?: NonNullable<Json>;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "campaign_recipients_contact_of_workspace";
            columns: ["workspace_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "campaign_row_errors": {
        Row: {
          "campaign_id": string;
          "code": string;
          "field": string;
          "message": string;
          "row_number": number;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "campaign_id": string;
          "code": string;
          "field": string;
          "message": string;
          "row_number": number;
          "workspace_id": string;
        };
        Update: {
          "campaign_id"?: string;
          "code"?: string;
          "field"?: string;
          "message"?: string;
          "row_number"?: number;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "campaign_row_errors_campaign_of_workspace";
            columns: ["workspace_id", "campaign_id"];
            isOneToOne: false;
            referencedRelation: "campaign_progress";
            referencedColumns: ["workspace_id", "campaign_id"];
          },
          {
            foreignKeyName: "campaign_row_errors_campaign_of_workspace";
            columns: ["workspace_id", "campaign_id"];
            isOneToOne: false;
            referencedRelation: "campaigns";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "campaigns": {
        Row: {
          "audience": NonNullable<Json>;
          "body": string | null;
          "channel": string;
          "checked_at": string | null;
          "created_at": string;
          "created_by": string | null;
          "default_country": string | null;
          "dripped_at": string | null;
          "duplicate_count": number;
          "ended_at": string | null;
          "estimated_at": string | null;
          "estimated_cost": number | null;
          "estimated_segment_count": number | null;
          "from_address": string | null;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "name": string;
          "pause_reason": string | null;
          "phone_number_id": string | null;
          "recipient_count": number;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": string;
          "subject": string | null;
          "template_id": string | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
          "campaign_recipients": {
            "address": string;
            "campaign_id": string;
            "contact_id": string | null;
            "message_id": string | null;
            "skip_reason": string | null;
            "status": string;
            "variables": NonNullable<Json>;
            "workspace_id": string;
          } | null;
        };
        ComputedFields: "campaign_recipients";
        Insert: {
          "audience"?: NonNullable<Json>;
          "body"?: string | null;
          "channel": string;
          "checked_at"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "default_country"?: string | null;
          "dripped_at"?: string | null;
          "duplicate_count"?: number;
          "ended_at"?: string | null;
          "estimated_at"?: string | null;
          "estimated_cost"?: number | null;
          "estimated_segment_count"?: number | null;
          "from_address"?: string | null;
          "id"?: string;
          "idempotency_fingerprint"?: string | null;
          "idempotency_key"?: string | null;
          "name": string;
          "pause_reason"?: string | null;
          "phone_number_id"?: string | null;
          "recipient_count"?: number;
          "scheduled_at"?: string | null;
          "started_at"?: string | null;
          "status"?: string;
          "subject"?: string | null;
          "template_id"?: string | null;
          "updated_at"?: string;
          "variables"?: NonNullable<Json>;
          "workspace_id": string;
        };
        Update: {
          "audience"?: NonNullable<Json>;
          "body"?: string | null;
          "channel"?: string;
          "checked_at"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "default_country"?: string | null;
          "dripped_at"?: string | null;
          "duplicate_count"?: number;
          "ended_at"?: string | null;
          "estimated_at"?: string | null;
          "estimated_cost"?: number | null;
          "estimated_segment_count"?: number | null;
          "from_address"?: string | null;
          "id"?: string;
          "idempotency_fingerprint"?: string | null;
          "idempotency_key"?: string | null;
          "name"?: string;
          "pause_reason"?: string | null;
          "phone_number_id"?: string | null;
          "recipient_count"?: number;
          "scheduled_at"?: string | null;
          "started_at"?: string | null;
          "status"?: string;
          "subject"?: string | null;
          "template_id"?: string | null;
          "updated_at"?: string;
          "variables"?: NonNullable<Json>;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "campaigns_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "campaigns_number_of_workspace";
            columns: ["workspace_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "campaigns_number_of_workspace";
            columns: ["workspace_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "twilio_whatsapp_connections";
            referencedColumns: ["organization_id", "id"];
          },
          {
            foreignKeyName: "campaigns_template_of_workspace";
            columns: ["workspace_id", "template_id"];
            isOneToOne: false;
            referencedRelation: "message_templates";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "campaigns_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "campaigns_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "campaigns_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "connection_health": {
        Row: {
          "connection_id": string;
          "failure_count": number;
          "last_error_code": string | null;
          "last_failure_at": string | null;
          "last_success_at": string | null;
          "opened_at": string | null;
          "paused_until": string | null;
          "probe_at": string | null;
          "state": string;
          "success_count": number;
          "updated_at": string;
          "window_started_at": string;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "connection_id": string;
          "failure_count"?: number;
          "last_error_code"?: string | null;
          "last_failure_at"?: string | null;
          "last_success_at"?: string | null;
          "opened_at"?: string | null;
          "paused_until"?: string | null;
          "probe_at"?: string | null;
          "state"?: string;
          "success_count"?: number;
          "updated_at"?: string;
          "window_started_at"?: string;
          "workspace_id"?: string | null;
        };
        Update: {
          "connection_id"?: string;
          "failure_count"?: number;
          "last_error_code"?: string | null;
          "last_failure_at"?: string | null;
          "last_success_at"?: string | null;
          "opened_at"?: string | null;
          "paused_until"?: string | null;
          "probe_at"?: string | null;
          "state"?: string;
          "success_count"?: number;
          "updated_at"?: string;
          "window_started_at"?: string;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "connection_health_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: true;
            referencedRelation: "clicksend_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_health_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: true;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_health_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: true;
            referencedRelation: "user_oauth_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_health_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: true;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_health_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_health_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "connection_health_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "connection_rates": {
        Row: {
          "channel": string;
          "connection_id": string;
          "price": number;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "channel": string;
          "connection_id": string;
          "price": number;
          "workspace_id"?: string | null;
        };
        Update: {
          "channel"?: string;
          "connection_id"?: string;
          "price"?: number;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "connection_rates_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "clicksend_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_rates_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_rates_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "user_oauth_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_rates_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_rates_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connection_rates_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "connection_rates_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "connections": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "display_name": string;
          "external_account_id": string;
          "id": string;
          "last_error": string | null;
          "last_verified_at": string | null;
          "max_concurrent": number | null;
          "owner_user_id": string | null;
          "priority": number;
          "provider": string;
          "settings": NonNullable<Json>;
          "status": string;
          "updated_at": string;
          "weight": number;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "display_name": string;
          "external_account_id": string;
          "id"?: string;
          "last_error"?: string | null;
          "last_verified_at"?: string | null;
          "max_concurrent"?: number | null;
          "owner_user_id"?: string | null;
          "priority"?: number;
          "provider": string;
          "settings"?: NonNullable<Json>;
          "status"?: string;
          "updated_at"?: string;
          "weight"?: number;
          "workspace_id"?: string | null;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "display_name"?: string;
          "external_account_id"?: string;
          "id"?: string;
          "last_error"?: string | null;
          "last_verified_at"?: string | null;
          "max_concurrent"?: number | null;
          "owner_user_id"?: string | null;
          "priority"?: number;
          "provider"?: string;
          "settings"?: NonNullable<Json>;
          "status"?: string;
          "updated_at"?: string;
          "weight"?: number;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "connections_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connections_provider_fkey";
            columns: ["provider"];
            isOneToOne: false;
            referencedRelation: "service_providers";
            referencedColumns: ["name"];
          },
          {
            foreignKeyName: "connections_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connections_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "connections_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "contact_addresses": {
        Row: {
          "address": string;
          "contact_id": string;
          "created_at": string;
          "id": string;
          "kind": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "address": string;
          "contact_id": string;
          "created_at"?: string;
          "id"?: string;
          "kind": string;
          "workspace_id": string;
        };
        Update: {
          "address"?: string;
          "contact_id"?: string;
          "created_at"?: string;
          "id"?: string;
          "kind"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "contact_addresses_contact_of_workspace";
            columns: ["contact_id", "workspace_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["id", "workspace_id"];
          },
        ];
      };
      "contacts": {
        Row: {
          "attributes": NonNullable<Json>;
          "created_at": string;
          "display_name": string | null;
          "id": string;
          "labels": (string)[];
          "time_zone": string | null;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attributes"?: NonNullable<Json>;
          "created_at"?: string;
          "display_name"?: string | null;
          "id"?: string;
          "labels"?: (string)[];
          "time_zone"?: string | null;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "attributes"?: NonNullable<Json>;
          "created_at"?: string;
          "display_name"?: string | null;
          "id"?: string;
          "labels"?: (string)[];
          "time_zone"?: string | null;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "contacts_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "contacts_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "contacts_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "conversation_flags": {
        Row: {
          "conversation_id": string;
          "created_at": string;
          "message_id": string;
          "resolution": string | null;
          "resolved_at": string | null;
          "resolved_by": string | null;
          "words": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "conversation_id": string;
          "created_at"?: string;
          "message_id": string;
          "resolution"?: string | null;
          "resolved_at"?: string | null;
          "resolved_by"?: string | null;
          "words": string;
          "workspace_id": string;
        };
        Update: {
          "conversation_id"?: string;
          "created_at"?: string;
          "message_id"?: string;
          "resolution"?: string | null;
          "resolved_at"?: string | null;
          "resolved_by"?: string | null;
          "words"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "conversation_flags_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: true;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "conversation_messages": {
        Row: {
          "agent_id": string | null;
          "body": string;
          "campaign_id": string | null;
          "conversation_id": string;
          "created_at": string;
          "delivered_at": string | null;
          "direction": string;
          "email_sender_id": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "estimated_cost": number;
          "external_id": string | null;
          "from_address": string;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "is_platform": boolean;
          "is_sender_fixed": boolean;
          "message_class": string;
          "phone_number_id": string | null;
          "read_at": string | null;
          "scheduled_at": string | null;
          "segment_count": number;
          "sender_id": string | null;
          "sent_at": string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
          "message_attempts": {
            "attempt_number": number;
            "connection_id": string;
            "conversation_id": string;
            "error_code": string | null;
            "error_message": string | null;
            "external_id": string | null;
            "finished_at": string | null;
            "is_superseded": boolean;
            "message_id": string;
            "outcome": string | null;
            "price": number | null;
            "price_currency": string | null;
            "provider_code": string | null;
            "segment_count": number | null;
            "started_at": string;
            "workspace_id": string;
          } | null;
        };
        ComputedFields: "message_attempts";
        Insert: {
          "agent_id"?: string | null;
          "body"?: string;
          "campaign_id"?: string | null;
          "conversation_id": string;
          "created_at"?: string;
          "delivered_at"?: string | null;
          "direction": string;
          "email_sender_id"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "estimated_cost"?: number;
          "external_id"?: string | null;
          "from_address": string;
          "id"?: string;
          "idempotency_fingerprint"?: string | null;
          "idempotency_key"?: string | null;
          "is_platform"?: boolean;
          "is_sender_fixed"?: boolean;
          "message_class"?: string;
          "phone_number_id"?: string | null;
          "read_at"?: string | null;
          "scheduled_at"?: string | null;
          "segment_count"?: number;
          "sender_id"?: string | null;
          "sent_at"?: string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string | null;
          "body"?: string;
          "campaign_id"?: string | null;
          "conversation_id"?: string;
          "created_at"?: string;
          "delivered_at"?: string | null;
          "direction"?: string;
          "email_sender_id"?: string | null;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "estimated_cost"?: number;
          "external_id"?: string | null;
          "from_address"?: string;
          "id"?: string;
          "idempotency_fingerprint"?: string | null;
          "idempotency_key"?: string | null;
          "is_platform"?: boolean;
          "is_sender_fixed"?: boolean;
          "message_class"?: string;
          "phone_number_id"?: string | null;
          "read_at"?: string | null;
          "scheduled_at"?: string | null;
          "segment_count"?: number;
          "sender_id"?: string | null;
          "sent_at"?: string | null;
          "status"?: string;
          "to_address"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "conversation_messages_conversation_of_workspace";
            columns: ["workspace_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "conversation_messages_sender_id_fkey";
            columns: ["sender_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "conversations": {
        Row: {
          "agent_id": string | null;
          "assigned_to": string | null;
          "channel": string;
          "contact_address": string;
          "contact_id": string;
          "created_at": string;
          "email_sender_id": string | null;
          "id": string;
          "is_starred": boolean;
          "is_unread": boolean;
          "labels": (string)[];
          "last_message_at": string | null;
          "phone_number_id": string | null;
          "snippet": string;
          "status": string;
          "subject": string | null;
          "tags": (string)[];
          "taken_over_at": string | null;
          "team_channel_id": string | null;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "assigned_to"?: string | null;
          "channel": string;
          "contact_address": string;
          "contact_id": string;
          "created_at"?: string;
          "email_sender_id"?: string | null;
          "id"?: string;
          "is_starred"?: boolean;
          "is_unread"?: boolean;
          "labels"?: (string)[];
          "last_message_at"?: string | null;
          "phone_number_id"?: string | null;
          "snippet"?: string;
          "status"?: string;
          "subject"?: string | null;
          "tags"?: (string)[];
          "taken_over_at"?: string | null;
          "team_channel_id"?: string | null;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string | null;
          "assigned_to"?: string | null;
          "channel"?: string;
          "contact_address"?: string;
          "contact_id"?: string;
          "created_at"?: string;
          "email_sender_id"?: string | null;
          "id"?: string;
          "is_starred"?: boolean;
          "is_unread"?: boolean;
          "labels"?: (string)[];
          "last_message_at"?: string | null;
          "phone_number_id"?: string | null;
          "snippet"?: string;
          "status"?: string;
          "subject"?: string | null;
          "tags"?: (string)[];
          "taken_over_at"?: string | null;
          "team_channel_id"?: string | null;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "conversations_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "conversations_assignee_of_workspace";
            columns: ["workspace_id", "assigned_to"];
            isOneToOne: false;
            referencedRelation: "workspace_members";
            referencedColumns: ["workspace_id", "user_id"];
          },
          {
            foreignKeyName: "conversations_contact_of_workspace";
            columns: ["workspace_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "conversations_email_sender_id_fkey";
            columns: ["email_sender_id"];
            isOneToOne: false;
            referencedRelation: "email_senders";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversations_phone_number_id_fkey";
            columns: ["phone_number_id"];
            isOneToOne: false;
            referencedRelation: "integration_phone_numbers";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversations_phone_number_id_fkey";
            columns: ["phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversations_phone_number_id_fkey";
            columns: ["phone_number_id"];
            isOneToOne: false;
            referencedRelation: "twilio_whatsapp_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversations_team_channel_of_workspace";
            columns: ["workspace_id", "team_channel_id"];
            isOneToOne: false;
            referencedRelation: "team_channels";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "conversations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "conversations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "conversations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "dead_letters": {
        Row: {
          "conversation_id": string;
          "created_at": string;
          "error_code": string;
          "message_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "conversation_id": string;
          "created_at"?: string;
          "error_code": string;
          "message_id": string;
          "workspace_id": string;
        };
        Update: {
          "conversation_id"?: string;
          "created_at"?: string;
          "error_code"?: string;
          "message_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "dead_letters_conversation_of_workspace";
            columns: ["workspace_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "dead_letters_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: true;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "email_details": {
        Row: {
          "attachments": NonNullable<Json>;
          "bcc": (string)[];
          "cc": (string)[];
          "conversation_id": string;
          "headers": NonNullable<Json>;
          "html": string;
          "internet_message_id": string | null;
          "message_id": string;
          "reference_ids": (string)[];
          "reply_to": string | null;
          "subject": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attachments"?: NonNullable<Json>;
          "bcc"?: (string)[];
          "cc"?: (string)[];
          "conversation_id": string;
          "headers"?: NonNullable<Json>;
          "html"?: string;
          "internet_message_id"?: string | null;
          "message_id": string;
          "reference_ids"?: (string)[];
          "reply_to"?: string | null;
          "subject"?: string;
          "workspace_id": string;
        };
        Update: {
          "attachments"?: NonNullable<Json>;
          "bcc"?: (string)[];
          "cc"?: (string)[];
          "conversation_id"?: string;
          "headers"?: NonNullable<Json>;
          "html"?: string;
          "internet_message_id"?: string | null;
          "message_id"?: string;
          "reference_ids"?: (string)[];
          "reply_to"?: string | null;
          "subject"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "email_details_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: true;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "email_senders": {
        Row: {
          "agent_id": string | null;
          "connection_id": string;
          "created_at": string;
          "display_name": string | null;
          "email_address": string;
          "external_id": string | null;
          "id": string;
          "is_default": boolean;
          "last_verified_at": string | null;
          "metadata": NonNullable<Json>;
          "owner_user_id": string | null;
          "provider": string;
          "status": string;
          "updated_at": string;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "connection_id": string;
          "created_at"?: string;
          "display_name"?: string | null;
          "email_address": string;
          "external_id"?: string | null;
          "id"?: string;
          "is_default"?: boolean;
          "last_verified_at"?: string | null;
          "metadata"?: NonNullable<Json>;
          "owner_user_id"?: string | null;
          "provider": string;
          "status"?: string;
          "updated_at"?: string;
          "workspace_id"?: string | null;
        };
        Update: {
          "agent_id"?: string | null;
          "connection_id"?: string;
          "created_at"?: string;
          "display_name"?: string | null;
          "email_address"?: string;
          "external_id"?: string | null;
          "id"?: string;
          "is_default"?: boolean;
          "last_verified_at"?: string | null;
          "metadata"?: NonNullable<Json>;
          "owner_user_id"?: string | null;
          "provider"?: string;
          "status"?: string;
          "updated_at"?: string;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "email_senders_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "email_senders_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "clicksend_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "email_senders_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "email_senders_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "user_oauth_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "email_senders_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "email_senders_provider_fkey";
            columns: ["provider"];
            isOneToOne: false;
            referencedRelation: "service_providers";
            referencedColumns: ["name"];
          },
          {
            foreignKeyName: "email_senders_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "email_senders_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "email_senders_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "integration_capabilities": {
        Row: {
          "arguments_schema": NonNullable<Json>;
          "arguments_text": Json | null;
          "capability_key": string;
          "created_at": string;
          "description": string;
          "display_label": string;
          "display_order": number;
          "family": string;
          "id": string;
          "integration_id": string | null;
          "is_destructive": boolean;
          "is_idempotent": boolean;
          "is_read_only": boolean;
          "required_scope": string | null;
          "sufficient_scopes": (string)[];
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "arguments_schema": NonNullable<Json>;
          "arguments_text"?: never;
          "capability_key": string;
          "created_at"?: string;
          "description": string;
          "display_label": string;
          "display_order": number;
          "family": string;
          "id"?: string;
          "integration_id"?: string | null;
          "is_destructive": boolean;
          "is_idempotent": boolean;
          "is_read_only": boolean;
          "required_scope"?: string | null;
          "sufficient_scopes": (string)[];
          "updated_at"?: string;
        };
        Update: {
          "arguments_schema"?: NonNullable<Json>;
          "arguments_text"?: never;
          "capability_key"?: string;
          "created_at"?: string;
          "description"?: string;
          "display_label"?: string;
          "display_order"?: number;
          "family"?: string;
          "id"?: string;
          "integration_id"?: string | null;
          "is_destructive"?: boolean;
          "is_idempotent"?: boolean;
          "is_read_only"?: boolean;
          "required_scope"?: string | null;
          "sufficient_scopes"?: (string)[];
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "integration_capabilities_integration_id_fkey";
            columns: ["integration_id"];
            isOneToOne: false;
            referencedRelation: "service_providers";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "integration_capabilities_integration_id_fkey";
            columns: ["integration_id"];
            isOneToOne: false;
            referencedRelation: "user_oauth_connections";
            referencedColumns: ["oauth_provider_id"];
          },
        ];
      };
      "live_chat_sessions": {
        Row: {
          "conversation_id": string;
          "ended_at": string | null;
          "id": string;
          "last_seen_at": string;
          "page_url": string | null;
          "started_at": string;
          "visitor_email": string | null;
          "visitor_name": string | null;
          "widget_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "conversation_id": string;
          "ended_at"?: string | null;
          "id"?: string;
          "last_seen_at"?: string;
          "page_url"?: string | null;
          "started_at"?: string;
          "visitor_email"?: string | null;
          "visitor_name"?: string | null;
          "widget_id": string;
          "workspace_id": string;
        };
        Update: {
          "conversation_id"?: string;
          "ended_at"?: string | null;
          "id"?: string;
          "last_seen_at"?: string;
          "page_url"?: string | null;
          "started_at"?: string;
          "visitor_email"?: string | null;
          "visitor_name"?: string | null;
          "widget_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "live_chat_sessions_conversation_of_workspace";
            columns: ["workspace_id", "conversation_id"];
            isOneToOne: false;
            referencedRelation: "conversations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "live_chat_sessions_widget_of_workspace";
            columns: ["workspace_id", "widget_id"];
            isOneToOne: false;
            referencedRelation: "live_chat_widgets";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "live_chat_widgets": {
        Row: {
          "allowed_origins": (string)[];
          "created_at": string;
          "created_by": string | null;
          "greeting": string | null;
          "id": string;
          "is_active": boolean;
          "name": string;
          "public_key": string;
          "team_channel_id": string | null;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "allowed_origins": (string)[];
          "created_at"?: string;
          "created_by"?: string | null;
          "greeting"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "name": string;
          "public_key"?: string;
          "team_channel_id"?: string | null;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "allowed_origins"?: (string)[];
          "created_at"?: string;
          "created_by"?: string | null;
          "greeting"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "name"?: string;
          "public_key"?: string;
          "team_channel_id"?: string | null;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "live_chat_widgets_channel_of_workspace";
            columns: ["workspace_id", "team_channel_id"];
            isOneToOne: false;
            referencedRelation: "team_channels";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "live_chat_widgets_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "live_chat_widgets_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "live_chat_widgets_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "live_chat_widgets_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "message_attempts": {
        Row: {
          "attempt_number": number;
          "connection_id": string;
          "conversation_id": string;
          "error_code": string | null;
          "error_message": string | null;
          "external_id": string | null;
          "finished_at": string | null;
          "is_superseded": boolean;
          "message_id": string;
          "outcome": string | null;
          "price": number | null;
          "price_currency": string | null;
          "provider_code": string | null;
          "segment_count": number | null;
          "started_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "attempt_number": number;
          "connection_id": string;
          "conversation_id": string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "finished_at"?: string | null;
          "is_superseded"?: boolean;
          "message_id": string;
          "outcome"?: string | null;
          "price"?: number | null;
          "price_currency"?: string | null;
          "provider_code"?: string | null;
          "segment_count"?: number | null;
          "started_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "attempt_number"?: number;
          "connection_id"?: string;
          "conversation_id"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "finished_at"?: string | null;
          "is_superseded"?: boolean;
          "message_id"?: string;
          "outcome"?: string | null;
          "price"?: number | null;
          "price_currency"?: string | null;
          "provider_code"?: string | null;
          "segment_count"?: number | null;
          "started_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [];
      };
      "message_media": {
        Row: {
          "content_type": string | null;
          "conversation_id": string;
          "message_id": string;
          "position": number;
          "storage_path": string | null;
          "url": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "content_type"?: string | null;
          "conversation_id": string;
          "message_id": string;
          "position": number;
          "storage_path"?: string | null;
          "url"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "content_type"?: string | null;
          "conversation_id"?: string;
          "message_id"?: string;
          "position"?: number;
          "storage_path"?: string | null;
          "url"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "message_media_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: false;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "message_schedules": {
        Row: {
          "conversation_id": string;
          "local_at": string | null;
          "message_id": string;
          "month_day": number | null;
          "occurrence": number;
          "recurrence": Json | null;
          "respects_quiet_hours": boolean;
          "series_id": string;
          "time_zone": string | null;
          "unless": (string)[];
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "conversation_id": string;
          "local_at"?: string | null;
          "message_id": string;
          "month_day"?: number | null;
          "occurrence"?: number;
          "recurrence"?: Json | null;
          "respects_quiet_hours"?: boolean;
          "series_id": string;
          "time_zone"?: string | null;
          "unless"?: (string)[];
          "workspace_id": string;
        };
        Update: {
          "conversation_id"?: string;
          "local_at"?: string | null;
          "message_id"?: string;
          "month_day"?: number | null;
          "occurrence"?: number;
          "recurrence"?: Json | null;
          "respects_quiet_hours"?: boolean;
          "series_id"?: string;
          "time_zone"?: string | null;
          "unless"?: (string)[];
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "message_schedules_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: true;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "message_templates": {
        Row: {
          "body": string;
          "channel": string;
          "created_at": string;
          "created_by": string | null;
          "external_id": string | null;
          "html": string | null;
          "id": string;
          "is_active": boolean;
          "language": string;
          "name": string;
          "subject": string | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "body": string;
          "channel": string;
          "created_at"?: string;
          "created_by"?: string | null;
          "external_id"?: string | null;
          "html"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "language"?: string;
          "name": string;
          "subject"?: string | null;
          "updated_at"?: string;
          "variables"?: NonNullable<Json>;
          "workspace_id": string;
        };
        Update: {
          "body"?: string;
          "channel"?: string;
          "created_at"?: string;
          "created_by"?: string | null;
          "external_id"?: string | null;
          "html"?: string | null;
          "id"?: string;
          "is_active"?: boolean;
          "language"?: string;
          "name"?: string;
          "subject"?: string | null;
          "updated_at"?: string;
          "variables"?: NonNullable<Json>;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "message_templates_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "message_templates_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "message_templates_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "message_templates_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "number_orders": {
        Row: {
          "connection_id": string;
          "country": string;
          "created_at": string;
          "due_at": string | null;
          "error_code": string | null;
          "external_id": string | null;
          "finished_at": string | null;
          "friendly_name": string | null;
          "id": string;
          "idempotency_fingerprint": string;
          "idempotency_key": string;
          "is_retryable": boolean;
          "ordered_by": string | null;
          "phone_number": string;
          "phone_number_id": string | null;
          "reason": string | null;
          "state": string;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "connection_id": string;
          "country": string;
          "created_at"?: string;
          "due_at"?: string | null;
          "error_code"?: string | null;
          "external_id"?: string | null;
          "finished_at"?: string | null;
          "friendly_name"?: string | null;
          "id"?: string;
          "idempotency_fingerprint": string;
          "idempotency_key": string;
          "is_retryable"?: boolean;
          "ordered_by"?: string | null;
          "phone_number": string;
          "phone_number_id"?: string | null;
          "reason"?: string | null;
          "state"?: string;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "connection_id"?: string;
          "country"?: string;
          "created_at"?: string;
          "due_at"?: string | null;
          "error_code"?: string | null;
          "external_id"?: string | null;
          "finished_at"?: string | null;
          "friendly_name"?: string | null;
          "id"?: string;
          "idempotency_fingerprint"?: string;
          "idempotency_key"?: string;
          "is_retryable"?: boolean;
          "ordered_by"?: string | null;
          "phone_number"?: string;
          "phone_number_id"?: string | null;
          "reason"?: string | null;
          "state"?: string;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "number_orders_connection_of_workspace";
            columns: ["workspace_id", "connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "number_orders_connection_of_workspace";
            columns: ["workspace_id", "connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "number_orders_number_of_connection";
            columns: ["connection_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "integration_phone_numbers";
            referencedColumns: ["integration_id", "id"];
          },
          {
            foreignKeyName: "number_orders_number_of_connection";
            columns: ["connection_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["connection_id", "id"];
          },
          {
            foreignKeyName: "number_orders_ordered_by_fkey";
            columns: ["ordered_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "number_orders_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "number_orders_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "number_orders_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "opt_outs": {
        Row: {
          "actor_id": string | null;
          "address": string;
          "ended_actor_id": string | null;
          "ended_at": string | null;
          "ended_message_id": string | null;
          "ended_source": string | null;
          "ended_wording": string | null;
          "id": string;
          "kind": string;
          "message_id": string | null;
          "opted_out_at": string;
          "source": string;
          "wording": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "actor_id"?: string | null;
          "address": string;
          "ended_actor_id"?: string | null;
          "ended_at"?: string | null;
          "ended_message_id"?: string | null;
          "ended_source"?: string | null;
          "ended_wording"?: string | null;
          "id"?: string;
          "kind": string;
          "message_id"?: string | null;
          "opted_out_at"?: string;
          "source": string;
          "wording"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "actor_id"?: string | null;
          "address"?: string;
          "ended_actor_id"?: string | null;
          "ended_at"?: string | null;
          "ended_message_id"?: string | null;
          "ended_source"?: string | null;
          "ended_wording"?: string | null;
          "id"?: string;
          "kind"?: string;
          "message_id"?: string | null;
          "opted_out_at"?: string;
          "source"?: string;
          "wording"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "opt_outs_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "opt_outs_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "opt_outs_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "outcome_policies": {
        Row: {
          "message_class": string;
          "on_unknown": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "message_class": string;
          "on_unknown": string;
          "workspace_id": string;
        };
        Update: {
          "message_class"?: string;
          "on_unknown"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "outcome_policies_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "outcome_policies_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "outcome_policies_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "phone_number_assignments": {
        Row: {
          "agent_id": string | null;
          "created_at": string;
          "created_by": string | null;
          "id": string;
          "phone_number_id": string;
          "user_id": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "id"?: string;
          "phone_number_id": string;
          "user_id"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string | null;
          "created_at"?: string;
          "created_by"?: string | null;
          "id"?: string;
          "phone_number_id"?: string;
          "user_id"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "phone_number_assignments_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "phone_number_assignments_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_number_assignments_number_of_workspace";
            columns: ["workspace_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "phone_number_assignments_number_of_workspace";
            columns: ["workspace_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "twilio_whatsapp_connections";
            referencedColumns: ["organization_id", "id"];
          },
          {
            foreignKeyName: "phone_number_assignments_user_of_workspace";
            columns: ["workspace_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "workspace_members";
            referencedColumns: ["workspace_id", "user_id"];
          },
        ];
      };
      "phone_number_settings": {
        Row: {
          "created_at": string;
          "forward_calls_to": string | null;
          "is_voicemail_enabled": boolean;
          "phone_number_id": string;
          "updated_at": string;
          "voicemail_greeting": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "forward_calls_to"?: string | null;
          "is_voicemail_enabled"?: boolean;
          "phone_number_id": string;
          "updated_at"?: string;
          "voicemail_greeting"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "forward_calls_to"?: string | null;
          "is_voicemail_enabled"?: boolean;
          "phone_number_id"?: string;
          "updated_at"?: string;
          "voicemail_greeting"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "phone_number_settings_number_of_workspace";
            columns: ["workspace_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "phone_number_settings_number_of_workspace";
            columns: ["workspace_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "twilio_whatsapp_connections";
            referencedColumns: ["organization_id", "id"];
          },
        ];
      };
      "phone_numbers": {
        Row: {
          "agent_id": string | null;
          "capabilities": NonNullable<Json>;
          "connection_id": string;
          "created_at": string;
          "daily_limit": number | null;
          "external_id": string;
          "friendly_name": string | null;
          "id": string;
          "is_default": boolean;
          "last_verified_at": string | null;
          "messages_per_second": number;
          "metadata": NonNullable<Json>;
          "owner_user_id": string | null;
          "phone_number": string;
          "provider": string;
          "status": string;
          "updated_at": string;
          "webhook_configured": boolean;
          "webhook_url": string | null;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "capabilities": NonNullable<Json>;
          "connection_id": string;
          "created_at"?: string;
          "daily_limit"?: number | null;
          "external_id": string;
          "friendly_name"?: string | null;
          "id"?: string;
          "is_default"?: boolean;
          "last_verified_at"?: string | null;
          "messages_per_second"?: number;
          "metadata"?: NonNullable<Json>;
          "owner_user_id"?: string | null;
          "phone_number": string;
          "provider": string;
          "status"?: string;
          "updated_at"?: string;
          "webhook_configured"?: boolean;
          "webhook_url"?: string | null;
          "workspace_id"?: string | null;
        };
        Update: {
          "agent_id"?: string | null;
          "capabilities"?: NonNullable<Json>;
          "connection_id"?: string;
          "created_at"?: string;
          "daily_limit"?: number | null;
          "external_id"?: string;
          "friendly_name"?: string | null;
          "id"?: string;
          "is_default"?: boolean;
          "last_verified_at"?: string | null;
          "messages_per_second"?: number;
          "metadata"?: NonNullable<Json>;
          "owner_user_id"?: string | null;
          "phone_number"?: string;
          "provider"?: string;
          "status"?: string;
          "updated_at"?: string;
          "webhook_configured"?: boolean;
          "webhook_url"?: string | null;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "phone_numbers_agent_of_workspace";
            columns: ["workspace_id", "agent_id"];
            isOneToOne: false;
            referencedRelation: "agents";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "clicksend_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "user_oauth_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_provider_fkey";
            columns: ["provider"];
            isOneToOne: false;
            referencedRelation: "service_providers";
            referencedColumns: ["name"];
          },
          {
            foreignKeyName: "phone_numbers_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "phone_numbers_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "plan_limits": {
        Row: {
          "channel": string;
          "monthly_limit": number | null;
          "plan_id": string;
        };
        ComputedFields: never;
        Insert: {
          "channel": string;
          "monthly_limit"?: number | null;
          "plan_id": string;
        };
        Update: {
          "channel"?: string;
          "monthly_limit"?: number | null;
          "plan_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "plan_limits_plan_id_fkey";
            columns: ["plan_id"];
            isOneToOne: false;
            referencedRelation: "plans";
            referencedColumns: ["id"];
          },
        ];
      };
      "plans": {
        Row: {
          "created_at": string;
          "display_name": string;
          "id": string;
          "is_default": boolean;
          "monthly_price": number;
          "price_currency": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "display_name": string;
          "id": string;
          "is_default"?: boolean;
          "monthly_price": number;
          "price_currency"?: string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "display_name"?: string;
          "id"?: string;
          "is_default"?: boolean;
          "monthly_price"?: number;
          "price_currency"?: string;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "profiles": {
        Row: {
          "created_at": string;
          "display_name": string;
          "id": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "display_name": string;
          "id": string;
          "updated_at"?: string;
        };
        Update: {
          "created_at"?: string;
          "display_name"?: string;
          "id"?: string;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "quiet_hours": {
        Row: {
          "ends_at": string;
          "starts_at": string;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "ends_at"?: string;
          "starts_at"?: string;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "ends_at"?: string;
          "starts_at"?: string;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "quiet_hours_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: true;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "quiet_hours_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: true;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "quiet_hours_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: true;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "routing_policies": {
        Row: {
          "channel": string;
          "created_at": string;
          "id": string;
          "is_sticky": boolean;
          "strategy": string;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "channel": string;
          "created_at"?: string;
          "id"?: string;
          "is_sticky"?: boolean;
          "strategy"?: string;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "channel"?: string;
          "created_at"?: string;
          "id"?: string;
          "is_sticky"?: boolean;
          "strategy"?: string;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "routing_policies_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "routing_policies_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "routing_policies_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "routing_policy_steps": {
        Row: {
          "connection_id": string;
          "countries": (string)[] | null;
          "created_at": string;
          "email_sender_id": string | null;
          "id": string;
          "phone_number_id": string | null;
          "position": number;
          "routing_policy_id": string;
          "weight": number;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "connection_id": string;
          "countries"?: (string)[] | null;
          "created_at"?: string;
          "email_sender_id"?: string | null;
          "id"?: string;
          "phone_number_id"?: string | null;
          "position": number;
          "routing_policy_id": string;
          "weight"?: number;
          "workspace_id": string;
        };
        Update: {
          "connection_id"?: string;
          "countries"?: (string)[] | null;
          "created_at"?: string;
          "email_sender_id"?: string | null;
          "id"?: string;
          "phone_number_id"?: string | null;
          "position"?: number;
          "routing_policy_id"?: string;
          "weight"?: number;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "routing_policy_steps_connection_of_workspace";
            columns: ["workspace_id", "connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "routing_policy_steps_connection_of_workspace";
            columns: ["workspace_id", "connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "routing_policy_steps_email_of_connection";
            columns: ["connection_id", "email_sender_id"];
            isOneToOne: false;
            referencedRelation: "email_senders";
            referencedColumns: ["connection_id", "id"];
          },
          {
            foreignKeyName: "routing_policy_steps_number_of_connection";
            columns: ["connection_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "integration_phone_numbers";
            referencedColumns: ["integration_id", "id"];
          },
          {
            foreignKeyName: "routing_policy_steps_number_of_connection";
            columns: ["connection_id", "phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["connection_id", "id"];
          },
          {
            foreignKeyName: "routing_policy_steps_policy_of_workspace";
            columns: ["workspace_id", "routing_policy_id"];
            isOneToOne: false;
            referencedRelation: "routing_policies";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "service_providers": {
        Row: {
          "configuration_metadata": NonNullable<Json>;
          "created_at": string;
          "display_name": string;
          "id": string;
          "is_enabled": boolean;
          "name": string;
          "scopes_supported": NonNullable<Json>;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "configuration_metadata": NonNullable<Json>;
          "created_at"?: string;
          "display_name": string;
          "id"?: string;
          "is_enabled"?: boolean;
          "name": string;
          "scopes_supported": NonNullable<Json>;
          "updated_at"?: string;
        };
        Update: {
          "configuration_metadata"?: NonNullable<Json>;
          "created_at"?: string;
          "display_name"?: string;
          "id"?: string;
          "is_enabled"?: boolean;
          "name"?: string;
          "scopes_supported"?: NonNullable<Json>;
          "updated_at"?: string;
        };
        Relationships: [];
      };
      "team_channel_members": {
        Row: {
          "created_at": string;
          "team_channel_id": string;
          "user_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "team_channel_id": string;
          "user_id": string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "team_channel_id"?: string;
          "user_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "team_channel_members_channel_of_workspace";
            columns: ["workspace_id", "team_channel_id"];
            isOneToOne: false;
            referencedRelation: "team_channels";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "team_channel_members_user_of_workspace";
            columns: ["workspace_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "workspace_members";
            referencedColumns: ["workspace_id", "user_id"];
          },
        ];
      };
      "team_channels": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "description": string | null;
          "id": string;
          "is_private": boolean;
          "name": string;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "created_by"?: string | null;
          "description"?: string | null;
          "id"?: string;
          "is_private"?: boolean;
          "name": string;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "created_by"?: string | null;
          "description"?: string | null;
          "id"?: string;
          "is_private"?: boolean;
          "name"?: string;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "team_channels_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "team_channels_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "team_channels_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "team_channels_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "team_messages": {
        Row: {
          "body": string;
          "created_at": string;
          "edited_at": string | null;
          "id": string;
          "sender_id": string | null;
          "team_channel_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "body": string;
          "created_at"?: string;
          "edited_at"?: string | null;
          "id"?: string;
          "sender_id"?: string | null;
          "team_channel_id": string;
          "workspace_id": string;
        };
        Update: {
          "body"?: string;
          "created_at"?: string;
          "edited_at"?: string | null;
          "id"?: string;
          "sender_id"?: string | null;
          "team_channel_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "team_messages_channel_of_workspace";
            columns: ["workspace_id", "team_channel_id"];
            isOneToOne: false;
            referencedRelation: "team_channels";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "team_messages_sender_id_fkey";
            columns: ["sender_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
        ];
      };
      "template_details": {
        Row: {
          "conversation_id": string;
          "external_id": string;
          "language": string;
          "message_id": string;
          "template_id": string | null;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "conversation_id": string;
          "external_id": string;
          "language": string;
          "message_id": string;
          "template_id"?: string | null;
          "variables"?: NonNullable<Json>;
          "workspace_id": string;
        };
        Update: {
          "conversation_id"?: string;
          "external_id"?: string;
          "language"?: string;
          "message_id"?: string;
          "template_id"?: string | null;
          "variables"?: NonNullable<Json>;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "template_details_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: true;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "template_details_template_of_workspace";
            columns: ["workspace_id", "template_id"];
            isOneToOne: false;
            referencedRelation: "message_templates";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "usage_counters": {
        Row: {
          "channel": string;
          "is_platform": boolean;
          "month": string;
          "reserved_cost": number;
          "reserved_count": number;
          "settled_cost": number;
          "settled_count": number;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "channel": string;
          "is_platform"?: boolean;
          "month": string;
          "reserved_cost"?: number;
          "reserved_count"?: number;
          "settled_cost"?: number;
          "settled_count"?: number;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "channel"?: string;
          "is_platform"?: boolean;
          "month"?: string;
          "reserved_cost"?: number;
          "reserved_count"?: number;
          "settled_cost"?: number;
          "settled_count"?: number;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "usage_counters_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "usage_counters_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "usage_counters_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "usage_daily": {
        Row: {
          "agent_id": string | null;
          "campaign_id": string | null;
          "channel": string;
          "cost": number;
          "cost_currency": string;
          "day": string;
          "delivered_count": number;
          "email_sender_id": string | null;
          "failed_count": number;
          "id": number;
          "phone_number_id": string | null;
          "provider": string;
          "received_count": number;
          "segment_count": number;
          "sent_count": number;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "agent_id"?: string | null;
          "campaign_id"?: string | null;
          "channel": string;
          "cost"?: number;
          "cost_currency"?: string;
          "day": string;
          "delivered_count"?: number;
          "email_sender_id"?: string | null;
          "failed_count"?: number;
          "id"?: never;
          "phone_number_id"?: string | null;
          "provider": string;
          "received_count"?: number;
          "segment_count"?: number;
          "sent_count"?: number;
          "workspace_id": string;
        };
        Update: {
          "agent_id"?: string | null;
          "campaign_id"?: string | null;
          "channel"?: string;
          "cost"?: number;
          "cost_currency"?: string;
          "day"?: string;
          "delivered_count"?: number;
          "email_sender_id"?: string | null;
          "failed_count"?: number;
          "id"?: never;
          "phone_number_id"?: string | null;
          "provider"?: string;
          "received_count"?: number;
          "segment_count"?: number;
          "sent_count"?: number;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "usage_daily_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "usage_daily_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "usage_daily_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "user_integration_settings": {
        Row: {
          "connection_id": string;
          "created_at": string;
          "default_email_sender_id": string | null;
          "default_phone_number_id": string | null;
          "id": string;
          "settings": NonNullable<Json>;
          "updated_at": string;
          "user_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "connection_id": string;
          "created_at"?: string;
          "default_email_sender_id"?: string | null;
          "default_phone_number_id"?: string | null;
          "id"?: string;
          "settings"?: NonNullable<Json>;
          "updated_at"?: string;
          "user_id"?: string;
          "workspace_id": string;
        };
        Update: {
          "connection_id"?: string;
          "created_at"?: string;
          "default_email_sender_id"?: string | null;
          "default_phone_number_id"?: string | null;
          "id"?: string;
          "settings"?: NonNullable<Json>;
          "updated_at"?: string;
          "user_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "user_integration_settings_connection_of_workspace";
            columns: ["workspace_id", "connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "user_integration_settings_connection_of_workspace";
            columns: ["workspace_id", "connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["workspace_id", "id"];
          },
          {
            foreignKeyName: "user_integration_settings_email_of_connection";
            columns: ["connection_id", "default_email_sender_id"];
            isOneToOne: false;
            referencedRelation: "email_senders";
            referencedColumns: ["connection_id", "id"];
          },
          {
            foreignKeyName: "user_integration_settings_number_of_connection";
            columns: ["connection_id", "default_phone_number_id"];
            isOneToOne: false;
            referencedRelation: "integration_phone_numbers";
            referencedColumns: ["integration_id", "id"];
          },
          {
            foreignKeyName: "user_integration_settings_number_of_connection";
            columns: ["connection_id", "default_phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["connection_id", "id"];
          },
          {
            foreignKeyName: "user_integration_settings_user_of_workspace";
            columns: ["workspace_id", "user_id"];
            isOneToOne: false;
            referencedRelation: "workspace_members";
            referencedColumns: ["workspace_id", "user_id"];
          },
        ];
      };
      "webhook_events": {
        Row: {
          "body": string;
          "connection_id": string;
          "event": NonNullable<Json>;
          "external_id": string;
          "id": string;
          "kind": string;
          "message_id": string | null;
          "processed_at": string | null;
          "reason": string | null;
          "received_at": string;
          "state": string;
          "status": string;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "body": string;
          "connection_id": string;
          "event": NonNullable<Json>;
          "external_id": string;
          "id"?: string;
          "kind": string;
          "message_id"?: string | null;
          "processed_at"?: string | null;
          "reason"?: string | null;
          "received_at"?: string;
          "state"?: string;
          "status"?: string;
          "workspace_id"?: string | null;
        };
        Update: {
          "body"?: string;
          "connection_id"?: string;
          "event"?: NonNullable<Json>;
          "external_id"?: string;
          "id"?: string;
          "kind"?: string;
          "message_id"?: string | null;
          "processed_at"?: string | null;
          "reason"?: string | null;
          "received_at"?: string;
          "state"?: string;
          "status"?: string;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "webhook_events_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "clicksend_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_events_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_events_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "user_oauth_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_events_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "webhook_events_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: false;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "workspace_invitations": {
        Row: {
          "accepted_at": string | null;
          "accepted_by": string | null;
          "created_at": string;
          "email": string;
          "expires_at": string;
          "id": string;
          "invited_by": string | null;
          "revoked_at": string | null;
          "role": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "accepted_at"?: string | null;
          "accepted_by"?: string | null;
          "created_at"?: string;
          "email": string;
          "expires_at"?: string;
          "id"?: string;
          "invited_by"?: string | null;
          "revoked_at"?: string | null;
          "role": string;
          "workspace_id": string;
        };
        Update: {
          "accepted_at"?: string | null;
          "accepted_by"?: string | null;
          "created_at"?: string;
          "email"?: string;
          "expires_at"?: string;
          "id"?: string;
          "invited_by"?: string | null;
          "revoked_at"?: string | null;
          "role"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workspace_invitations_accepted_by_fkey";
            columns: ["accepted_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workspace_invitations_invited_by_fkey";
            columns: ["invited_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workspace_invitations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workspace_invitations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workspace_invitations_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workspace_members": {
        Row: {
          "created_at": string;
          "role": string;
          "user_id": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "role": string;
          "user_id": string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "role"?: string;
          "user_id"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workspace_members_user_id_fkey";
            columns: ["user_id"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workspace_members_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "workspace_members_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "workspace_members_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workspaces": {
        Row: {
          "communication_mode": string;
          "conversation_access": string;
          "created_at": string;
          "deleted_at": string | null;
          "id": string;
          "monthly_spend_cap": number | null;
          "name": string;
          "opt_out_confirmation": string | null;
          "plan_id": string;
          "slug": string;
          "timezone": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "communication_mode"?: string;
          "conversation_access"?: string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "id"?: string;
          "monthly_spend_cap"?: number | null;
          "name": string;
          "opt_out_confirmation"?: string | null;
          "plan_id"?: string;
          "slug": string;
          "timezone"?: string;
          "updated_at"?: string;
        };
        Update: {
          "communication_mode"?: string;
          "conversation_access"?: string;
          "created_at"?: string;
          "deleted_at"?: string | null;
          "id"?: string;
          "monthly_spend_cap"?: number | null;
          "name"?: string;
          "opt_out_confirmation"?: string | null;
          "plan_id"?: string;
          "slug"?: string;
          "timezone"?: string;
          "updated_at"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "workspaces_plan_id_fkey";
            columns: ["plan_id"];
            isOneToOne: false;
            referencedRelation: "plans";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Views: {
      "campaign_progress": {
        Row: {
          "campaign_id": string;
          "canceled_count": number | null;
          "delivered_count": number | null;
          "failed_count": number | null;
          "pending_count": number | null;
          "queued_count": number | null;
          "sent_count": number | null;
          "skipped": Json | null;
          "skipped_count": number | null;
          "status": string;
          "total_count": number | null;
          "unknown_count": number | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "campaigns_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "campaigns_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "campaigns_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "campaign_results": {
        Row: {
          "address": string;
          "campaign_id": string;
          "contact_id": string | null;
          "delivered_at": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "message_id": string | null;
          "message_status": string | null;
          "sent_at": string | null;
          "skip_reason": string | null;
          "status": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "campaign_recipients_contact_of_workspace";
            columns: ["workspace_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "clicksend_connections": {
        Row: {
          "connection_metadata": NonNullable<Json>;
          "connection_name": string;
          "connection_status": string;
          "created_at": string;
          "external_username": string;
          "id": string;
          "provider_config": NonNullable<Json>;
          "provider_name": string;
          "updated_at": string;
          "user_id": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "integration_phone_numbers": {
        Row: {
          "capabilities": NonNullable<Json>;
          "created_at": string;
          "friendly_name": string | null;
          "id": string;
          "integration_id": string;
          "is_default": boolean;
          "phone_number": string;
          "status": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "capabilities"?: Json | null;
          "created_at"?: string | null;
          "friendly_name"?: string | null;
          "id"?: string | null;
          "integration_id"?: string | null;
          "is_default"?: boolean | null;
          "phone_number"?: string | null;
          "status"?: string | null;
          "updated_at"?: string | null;
        };
        Update: {
          "capabilities"?: Json | null;
          "created_at"?: string | null;
          "friendly_name"?: string | null;
          "id"?: string | null;
          "integration_id"?: string | null;
          "is_default"?: boolean | null;
          "phone_number"?: string | null;
          "status"?: string | null;
          "updated_at"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["integration_id"];
            isOneToOne: false;
            referencedRelation: "clicksend_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["integration_id"];
            isOneToOne: false;
            referencedRelation: "connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["integration_id"];
            isOneToOne: false;
            referencedRelation: "user_oauth_connections";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["integration_id"];
            isOneToOne: false;
            referencedRelation: "workspace_integrations";
            referencedColumns: ["id"];
          },
        ];
      };
      "twilio_whatsapp_connections": {
        Row: {
          "created_at": string;
          "friendly_name": string | null;
          "id": string;
          "is_active": boolean | null;
          "last_verified_at": string | null;
          "organization_id": string | null;
          "twilio_account_sid": string;
          "updated_at": string;
          "webhook_configured": boolean;
          "whatsapp_number": string;
          "whatsapp_number_sid": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "phone_numbers_workspace_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "phone_numbers_workspace_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "phone_numbers_workspace_id_fkey";
            columns: ["organization_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "twilio_whatsapp_webhook_events": {
        Row: {
          "connection_id": string | null;
          "created_at": string;
          "error_message": string | null;
          "event_type": string;
          "id": string;
          "message_sid": string;
          "payload_hash": string | null;
          "processed_at": string | null;
          "status": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "user_oauth_connections": {
        Row: {
          "connection_metadata": NonNullable<Json>;
          "connection_name": string;
          "connection_status": string;
          "created_at": string;
          "external_username": string;
          "id": string;
          "oauth_provider_id": string;
          "updated_at": string;
          "user_id": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "workspace_communication_settings": {
        Row: {
          "created_at": string;
          "email_from_address": string | null;
          "email_provider": string | null;
          "id": string;
          "mode": string;
          "signalwire_phone_number": string | null;
          "signalwire_project_id": string | null;
          "signalwire_space_url": string | null;
          "signalwire_whatsapp_number": string | null;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: "email_senders_provider_fkey";
            columns: ["email_provider"];
            isOneToOne: false;
            referencedRelation: "service_providers";
            referencedColumns: ["name"];
          },
        ];
      };
      "workspace_integrations": {
        Row: {
          "created_at": string;
          "created_by": string | null;
          "id": string;
          "is_active": boolean | null;
          "provider_type": string;
          "settings": NonNullable<Json>;
          "updated_at": string;
          "workspace_id": string | null;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string | null;
          "created_by"?: string | null;
          "id"?: string | null;
          "is_active"?: never;
          "provider_type"?: string | null;
          "settings"?: Json | null;
          "updated_at"?: string | null;
          "workspace_id"?: string | null;
        };
        Update: {
          "created_at"?: string | null;
          "created_by"?: string | null;
          "id"?: string | null;
          "is_active"?: never;
          "provider_type"?: string | null;
          "settings"?: Json | null;
          "updated_at"?: string | null;
          "workspace_id"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "connections_created_by_fkey";
            columns: ["created_by"];
            isOneToOne: false;
            referencedRelation: "profiles";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connections_provider_fkey";
            columns: ["provider_type"];
            isOneToOne: false;
            referencedRelation: "service_providers";
            referencedColumns: ["name"];
          },
          {
            foreignKeyName: "connections_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "connections_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspace_communication_settings";
            referencedColumns: ["workspace_id"];
          },
          {
            foreignKeyName: "connections_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
    };
    Functions: {
      "accept_invitation": {
        Args: { "token": string };
        Returns: {
          "created_at": string;
          "role": string;
          "user_id": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "workspace_members";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "add_campaign_contacts": {
        Args: { "campaign_id": string; "filter"?: Json };
        Returns: {
          "added_count": number;
          "duplicate_count": number;
          "opted_out_count": number;
          "without_address_count": number;
        }[];
      };
      "add_campaign_recipients": {
        Args: {
          "addresses": (string)[];
          "campaign_id": string;
          "first_row_number"?: number;
          "variables"?: Json;
        };
        Returns: {
          "added_count": number;
          "duplicate_count": number;
          "error_count": number;
          "errors": Json;
          "opted_out_count": number;
        }[];
      };
      "begin_idempotent_request": {
        Args: {
          "actor_id": string;
          "fingerprint": string;
          "idempotency_key": string;
          "may_run_again"?: boolean;
          "route": string;
          "workspace_id": string;
        };
        Returns: {
          "body": string;
          "request_id": string;
          "state": string;
          "status": number;
        }[];
      };
      "campaign_recipients": {
        Args: {
          "campaign": Omit<
            Database["public"]["Tables"]["campaigns"]["Row"],
            Database["public"]["Tables"]["campaigns"]["ComputedFields"]
          >;
        };
        Returns: {
          "address": string;
          "campaign_id": string;
          "contact_id": string | null;
          "message_id": string | null;
          "skip_reason": string | null;
          "status": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        }[];
        SetofOptions: {
          from: "campaigns";
          to: "campaign_recipients";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "cancel_campaign": {
        Args: { "campaign_id": string };
        Returns: {
          "audience": NonNullable<Json>;
          "body": string | null;
          "channel": string;
          "checked_at": string | null;
          "created_at": string;
          "created_by": string | null;
          "default_country": string | null;
          "dripped_at": string | null;
          "duplicate_count": number;
          "ended_at": string | null;
          "estimated_at": string | null;
          "estimated_cost": number | null;
          "estimated_segment_count": number | null;
          "from_address": string | null;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "name": string;
          "pause_reason": string | null;
          "phone_number_id": string | null;
          "recipient_count": number;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": string;
          "subject": string | null;
          "template_id": string | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "campaigns";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "cancel_message": {
        Args: { "message_id": string };
        Returns: {
          "agent_id": string | null;
          "body": string;
          "campaign_id": string | null;
          "conversation_id": string;
          "created_at": string;
          "delivered_at": string | null;
          "direction": string;
          "email_sender_id": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "estimated_cost": number;
          "external_id": string | null;
          "from_address": string;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "is_platform": boolean;
          "is_sender_fixed": boolean;
          "message_class": string;
          "phone_number_id": string | null;
          "read_at": string | null;
          "scheduled_at": string | null;
          "segment_count": number;
          "sender_id": string | null;
          "sent_at": string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversation_messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "check_number_release": {
        Args: { "actor_id": string; "phone_number_id": string };
        Returns: undefined;
      };
      "claim_agent_offers": {
        Args: { "claim_limit"?: number; "lease_seconds"?: number };
        Returns: {
          "agent_id": string;
          "attempt_number": number;
          "offer_id": string;
          "payload": Json;
          "webhook_url": string;
        }[];
      };
      "claim_look_ups": {
        Args: { "claim_limit"?: number; "lease_seconds"?: number };
        Returns: {
          "attempt_number": number;
          "attempt_started_at": string;
          "body": string;
          "channel": string;
          "connection_id": string;
          "external_id": string;
          "from_address": string;
          "lease_token": string;
          "message_id": string;
          "provider": string;
          "to_address": string;
        }[];
      };
      "claim_number_orders": {
        Args: { "claim_limit"?: number };
        Returns: {
          "age_seconds": number;
          "connection_id": string;
          "external_id": string;
          "number_order_id": string;
          "phone_number": string;
          "provider": string;
        }[];
      };
      "claim_number_verifications": {
        Args: { "claim_limit"?: number };
        Returns: {
          "connection_id": string;
          "provider": string;
        }[];
      };
      "claim_outbound_jobs": {
        Args: { "claim_limit"?: number; "lease_seconds"?: number };
        Returns: {
          "attempt_number": number;
          "body": string;
          "channel": string;
          "connection_id": string;
          "from_address": string;
          "lease_token": string;
          "media_urls": (string)[];
          "message_id": string;
          "provider": string;
          "to_address": string;
        }[];
      };
      "clear_campaign_recipients": { Args: { "campaign_id": string }; Returns: number };
      "count_recent_usage": { Args: Record<PropertyKey, never>; Returns: number };
      "count_webhook_refusal": {
        Args: { "connection_id"?: string; "provider": string; "reason": string };
        Returns: undefined;
      };
      "create_agent_key": {
        Args: {
          "agent_id": string;
          "allowed_scopes": (string)[];
          "expires_at"?: string;
          "name": string;
        };
        Returns: {
          "api_key": string;
          "id": string;
          "valid_until": string;
        }[];
      };
      "create_campaign": {
        Args: { "campaign": Json; "workspace_id": string };
        Returns: {
          "audience": NonNullable<Json>;
          "body": string | null;
          "channel": string;
          "checked_at": string | null;
          "created_at": string;
          "created_by": string | null;
          "default_country": string | null;
          "dripped_at": string | null;
          "duplicate_count": number;
          "ended_at": string | null;
          "estimated_at": string | null;
          "estimated_cost": number | null;
          "estimated_segment_count": number | null;
          "from_address": string | null;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "name": string;
          "pause_reason": string | null;
          "phone_number_id": string | null;
          "recipient_count": number;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": string;
          "subject": string | null;
          "template_id": string | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "campaigns";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_invitation": {
        Args: { "email": string; "role"?: string; "workspace_id": string };
        Returns: {
          "expires_at": string;
          "id": string;
          "token": string;
        }[];
      };
      "create_team_channel": {
        Args: {
          "description"?: string;
          "is_private"?: boolean;
          "name": string;
          "workspace_id": string;
        };
        Returns: {
          "created_at": string;
          "created_by": string | null;
          "description": string | null;
          "id": string;
          "is_private": boolean;
          "name": string;
          "updated_at": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "team_channels";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "create_workspace": {
        Args: { "name": string; "slug"?: string; "timezone"?: string };
        Returns: {
          "communication_mode": string;
          "conversation_access": string;
          "created_at": string;
          "deleted_at": string | null;
          "id": string;
          "monthly_spend_cap": number | null;
          "name": string;
          "opt_out_confirmation": string | null;
          "plan_id": string;
          "slug": string;
          "timezone": string;
          "updated_at": string;
        };
        SetofOptions: {
          from: "*";
          to: "workspaces";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "decide_agent_approval": {
        Args: { "approval_id": string; "decision": string; "note"?: string };
        Returns: unknown;
        SetofOptions: {
          from: "*";
          to: "tool_answer";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "delete_workspace": { Args: { "slug": string; "workspace_id": string }; Returns: undefined };
      "deny_agent_scopes": {
        Args: { "agent_id": string; "connection_id": string; "denied_scopes": (string)[] };
        Returns: {
          "agent_id": string;
          "allowed_scopes": (string)[];
          "connection_id": string;
          "created_at": string;
          "denied_scopes": (string)[];
          "expires_at": string | null;
          "granted_by": string | null;
          "id": string;
          "is_active": boolean;
          "updated_at": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "agent_integration_permissions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "disconnect": { Args: { "actor_id": string; "connection_id": string }; Returns: undefined };
      "drip_campaigns": { Args: Record<PropertyKey, never>; Returns: number };
      "edit_message": {
        Args: { "changes": Json; "message_id": string };
        Returns: {
          "agent_id": string | null;
          "body": string;
          "campaign_id": string | null;
          "conversation_id": string;
          "created_at": string;
          "delivered_at": string | null;
          "direction": string;
          "email_sender_id": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "estimated_cost": number;
          "external_id": string | null;
          "from_address": string;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "is_platform": boolean;
          "is_sender_fixed": boolean;
          "message_class": string;
          "phone_number_id": string | null;
          "read_at": string | null;
          "scheduled_at": string | null;
          "segment_count": number;
          "sender_id": string | null;
          "sent_at": string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversation_messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "end_opt_out": { Args: { "opt_out_id": string; "wording": string }; Returns: undefined };
      "enqueue_messages": {
        Args: { "messages": Json; "workspace_id": string };
        Returns: {
          "conversation_id": string;
          "error_code": string;
          "error_field": string;
          "error_message": string;
          "index": number;
          "is_duplicate": boolean;
          "message_id": string;
          "status": string;
        }[];
      };
      "estimate_campaign": { Args: { "campaign_id": string }; Returns: Json };
      "execute_agent_tool": {
        Args: { "call": Json; "caller": Json };
        Returns: unknown[];
        SetofOptions: {
          from: "*";
          to: "tool_answer";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "expire_agent_approvals": { Args: { "row_limit"?: number }; Returns: number };
      "extend_lease": {
        Args: { "lease_seconds"?: number; "lease_token": string };
        Returns: boolean;
      };
      "finish_agent_offer": { Args: { "caller": Json; "offer_id": string }; Returns: string };
      "finish_agent_tool": {
        Args: { "outcome": Json; "tool_call_id": string };
        Returns: unknown[];
        SetofOptions: {
          from: "*";
          to: "tool_answer";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "finish_idempotent_request": {
        Args: { "body"?: string; "request_id": string; "status"?: number };
        Returns: undefined;
      };
      "get_user_clicksend_connection": {
        Args: { "p_user_id": string };
        Returns: {
          "configuration": Json;
          "connection_id": string;
          "connection_name": string;
          "connection_status": string;
          "external_username": string;
        }[];
      };
      "grant_agent_permission": {
        Args: {
          "agent_id": string;
          "allowed_scopes": (string)[];
          "connection_id": string;
          "expires_at"?: string;
        };
        Returns: {
          "agent_id": string;
          "allowed_scopes": (string)[];
          "connection_id": string;
          "created_at": string;
          "denied_scopes": (string)[];
          "expires_at": string | null;
          "granted_by": string | null;
          "id": string;
          "is_active": boolean;
          "updated_at": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "agent_integration_permissions";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "hand_to_agent": {
        Args: { "agent_id": string; "conversation_id": string };
        Returns: {
          "agent_id": string | null;
          "assigned_to": string | null;
          "channel": string;
          "contact_address": string;
          "contact_id": string;
          "created_at": string;
          "email_sender_id": string | null;
          "id": string;
          "is_starred": boolean;
          "is_unread": boolean;
          "labels": (string)[];
          "last_message_at": string | null;
          "phone_number_id": string | null;
          "snippet": string;
          "status": string;
          "subject": string | null;
          "tags": (string)[];
          "taken_over_at": string | null;
          "team_channel_id": string | null;
          "updated_at": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "ingest_webhook": {
        Args: { "body": string; "connection_id": string; "events": Json };
        Returns: {
          "event_id": string;
          "state": string;
        }[];
      };
      "ingest_webhooks": {
        Args: { "webhooks": Json };
        Returns: {
          "event_id": string;
          "is_offered": boolean;
          "state": string;
          "webhook_index": number;
        }[];
      };
      "leave_workspace": { Args: { "workspace_id": string }; Returns: undefined };
      "list_agent_tools": {
        Args: { "after_key"?: string; "caller": Json; "page_limit"?: number };
        Returns: {
          "agent": Json;
          "connections": Json;
          "empty_because": Json;
          "next_cursor": string;
          "tools": Json;
        }[];
      };
      "message_attempts": {
        Args: {
          "message": Omit<
            Database["public"]["Tables"]["conversation_messages"]["Row"],
            Database["public"]["Tables"]["conversation_messages"]["ComputedFields"]
          >;
        };
        Returns: {
          "attempt_number": number;
          "connection_id": string;
          "conversation_id": string;
          "error_code": string | null;
          "error_message": string | null;
          "external_id": string | null;
          "finished_at": string | null;
          "is_superseded": boolean;
          "message_id": string;
          "outcome": string | null;
          "price": number | null;
          "price_currency": string | null;
          "provider_code": string | null;
          "segment_count": number | null;
          "started_at": string;
          "workspace_id": string;
        }[];
        SetofOptions: {
          from: "conversation_messages";
          to: "message_attempts";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "opt_out": {
        Args: { "address": string; "wording"?: string; "workspace_id": string };
        Returns: string;
      };
      "pause_campaign": {
        Args: { "campaign_id": string };
        Returns: {
          "audience": NonNullable<Json>;
          "body": string | null;
          "channel": string;
          "checked_at": string | null;
          "created_at": string;
          "created_by": string | null;
          "default_country": string | null;
          "dripped_at": string | null;
          "duplicate_count": number;
          "ended_at": string | null;
          "estimated_at": string | null;
          "estimated_cost": number | null;
          "estimated_segment_count": number | null;
          "from_address": string | null;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "name": string;
          "pause_reason": string | null;
          "phone_number_id": string | null;
          "recipient_count": number;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": string;
          "subject": string | null;
          "template_id": string | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "campaigns";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "poll_agent_offers": {
        Args: { "caller": Json; "poll_limit"?: number; "visibility_seconds"?: number };
        Returns: {
          "attempt_number": number;
          "offer_id": string;
          "payload": Json;
        }[];
      };
      "preview_template": {
        Args: { "template_id": string; "variables"?: Json };
        Returns: {
          "body": string;
          "html": string;
          "missing_variables": (string)[];
          "segment_count": number;
          "subject": string;
        }[];
      };
      "purge_idempotent_requests": { Args: { "row_limit"?: number }; Returns: number };
      "read_agent_webhook_secrets": {
        Args: { "agent_ids": (string)[]; "batch_id"?: string; "reason": string };
        Returns: {
          "agent_id": string;
          "secrets": (string)[];
        }[];
      };
      "read_connection_credentials": {
        Args: {
          "actor_id"?: string;
          "batch_id"?: string;
          "connection_ids": (string)[];
          "reason": string;
        };
        Returns: {
          "connection_id": string;
          "credentials": Json;
          "external_account_id": string;
          "provider": string;
          "webhook_secret": string;
          "webhook_token": string;
        }[];
      };
      "read_email_attachments": {
        Args: { "message_id": string };
        Returns: {
          "content": string;
          "content_id": string;
          "content_type": string;
          "file_name": string;
        }[];
      };
      "read_look_up": {
        Args: { "external_ids": (string)[]; "message_id": string };
        Returns: {
          "has_unsettled_twin": boolean;
          "known_external_ids": (string)[];
        }[];
      };
      "read_outbound_details": {
        Args: { "message_ids": (string)[] };
        Returns: {
          "email": Json;
          "message_id": string;
          "template": Json;
        }[];
      };
      "read_webhook_secret": {
        Args: { "provider": string; "token": string };
        Returns: {
          "connection_id": string;
          "secrets": (string)[];
        }[];
      };
      "record_agent_offers": { Args: { "outcomes": Json }; Returns: number };
      "record_attempts": {
        Args: { "lease_token": string; "results": Json };
        Returns: {
          "is_recorded": boolean;
          "message_id": string;
        }[];
      };
      "record_call_start": {
        Args: { "call_id": string; "outcome": string; "report": Json };
        Returns: {
          "agent_id": string | null;
          "answered_at": string | null;
          "connection_id": string | null;
          "conversation_id": string;
          "created_at": string;
          "direction": string;
          "duration_seconds": number | null;
          "ended_at": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "external_id": string | null;
          "from_address": string;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "language": string | null;
          "phone_number_id": string | null;
          "price": number | null;
          "price_currency": string | null;
          "spoken_text": string | null;
          "started_by": string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "calls";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "record_connection_check": {
        Args: { "connection_id": string; "error"?: string };
        Returns: undefined;
      };
      "record_connection_setup": {
        Args: {
          "connection_id": string;
          "email_senders"?: Json;
          "error"?: string;
          "settings"?: Json;
          "webhook_secret"?: string;
        };
        Returns: undefined;
      };
      "record_number_order": {
        Args: {
          "error_code"?: string;
          "external_id"?: string;
          "is_retryable"?: boolean;
          "number_order_id": string;
          "reason"?: string;
          "state": string;
        };
        Returns: undefined;
      };
      "record_number_verification": {
        Args: {
          "connection_id": string;
          "is_complete": boolean;
          "numbers": Json;
          "phone_number_id"?: string;
        };
        Returns: undefined;
      };
      "record_number_webhooks": {
        Args: { "connection_id": string; "results": Json };
        Returns: undefined;
      };
      "release_phone_number": {
        Args: { "actor_id": string; "phone_number_id": string };
        Returns: undefined;
      };
      "remove_member": { Args: { "user_id": string; "workspace_id": string }; Returns: undefined };
      "replay_webhook_events": {
        Args: { "event_ids": (string)[] };
        Returns: {
          "event_id": string;
          "state": string;
        }[];
      };
      "reserve_number_order": {
        Args: {
          "actor_id": string;
          "connection_id": string;
          "country": string;
          "friendly_name"?: string;
          "idempotency_key": string;
          "phone_number": string;
        };
        Returns: {
          "is_new": boolean;
          "number_order_id": string;
        }[];
      };
      "resolve_conversation_flag": {
        Args: { "message_id": string; "resolution": string };
        Returns: undefined;
      };
      "resume_campaign": {
        Args: { "campaign_id": string };
        Returns: {
          "audience": NonNullable<Json>;
          "body": string | null;
          "channel": string;
          "checked_at": string | null;
          "created_at": string;
          "created_by": string | null;
          "default_country": string | null;
          "dripped_at": string | null;
          "duplicate_count": number;
          "ended_at": string | null;
          "estimated_at": string | null;
          "estimated_cost": number | null;
          "estimated_segment_count": number | null;
          "from_address": string | null;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "name": string;
          "pause_reason": string | null;
          "phone_number_id": string | null;
          "recipient_count": number;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": string;
          "subject": string | null;
          "template_id": string | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "campaigns";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "retry_message": {
        Args: { "may_send_twice"?: boolean; "message_id": string };
        Returns: {
          "agent_id": string | null;
          "body": string;
          "campaign_id": string | null;
          "conversation_id": string;
          "created_at": string;
          "delivered_at": string | null;
          "direction": string;
          "email_sender_id": string | null;
          "error_code": string | null;
          "error_message": string | null;
          "estimated_cost": number;
          "external_id": string | null;
          "from_address": string;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "is_platform": boolean;
          "is_sender_fixed": boolean;
          "message_class": string;
          "phone_number_id": string | null;
          "read_at": string | null;
          "scheduled_at": string | null;
          "segment_count": number;
          "sender_id": string | null;
          "sent_at": string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversation_messages";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "revoke_agent_key": { Args: { "key_id": string }; Returns: undefined };
      "revoke_agent_permission": { Args: { "permission_id": string }; Returns: undefined };
      "revoke_invitation": { Args: { "invitation_id": string }; Returns: undefined };
      "rotate_agent_key": {
        Args: { "key_id": string; "overlap_minutes"?: number };
        Returns: {
          "api_key": string;
          "id": string;
          "valid_until": string;
        }[];
      };
      "rotate_agent_webhook_secret": {
        Args: { "agent_id": string; "overlap_minutes"?: number };
        Returns: {
          "previous_valid_until": string;
          "secret": string;
        }[];
      };
      "run_approved_tool": {
        Args: { "approval_id": string };
        Returns: unknown[];
        SetofOptions: {
          from: "*";
          to: "tool_answer";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "set_default_phone_number": { Args: { "phone_number_id": string }; Returns: undefined };
      "set_member_role": {
        Args: { "role": string; "user_id": string; "workspace_id": string };
        Returns: undefined;
      };
      "set_number_whatsapp": {
        Args: { "is_enabled": boolean; "phone_number_id": string };
        Returns: undefined;
      };
      "set_workspace_plan": {
        Args: { "plan_id": string; "workspace_id": string };
        Returns: undefined;
      };
      "start_call": {
        Args: { "call": Json; "provider_names": (string)[]; "workspace_id": string };
        Returns: {
          "call_id": string;
          "connection_id": string;
          "conversation_id": string;
          "error_code": string;
          "error_message": string;
          "from_address": string;
          "is_duplicate": boolean;
          "provider": string;
          "status": string;
          "to_address": string;
        }[];
      };
      "start_campaign": {
        Args: { "campaign_id": string; "max_cost"?: number };
        Returns: {
          "audience": NonNullable<Json>;
          "body": string | null;
          "channel": string;
          "checked_at": string | null;
          "created_at": string;
          "created_by": string | null;
          "default_country": string | null;
          "dripped_at": string | null;
          "duplicate_count": number;
          "ended_at": string | null;
          "estimated_at": string | null;
          "estimated_cost": number | null;
          "estimated_segment_count": number | null;
          "from_address": string | null;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "name": string;
          "pause_reason": string | null;
          "phone_number_id": string | null;
          "recipient_count": number;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": string;
          "subject": string | null;
          "template_id": string | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "campaigns";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "stop_agent": { Args: { "agent_id": string }; Returns: undefined };
      "store_connection": {
        Args: {
          "actor_id": string;
          "credentials": Json;
          "display_name": string;
          "external_account_id": string;
          "is_personal"?: boolean;
          "numbers": Json;
          "provider": string;
          "webhook_secret": string;
          "webhook_token": string;
          "workspace_id": string;
        };
        Returns: {
          "id": string;
          "valid_webhook_secret": string;
          "valid_webhook_token": string;
        }[];
      };
      "store_ordered_number": {
        Args: { "number": Json; "number_order_id": string };
        Returns: {
          "phone_number_id": string;
          "status": string;
        }[];
      };
      "store_phone_numbers": {
        Args: { "actor_id": string; "connection_id": string; "numbers": Json };
        Returns: {
          "agent_id": string | null;
          "capabilities": NonNullable<Json>;
          "connection_id": string;
          "created_at": string;
          "daily_limit": number | null;
          "external_id": string;
          "friendly_name": string | null;
          "id": string;
          "is_default": boolean;
          "last_verified_at": string | null;
          "messages_per_second": number;
          "metadata": NonNullable<Json>;
          "owner_user_id": string | null;
          "phone_number": string;
          "provider": string;
          "status": string;
          "updated_at": string;
          "webhook_configured": boolean;
          "webhook_url": string | null;
          "workspace_id": string | null;
        }[];
        SetofOptions: {
          from: "*";
          to: "phone_numbers";
          isOneToOne: false;
          isSetofReturn: true;
        };
      };
      "store_platform_connection": {
        Args: {
          "credentials": Json;
          "display_name": string;
          "external_account_id": string;
          "numbers": Json;
          "provider": string;
          "webhook_secret": string;
          "webhook_token": string;
        };
        Returns: {
          "id": string;
          "valid_webhook_secret": string;
          "valid_webhook_token": string;
        }[];
      };
      "take_over": {
        Args: { "conversation_id": string };
        Returns: {
          "agent_id": string | null;
          "assigned_to": string | null;
          "channel": string;
          "contact_address": string;
          "contact_id": string;
          "created_at": string;
          "email_sender_id": string | null;
          "id": string;
          "is_starred": boolean;
          "is_unread": boolean;
          "labels": (string)[];
          "last_message_at": string | null;
          "phone_number_id": string | null;
          "snippet": string;
          "status": string;
          "subject": string | null;
          "tags": (string)[];
          "taken_over_at": string | null;
          "team_channel_id": string | null;
          "updated_at": string;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "conversations";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "update_campaign": {
        Args: { "campaign_id": string; "changes": Json };
        Returns: {
          "audience": NonNullable<Json>;
          "body": string | null;
          "channel": string;
          "checked_at": string | null;
          "created_at": string;
          "created_by": string | null;
          "default_country": string | null;
          "dripped_at": string | null;
          "duplicate_count": number;
          "ended_at": string | null;
          "estimated_at": string | null;
          "estimated_cost": number | null;
          "estimated_segment_count": number | null;
          "from_address": string | null;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "name": string;
          "pause_reason": string | null;
          "phone_number_id": string | null;
          "recipient_count": number;
          "scheduled_at": string | null;
          "started_at": string | null;
          "status": string;
          "subject": string | null;
          "template_id": string | null;
          "updated_at": string;
          "variables": NonNullable<Json>;
          "workspace_id": string;
        };
        SetofOptions: {
          from: "*";
          to: "campaigns";
          isOneToOne: true;
          isSetofReturn: false;
        };
      };
      "usage_summary": {
        Args: { "workspace_id": string };
        Returns: {
          "channel": string;
          "is_in_plan": boolean;
          "left_count": number;
          "left_to_spend": number;
          "month": string;
          "monthly_limit": number;
          "monthly_spend_cap": number;
          "own_reserved_count": number;
          "own_used_count": number;
          "reserved_cost": number;
          "reserved_count": number;
          "used_cost": number;
          "used_count": number;
        }[];
      };
      "validate_agent_clicksend_permissions": {
        Args: { "p_agent_id": string; "p_required_scopes": (string)[]; "p_user_id": string };
        Returns: boolean;
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
