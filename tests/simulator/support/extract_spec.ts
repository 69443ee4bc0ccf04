// Writes the extract of Twilio's OpenAPI document that is kept for the conformance test. The document
// is github.com/twilio/twilio-oai, spec/json/twilio_api_v2010.json, MIT licence:
//   SPECS_DIRECTORY=<folder> deno run -A tests/simulator/support/extract_spec.ts
import { extractSpec } from "./spec.ts";

const directory = Deno.env.get("SPECS_DIRECTORY");
if (!directory) throw new Error("Cannot extract: SPECS_DIRECTORY is not set");
const spec = JSON.parse(await Deno.readTextFile(`${directory}/twilio/twilio_api_v2010.json`));
const target = new URL("../fixtures/twilio_api_v2010.extract.json", import.meta.url);
await Deno.writeTextFile(target, `${JSON.stringify(extractSpec(spec), null, 2)}\n`);
