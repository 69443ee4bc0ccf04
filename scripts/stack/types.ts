/** What a person signs in with on the local stack. */
export interface DemoUser {
  id: string;
  email: string;
  password: string;
}

/** Receives one line of progress or of a child's output. */
export type Log = (line: string) => void;

/** How to start a stack. Port 0 means any free port. */
export interface StackOptions {
  /** The folder that holds `supabase/`; by default this repository. */
  projectDirectory?: string;
  /** Where keys, database and logs are kept; by default `.stack` in the project. */
  dataDirectory?: string;
  port?: number;
  databasePort?: number;
  simulatorPort?: number;
  /** A superuser's connection string of a server to use instead of the embedded one. */
  databaseUrl?: string;
  /** Which functions the clock calls, and every how many milliseconds; false switches it off. */
  scheduler?: Record<string, number> | false;
  /** Added to the environment of every function, over everything else. */
  functionEnvironment?: Record<string, string>;
  log?: Log;
  /** Aborting stops a start that is under way; what was started until then is stopped. */
  signal?: AbortSignal;
}

/** A running stack. */
export interface Stack {
  url: string;
  publishableKey: string;
  secretKey: string;
  /** As `postgres`, who owns the migrations and is no superuser. */
  databaseUrl: string;
  /** As the superuser. */
  adminDatabaseUrl: string;
  /** Undefined where the project has no simulator. */
  simulatorUrl: string | undefined;
  users: DemoUser[];
  /** Stops every child and waits for it; a second call waits for the first. */
  stop(): Promise<void>;
}
