import type { RuleAccount } from "../../shared/phone/rule_account.ts";
import type { Route } from "../../shared/serve.ts";
import { answer, answerPage, refuse } from "./envelope.ts";

const REQUIRED = {
  inbound: ["dedicated_number", "message_search_type", "message_search_term"],
  receipts: ["match_type"],
};
export const RULE_IDS = { inbound: "inbound_rule_id", receipts: "receipt_rule_id" };

/** Rules of automation: what ClickSend does with inbound messages and with receipts. */
export function ruleRoutes(): Route<RuleAccount>[] {
  let lastId = 0;
  return (["inbound", "receipts"] as const).flatMap((kind): Route<RuleAccount>[] => {
    const path = `/v3/automations/sms/${kind}`;
    const isWhole = (body: Record<string, unknown>) =>
      [...REQUIRED[kind], "rule_name", "action", "action_address", "enabled"]
        .every((name) => body[name] !== undefined);
    const lacking = () => refuse(400, "BAD_REQUEST", "Some required fields are missing.");
    const describe = (id: string, fields: Record<string, unknown>) => ({
      ...fields,
      [RULE_IDS[kind]]: Number(id),
    });
    return [
      ["GET", path, `rules.${kind}.list`, ({ account, query }) =>
        answerPage(
          [...account.rules.values()].filter((rule) => rule.kind === kind)
            .map(({ id, fields }) => describe(id, fields)),
          query,
        )],
      // The documents write the address of the one with a slash behind it, of the other without.
      [
        "POST",
        kind === "inbound" ? `${path}/` : path,
        `rules.${kind}.create`,
        ({ account, body }) => {
          if (!isWhole(body)) return lacking();
          const id = String(++lastId);
          account.rules.set(id, { id, kind, fields: body });
          return answer(describe(id, body), "Your record has been added.");
        },
      ],
      ["PUT", `${path}/:rule`, `rules.${kind}.update`, ({ account, body, path: { rule = "" } }) => {
        const known = account.rules.get(rule);
        if (known?.kind !== kind) return refuse(404, "NOT_FOUND", "Resource not found.");
        if (!isWhole(body)) return lacking();
        known.fields = body;
        return answer(describe(rule, body), "Your record has been updated.");
      }],
    ];
  });
}
