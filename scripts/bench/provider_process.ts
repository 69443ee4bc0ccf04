/** Takes every message as Twilio does, at once, in a process of its own; writes its port to stdout. */

const encoder = new TextEncoder();

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => void Deno.stdout.write(encoder.encode(`${port}\n`)),
}, async (request) => {
  const form = new URLSearchParams(await request.text());
  const message = {
    account_sid: "AC" + "0".repeat(32),
    body: form.get("Body"),
    date_created: new Date().toUTCString(),
    direction: "outbound-api",
    error_code: null,
    error_message: null,
    from: form.get("From"),
    num_media: "0",
    num_segments: "1",
    price: null,
    price_unit: "USD",
    sid: "SM" + crypto.randomUUID().replaceAll("-", ""),
    status: "queued",
    to: form.get("To"),
  };
  return Response.json(message, { status: 201 });
});
