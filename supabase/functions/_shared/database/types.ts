export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "audit_log": {
        Row: {
          "action": string;
          "actor_id": string | null;
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
            foreignKeyName: "connections_owner_user_id_fkey";
            columns: ["owner_user_id"];
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
            columns: ["workspace_id", "contact_id"];
            isOneToOne: false;
            referencedRelation: "contacts";
            referencedColumns: ["workspace_id", "id"];
          },
        ];
      };
      "contacts": {
        Row: {
          "created_at": string;
          "display_name": string | null;
          "id": string;
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "created_at"?: string;
          "display_name"?: string | null;
          "id"?: string;
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "created_at"?: string;
          "display_name"?: string | null;
          "id"?: string;
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "contacts_workspace_id_fkey";
            columns: ["workspace_id"];
            isOneToOne: false;
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "conversation_messages": {
        Row: {
          "body": string;
          "conversation_id": string;
          "created_at": string;
          "delivered_at": string | null;
          "direction": string;
          "error_code": string | null;
          "error_message": string | null;
          "external_id": string | null;
          "from_address": string;
          "id": string;
          "idempotency_fingerprint": string | null;
          "idempotency_key": string | null;
          "phone_number_id": string | null;
          "read_at": string | null;
          "sender_id": string | null;
          "sent_at": string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "body"?: string;
          "conversation_id": string;
          "created_at"?: string;
          "delivered_at"?: string | null;
          "direction": string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "from_address": string;
          "id"?: string;
          "idempotency_fingerprint"?: string | null;
          "idempotency_key"?: string | null;
          "phone_number_id"?: string | null;
          "read_at"?: string | null;
          "sender_id"?: string | null;
          "sent_at"?: string | null;
          "status": string;
          "to_address": string;
          "workspace_id": string;
        };
        Update: {
          "body"?: string;
          "conversation_id"?: string;
          "created_at"?: string;
          "delivered_at"?: string | null;
          "direction"?: string;
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "from_address"?: string;
          "id"?: string;
          "idempotency_fingerprint"?: string | null;
          "idempotency_key"?: string | null;
          "phone_number_id"?: string | null;
          "read_at"?: string | null;
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
            foreignKeyName: "conversation_messages_phone_number_id_fkey";
            columns: ["phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["id"];
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
          "assigned_to": string | null;
          "channel": string;
          "contact_address": string;
          "contact_id": string;
          "created_at": string;
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
          "updated_at": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "assigned_to"?: string | null;
          "channel": string;
          "contact_address": string;
          "contact_id": string;
          "created_at"?: string;
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
          "updated_at"?: string;
          "workspace_id": string;
        };
        Update: {
          "assigned_to"?: string | null;
          "channel"?: string;
          "contact_address"?: string;
          "contact_id"?: string;
          "created_at"?: string;
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
          "updated_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
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
            foreignKeyName: "conversations_phone_number_id_fkey";
            columns: ["phone_number_id"];
            isOneToOne: false;
            referencedRelation: "phone_numbers";
            referencedColumns: ["id"];
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
      "message_attempts": {
        Row: {
          "attempt_number": number;
          "connection_id": string;
          "error_code": string | null;
          "error_message": string | null;
          "external_id": string | null;
          "finished_at": string | null;
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
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "finished_at"?: string | null;
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
          "error_code"?: string | null;
          "error_message"?: string | null;
          "external_id"?: string | null;
          "finished_at"?: string | null;
          "message_id"?: string;
          "outcome"?: string | null;
          "price"?: number | null;
          "price_currency"?: string | null;
          "provider_code"?: string | null;
          "segment_count"?: number | null;
          "started_at"?: string;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "message_attempts_message_id_fkey";
            columns: ["message_id"];
            isOneToOne: false;
            referencedRelation: "conversation_messages";
            referencedColumns: ["id"];
          },
        ];
      };
      "message_media": {
        Row: {
          "content_type": string | null;
          "message_id": string;
          "position": number;
          "url": string;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "content_type"?: string | null;
          "message_id": string;
          "position": number;
          "url": string;
          "workspace_id": string;
        };
        Update: {
          "content_type"?: string | null;
          "message_id"?: string;
          "position"?: number;
          "url"?: string;
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
      "phone_numbers": {
        Row: {
          "capabilities": NonNullable<Json>;
          "connection_id": string;
          "created_at": string;
          "external_id": string;
          "friendly_name": string | null;
          "id": string;
          "is_default": boolean;
          "last_verified_at": string | null;
          "messages_per_second": number;
          "metadata": NonNullable<Json>;
          "phone_number": string;
          "provider": string;
          "status": string;
          "updated_at": string;
          "webhook_configured": boolean;
          "webhook_url": string | null;
          "workspace_id": string;
        };
        ComputedFields: never;
        Insert: {
          "capabilities": NonNullable<Json>;
          "connection_id": string;
          "created_at"?: string;
          "external_id": string;
          "friendly_name"?: string | null;
          "id"?: string;
          "is_default"?: boolean;
          "last_verified_at"?: string | null;
          "messages_per_second"?: number;
          "metadata"?: NonNullable<Json>;
          "phone_number": string;
          "provider": string;
          "status"?: string;
          "updated_at"?: string;
          "webhook_configured"?: boolean;
          "webhook_url"?: string | null;
          "workspace_id": string;
        };
        Update: {
          "capabilities"?: NonNullable<Json>;
          "connection_id"?: string;
          "created_at"?: string;
          "external_id"?: string;
          "friendly_name"?: string | null;
          "id"?: string;
          "is_default"?: boolean;
          "last_verified_at"?: string | null;
          "messages_per_second"?: number;
          "metadata"?: NonNullable<Json>;
          "phone_number"?: string;
          "provider"?: string;
          "status"?: string;
          "updated_at"?: string;
          "webhook_configured"?: boolean;
          "webhook_url"?: string | null;
          "workspace_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "phone_numbers_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "connections";
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
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
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
            referencedRelation: "connections";
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
            referencedRelation: "workspaces";
            referencedColumns: ["id"];
          },
        ];
      };
      "workspaces": {
        Row: {
          "communication_mode": string;
          "created_at": string;
          "id": string;
          "name": string;
          "slug": string;
          "timezone": string;
          "updated_at": string;
        };
        ComputedFields: never;
        Insert: {
          "communication_mode"?: string;
          "created_at"?: string;
          "id"?: string;
          "name": string;
          "slug": string;
          "timezone"?: string;
          "updated_at"?: string;
        };
        Update: {
          "communication_mode"?: string;
          "created_at"?: string;
          "id"?: string;
          "name"?: string;
          "slug"?: string;
          "timezone"?: string;
          "updated_at"?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      "claim_outbound_jobs": {
        Args: { "claim_limit"?: number; "lease_seconds"?: number };
        Returns: {
          "attempt_number": number;
          "attempt_started_at": string;
          "body": string;
          "connection_id": string;
          "from_address": string;
          "lease_token": string;
          "media_urls": (string)[];
          "message_id": string;
          "provider": string;
          "step": string;
          "to_address": string;
        }[];
      };
      "count_webhook_refusal": {
        Args: { "connection_id"?: string; "provider": string; "reason": string };
        Returns: undefined;
      };
      "create_workspace": {
        Args: { "name": string; "slug"?: string; "timezone"?: string };
        Returns: {
          "communication_mode": string;
          "created_at": string;
          "id": string;
          "name": string;
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
      "disconnect": { Args: { "actor_id": string; "connection_id": string }; Returns: undefined };
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
          "state": string;
          "webhook_index": number;
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
          "webhook_token": string;
        }[];
      };
      "read_look_up": {
        Args: { "external_ids": (string)[]; "message_id": string };
        Returns: {
          "has_unsettled_twin": boolean;
          "known_external_ids": (string)[];
        }[];
      };
      "read_webhook_secret": {
        Args: { "provider": string; "token": string };
        Returns: {
          "connection_id": string;
          "secrets": (string)[];
        }[];
      };
      "record_attempts": {
        Args: { "lease_token": string; "results": Json };
        Returns: {
          "is_recorded": boolean;
          "message_id": string;
        }[];
      };
      "record_connection_check": {
        Args: { "connection_id": string; "error"?: string };
        Returns: undefined;
      };
      "record_number_webhooks": {
        Args: { "connection_id": string; "results": Json };
        Returns: undefined;
      };
      "replay_webhook_events": {
        Args: { "event_ids": (string)[] };
        Returns: {
          "event_id": string;
          "state": string;
        }[];
      };
      "store_connection": {
        Args: {
          "actor_id": string;
          "credentials": Json;
          "display_name": string;
          "external_account_id": string;
          "numbers": Json;
          "provider": string;
          "webhook_secret": string;
          "webhook_token": string;
          "workspace_id": string;
        };
        Returns: {
          "id": string;
          "valid_webhook_token": string;
        }[];
      };
      "store_phone_numbers": {
        Args: { "actor_id": string; "connection_id": string; "numbers": Json };
        Returns: {
          "capabilities": NonNullable<Json>;
          "connection_id": string;
          "created_at": string;
          "external_id": string;
          "friendly_name": string | null;
          "id": string;
          "is_default": boolean;
          "last_verified_at": string | null;
          "messages_per_second": number;
          "metadata": NonNullable<Json>;
          "phone_number": string;
          "provider": string;
          "status": string;
          "updated_at": string;
          "webhook_configured": boolean;
          "webhook_url": string | null;
          "workspace_id": string;
        }[];
        SetofOptions: {
          from: "*";
          to: "phone_numbers";
          isOneToOne: false;
          isSetofReturn: true;
        };
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
