import { createMiddleware } from "hono/factory";
import { hashOf, isSame } from "../crypto.ts";
import { AppError } from "./error.ts";

/** Lets only the operator's own machinery through: cron and the other functions. */
export function requireSecretKey(secretKeys: string[]) {
  return createMiddleware(async (c, next) => {
    const bearer = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const given = [c.req.header("apikey"), bearer].filter((key) => key !== undefined);
    if (!(await isAnyOf(given, secretKeys))) {
      throw new AppError("not_authenticated", "Cannot act: no secret key of the project", {
        hint: "Send a secret key of the project in the apikey header",
      });
    }
    await next();
  });
}

/** Compares digests, so that neither length nor content shows in the time taken. */
async function isAnyOf(given: string[], expected: string[]): Promise<boolean> {
  const digest = (key: string) => hashOf("SHA-256", key);
  const [givenDigests, expectedDigests] = await Promise.all([
    Promise.all(given.map(digest)),
    Promise.all(expected.map(digest)),
  ]);
  return givenDigests.some((a) => expectedDigests.some((b) => isSame(a, b)));
}
