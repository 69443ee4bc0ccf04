import { type Authenticate, findCaller, readBearer } from "../http/authentication.ts";
import { AppError } from "../http/error.ts";

/**
 * Who acts as an agent, as `private.read_agent_caller` takes it: a key (a secret), with the agent whose
 * it has to be where one was named; or a person who has signed in.
 */
export type AgentCaller =
  | { api_key: string; agent_id?: string }
  | { agent_id: string; actor_id: string };

const AGENT_KEY = /^sbk_[0-9a-f]{64}$/;

/**
 * Reads who asks: the bearer of an agent's key, or a signed-in person together with the id of the
 * agent. Whether the key is good, and the agent theirs, the database says with the first call.
 */
export async function readAgentCaller(
  authenticate: Authenticate,
  authorization: string | undefined,
  agentId: string | undefined,
): Promise<AgentCaller> {
  const bearer = readBearer(authorization);
  if (bearer !== undefined && AGENT_KEY.test(bearer)) {
    return { api_key: bearer, ...(agentId === undefined ? {} : { agent_id: agentId }) };
  }
  const person = await findCaller(authenticate, bearer);
  if (!person) {
    throw new AppError(
      "not_authenticated",
      "Cannot act as an agent: no valid key or access token",
      {
        hint: "Send an agent's key or your access token as Authorization: Bearer <it>",
      },
    );
  }
  if (agentId === undefined) {
    throw new AppError("invalid_request", "Cannot act as an agent: agent_id is missing", {
      issues: [{ field: "agent_id", message: "is missing" }],
      hint: "Name an agent of your workspace, or use an agent's key",
    });
  }
  return { agent_id: agentId, actor_id: person.id };
}
