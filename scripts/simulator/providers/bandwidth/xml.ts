/** As much of XML as the simulator has to write and to look into. */

/** An element around text that is escaped already, or around others. */
export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The texts of all elements of a name, wherever they are. */
export function textsOf(xml: unknown, name: string): string[] {
  const found = String(xml).matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"));
  return [...found].map(([, text = ""]) =>
    text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
      .replaceAll("&apos;", "'").replaceAll("&amp;", "&")
  );
}

/** A body as the log may hold it. */
export function withoutPasswords(body: Record<string, unknown>): Record<string, unknown> {
  const { xml } = body;
  if (typeof xml !== "string") return body;
  return { xml: xml.replaceAll(/(<Password>)[^<]*/g, "$1[redacted]") };
}

export function xmlResponse(root: string, status = 200): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${root}`, {
    status,
    headers: { "content-type": "application/xml" },
  });
}
