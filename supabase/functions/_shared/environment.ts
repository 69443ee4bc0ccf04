/** Where stored media are, for us and for the providers that fetch them. The key is a secret. */
export interface StorageAccess {
  url: string;
  publicUrl: string;
  secretKey: string;
}

/** What an entry point reads once and passes on. The secret keys are secrets. */
export interface Environment {
  supabaseUrl: string;
  publishableKey: string;
  /** The one that functions use themselves. */
  secretKey: string;
  /** Every secret key of the project: any of them opens what is for the operator alone. */
  secretKeys: string[];
  /** Where providers reach the webhooks function, without a slash at the end. */
  webhooksUrl: string;
  /** Loopback only; sends every provider request to the simulator. */
  simulatorUrl: string | undefined;
}

/** Reads the variables that Supabase sets, and ours; throws with the name of a missing one. */
export function readEnvironment(get: (name: string) => string | undefined): Environment {
  const supabaseUrl = get("SUPABASE_URL")?.replace(/\/+$/, "");
  if (!supabaseUrl) throw new Error("Cannot start: SUPABASE_URL is not set");
  const secretKeys = readKeys(get, "SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY");
  return {
    supabaseUrl,
    publishableKey: readKeys(get, "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY")[0],
    secretKey: secretKeys[0],
    secretKeys,
    webhooksUrl: (get("WEBHOOKS_PUBLIC_URL") || `${supabaseUrl}/functions/v1/webhooks`)
      .replace(/\/+$/, ""),
    simulatorUrl: get("PROVIDER_SIMULATOR_URL") || undefined,
  };
}

/** Providers fetch by `STORAGE_PUBLIC_URL`, where that is another address than our own. */
export function readStorageAccess(get: (name: string) => string | undefined): StorageAccess {
  const { supabaseUrl, secretKey } = readEnvironment(get);
  const url = `${supabaseUrl}/storage/v1`;
  return { url, publicUrl: (get("STORAGE_PUBLIC_URL") || url).replace(/\/+$/, ""), secretKey };
}

/** Newer projects name their keys in a JSON object, of which `default` comes first; older ones have one. */
function readKeys(
  get: (name: string) => string | undefined,
  namedKeys: string,
  singleKey: string,
): [string, ...string[]] {
  let named: Record<string, unknown>;
  try {
    named = JSON.parse(get(namedKeys) || "{}");
  } catch {
    throw new Error(`Cannot start: ${namedKeys} is not JSON`);
  }
  const isKey = (key: unknown): key is string => typeof key === "string" && key !== "";
  const [first, ...others] = [named.default, ...Object.values(named), get(singleKey)].filter(isKey);
  if (!first) throw new Error(`Cannot start: neither ${namedKeys} nor ${singleKey} is set`);
  return [first, ...others];
}
