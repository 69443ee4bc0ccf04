/** The check against official documents finds what is wrong in each kind of document. */
import { assertEquals } from "@std/assert";
import type { ProviderRequest } from "../../supabase/functions/_shared/providers/provider.ts";
import { type ApiDocument, readDocument } from "./support/openapi.ts";
import { checkAnswer, checkRequest } from "./support/openapi_check.ts";
import type { DocumentPlace } from "./support/samples.ts";

const BIRD = { type: "object", required: ["name"], properties: { name: { type: "string" } } };

const SWAGGER_2 = readDocument(JSON.stringify({
  swagger: "2.0",
  info: { title: "Loft", version: "1" },
  host: "api.loft.example",
  basePath: "/v1",
  schemes: ["https"],
  consumes: ["application/json"],
  produces: ["application/json"],
  paths: {
    "/birds/{id}": {
      put: {
        parameters: [
          { name: "id", in: "path", required: true, type: "integer" },
          { name: "colour", in: "query", type: "string", enum: ["grey", "white"] },
          { name: "bird", in: "body", schema: { $ref: "#/definitions/Bird" } },
        ],
        responses: { 200: { description: "", schema: { $ref: "#/definitions/Bird" } } },
      },
    },
  },
  definitions: { Bird: BIRD },
}));

const OPENAPI_3 = readDocument(`
openapi: 3.0.1
info: { title: Loft, version: "1" }
servers:
  - url: https://{space}.loft.example/v1
    variables: { space: { default: home, enum: [home, away] } }
paths:
  /birds:
    parameters:
      - { name: filter, in: query, style: deepObject, schema: { type: object, properties: { age: { type: object, properties: { gt: { type: integer } } } } } }
      - { name: colour, in: query, explode: false, schema: { type: array, items: { type: string, enum: [grey, white] } } }
      - { name: x-loft, in: header, required: true, schema: { type: string } }
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [Name]
              properties:
                Name: { type: string }
                Age: { type: integer }
                Colours: { type: array, items: { type: string } }
      responses:
        "201":
          description: ""
          content:
            application/json:
              schema:
                type: object
                properties:
                  name: { $ref: "#/components/schemas/Name" }
                  owner: { nullable: true, allOf: [{ $ref: "#/components/schemas/Name" }] }
                  colour: { type: string, nullable: true, enum: [grey, white] }
                  other: { $ref: "elsewhere.yml#/Other" }
              examples: { grey: { value: { name: Ada, owner: null, colour: grey } } }
components: { schemas: { Name: { type: string, minLength: 2 } } }
`);

const OPENAPI_3_1 = readDocument(JSON.stringify({
  openapi: "3.1.0",
  info: { title: "Loft", version: "1" },
  servers: [{ url: "https://api.loft.example/" }],
  paths: {
    "/birds": {
      post: {
        requestBody: { $ref: "#/components/requestBodies/Flight" },
        responses: { default: { description: "" } },
      },
    },
  },
  components: {
    requestBodies: {
      Flight: {
        content: {
          "application/json": {
            schema: {
              allOf: [
                { $ref: "#/components/schemas/Flight" },
                { type: "object", properties: { wind: { type: ["number", "null"] } } },
              ],
            },
          },
        },
      },
    },
    schemas: {
      Flight: {
        type: "object",
        required: ["id", "to"],
        properties: {
          id: { type: "string", readOnly: true },
          to: { oneOf: [{ type: "string" }, { $ref: "#/components/schemas/Loft" }] },
          birds: { type: "array", items: BIRD },
        },
      },
      Loft: { type: "object", required: ["loft"], properties: { loft: { type: "string" } } },
    },
  },
}));

function check(
  document: ApiDocument,
  line: string,
  url: string,
  change: Partial<ProviderRequest> = {},
): string[] {
  const [method = "", path = ""] = line.split(" ");
  const request = { method, url, headers: {}, ...change } as ProviderRequest;
  return checkRequest(document, { method, path }, request);
}

