/** Formats generated source as deno fmt wants to find it in the repository. */
export async function formatSource(source: string, extension: "md" | "ts"): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", extension, "--line-width", "100", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`Cannot format the generated ${extension} source`);
  return new TextDecoder().decode(stdout);
}
