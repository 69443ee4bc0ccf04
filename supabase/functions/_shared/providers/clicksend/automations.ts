import * as z from "zod/mini";
import { optionalText, orElse } from "../json.ts";
import {
  type ConnectionWebhooks,
  type ConnectionWebhookSetup,
  type Credentials,
  type Procedure,
  type ProviderRequest,
  type ProviderResponse,
  UnreadableAnswerError,
} from "../provider.ts";
import { clickSendRequest, LONGEST_PAGE, pageFields, readData } from "./request.ts";

const RULE_NAME = "Switchboard";
/** A list that does not end must not keep us: no account has this many rules. */
const MOST_PAGES = 20;

const ruleId = orElse(z.optional(z.union([z.number(), z.string()])), undefined);

/** Its identifier has a longer name in newer documents, and another one for each kind of rule. */
const rule = z.object({
  inbound_rule_id: ruleId,
  sms_inbound_rule_id: ruleId,
  receipt_rule_id: ruleId,
  sms_receipt_rule_id: ruleId,
  action: optionalText,
  action_address: optionalText,
});
const rulePage = z.object({ data: z.array(rule), ...pageFields });

function readRuleId(given: z.output<typeof rule>): string {
  const id = given.inbound_rule_id ?? given.sms_inbound_rule_id ?? given.receipt_rule_id ??
    given.sms_receipt_rule_id;
  if (id === undefined || !/^\d{1,20}$/.test(String(id))) {
    throw new UnreadableAnswerError("unexpected rule id");
  }
  return String(id);
}

/**
 * One rule for all numbers of the account. Rules that go elsewhere are left alone: ours is the one
 * whose identifier we kept, or else the one that calls this very address.
 * https://developers.clicksend.com/docs/automations/sms (read 2026-11-20)
 */
export const configureClickSendConnection: Procedure<
  { webhooks: ConnectionWebhooks; settings: Record<string, string> },
  ConnectionWebhookSetup
> = {
  *steps({ webhooks, settings }, credentials) {
    const inbound = yield* setRule(credentials, {
      listPath: "/automations/sms/inbound",
      createPath: "/automations/sms/inbound/",
      knownId: settings.inbound_rule_id,
      url: webhooks.inboundUrl,
      conditions: {
        dedicated_number: "*",
        // 0 stands for any message.
        message_search_type: 0,
        message_search_term: "",
        webhook_type: "json",
      },
    });
    const receipts = yield* setRule(credentials, {
      listPath: "/automations/sms/receipts",
      createPath: "/automations/sms/receipts",
      knownId: settings.receipt_rule_id,
      url: webhooks.statusUrl,
      // 0 stands for all reports.
      conditions: { match_type: 0 },
    });
    return { settings: { inbound_rule_id: inbound, receipt_rule_id: receipts } };
  },
};

interface WantedRule {
  listPath: string;
  createPath: string;
  knownId: string | undefined;
  url: string;
  conditions: Record<string, string | number>;
}

type Steps = Generator<ProviderRequest, string, ProviderResponse>;

/** Updates our rule or creates it; the result is its identifier. */
function* setRule(credentials: Credentials, wanted: WantedRule): Steps {
  const { listPath, createPath, url, conditions } = wanted;
  const id = yield* findRule(credentials, wanted);
  const json = {
    rule_name: RULE_NAME,
    ...conditions,
    action: "URL",
    action_address: url,
    enabled: 1,
  };
  const response = yield id === ""
    ? clickSendRequest(credentials, "POST", createPath, { json })
    : clickSendRequest(credentials, "PUT", `${listPath}/${id}`, { json });
  const set = readData(rule, response);
  return id || readRuleId(set);
}

/** The identifier of our rule; empty when there is none. */
function* findRule(credentials: Credentials, { listPath, knownId, url }: WantedRule): Steps {
  let ofThisUrl = "";
  for (let page = 1; page <= MOST_PAGES; page++) {
    const response = yield clickSendRequest(credentials, "GET", listPath, {
      query: [["page", String(page)], ["limit", String(LONGEST_PAGE)]],
    });
    const { data, current_page, last_page } = readData(rulePage, response);
    for (const one of data) {
      const id = readRuleId(one);
      if (id === knownId) return id;
      if (one.action === "URL" && one.action_address === url) ofThisUrl ||= id;
    }
    if (current_page >= last_page) break;
  }
  return ofThisUrl;
}
