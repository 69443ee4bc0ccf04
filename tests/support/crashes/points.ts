import type { DatabaseClient } from "../../../supabase/functions/_shared/database/client.ts";
import { fetchOnce } from "../../../supabase/functions/_shared/providers/fetch_once.ts";

/** Where a worker may be killed, in the order in which it comes by. */
export const POINTS = [
  /** What it claimed is committed, and nothing has been done about it. */
  "claimed",
  "reading credentials",
  /** The provider has the request; nobody has read its answer. */
  "provider asked",
  "provider answered",
  "about to record",
  /** The database has the request; nobody has read its answer. */
  "record under way",
  "recorded",
] as const;
export type Point = typeof POINTS[number];

/** What a worker is to do until it is killed. */
export interface Plan {
  worker: "dispatch" | "reconcile";
  /** As many as it claims at once: few, so that many points are in a short run. */
  batch_size: number;
  /** Where it stops and waits for a line, one after the other. */
  stops: { point: Point; occurrence: number }[];
}

/** In which a request that was begun has left this process. */
const WRITTEN_AFTER_MS = 20;

/** Says which points a worker comes by, and stops it where it is to stop. */
export class Checkpoints {
  readonly #stops: Plan["stops"];
  readonly #say: (line: string) => void;
  readonly #toGoOn: () => Promise<void>;

  constructor(plan: Plan, say: (line: string) => void, toGoOn: () => Promise<void>) {
    this.#stops = plan.stops.map((stop) => ({ ...stop }));
    this.#say = say;
    this.#toGoOn = toGoOn;
  }

  async pass(point: Point): Promise<void> {
    const [stop] = this.#stops;
    if (stop?.point !== point || --stop.occurrence > 0) return this.#say(`passed ${point}`);
    this.#stops.shift();
    this.#say(`at ${point}`);
    await this.#toGoOn();
  }

  /** The answer to a request, after the point while it is under way. */
  async during<Answer>(point: Point, request: Promise<Answer>): Promise<Answer> {
    // Nobody may be there any more to hear of its failure.
    request.catch(() => {});
    if (this.#stops[0]?.point === point) {
      await new Promise((resolve) => setTimeout(resolve, WRITTEN_AFTER_MS));
    }
    await this.pass(point);
    return await request;
  }
}

/** The database of a worker, with the points around its calls. */
export function withPoints(
  service: DatabaseClient,
  points: Checkpoints,
  batchSize: number,
): DatabaseClient {
  async function rpc(name: string, input: Record<string, unknown>) {
    const call = async (input: Record<string, unknown>) =>
      await service.rpc(name as never, input as never) as { data: unknown };
    switch (name) {
      case "claim_outbound_jobs":
      case "claim_look_ups": {
        const answer = await call({ ...input, claim_limit: batchSize });
        if (Array.isArray(answer.data) && answer.data.length > 0) await points.pass("claimed");
        return answer;
      }
      case "read_connection_credentials":
        return await points.during("reading credentials", call(input));
      case "record_attempts": {
        await points.pass("about to record");
        const answer = await points.during("record under way", call(input));
        await points.pass("recorded");
        return answer;
      }
      default:
        return await call(input);
    }
  }
  return { rpc } as unknown as DatabaseClient;
}

/** How a worker asks providers, with the points around its requests. */
export function fetchWithPoints(points: Checkpoints) {
  return async (request: Request): Promise<Response> => {
    const answer = await points.during("provider asked", fetchOnce(request));
    await points.pass("provider answered");
    return answer;
  };
}
