import { runInBackground } from "./background.ts";
import type { Environment } from "./environment.ts";

/** Calls another function of ours without waiting for it. If this is lost, the schedule does it. */
export function kickFunction({ supabaseUrl, secretKey }: Environment, path: string): void {
  const work = fetch(`${supabaseUrl}/functions/v1/${path}`, {
    method: "POST",
    headers: { apikey: secretKey },
  }).then(async (answer) => {
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  });
  runInBackground(`Kicking ${path}`, work);
}
