/** A webhook as it arrived. */
export interface ReceivedWebhook {
  method: string;
  url: string;
  headers: Headers;
  form: Record<string, string>;
  text: string;
}

/** Answers a webhook; `index` counts from 0. */
export type Answerer = (webhook: ReceivedWebhook, index: number) => Response | Promise<Response>;

/** A server that stands where the product's webhooks would be. */
export interface Receiver {
  url: string;
  webhooks: ReceivedWebhook[];
}

/** Runs a test with a server that keeps every webhook it gets. */
export async function withReceiver(
  test: (receiver: Receiver) => Promise<void>,
  answer: Answerer = () => new Response(null, { status: 204 }),
): Promise<void> {
  const webhooks: ReceivedWebhook[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const text = await request.text();
    const webhook = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      form: Object.fromEntries(new URLSearchParams(text)),
      text,
    };
    webhooks.push(webhook);
    return await answer(webhook, webhooks.length - 1);
  });
  try {
    await test({ url: `http://127.0.0.1:${server.addr.port}`, webhooks });
  } finally {
    await server.shutdown();
  }
}

/** An address on this machine where nothing listens. */
export function unusedUrl(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return `http://127.0.0.1:${port}/nobody`;
}
