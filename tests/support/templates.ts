/** What tests of templates arrange, directly in the database. */
import type { Row } from "./engine.ts";
import { asUser, type World } from "./world.ts";
import type postgres from "postgres";

export interface NewTemplate {
  name?: string;
  channel?: string;
  language?: string;
  subject?: string | null;
  body?: string;
  html?: string | null;
  variables?: Row[];
  external_id?: string | null;
}

/** Saves a template as the world's admin; answers its id. */
export const saveTemplate = (
  sql: postgres.Sql,
  { workspaceId, adminId }: World,
  {
    name = "reminder",
    channel = "sms",
    language = "en",
    subject = null,
    body = "Hello",
    html = null,
    variables = [],
    external_id = null,
  }: NewTemplate,
): Promise<string> =>
  asUser(sql, adminId, async (tx) => {
    const [row] = await tx`
      insert into public.message_templates (
        workspace_id, name, channel, language, subject, body, html, variables, external_id
      )
      values (
        ${workspaceId}, ${name}, ${channel}, ${language}, ${subject}, ${body}, ${html},
        ${tx.json(variables as never)}, ${external_id}
      )
      returning id`;
    return row!.id;
  });

/** What a message would say by the template it names. */
export async function render(
  sql: postgres.Sql,
  { workspaceId }: World,
  template: unknown,
  channel = "sms",
): Promise<Row> {
  const [row] = await sql`
    select * from private.render_template(${workspaceId}, ${channel}, ${
    sql.json(template as never)
  })`;
  return row!;
}
