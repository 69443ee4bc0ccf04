/** Checks requests and answers of adapters against the providers' official documents. */
import type { ProviderRequest } from "../../../supabase/functions/_shared/providers/provider.ts";
import { textOf } from "./replies.ts";
import type { Answer, DocumentPlace } from "./samples.ts";
import type { ApiDocument, ApiOperation, Parameter, Schema } from "./openapi.ts";

type Place = Pick<DocumentPlace, "method" | "path">;

/** What is wrong with a request; empty when the document allows it. */
export function checkRequest(
  document: ApiDocument,
  place: Place,
  request: ProviderRequest,
): string[] {
  const operation = document.findOperation(place.method, place.path);
  if (!operation) return [`${place.method} ${place.path} is not in the document`];
  if (request.method !== place.method) return [`${request.method} is not ${place.method}`];
  const url = new URL(request.url);
  const inPath = matchUrl(operation, place.path, url);

  const query = [...url.searchParams, ...(request.query ?? [])];
  const headers = operation.parameters.filter(({ in: where }) => where === "header");
  const sent = new Headers(request.headers);
  const given = headers.flatMap(({ name }): [string, string][] => {
    const value = SET_BY_TRANSPORT.test(name) ? null : sent.get(name);
    return value === null ? [] : [[name, value]];
  });
  return [
    ...(inPath ? [] : [`${url.host}${url.pathname} is not ${place.path} of a listed server`]),
    ...checkFields(document, operation, "path", inPath ?? []),
    ...checkFields(document, operation, "query", query),
    ...checkFields(document, operation, "header", given),
    ...checkBody(document, operation, request),
  ];
}

const SET_BY_TRANSPORT = /^(accept|authorization|content-type)$/i;

/** The values of the path's parameters, undefined when the address is another. */
function matchUrl(operation: ApiOperation, path: string, url: URL): [string, string][] | undefined {
  // Some documents write a query into the path.
  const [pathname = ""] = path.split(/[?#]/);
  const names = [...pathname.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? "");
  const inPath = pathname === "/" ? "/?" : toPattern(pathname, () => "([^/]+)");
  for (const { url: server, variables = {} } of operation.servers ?? []) {
    const base = toPattern(
      server.replace(/^(https?:)?\/\//, "").replace(/\/$/, ""),
      (name) => `(?:${variables[name]?.enum?.map(escape).join("|") ?? "[^/]+"})`,
    );
    const match = new RegExp(`^${base}${inPath}$`).exec(url.host + url.pathname);
    if (!match) continue;
    return names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]);
  }
  return undefined;
}

function toPattern(template: string, variable: (name: string) => string): string {
  return template.split(/\{([^}]+)\}/)
    .map((part, index) => index % 2 === 0 ? escape(part) : variable(part)).join("");
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

type Fields = ReadonlyArray<readonly [string, string]>;

function checkFields(
  document: ApiDocument,
  { parameters }: ApiOperation,
  place: "path" | "query" | "header",
  fields: Fields,
): string[] {
  const known = parameters.filter((one) =>
    one.in === place && !(place === "header" && SET_BY_TRANSPORT.test(one.name))
  );
  const schema: Schema = {
    type: "object",
    properties: Object.fromEntries(known.map(({ name, schema = {} }) => [name, schema])),
    // The address alone tells whether its parameters are there.
    required: known.filter(({ required }) => required && place !== "path").map(({ name }) => name),
    // Some documents leave the parameters of a path to its text.
    additionalProperties: place === "path",
  };
  return document.check(schema, group(fields, known), true).map((line) => `${place} ${line}`);
}

/** Fields by name: repeated ones as a list, `filter[a]` within `filter` where that is listed. */
function group(fields: Fields, known: Parameter[] = []): Record<string, unknown> {
  const grouped: Record<string, unknown> = {};
  for (const [name, text] of fields) {
    const parameter = known.find((one) => one.name === name);
    const [first = "", ...inner] = name.split(/[[\]]+/).filter((part) => part !== "");
    const isDeep = !parameter && inner.length > 0 && known.some((one) => one.name === first);
    const path = isDeep ? [first, ...inner] : [name];
    const last = path.pop() ?? "";
    let target = grouped;
    for (const part of path) target = (target[part] ??= {}) as Record<string, unknown>;
    const value = parameter?.explode === false ? text.split(",") : text;
    target[last] = Object.hasOwn(target, last) ? [target[last], value].flat() : value;
  }
  return grouped;
}

const FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"];

/** The schema of a request's body, closed to what it does not list. */
export function findBodySchema(
  document: ApiDocument,
  place: Place,
  request: ProviderRequest,
): Schema | undefined {
  const { body = {} } = document.findOperation(place.method, place.path) ?? {};
  const types = request.form ? FORMS : Object.keys(body).filter((type) => type.includes("json"));
  const schema = types.map((type) => body[type]?.schema).find((one) => one !== undefined);
  return schema && document.close(schema);
}

function checkBody(
  document: ApiDocument,
  { body }: ApiOperation,
  request: ProviderRequest,
): string[] {
  const { method, form, json, xml } = request;
  const types = Object.keys(body);
  if (xml !== undefined) {
    return types.some((type) => type.includes("xml")) ? [] : ["xml is not in the document"];
  }
  if (form === undefined && json === undefined) {
    const isWanted = types.length > 0 && method !== "GET" && method !== "DELETE";
    const schema = Object.values(body)[0]?.schema;
    const { required = [] } = schema ? document.close(schema) : {};
    return isWanted ? required.map((name) => `body ${name} is missing`) : [];
  }
  const expected = form ? FORMS : types.filter((type) => type.includes("json"));
  const type = expected.find((one) => body[one]);
  const place = form ? "form" : "json";
  if (!type) return [`${place} is not in the document`];
  const schema = body[type]?.schema;
  if (!schema) return [];
  const closed = document.close(schema);
  // An empty field takes a value away, which no document of a form API expresses.
  const value = form ? group(form.filter(([, text]) => text !== "")) : JSON.parse(write(json));
  return document.check(closed, value, form !== undefined).map((line) => `${place} ${line}`);
}

function write(json: unknown): string {
  return JSON.stringify(json);
}

/** The places where an answer is not what the document says. */
export function checkAnswer(
  document: ApiDocument,
  { method, path, status, example }: DocumentPlace,
  answer: Answer,
): string[] {
  const response = document.findOperation(method, path)?.responses[status];
  if (!response) return [`answer ${status} is not in the document`];
  if (/^\d+$/.test(status) && answer.status !== Number(status)) {
    return [`answer ${answer.status} is not ${status}`];
  }
  const type = Object.keys(response.content).find((one) => /json|\*\/\*/.test(one));
  const { schema, examples } = response.content[type ?? ""] ?? {};
  const wrong: string[] = [];
  if (example !== undefined) {
    const documented = JSON.stringify(examples?.[example]?.value);
    if (documented !== JSON.stringify(answer.json)) wrong.push(`answer is not ${example}`);
  }
  if (answer.json === undefined) {
    const isSilent = textOf(answer) === "";
    return schema && isSilent ? [...wrong, "answer has no body"] : wrong;
  }
  if (!schema) return wrong;
  return [...wrong, ...document.check(schema, answer.json).map((line) => `answer ${line}`)];
}
