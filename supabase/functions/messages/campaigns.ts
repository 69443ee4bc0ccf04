import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as z from "zod/mini";
import type { CallerDeps } from "../_shared/caller_deps.ts";
import { dataOf } from "../_shared/database/answer.ts";
import { readJson } from "../_shared/http/body.ts";
import { AppError } from "../_shared/http/error.ts";
import { uuid } from "../_shared/http/fields.ts";
import { readIdempotencyKey } from "../_shared/http/idempotency_key.ts";
import {
  type IdempotencyDeps,
  idempotent,
  type IdempotentEnv,
} from "../_shared/http/idempotent.ts";
import {
  audience,
  campaignChanges,
  campaignStart,
  newCampaign,
  readUploadQuery,
} from "./campaign_request.ts";
import { addUploadedRows } from "./campaign_upload.ts";

export interface CampaignDeps extends CallerDeps, IdempotencyDeps {
  /** Wakes the dispatcher in the background. */
  kickDispatch(): void;
}

/** Where lists of recipients come in, larger than any other body. */
export const CAMPAIGN_UPLOADS = {
  path: /\/campaigns\/[^/]+\/recipients\/?$/,
  maxBodyBytes: 64 * 1024 * 1024,
};
/** A JSON list is read whole: beyond this the memory of a function would not do. */
const MAX_JSON_BYTES = 12 * 1024 * 1024;

const CAMPAIGN_COLUMNS =
  "id, workspace_id, name, channel, status, body, subject, template_id, variables, phone_number_id, from_address, default_country, audience, recipient_count, duplicate_count, scheduled_at, started_at, ended_at, pause_reason, estimated_at, estimated_segment_count, estimated_cost, created_by, created_at, updated_at";

/** Campaigns: draft, fill, estimate, start, pause, resume, cancel, look at. */
export function campaignRoutes(deps: CampaignDeps) {
  const clientOf = (c: Context<IdempotentEnv>) => deps.asCaller(c.var.caller.token);

  async function read(c: Context<IdempotentEnv>, id: string) {
    return dataOf(
      await clientOf(c).from("campaigns").select(CAMPAIGN_COLUMNS).eq("id", id).maybeSingle(),
    ) ?? notFound();
  }

  return new Hono<IdempotentEnv>()
    .use(idempotent(deps))
    .post("/", async (c) => {
      const { workspace_id, idempotency_key, ...campaign } = await readJson(c, newCampaign);
      const key = readIdempotencyKey(c, idempotency_key);
      const { id } = dataOf(
        await clientOf(c).rpc("create_campaign", {
          workspace_id,
          campaign: {
            ...campaign,
            ...(key === undefined ? {} : { idempotency_key: key }),
          } as never,
        }),
      );
      return c.json({ campaign: await read(c, id) }, 201);
    })
    .get("/:id", async (c) => {
      const id = requireId(c);
      const campaign = await read(c, id);
      const progress = dataOf(
        await clientOf(c).from("campaign_progress").select(
          "total_count, pending_count, skipped_count, queued_count, sent_count, delivered_count, failed_count, canceled_count, unknown_count, skipped",
        ).eq("campaign_id", id).single(),
      );
      return c.json({ campaign, progress });
    })
    .patch("/:id", async (c) => {
      const id = requireId(c);
      const changes = await readJson(c, campaignChanges);
      dataOf(
        await clientOf(c).rpc("update_campaign", { campaign_id: id, changes: changes as never }),
      );
      return c.json({ campaign: await read(c, id) });
    })
    .post("/:id/recipients", async (c) => {
      const campaign = await read(c, requireId(c));
      const query = readUploadQuery(c.req.query());
      const contentType = c.req.header("content-type") ?? "";
      const isJsonList = /^application\/json\b/i.test(contentType);
      const { body } = c.req.raw;
      if (!body) throw new AppError("invalid_request", "Cannot add recipients: there is no list");
      return c.json(
        await addUploadedRows(clientOf(c), campaign, {
          body: isJsonList ? limited(body, MAX_JSON_BYTES) : body,
          contentType,
          firstRow: query.first_row,
          addressColumn: query.address_column,
        }),
      );
    })
    .delete("/:id/recipients", async (c) => {
      const id = requireId(c);
      dataOf(await clientOf(c).rpc("clear_campaign_recipients", { campaign_id: id }));
      return c.body(null, 204);
    })
    .post("/:id/contacts", async (c) => {
      const id = requireId(c);
      const { filter } = await readJson(c, audience);
      const [added] = dataOf(
        await clientOf(c).rpc("add_campaign_contacts", {
          campaign_id: id,
          filter: (filter ?? {}) as never,
        }),
      );
      return c.json(added!);
    })
    .post("/:id/estimate", async (c) => {
      const id = requireId(c);
      const estimate = dataOf(await clientOf(c).rpc("estimate_campaign", { campaign_id: id }));
      return c.json({ estimate });
    })
    .post("/:id/start", async (c) => {
      const id = requireId(c);
      const { max_cost } = c.req.header("content-type") ? await readJson(c, campaignStart) : {};
      return await onlyOnce(c, id, async () => {
        dataOf(
          await clientOf(c).rpc("start_campaign", {
            campaign_id: id,
            ...(max_cost === undefined ? {} : { max_cost }),
          }),
        );
        deps.kickDispatch();
      });
    })
    .post("/:id/pause", (c) => move(c, "pause_campaign"))
    .post("/:id/resume", (c) => move(c, "resume_campaign", deps.kickDispatch))
    .post("/:id/cancel", (c) => move(c, "cancel_campaign"));

  async function move(
    c: Context<IdempotentEnv>,
    name: "pause_campaign" | "resume_campaign" | "cancel_campaign",
    afterwards?: () => void,
  ) {
    const id = requireId(c);
    return await onlyOnce(c, id, async () => {
      dataOf(await clientOf(c).rpc(name, { campaign_id: id }));
      afterwards?.();
    });
  }

  /** Under a key that comes again, the answer of then: the campaign may have moved on since. */
  async function onlyOnce(c: Context<IdempotentEnv>, id: string, act: () => Promise<void>) {
    const { workspace_id } = await read(c, id);
    const replay = await c.var.begin(workspace_id);
    if (replay) return replay;
    await act();
    return c.json({ campaign: await read(c, id) });
  }
}

/** What is no id at all is not found either. */
function requireId(c: Context): string {
  const id = c.req.param("id") ?? "";
  return z.safeParse(uuid(), id).success ? id : notFound();
}

function notFound(): never {
  throw new AppError("not_found", "Cannot find the campaign");
}

/** A body that ends in a refusal when it is longer than that. */
function limited(body: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        size += bytes.length;
        if (size <= maxBytes) return controller.enqueue(bytes);
        throw new AppError("too_large", `Cannot read the body: more than ${maxBytes} bytes`, {
          hint: "Send application/x-ndjson or text/csv, which are read row by row",
        });
      },
    }),
  );
}
