/** How a connection ended: with an answer, by a reset, or closed without one. */
export interface RawOutcome {
  kind: "answered" | "reset" | "closed";
  text: string;
}

/** Sends a form over a bare TCP connection, to see what HTTP clients hide. */
export async function postRaw(
  url: string,
  authorization: string,
  form: Record<string, string>,
): Promise<RawOutcome> {
  const { hostname, port, pathname } = new URL(url);
  const body = new URLSearchParams(form).toString();
  const connection = await Deno.connect({ hostname, port: Number(port) });
  try {
    const request = [
      `POST ${pathname} HTTP/1.1`,
      `host: ${hostname}`,
      `authorization: ${authorization}`,
      "content-type: application/x-www-form-urlencoded",
      `content-length: ${body.length}`,
      "connection: close",
      "",
      body,
    ];
    await connection.write(new TextEncoder().encode(request.join("\r\n")));
    return await readOutcome(connection);
  } finally {
    connection.close();
  }
}

async function readOutcome(connection: Deno.TcpConn): Promise<RawOutcome> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  try {
    for (let size = await connection.read(buffer); size; size = await connection.read(buffer)) {
      text += decoder.decode(buffer.subarray(0, size), { stream: true });
    }
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return { kind: "reset", text };
    throw error;
  }
  return { kind: text === "" ? "closed" : "answered", text };
}
