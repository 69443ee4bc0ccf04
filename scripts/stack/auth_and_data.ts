import { App, setExperimental } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { grantAuth, grantStorage } from "./bootstrap.ts";
import { StackError } from "./errors.ts";
import type { Keys } from "./keys.ts";
import { withErrorsTo } from "./quiet.ts";
import { asPlatform, createFileStorage } from "./storage.ts";
import type { Log } from "./types.ts";

/** Auth, the Data API and Storage, answering for `/auth/v1`, `/rest/v1` and `/storage/v1`. */
export interface AuthAndData {
  handle(request: Request): Promise<Response>;
  /** Forgets what it knows of the tables; call it after a migration. */
  forgetSchema(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts Supabase's own TypeScript implementation of them over a database. */
export async function startAuthAndData(options: {
  adminDatabaseUrl: string;
  keys: Keys;
  siteUrl: string;
  /** Where uploaded files are kept. */
  filesDirectory: string;
  log: Log;
}): Promise<AuthAndData> {
  const { adminDatabaseUrl, keys } = options;
  const connection = createPostgresConnection({
    url: adminDatabaseUrl,
    postgresOptions: {
      onnotice: () => {},
      types: { jsonb: JSON_AS_TEXT },
      connection: {
        // The authenticator's limit on the platform, and so that of every request.
        statement_timeout: 8000,
        search_path: "public, extensions",
      },
    },
  });
  refuseBlanketGrants(connection);
  setExperimental("storage", true);
  const app = new App({
    connection,
    api: { schemas: ["public"], max_rows: 1000, pg_safe_update: true },
    auth: {
      enabled: true,
      site_url: options.siteUrl,
      minimum_password_length: 8,
      jwt_secret: keys.jwtSecret,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
      email: { enable_signup: true, enable_confirmations: false },
    },
    storage: { enabled: true, file_size_limit: "50MiB" },
    // Its own table of migrations would stand where the CLI keeps another one.
    db: { migrations: { enabled: false } },
    options: { server: { admin: false, disableStudio: true, disableFallback: true } },
  });
  app._storageAdapter = createFileStorage(options.filesDirectory);
  try {
    await withErrorsTo(options.log, () => app.init());
    await app.ensureSystemSchema();
    await grantAuth(adminDatabaseUrl);
    await grantStorage(adminDatabaseUrl);
  } catch (error) {
    await connection.close();
    throw error;
  }
  // No peer address: even if admin mode were on, it could not take a request for a local one.
  const handle = async (request: Request) => await app.fetch(request, { peerAddress: null });
  return {
    handle: (request) => withErrorsTo(options.log, () => asPlatform(request, handle)),
    forgetSchema: () => connection.clearSchemaCache(),
    stop: () => connection.close(),
  };
}

// The library hands arguments of functions over as JSON text already; the driver would quote that
// text once more, and a function would see a string instead of an object or a list.
const JSON_AS_TEXT = {
  to: 3802,
  from: [3802],
  serialize: (value: unknown) =>
    typeof value === "string" && /^\s*[[{]/.test(value) ? value : JSON.stringify(value),
  parse: (text: string) => JSON.parse(text),
};

// At its first request the library grants all on every table of each schema that has row level
// security (private and vault too) to anon. In the state "active" it believes that this is done.
function refuseBlanketGrants(connection: object): void {
  if (!("rlsState" in connection)) {
    throw new StackError(
      "Cannot start the Data API: this version of @supabase/lite would grant every table to anon; " +
        "use the version that deno.json pins",
    );
  }
  connection.rlsState = "active";
}
