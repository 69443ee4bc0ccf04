import { Hono } from "hono";
import { CallDesk, type FaultAnswers } from "../calls.ts";
import type { SimulatedProvider } from "../provider.ts";
import type { SimulatorState } from "../state.ts";
import { type ControlRules, createAccountControl } from "./control.ts";
import type { Courier } from "./courier.ts";
import { type Reception, type Route, serveOperation } from "./serve.ts";
import type { Account, Message, Store } from "./store.ts";

/** What is particular to one provider. */
export interface ProviderRules<Owner extends Account<Held>, Held extends Message>
  extends Pick<SimulatedProvider, "id" | "hosts" | "help"> {
  faultAnswers: FaultAnswers;
  reception: Reception<Owner>;
  routes: readonly Route<Owner>[];
  /** Answers whatever has no route. */
  notFound(): Response;
  /** A new account that is always there, for `dev` and `demo`. Worth nothing anywhere else. */
  newDemoAccount(): Owner;
  control: ControlRules<Owner, Held>;
  /** As the list of all messages has it. */
  showMessage(message: Held): unknown;
  /** As the list of all accounts has it: free of secrets. */
  summarize(account: Owner): Record<string, unknown>;
}

/** A simulated provider over the shared state. */
export function simulate<Owner extends Account<Held>, Held extends Message>(
  state: SimulatorState,
  store: Store<Owner, Held>,
  courier: Courier<Owner, Held>,
  rules: ProviderRules<Owner, Held>,
): SimulatedProvider {
  const { id, hosts, help, routes, reception } = rules;
  const desk = new CallDesk(state, id, rules.faultAnswers);
  const api = new Hono();
  for (const [method, path, operation, handle] of routes) {
    api.on(method, path, serveOperation(desk, reception, operation, handle));
  }
  api.all("*", serveOperation(desk, reception, "unknown", () => rules.notFound()));
  store.addAccount(rules.newDemoAccount());
  return {
    id,
    hosts,
    operations: [...new Set(routes.map(([, , operation]) => operation)), "unknown"],
    help,
    api,
    control: createAccountControl(store, courier, rules.control),
    reset() {
      store.clear();
      store.addAccount(rules.newDemoAccount());
    },
    listMessages: (filter) => store.messages(filter).map(rules.showMessage),
    listAccounts: () => [...store.accounts.values()].map(rules.summarize),
  };
}