Deno.test("Swagger 2.0 is checked: address, query, body and answer", () => {
  const json = { name: "Ada" };
  const at = (url: string, change: Partial<ProviderRequest> = {}) =>
    check(SWAGGER_2, "PUT /birds/{id}", url, { json, ...change });
  const url = "https://api.loft.example/v1/birds/7";

  assertEquals(at(url), []);
  assertEquals(at(url, { query: [["colour", "white"]] }), []);
  assertEquals(at(`${url}?colour=red`).length, 1);
  assertEquals(at(`${url}?size=1`), ["query size is not in the document"]);
  assertEquals(at(url.replace("7", "x")), ["path id must be integer"]);
  for (const other of ["https://api.loft.example/birds/7", "https://loft.example/v1/birds/7"]) {
    assertEquals(at(other).length, 1);
  }
  assertEquals(at(url, { method: "POST" }), ["POST is not PUT"]);
  assertEquals(at(url, { json: { name: 7 } }), ["json name must be string"]);
  assertEquals(at(url, { json: { ...json, age: 7 } }), ["json age is not in the document"]);
  assertEquals(at(url, { json: {} }), ["json name is missing"]);
  assertEquals(check(SWAGGER_2, "PUT /birds/{id}", url), ["body name is missing"]);

  const place = { file: "", method: "PUT", path: "/birds/{id}", status: "200" };
  assertEquals(checkAnswer(SWAGGER_2, place, { status: 200, json }), []);
  assertEquals(checkAnswer(SWAGGER_2, place, { status: 200, json: { ...json, age: 7 } }), []);
  assertEquals(checkAnswer(SWAGGER_2, place, { status: 201, json }), ["answer 201 is not 200"]);
  assertEquals(checkAnswer(SWAGGER_2, place, { status: 200 }), ["answer has no body"]);
  assertEquals(
    checkAnswer(SWAGGER_2, { ...place, status: "404" }, { status: 404, json }),
    ["answer 404 is not in the document"],
  );
});

Deno.test("OpenAPI 3.0 is checked: servers, parameters, forms, null and examples", () => {
  const at = (change: Partial<ProviderRequest>, space = "home") =>
    check(OPENAPI_3, "POST /birds", `https://${space}.loft.example/v1/birds`, {
      headers: { "X-Loft": "1" },
      form: [["Name", "Ada"]],
      ...change,
    });

  assertEquals(at({}), []);
  assertEquals(at({}, "away"), []);
  assertEquals(at({}, "abroad").length, 1);
  assertEquals(at({ headers: {} }), ["header x-loft is missing"]);
  assertEquals(at({ query: [["filter[age][gt]", "3"], ["colour", "grey,white"]] }), []);
  assertEquals(at({ query: [["filter[age][gt]", "old"]] }), [
    "query filter.age.gt must be integer",
  ]);
  assertEquals(at({ query: [["colour", "grey,red"]] }).length, 1);
  const name = ["Name", "Ada"] as const;
  assertEquals(at({ form: [name, ["Age", "7"], ["Colours", "a"]] }), []);
  assertEquals(at({ form: [name, ["Colours", "a"], ["Colours", "b"], ["Age", ""]] }), []);
  assertEquals(at({ form: [name, ["Age", "old"]] }), ["form Age must be integer"]);
  assertEquals(at({ form: [name, name] }), ["form Name must be string"]);
  assertEquals(at({ form: [name, ["Wings", "2"]] }), ["form Wings is not in the document"]);
  assertEquals(at({ form: [["Age", "7"]] }), ["form Name is missing"]);
  assertEquals(
    check(OPENAPI_3, "POST /birds", "https://home.loft.example/v1/birds", {
      headers: { "x-loft": "1" },
      json: { Name: "Ada" },
    }),
    ["json is not in the document"],
  );

  const place: DocumentPlace = { file: "", method: "POST", path: "/birds", status: "201" };
  const answer = (json: unknown) => checkAnswer(OPENAPI_3, place, { status: 201, json });
  assertEquals(answer({ name: "Ada", owner: null, colour: null, other: 7 }), []);
  assertEquals(answer({ name: null }), ["answer name must be string"]);
  assertEquals(answer({ colour: "red" }).length, 1);
  assertEquals(answer({ owner: "A" }), ["answer owner must match a schema in anyOf"]);
  const example = { ...place, example: "grey" };
  const grey = { name: "Ada", owner: null, colour: "grey" };
  assertEquals(checkAnswer(OPENAPI_3, example, { status: 201, json: grey }), []);
  assertEquals(
    checkAnswer(OPENAPI_3, example, { status: 201, json: { name: "Ada" } }),
    ["answer is not grey"],
  );
});

Deno.test("OpenAPI 3.1 is checked: what is composed is closed as a whole", () => {
  const at = (json: unknown) =>
    check(OPENAPI_3_1, "POST /birds", "https://api.loft.example/birds", { json });

  assertEquals(at({ to: "home", wind: null }), []);
  assertEquals(at({ to: { loft: "home" }, birds: [{ name: "Ada" }] }), []);
  assertEquals(at({ wind: 1 }), ["json to is missing"]);
  assertEquals(at({ to: "home", when: 1 }), ["json when is not in the document"]);
  assertEquals(at({ to: 7 }), ["json to must match a schema in anyOf"]);
  assertEquals(at({ to: "home", birds: [{ name: "Ada", age: 7 }] }), [
    "json birds.0.age is not in the document",
  ]);
  assertEquals(at({ to: "home", birds: [{}] }), [
    "json birds.0.name is missing",
  ]);
});
