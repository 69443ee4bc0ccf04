/** Official documents of providers, whatever their version, as one kind that can be checked against. */
import { upgrade } from "@scalar/openapi-upgrader";
import { Ajv2020, type ErrorObject } from "ajv/2020";
import { parse } from "yaml";

type Tree = Record<string, unknown>;

export interface Schema extends Tree {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  explode?: boolean;
  schema?: Schema;
}

interface Content {
  schema?: Schema;
  examples?: Record<string, { value: unknown }>;
}

export interface ApiOperation {
  parameters: Parameter[];
  servers: { url: string; variables?: Record<string, { enum?: string[] }> }[];
  /** By media type. */
  body: Record<string, Content>;
  responses: Record<string, { content: Record<string, Content> }>;
}

export interface ApiDocument {
  findOperation(method: string, path: string): ApiOperation | undefined;
  resolve(schema: Schema): Schema;
  /** A schema for a request, in which every field has to be listed. */
  close(schema: Schema): Schema;
  /** What is wrong with a value; text is taken for what the schema wants where `isText`. */
  check(schema: Schema, value: unknown, isText?: boolean): string[];
}

const documents = new Map<string, Promise<ApiDocument>>();

/** Reads a file below the folder of documents once. */
export function loadDocument(directory: string, file: string): Promise<ApiDocument> {
  const path = `${directory}/${file}`;
  const loaded = documents.get(path) ?? Deno.readTextFile(path).then(readDocument);
  documents.set(path, loaded);
  return loaded;
}

/** OpenAPI 3.1, 3.0 or Swagger 2.0; JSON is YAML, too, but slower to read as such. */
export function readDocument(text: string): ApiDocument {
  const given = text.trimStart().startsWith("{") ? JSON.parse(text) : parse(text);
  const root = repair(upgrade(given, "3.1")) as Tree;
  const options = {
    strict: false,
    allErrors: true,
    validateFormats: false,
    validateSchema: false,
    unicodeRegExp: false,
    logger: false,
  } as const;
  const json = new Ajv2020(options).addSchema(root, ROOT);
  const texts = new Ajv2020({ ...options, coerceTypes: "array" }).addSchema(root, ROOT);

  function at(pointer: string): Tree {
    let value: unknown = root;
    for (const part of pointer.replace(/^#\//, "").split("/")) {
      const name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      value = (value as Tree | undefined)?.[name];
    }
    if (!value) throw new Error(`Cannot resolve ${pointer}`);
    return value as Tree;
  }
  const resolve = (tree: Tree): Tree =>
    typeof tree.$ref === "string" ? resolve(at(tree.$ref)) : tree;

  function findOperation(method: string, path: string): ApiOperation | undefined {
    const item = (root.paths as Record<string, Tree>)[path];
    const operation = item?.[method.toLowerCase()] as Tree | undefined;
    if (!item || !operation) return undefined;
    const parameters = [item.parameters ?? [], operation.parameters ?? []] as Tree[][];
    const responses = Object.entries(operation.responses as Record<string, Tree>);
    return {
      parameters: parameters.flat().map((one) => resolve(one) as unknown as Parameter),
      servers: (operation.servers ?? item.servers ?? root.servers) as ApiOperation["servers"],
      body: (resolve(operation.requestBody as Tree ?? {}).content ?? {}) as ApiOperation["body"],
      responses: Object.fromEntries(responses.map(([status, response]) => {
        const content = (resolve(response).content ?? {}) as Record<string, Content>;
        return [status, { content }];
      })),
    };
  }

  function check(schema: Schema, value: unknown, isText = false): string[] {
    const validate = (isText ? texts : json).compile(toAbsolute(schema) as Schema);
    if (validate(value)) return [];
    const faults = summarize(validate.errors ?? []);
    const { anyOf, ...rest } = resolve(schema) as Schema;
    if (!anyOf) return faults;
    // What is wrong with the alternative that comes closest.
    const isAlone = Object.keys(rest).every((name) => !DEMANDS.has(name));
    const closest = anyOf.map((part) => {
      const { unevaluatedProperties } = rest;
      const limit = unevaluatedProperties === undefined ? {} : { unevaluatedProperties };
      const whole = isAlone ? { ...resolve(part), ...limit } : { allOf: [part, rest], ...limit };
      return check(whole as Schema, value, isText);
    }).reduce((best, one) => one.length < best.length ? one : best);
    return closest.length > 0 ? closest : faults;
  }

  return {
    findOperation,
    resolve: (schema) => resolve(schema) as Schema,
    close: (schema) => closeSchema(schema, (one) => resolve(one) as Schema),
    check,
  };
}

/** The keywords beside `anyOf` by which a value may fail. */
const DEMANDS = new Set(["type", "properties", "required", "allOf", "enum", "not", "items"]);
const ROOT = "document";

/** A part of the document refers to the whole of it. */
function toAbsolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toAbsolute);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === "$ref" && typeof inner === "string" && inner.startsWith("#")
        ? ROOT + inner
        : toAbsolute(inner),
    ]),
  );
}

