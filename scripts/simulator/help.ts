import { CALL_FAULT_KINDS, RECEIPT_FAULT_KINDS } from "./faults.ts";
import { PROVIDERS } from "./registry.ts";
import { DEFAULT_SETTINGS, SimulatorState } from "./state.ts";

/** Where the command listens when nothing else is said. */
export const DEFAULT_PORT = 54_329;

const CONTROL =
  `Control API, below /_control, for clients on this machine (what "..." holds is said below):
  GET    /health                        whether it runs
  GET    /state                         accounts, faults, held receipts, pending work
  POST   /reset                         back to the start
  POST   /<provider>/accounts           adds one of {account_sid, ...}; all fields are optional
  GET    /<provider>/accounts[/<sid>]   DELETE removes one
  POST   /<provider>/inbound            {account_sid, ...}: sends the webhook, answers what came of it
  POST   /<provider>/recipients         {account_sid, ...}: what becomes of messages to somebody
  POST   /faults                        {provider, kind, operation, account_sid, number, times, ...}
  GET    /faults                        DELETE removes all, DELETE /faults/<id> removes one
  GET    /receipts                      the receipts that are held back
  POST   /receipts/release              {account_sid, message_sid, to, status}: posts them
  GET    /requests                      ?provider=&operation=&account_sid=&limit=
  GET    /deliveries                    ?provider=&account_sid=&purpose=&message_sid=&limit=
  GET    /messages                      ?provider=&account_sid=&to=&limit=
  GET    /agent-webhooks                ?path=&limit= what came to https://agent.example.com/<path>
  GET    /idle                          ?account_sid=&timeout_ms= waits until nothing is pending

Faults of a call: ${CALL_FAULT_KINDS.join(", ")}
  stage before|after, status, retry_after_seconds, delay_ms; "after" means that the work was done
Faults of the receipts of a message: ${RECEIPT_FAULT_KINDS.join(", ")}
  statuses limits them to some receipts, copies counts duplicates`;

/** What `--help` prints. */
export function helpText(): string {
  const providers = PROVIDERS.map((create) => create(new SimulatorState(DEFAULT_SETTINGS)));
  return `Stands in for the providers' APIs on this machine.

Usage: deno run -A scripts/simulator/main.ts [options]

Options:
  --host <address>          Where to listen (127.0.0.1)
  --port <number>           Where to listen (${DEFAULT_PORT}); 0 picks a free port
  --receipt-delay-ms <ms>   Between two statuses of a message (${DEFAULT_SETTINGS.receiptDelayMs})
  -h, --help                This text

A provider's host is the first part of the path: http://127.0.0.1:${DEFAULT_PORT}/api.twilio.com/...

${CONTROL}

${providers.map(({ help }) => help).join("\n\n")}`;
}
