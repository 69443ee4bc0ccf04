/** Cuts the few operations that the tests use out of a provider's large document. */
import { type ApiDocument, findOperation, type Schema, type Wanted } from "./openapi.ts";

const SCHEMA_KEYS = new Set([
  "$ref",
  "type",
  "nullable",
  "properties",
  "required",
  "items",
  "enum",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
]);

/** Extracting from an extract gives the same again. */
export function extract(document: ApiDocument, wanted: ReadonlyArray<Wanted>): ApiDocument {
  const { title, version } = document.info;
  const part: ApiDocument = {
    info: { title, version },
    paths: {},
    components: { schemas: {} },
  };
  const keep = (schema: Schema | undefined): Schema | undefined => {
    if (!schema) return undefined;
    const name = schema.$ref?.replace("#/components/schemas/", "");
    if (name && !part.components.schemas[name]) {
      const target = document.components.schemas[name];
      if (!target) throw new Error(`Cannot resolve ${schema.$ref}`);
      part.components.schemas[name] = {};
      part.components.schemas[name] = keep(target) ?? {};
    }
    const kept = Object.entries(schema).filter(([key]) => SCHEMA_KEYS.has(key));
    return Object.fromEntries(kept.map(([key, value]) => {
      if (key === "items") return [key, keep(value)];
      if (key !== "properties") return [key, value];
      const properties = Object.entries(value as Record<string, Schema>);
      return [key, Object.fromEntries(properties.map(([name, one]) => [name, keep(one)]))];
    })) as Schema;
  };

  for (const { method, path, status, example } of wanted) {
    const operation = findOperation(document, { method, path });
    if (!operation) throw new Error(`Cannot find ${method} ${path}`);
    const form = operation.requestBody?.content["application/x-www-form-urlencoded"]?.schema;
    const answer = operation.responses[status]?.content?.["application/json"];
    const value = answer?.examples?.[example ?? ""]?.value;
    part.paths[path] = {
      servers: document.paths[path]?.servers,
      ...part.paths[path],
      [method.toLowerCase()]: {
        parameters: (operation.parameters ?? []).map(({ name, in: place, required, schema }) => ({
          name,
          in: place,
          required,
          schema: keep(schema),
        })),
        requestBody: form && {
          content: { "application/x-www-form-urlencoded": { schema: keep(form) } },
        },
        responses: {
          [status]: {
            content: answer && {
              "application/json": {
                schema: keep(answer.schema),
                examples: example && { [example]: { value } },
              },
            },
          },
        },
      },
    };
  }
  return JSON.parse(JSON.stringify(part));
}
