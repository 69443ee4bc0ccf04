import type postgres from "postgres";
import type { DatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import { dispatch } from "../../supabase/functions/_shared/messages/dispatch.ts";
import {
  createTransport,
  type Transport,
} from "../../supabase/functions/_shared/providers/transport.ts";
import { twilioSending } from "../../supabase/functions/_shared/providers/twilio/sending.ts";
import { statusWebhookUrl } from "../../supabase/functions/_shared/webhooks/urls.ts";
import { analyzeQueue, enqueueTexts } from "./engine.ts";
import { compare, rateOf } from "./measure.ts";
import { type BenchProvider, startProvider } from "./provider.ts";
import type { BenchWorkspace } from "./world.ts";

const MESSAGES = 10_000;
const TEXT = "Your appointment is tomorrow at 3 pm";
const WEBHOOKS_URL = "https://bench.example.com/functions/v1/webhooks";
const DISPATCHERS = 4;
/** What dispatchers call and get no rows from. */
const ONE_VALUE = new Set(["drip_campaigns", "extend_lease"]);
/** As many as the dispatchers have under way together. */
const CONCURRENT_REQUESTS = DISPATCHERS * 25;

/**
 * The product's own dispatchers against its HTTP client alone: the same transport and adapter for
 * Twilio, which post as many messages to the same provider without claiming or recording any. What a
 * bare fetch does is shown; it closes each connection, too, as the transport has to: Deno repeats a
 * POST on a kept connection that breaks.
 *
 * The dispatchers call their functions directly in Postgres: the local Data API is JavaScript in
 * this very process, and is not what is deployed.
 */
export async function compareDispatch(
  sql: postgres.Sql,
  workspace: BenchWorkspace,
): Promise<boolean> {
  const provider = await startProvider();
  try {
    const bare = await rateOf(MESSAGES, () => sendAll((to) => fetchOnce(workspace, provider, to)));
    console.log(`\nBare fetch: ${Math.round(bare).toLocaleString("en")} messages/s`);
    const transport = createTransport({ simulatorUrl: provider.url });
    return await compare({
      name: `Dispatch: ${MESSAGES.toLocaleString("en")} messages to a loopback provider, ` +
        `${CONCURRENT_REQUESTS} at once`,
      unit: "messages",
      floor: 0.8,
      subject: {
        name: "Switchboard",
        async run() {
          await enqueueTexts(sql, workspace, MESSAGES);
          await analyzeQueue(sql);
          return await rateOf(MESSAGES, () => dispatchAll(sql, provider));
        },
      },
      reference: {
        name: "HTTP client alone",
        run: () => rateOf(MESSAGES, () => sendAll((to) => sendOnce(workspace, transport, to))),
      },
    });
  } finally {
    await provider.stop();
  }
}

async function dispatchAll(sql: postgres.Sql, provider: BenchProvider): Promise<void> {
  const reports = await Promise.all(
    Array.from({ length: DISPATCHERS }, () =>
      dispatch({
        service: createDirectClient(sql),
        transport: createTransport({ simulatorUrl: provider.url }),
        webhooksUrl: WEBHOOKS_URL,
        storage: { url: "", publicUrl: "", secretKey: "" },
      })),
  );
  const accepted = reports.reduce((sum, report) => sum + report.accepted, 0);
  if (accepted !== MESSAGES) {
    throw new Error(`Cannot measure: ${accepted} of ${MESSAGES} messages were accepted`);
  }
}

async function sendAll(send: (to: string) => Promise<void>): Promise<void> {
  let started = 0;
  await Promise.all(Array.from({ length: CONCURRENT_REQUESTS }, async () => {
    while (started < MESSAGES) await send(`+1212${2_000_000 + ++started}`);
  }));
}

async function sendOnce(workspace: BenchWorkspace, transport: Transport, to: string) {
  const result = await transport.sendMessage(
    twilioSending,
    {
      channel: "sms",
      from: workspace.phoneNumber,
      to,
      text: TEXT,
      mediaUrls: [],
      statusUrl: statusUrlOf(workspace),
      reference: `${workspace.id}-1`,
    },
    { account_sid: workspace.accountSid, auth_token: workspace.authToken },
  );
  if (!result.ok) throw new Error(`Cannot measure: ${result.error.message}`);
}

async function fetchOnce(workspace: BenchWorkspace, provider: BenchProvider, to: string) {
  const { accountSid, authToken, phoneNumber } = workspace;
  const answer = await fetch(
    `${provider.url}/api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`,
    {
      method: "POST",
      headers: {
        accept: "application/json",
        connection: "close",
        authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`,
      },
      body: new URLSearchParams({
        To: to,
        From: phoneNumber,
        Body: TEXT,
        StatusCallback: statusUrlOf(workspace),
      }),
    },
  );
  const { sid } = await answer.json();
  if (!sid) throw new Error(`Cannot measure: status ${answer.status}`);
}

function statusUrlOf({ id, webhookToken }: BenchWorkspace): string {
  return statusWebhookUrl(WEBHOOKS_URL, "twilio", webhookToken, {
    messageId: id,
    attemptNumber: 1,
  });
}

/** Calls functions as the Data API would, without it: rows as a list, anything else as it is. */
function createDirectClient(sql: postgres.Sql): DatabaseClient {
  return {
    async rpc(name: string, parameters: Record<string, unknown> = {}) {
      const names = Object.keys(parameters);
      const places = names.map((parameter, index) => `${parameter} => $${index + 1}`);
      const call = `public.${name}(${places.join(", ")}) as r`;
      const [row] = await sql.unsafe(
        ONE_VALUE.has(name)
          ? `select to_json(r) as data from ${call}`
          : `select coalesce(json_agg(r), '[]') as data from ${call}`,
        Object.values(parameters) as never[],
        { prepare: true },
      );
      return { data: row!.data, error: null, status: 200 };
    },
  } as never;
}
