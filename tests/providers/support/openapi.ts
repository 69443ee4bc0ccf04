/** Checks requests and answers against the parts of OpenAPI 3 that providers' documents use. */
import type { ProviderRequest } from "../../../supabase/functions/_shared/providers/provider.ts";

export interface Schema {
  $ref?: string;
  type?: string;
  nullable?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

interface Content {
  schema?: Schema;
  examples?: Record<string, { value: unknown }>;
}

interface ApiOperation {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { content?: Record<string, Content> }>;
}

export interface ApiDocument {
  info: Record<string, unknown>;
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, Schema> };
}

/** One operation of a document, and the example of its answer that the tests use. */
export interface Wanted {
  method: string;
  path: string;
  status: string;
  example?: string;
  /** Places where the document's own example is not what its schema says. */
  deviations?: string[];
}

export function findOperation(
  document: ApiDocument,
  { method, path }: Pick<Wanted, "method" | "path">,
): ApiOperation | undefined {
  return document.paths[path]?.[method.toLowerCase()] as ApiOperation | undefined;
}

/** The value of a named example of an answer. */
export function readExample(document: ApiDocument, wanted: Wanted): unknown {
  const content = findOperation(document, wanted)?.responses[wanted.status]?.content;
  const example = content?.["application/json"]?.examples?.[wanted.example ?? ""];
  if (!example) throw new Error(`Cannot find example ${wanted.example} of ${wanted.path}`);
  return structuredClone(example.value);
}

/** What is wrong with a request; empty when the document allows it. */
export function checkRequest(document: ApiDocument, request: ProviderRequest): string[] {
  const url = new URL(request.url);
  const path = findPath(document, url);
  const operation = path && findOperation(document, { method: request.method, path });
  if (!operation) return [`${request.method} ${url.pathname} is not in the document`];
  const problems: string[] = [];

  const parameters = operation.parameters ?? [];
  const given = {
    path: readPathParameters(path, url.pathname),
    query: [...url.searchParams, ...(request.query ?? [])],
  };
  for (const place of ["path", "query"] as const) {
    const known = parameters.filter((parameter) => parameter.in === place);
    for (const [name, value] of given[place]) {
      const parameter = known.find((one) => one.name === name);
      if (!parameter) problems.push(`${place} ${name} is not in the document`);
      else problems.push(...checkText(document, parameter.schema ?? {}, value, `${place} ${name}`));
    }
    for (const { name, required } of known) {
      const isGiven = given[place].some(([one]) => one === name);
      if (required && !isGiven) problems.push(`${place} ${name} is missing`);
    }
  }

  const form = request.form ?? [];
  const schema = operation.requestBody?.content["application/x-www-form-urlencoded"]?.schema ?? {};
  for (const [name, value] of form) {
    const field = schema.properties?.[name];
    if (!field) problems.push(`form ${name} is not in the document`);
    else if (field.type === "array") {
      problems.push(...checkText(document, field.items ?? {}, value, `form ${name}`));
    } else {
      if (form.filter(([one]) => one === name).length > 1) {
        problems.push(`form ${name} is repeated`);
      }
      // An empty field takes the value away, which no document of a form API expresses.
      if (value !== "") problems.push(...checkText(document, field, value, `form ${name}`));
    }
  }
  for (const name of schema.required ?? []) {
    if (!form.some(([one]) => one === name)) problems.push(`form ${name} is missing`);
  }
  return problems;
}

/** The places where an answer is not what the document says. */
export function checkAnswer(document: ApiDocument, wanted: Wanted, json: unknown): string[] {
  const answer = findOperation(document, wanted)?.responses[wanted.status];
  if (!answer) return [`${wanted.status} is not in the document`];
  const schema = answer.content?.["application/json"]?.schema;
  return schema ? checkValue(document, schema, json, "") : [];
}

function findPath(document: ApiDocument, url: URL): string | undefined {
  return Object.keys(document.paths)
    .filter((path) => {
      const servers = document.paths[path]?.servers as { url: string }[] | undefined;
      return servers?.some((server) => new URL(server.url).origin === url.origin) &&
        toPattern(path).test(url.pathname);
    })
    // The most literal path wins: `/a/b` before `/a/{id}`.
    .sort((one, other) => one.split("{").length - other.split("{").length)[0];
}

function toPattern(path: string): RegExp {
  const literal = path.split(/\{[^}]+\}/).map((part) => part.replace(/[.]/g, "\\."));
  return new RegExp(`^${literal.join("([^/]+?)")}$`);
}

function readPathParameters(path: string, pathname: string): [string, string][] {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? "");
  const values = toPattern(path).exec(pathname)?.slice(1) ?? [];
  return names.map((name, index) => [name, decodeURIComponent(values[index] ?? "")]);
}

function checkText(document: ApiDocument, schema: Schema, text: string, at: string): string[] {
  const { type } = resolve(document, schema);
  if (type === "integer" || type === "number") {
    return checkValue(document, schema, text === "" ? text : Number(text), at);
  }
  if (type === "boolean") return ["true", "false"].includes(text) ? [] : [`${at} is no boolean`];
  return checkValue(document, schema, text, at);
}

function checkValue(document: ApiDocument, given: Schema, value: unknown, at: string): string[] {
  const schema = resolve(document, given);
  if (value === null) return schema.nullable ? [] : [`${at} is null`];
  if (schema.type && !hasType(value, schema.type)) return [`${at} is no ${schema.type}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at} is not listed`];
  if (typeof value === "string") {
    const { pattern, minLength = 0, maxLength = Infinity } = schema;
    const fits = value.length >= minLength && value.length <= maxLength;
    return fits && new RegExp(pattern ?? "").test(value) ? [] : [`${at} does not match`];
  }
  if (typeof value === "number") {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    return value >= minimum && value <= maximum ? [] : [`${at} is out of range`];
  }
  const inside = (name: string | number) => at ? `${at}.${name}` : String(name);
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    return value.flatMap((item, index) => checkValue(document, items, item, inside(index)));
  }
  if (typeof value === "object") {
    const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
    return [
      ...missing.map((name) => `${inside(name)} is missing`),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
        Object.hasOwn(value, name)
          ? checkValue(document, property, (value as Record<string, unknown>)[name], inside(name))
          : []
      ),
    ];
  }
  return [];
}

function hasType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && !Array.isArray(value);
  const actual: string = typeof value;
  return actual === type;
}

function resolve(document: ApiDocument, schema: Schema): Schema {
  if (!schema.$ref) return schema;
  const name = schema.$ref.replace("#/components/schemas/", "");
  const target = document.components.schemas[name];
  if (!target) throw new Error(`Cannot resolve ${schema.$ref}`);
  return target;
}
