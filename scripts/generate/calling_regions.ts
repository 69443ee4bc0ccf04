/** Writes a migration that says where phone numbers are, by prefix. Run it to bring that up to date. */
import { findRegions } from "./calling_regions/regions.ts";
import { readCallingCodes, readTimeZones, SOURCES } from "./calling_regions/sources.ts";
import { readArguments, runScript } from "../stack/arguments.ts";
import { StackError } from "../stack/errors.ts";

const HELP = `Usage: npx -y deno@2.9.6 run -A scripts/generate/calling_regions.ts <migration>

Writes a migration that replaces the rows of private.calling_regions by what the packages named in
deno.json know. Takes some minutes. Merged migrations stay as they are: name a new one.`;

const LINE_WIDTH = 120;

await runScript(async () => {
  const [file] = readArguments(HELP, {}).positionals;
  if (file === undefined) {
    throw new StackError("Cannot write: no migration named; see --help");
  }
  const zoneMap = await readTimeZones();
  const prefixes = new Map<string, string[]>();
  for (const callingCode of readCallingCodes()) {
    for (const [prefix, { country, timeZones }] of findRegions(callingCode, zoneMap)) {
      const key = `${country === null ? "null" : `'${country}'`}, '${timeZones.join(" ")}'`;
      prefixes.set(key, [...prefixes.get(key) ?? [], prefix]);
    }
  }
  const rows = [...prefixes].map(([key, list]) => wrap(`  (${key}, '${list.join(" ")}')`));
  await Deno.writeTextFile(file, layOut(rows));
});

function layOut(rows: string[]): string {
  return `-- Where phone numbers are, by prefix: from Google's libphonenumber (Apache License 2.0), by way of
-- ${SOURCES.join(" and ")}; written by
-- scripts/generate/calling_regions.ts on ${new Date().toISOString().slice(0, 10)}.

delete from private.calling_regions where true;

insert into private.calling_regions (prefix, country, time_zones)
select p.prefix, r.country, regexp_split_to_array(r.time_zones, '\\s+')
from (values
${rows.join(",\n")}
) as r (country, time_zones, prefixes)
cross join regexp_split_to_table(r.prefixes, '\\s+') as p (prefix);
`;
}

/** Breaks at spaces, which only lists have that are long enough. */
function wrap(row: string): string {
  const lines = [""];
  for (const word of row.trimStart().split(" ")) {
    const line = lines.at(-1)!;
    if (`  ${line} ${word}`.length <= LINE_WIDTH) {
      lines[lines.length - 1] = `${line} ${word}`.trim();
    } else lines.push(`  ${word}`);
  }
  return lines.map((line) => `  ${line}`).join("\n");
}
