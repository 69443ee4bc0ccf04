import { StackError } from "./errors.ts";

/** A port nobody listens on at this moment. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** The port to use for `purpose`: a free one for 0, else the wanted one, refused when taken. */
export function claimPort(wanted: number, purpose: string, remedy: string): number {
  if (wanted === 0) return freePort();
  try {
    Deno.listen({ hostname: "127.0.0.1", port: wanted }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw portInUse(wanted, purpose, remedy);
    throw error;
  }
  return wanted;
}

/** The one line for a taken port. */
export function portInUse(port: number, purpose: string, remedy: string): StackError {
  return new StackError(
    `Cannot start ${purpose}: port ${port} is in use; stop what listens there, or ${remedy}`,
  );
}
