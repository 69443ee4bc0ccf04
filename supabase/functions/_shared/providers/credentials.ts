import type { CredentialCheck, CredentialField, CredentialIssue } from "./provider.ts";

/** Checks each field by its rule. Surrounding white space, as pasting leaves it, is dropped. */
export function checkFields(
  fields: ReadonlyArray<CredentialField>,
  input: Readonly<Record<string, unknown>>,
): CredentialCheck {
  const issues: CredentialIssue[] = [];
  const credentials: Record<string, string> = {};
  for (const name of Object.keys(input)) {
    if (fields.some((field) => field.name === name)) continue;
    issues.push({
      field: name.slice(0, 64),
      message: `Unknown field; expected ${fields.map((field) => field.name).join(", ")}`,
    });
  }
  for (const { name, label, pattern, isRequired, remedy } of fields) {
    const given = Object.hasOwn(input, name) ? input[name] : undefined;
    const value = typeof given === "string" ? given.trim() : given;
    if (value === undefined || value === null || value === "") {
      if (isRequired) issues.push({ field: name, message: `${label} is missing. ${remedy}` });
    } else if (typeof value !== "string" || !pattern.test(value)) {
      issues.push({ field: name, message: `${label} is malformed. ${remedy}` });
    } else {
      credentials[name] = value;
    }
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, credentials };
}

/** The header of HTTP Basic authentication (RFC 7617) for credentials in ASCII. */
export function basicAuthorization(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${btoa(`${user}:${password}`)}` };
}
