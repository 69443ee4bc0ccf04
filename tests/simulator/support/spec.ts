/** The parts of an OpenAPI document that the conformance test reads. */
export interface Spec {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  nullable?: boolean;
  pattern?: string;
  enum?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
}

const PREFIX = "/2010-04-01/Accounts";
const ACCOUNT = `${PREFIX}/{AccountSid}`;
const METHODS = ["get", "post", "delete"];

/** The paths that the simulator serves, in the spec's own spelling. */
export const SERVED_PATHS = [
  `${PREFIX}/{Sid}.json`,
  `${ACCOUNT}/Balance.json`,
  `${ACCOUNT}/IncomingPhoneNumbers.json`,
  `${ACCOUNT}/IncomingPhoneNumbers/{Sid}.json`,
  `${ACCOUNT}/IncomingPhoneNumbers/Local.json`,
  `${ACCOUNT}/AvailablePhoneNumbers.json`,
  `${ACCOUNT}/AvailablePhoneNumbers/{CountryCode}.json`,
  `${ACCOUNT}/AvailablePhoneNumbers/{CountryCode}/Local.json`,
  `${ACCOUNT}/AvailablePhoneNumbers/{CountryCode}/TollFree.json`,
  `${ACCOUNT}/AvailablePhoneNumbers/{CountryCode}/Mobile.json`,
  `${ACCOUNT}/Messages.json`,
  `${ACCOUNT}/Messages/{Sid}.json`,
  `${ACCOUNT}/Messages/{MessageSid}/Media.json`,
  `${ACCOUNT}/Messages/{MessageSid}/Media/{Sid}.json`,
  `${ACCOUNT}/Calls.json`,
  `${ACCOUNT}/Usage/Records.json`,
  `${ACCOUNT}/Usage/Records/Daily.json`,
  `${ACCOUNT}/Usage/Records/Monthly.json`,
  `${ACCOUNT}/Usage/Records/ThisMonth.json`,
  `${ACCOUNT}/Usage/Records/Today.json`,
] as const;

/** What the conformance test needs of the whole document: answers and their schemas, no prose. */
export function extractSpec(spec: Spec): Spec {
  const paths = Object.fromEntries(SERVED_PATHS.map((path) => {
    const operations = Object.entries(spec.paths[path] ?? {})
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => [method, { responses: extractResponses(operation) }]);
    return [path, Object.fromEntries(operations)];
  }));
  const schemas: Record<string, Schema> = {};
  const names = [...JSON.stringify(paths).matchAll(/#\/components\/schemas\/([^"]+)/g)]
    .map((match) => match[1] ?? "");
  while (names.length > 0) {
    const name = names.pop() ?? "";
    const schema = spec.components.schemas[name];
    if (name in schemas || !schema) continue;
    schemas[name] = extractSchema(schema);
    names.push(
      ...[...JSON.stringify(schemas[name]).matchAll(/#\/components\/schemas\/([^"]+)/g)]
        .map((match) => match[1] ?? ""),
    );
  }
  return { paths, components: { schemas: Object.fromEntries(Object.entries(schemas).sort()) } };
}

function extractResponses(operation: Operation): Operation["responses"] {
  return Object.fromEntries(
    Object.entries(operation.responses).map(([status, { content }]) => {
      const schema = content?.["application/json"]?.schema;
      return [
        status,
        schema ? { content: { "application/json": { schema: extractSchema(schema) } } } : {},
      ];
    }),
  );
}

function extractSchema(schema: Schema): Schema {
  const { $ref, type, format, nullable, pattern, properties, items } = schema;
  return {
    ...($ref === undefined ? {} : { $ref }),
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(nullable === undefined ? {} : { nullable }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(schema.enum === undefined ? {} : { enum: schema.enum }),
    ...(properties === undefined ? {} : {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, extractSchema(property)]),
      ),
    }),
    ...(items === undefined ? {} : { items: extractSchema(items) }),
  };
}

const FORMATS: Record<string, RegExp> = {
  "date-time-rfc-2822": /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/,
  "date": /^\d{4}-\d\d-\d\d$/,
  "iso-country-code": /^[A-Z]{2}$/,
  "currency": /^[A-Za-z]{3}$/,
  "http-method": /^(GET|POST)$/,
};

/**
 * What is wrong with a value, measured by a schema. Twilio's own examples show two things that its
 * schemas do not say: numbers are sent as text, and text that is not set is empty.
 */
export function findFaults(spec: Spec, schema: Schema, value: unknown, at: string): string[] {
  const target = schema.$ref === undefined
    ? schema
    : spec.components.schemas[schema.$ref.replace("#/components/schemas/", "")];
  if (!target) return [`${at}: unknown schema ${schema.$ref}`];
  if (value === null) return target.nullable ? [] : [`${at}: null`];
  if (value === undefined) return [`${at}: missing`];
  if (target.type === "array") {
    if (!Array.isArray(value)) return [`${at}: not a list`];
    return value.flatMap((item, index) =>
      findFaults(spec, target.items ?? {}, item, `${at}[${index}]`)
    );
  }
  if (target.properties) return findPropertyFaults(spec, target.properties, value, at);
  return findScalarFaults(target, value, at);
}

function findPropertyFaults(
  spec: Spec,
  properties: Record<string, Schema>,
  value: unknown,
  at: string,
): string[] {
  if (typeof value !== "object" || value === null) return [`${at}: not an object`];
  const fields = new Map(Object.entries(value));
  const unknown = [...fields.keys()].filter((name) => !(name in properties));
  return [
    ...unknown.map((name) => `${at}.${name}: not in the schema`),
    ...Object.entries(properties).flatMap(([name, property]) =>
      findFaults(spec, property, fields.get(name), `${at}.${name}`)
    ),
  ];
}

function findScalarFaults(schema: Schema, value: unknown, at: string): string[] {
  const expected = schema.type ?? "string";
  if (expected === "number" && typeof value === "string") {
    return /^-?\d+(\.\d+)?$/.test(value) ? [] : [`${at}: ${value} is no number`];
  }
  if (expected === "integer") return Number.isInteger(value) ? [] : [`${at}: no whole number`];
  const actual: string = typeof value;
  if (actual !== expected) return [`${at}: ${actual} is not ${expected}`];
  if (typeof value !== "string" || value === "") return [];
  const format = FORMATS[schema.format ?? ""];
  return [
    ...(schema.pattern && !new RegExp(schema.pattern).test(value) ? [`${at}: pattern`] : []),
    ...(schema.enum && !schema.enum.includes(value) ? [`${at}: ${value} is not listed`] : []),
    ...(format && !format.test(value) ? [`${at}: ${value} is no ${schema.format}`] : []),
  ];
}