/**
 * As JSON Schema has it: `nullable` in the places that the upgrade leaves, null in the lists of what
 * is nullable. Documents write `oneOf` for alternatives of which several may fit.
 */
function repair(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(repair);
  if (typeof value !== "object" || value === null) return value;
  // What another file has, which nobody published with this one, may be anything.
  if ("$ref" in value && typeof value.$ref === "string" && !value.$ref.startsWith("#")) return {};
  const { nullable, ...tree } = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, repair(inner)]),
  ) as Schema & { nullable?: unknown; enum?: unknown[] };
  const isNullable = nullable === true ||
    (Array.isArray(tree.type) && tree.type.includes("null"));
  const { oneOf } = tree;
  if (Array.isArray(oneOf)) {
    delete tree.oneOf;
    if (tree.anyOf) tree.allOf = [...tree.allOf ?? [], { anyOf: oneOf }];
    else tree.anyOf = oneOf;
  }
  if (typeof nullable === "object") Object.assign(tree, { nullable });
  if (isNullable && Array.isArray(tree.enum) && !tree.enum.includes(null)) {
    tree.enum = [...tree.enum, null];
  }
  if (nullable !== true || tree.type !== undefined) return tree;
  return { anyOf: [tree, { type: "null" }] };
}

/** Forbids what is not listed, wherever anything is; what only answers hold is not asked for. */
function closeSchema(
  schema: Schema,
  resolve: (schema: Schema) => Schema,
  isWhole = true,
  path: ReadonlyArray<Schema> = [],
): Schema {
  const target = resolve(schema);
  // A schema within itself is left as open as it is.
  if (path.includes(target)) return schema;
  const inside = [...path, target];
  const each = (schemas: Schema[] | undefined, areWhole: boolean) =>
    schemas?.map((one) => closeSchema(one, resolve, areWhole, inside));
  const { properties = {} } = target;
  const closed = { ...target };
  if (target.properties) {
    closed.properties = Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [
        name,
        closeSchema(one, resolve, true, inside),
      ]),
    );
  }
  if (target.required) {
    closed.required = target.required.filter((name) => properties[name]?.readOnly !== true);
  }
  if (target.items) closed.items = closeSchema(target.items, resolve, true, inside);
  for (const name of ["allOf", "anyOf"] as const) {
    const parts = each(target[name], false);
    if (parts) closed[name] = parts;
  }
  if (isWhole && listsFields(closed, resolve)) closed.unevaluatedProperties ??= false;
  return closed;
}

function listsFields(schema: Schema, resolve: (schema: Schema) => Schema, depth = 0): boolean {
  const target = resolve(schema);
  if (depth > 8) return false;
  if (Object.keys(target.properties ?? {}).length > 0) return true;
  return [target.allOf, target.anyOf].some((parts) =>
    parts?.some((part) => listsFields(part, resolve, depth + 1))
  );
}

/** One line for each fault, led by its place; where no alternative fits, that alone. */
function summarize(errors: ErrorObject[]): string[] {
  const choices = errors.filter(({ keyword }) => keyword === "anyOf")
    .map(({ instancePath }) => instancePath);
  const lines = errors.map(({ instancePath, keyword, message, params }) => {
    const isWithin = choices.some((path) =>
      (instancePath === path && keyword !== "anyOf") || instancePath.startsWith(`${path}/`)
    );
    if (isWithin) return "";
    const inside = params.unevaluatedProperty ?? params.additionalProperty ??
      params.missingProperty;
    const path = [...instancePath.split("/").slice(1), ...(inside ? [inside] : [])].join(".");
    if (keyword === "required") return `${path} is missing`;
    const isUnknown = inside !== undefined || keyword === "not" || keyword === "false schema";
    return `${path} ${isUnknown ? "is not in the document" : message}`.trim();
  });
  return [...new Set(lines)].filter((line) => line !== "");
}
