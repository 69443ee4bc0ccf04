/**
 * What OpenAI's strict function calling refuses in a tool, one sentence each:
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas and
 * https://platform.openai.com/docs/api-reference/chat/create (read 2026-11-20).
 */
type Node = Record<string, unknown>;

/** Keywords that go with a type, beside those of any. */
const KEYWORDS: Record<string, readonly string[]> = {
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems"],
  string: ["pattern", "format"],
  number: ["multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"],
  integer: ["multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"],
  boolean: [],
  null: [],
};
const OF_ANY = ["type", "enum", "const", "anyOf", "description", "title", "$ref", "$defs"];
const FORMATS = "date-time time date duration email hostname ipv4 ipv6 uuid".split(" ");

const MOST_PROPERTIES = 5000;
const DEEPEST = 10;
const MOST_TEXT = 120_000;
const MOST_ENUM_VALUES = 1000;
/** In one property of more than `MANY_ENUM_VALUES`. */
const MOST_ENUM_TEXT = 15_000;
const MANY_ENUM_VALUES = 250;
const LONGEST_DESCRIPTION = 1024;

interface Totals {
  properties: number;
  text: number;
  enumValues: number;
}

export function findStrictFlaws(tool: unknown): string[] {
  const { type, function: offered } = tool as { type: unknown; function: Node };
  const flaws: string[] = [];
  if (type !== "function") flaws.push("tool: is no function");
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(offered.name))) flaws.push("name: is malformed");
  if (offered.strict !== true) flaws.push("strict: is not true");
  if (typeof offered.description !== "string") flaws.push("description: is missing");
  else if ([...offered.description].length > LONGEST_DESCRIPTION) {
    flaws.push("description: is too long");
  }
  const root = offered.parameters as Node;
  if (root.type !== "object") flaws.push("parameters: is no object");
  if ("anyOf" in root) flaws.push("parameters: is a choice");
  const totals = { properties: 0, text: 0, enumValues: 0 };
  flaws.push(...findFlaws(root, "parameters", 1, totals));
  if (totals.properties > MOST_PROPERTIES) flaws.push("parameters: has too many properties");
  if (totals.text > MOST_TEXT) flaws.push("parameters: has too much text in names and choices");
  if (totals.enumValues > MOST_ENUM_VALUES) flaws.push("parameters: has too many choices");
  return flaws;
}

function findFlaws(node: Node, path: string, depth: number, totals: Totals): string[] {
  if (depth > DEEPEST) return [`${path}: is nested too deep`];
  return [
    ...findTypeFlaws(node, path),
    ...findChoiceFlaws(node, path, totals),
    ...findTextFlaws(node, path),
    ...findObjectFlaws(node, path, totals),
    ...partsOf(node, path).flatMap(([part, name]) => findFlaws(part, name, depth + 1, totals)),
  ];
}

const typesOf = (node: Node) => [node.type ?? []].flat().map(String);

function findTypeFlaws(node: Node, path: string): string[] {
  const types = typesOf(node);
  if (types.length === 0 && !("anyOf" in node) && !("$ref" in node)) {
    return [`${path}: has no type`];
  }
  const unknown = types.find((type) => !(type in KEYWORDS));
  if (unknown !== undefined) return [`${path}: is of the unknown type ${unknown}`];
  const allowed = [...OF_ANY, ...types.flatMap((type) => KEYWORDS[type]!)];
  const stray = Object.keys(node).filter((keyword) => !allowed.includes(keyword));
  const flaws = stray.map((keyword) => `${path}: ${keyword} is not supported`);
  if (types.includes("array") && !isNode(node.items)) flaws.push(`${path}: has no items`);
  return flaws;
}

function findChoiceFlaws(node: Node, path: string, totals: Totals): string[] {
  const words = (values: unknown[]) =>
    values.filter((value) => typeof value === "string").join("").length;
  if ("const" in node) totals.text += words([node.const]);
  if (!("enum" in node)) return [];
  const values = node.enum;
  if (!Array.isArray(values) || values.length === 0) return [`${path}: has no choices`];
  totals.enumValues += values.length;
  totals.text += words(values);
  const flaws: string[] = [];
  if (values.length > MANY_ENUM_VALUES && words(values) > MOST_ENUM_TEXT) {
    flaws.push(`${path}: has too much text in its choices`);
  }
  if (!values.every((value) => typesOf(node).some((type) => isOf(type, value)))) {
    flaws.push(`${path}: has a choice of another type`);
  }
  if (typesOf(node).includes("null") && !values.includes(null)) {
    flaws.push(`${path}: takes null, which is none of its choices`);
  }
  return flaws;
}

function isOf(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "integer") return Number.isInteger(value);
  const own: string = typeof value;
  return type === own;
}

function findTextFlaws({ format, pattern }: Node, path: string): string[] {
  const flaws: string[] = [];
  if (format !== undefined && !FORMATS.includes(String(format))) {
    flaws.push(`${path}: the format ${format} is not supported`);
  }
  if (pattern === undefined) return flaws;
  try {
    new RegExp(String(pattern), "u");
  } catch {
    flaws.push(`${path}: the pattern is malformed`);
  }
  if (/\(\?<?[=!]/.test(String(pattern))) flaws.push(`${path}: the pattern looks around`);
  return flaws;
}

function findObjectFlaws(node: Node, path: string, totals: Totals): string[] {
  if (!typesOf(node).includes("object")) return [];
  const flaws: string[] = [];
  if (node.additionalProperties !== false) flaws.push(`${path}: takes more properties`);
  if (!isNode(node.properties)) return [...flaws, `${path}: has no properties`];
  const names = Object.keys(node.properties);
  totals.properties += names.length;
  totals.text += names.join("").length;
  const required = Array.isArray(node.required) ? node.required : [];
  for (const name of names) {
    if (!required.includes(name)) flaws.push(`${path}.${name}: is not required`);
  }
  for (const name of required) {
    if (!names.includes(name)) flaws.push(`${path}.${name}: is required and not there`);
  }
  return flaws;
}

function partsOf(node: Node, path: string): [Node, string][] {
  const below = (parts: unknown) => Object.entries(isNode(parts) ? parts : {}) as [string, Node][];
  return [
    ...below(node.properties).map(([name, part]): [Node, string] => [part, `${path}.${name}`]),
    ...below(node.$defs).map(([name, part]): [Node, string] => [part, `${path}.$defs.${name}`]),
    ...(isNode(node.items) ? [[node.items, `${path}.items`] as [Node, string]] : []),
    ...(Array.isArray(node.anyOf) ? node.anyOf : [])
      .map((part, index): [Node, string] => [part, `${path}.anyOf.${index}`]),
  ];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
