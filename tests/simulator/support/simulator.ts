import { createSimulator, type SimulatorOptions } from "../../../scripts/simulator/app.ts";
import type { Delivery } from "../../../scripts/simulator/webhooks.ts";

/** An answer that was read as JSON. */
export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface AccountAnswer {
  account_sid: string;
  auth_token: string;
  numbers: Array<{ sid: string; phone_number: string }>;
  api_keys: Array<{ sid: string; secret: string }>;
  messaging_services: Array<{ sid: string }>;
}

export interface MessageAnswer {
  sid: string;
  status: string;
  from: string | null;
  to: string;
  body: string;
  num_segments: string;
  num_media: string;
  price: string | null;
  error_code: number | null;
  error_message: string | null;
  direction: string;
  date_sent: string | null;
}

export interface ErrorAnswer {
  code: number;
  message: string;
  more_info: string;
  status: number;
}

export interface InboundAnswer {
  message_sid: string;
  delivery: Delivery | null;
  deliveries: Delivery[];
  keyword: string | null;
  replies: MessageAnswer[];
  error_codes: number[];
}

export const SENDER = "+14155550120";
export const RECIPIENT = "+14155559999";

/** Runs a test against a simulator of its own, without delays unless it asks for them. */
export async function withSimulator(
  test: (simulator: TestSimulator) => Promise<void>,
  options: SimulatorOptions = {},
): Promise<void> {
  const simulator = await createSimulator({ receiptDelayMs: 0, ...options });
  try {
    await test(new TestSimulator(simulator.url));
  } finally {
    await simulator.close();
  }
}

/** Speaks the control API. */
export class TestSimulator {
  constructor(readonly url: string) {}

  async control<Body>(method: string, path: string, body?: unknown): Promise<Answer<Body>> {
    return await request<Body>(`${this.url}/_control${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async addAccount(fields: Record<string, unknown> = {}): Promise<TestAccount> {
    const answer = await this.control<AccountAnswer>("POST", "/twilio/accounts", {
      numbers: [SENDER],
      ...fields,
    });
    if (answer.status !== 201) throw new Error(`Cannot add account: status ${answer.status}`);
    return new TestAccount(this, answer.body);
  }

  async addFault(fields: Record<string, unknown>): Promise<string> {
    const answer = await this.control<{ fault: { fault_id: string } }>("POST", "/faults", {
      provider: "twilio",
      ...fields,
    });
    if (answer.status !== 201) throw new Error(`Cannot set fault: status ${answer.status}`);
    return answer.body.fault.fault_id;
  }

  async idle(): Promise<void> {
    const answer = await this.control("GET", "/idle");
    if (answer.status !== 200) throw new Error(`Cannot wait: status ${answer.status}`);
  }

  async deliveries(query = ""): Promise<Delivery[]> {
    const answer = await this.control<{ deliveries: Delivery[] }>("GET", `/deliveries${query}`);
    return answer.body.deliveries;
  }

  async inbound(fields: Record<string, unknown>): Promise<InboundAnswer> {
    const answer = await this.control<InboundAnswer>("POST", "/twilio/inbound", {
      from: RECIPIENT,
      to: SENDER,
      body: "hello",
      ...fields,
    });
    if (answer.status !== 200) throw new Error(`Cannot send inbound: status ${answer.status}`);
    return answer.body;
  }
}

/** Speaks Twilio's API with the credentials of one account. */
export class TestAccount {
  readonly sid: string;
  readonly authToken: string;
  user: string;
  password: string;

  constructor(readonly simulator: TestSimulator, readonly answer: AccountAnswer) {
    this.sid = answer.account_sid;
    this.authToken = answer.auth_token;
    this.user = this.sid;
    this.password = this.authToken;
  }

  /** The same account through one of its API keys. */
  withKey(): TestAccount {
    const [key] = this.answer.api_keys;
    if (!key) throw new Error("Cannot use key: the account has none");
    const account = new TestAccount(this.simulator, this.answer);
    account.user = key.sid;
    account.password = key.secret;
    return account;
  }

  urlOf(path: string): string {
    return `${this.simulator.url}/api.twilio.com/2010-04-01/Accounts/${this.sid}${path}`;
  }

  get authorization(): string {
    return `Basic ${btoa(`${this.user}:${this.password}`)}`;
  }

  async get<Body>(path: string): Promise<Answer<Body>> {
    return await this.send<Body>("GET", this.urlOf(path));
  }

  async post<Body>(path: string, form: Record<string, string | string[]>): Promise<Answer<Body>> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) {
      for (const each of Array.isArray(value) ? value : [value]) body.append(name, each);
    }
    return await this.send<Body>("POST", this.urlOf(path), body);
  }

  async delete<Body>(path: string): Promise<Answer<Body>> {
    return await this.send<Body>("DELETE", this.urlOf(path));
  }

  /** Follows a `next_page_uri`. */
  async follow<Body>(uri: string): Promise<Answer<Body>> {
    return await this.send<Body>("GET", `${this.simulator.url}/api.twilio.com${uri}`);
  }

  async sendMessage(
    form: Record<string, string | string[]> = {},
  ): Promise<Answer<MessageAnswer & Partial<ErrorAnswer>>> {
    return await this.post("/Messages.json", {
      To: RECIPIENT,
      From: SENDER,
      Body: "hello",
      ...form,
    });
  }

  async fetchMessage(sid: string): Promise<MessageAnswer> {
    return (await this.get<MessageAnswer>(`/Messages/${sid}.json`)).body;
  }

  async send<Body>(method: string, url: string, body?: URLSearchParams): Promise<Answer<Body>> {
    const headers = { authorization: this.authorization };
    return await request<Body>(url, { method, headers, ...(body ? { body } : {}) });
  }
}

async function request<Body>(url: string, init: RequestInit): Promise<Answer<Body>> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  const body: Body = isJson && text !== "" ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, body };
}
