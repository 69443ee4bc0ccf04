import { runInBackground } from "../background.ts";
import type { Environment } from "../environment.ts";

/** Wakes the dispatcher without waiting for it. If this is lost, the schedule finds the job. */
export function kickDispatch({ supabaseUrl, secretKey }: Environment): void {
  const work = fetch(`${supabaseUrl}/functions/v1/dispatch`, {
    method: "POST",
    headers: { apikey: secretKey },
  }).then(async (answer) => {
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  });
  runInBackground("Kicking dispatch", work);
}
