import type postgres from "postgres";

export interface BenchWorkspace {
  id: string;
  connectionId: string;
  phoneNumber: string;
  accountSid: string;
  webhookToken: string;
  authToken: string;
}

/** A workspace with one connected number, made by the product's own functions. */
export async function createBenchWorkspace(sql: postgres.Sql): Promise<BenchWorkspace> {
  const userId = crypto.randomUUID();
  await sql`insert into auth.users (id, email) values (${userId}, ${`bench-${userId}@example.com`})`;
  const [workspace] = await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', ${JSON.stringify({ sub: userId })}, true)`;
    await tx`set local role authenticated`;
    return await tx`select id from public.create_workspace('Bench')`;
  });
  const webhookToken = (crypto.randomUUID() + crypto.randomUUID()).replaceAll("-", "");
  const accountSid = "AC" + crypto.randomUUID().replaceAll("-", "");
  const authToken = crypto.randomUUID().replaceAll("-", "");
  const phoneNumber = "+1415" + String(2_000_000 + Math.floor(Math.random() * 7_000_000));
  const numbers = [{
    phone_number: phoneNumber,
    friendly_name: "Bench",
    external_id: "PN" + crypto.randomUUID(),
    capabilities: { sms: true, mms: true },
    status: "active",
  }];
  const [connection] = await sql`
    select id from public.store_connection(
      ${userId}, ${workspace!.id}, 'twilio', ${accountSid}, 'Bench',
      ${
    sql.json({ account_sid: accountSid, auth_token: authToken })
  }, ${webhookToken}, ${authToken}, ${sql.json(numbers)}
    )`;
  // Paces and caps are kept, and never reached.
  await sql`
    update public.phone_numbers set messages_per_second = 1000000, daily_limit = 100000000
    where connection_id = ${connection!.id}`;
  await sql`update public.connections set max_concurrent = 32000 where id = ${connection!.id}`;
  return {
    id: workspace!.id,
    connectionId: connection!.id,
    phoneNumber,
    accountSid,
    webhookToken,
    authToken,
  };
}
