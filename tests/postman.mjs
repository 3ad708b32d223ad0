// Makes the collection of all operations from the OpenAPI document, with Postman's own converter:
//   node tests/postman.mjs MODULES openapi/openapi.json OUTPUT
// MODULES is the folder of the npm packages that tests/run and tests/generate install.
//
// The converter writes random ids, which no importing program needs, and leaves some gaps: the address of the service,
// the credentials of machine clients, and an access token that the next request uses. Of the answers only successes
// are kept as examples, since /problems documents every refusal once.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, source, output] = process.argv.slice(2);
const { convertV2 } = createRequire(`${resolve(modules)}/`)("openapi-to-postmanv2");
const document = JSON.parse(readFileSync(source, "utf8"));
const options = { folderStrategy: "Tags", parametersResolution: "Example", enableOptionalParameters: false };

/** The collection as the converter makes it. */
function convert() {
  return new Promise((done, fail) =>
    convertV2({ type: "json", data: structuredClone(document) }, options, (error, conversion) =>
      conversion?.result ? done(conversion.output[0].data) : fail(error ?? new Error(conversion?.reason)),
    ),
  );
}

/** The operation of the document that a request calls. */
function operationOf({ method, url }) {
  const path = `/${url.path.map((part) => part.replace(/^:(.+)$/, "{$1}")).join("/")}`;
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`the document has no ${method} ${path}`);
  return operation;
}

/** Client credentials with the one scope that the operation needs: a client rarely has them all. */
function machine(operation) {
  const scopes = operation.security.flatMap((alternative) => Object.values(alternative).flat());
  const values = {
    grant_type: "client_credentials",
    accessTokenUrl: "{{baseUrl}}/oauth2/token",
    clientId: "{{basicAuthUsername}}",
    clientSecret: "{{basicAuthPassword}}",
    client_authentication: "header",
    scope: scopes.join(" "),
  };
  return { type: "oauth2", oauth2: Object.entries(values).map(([key, value]) => ({ key, value, type: "string" })) };
}

function settle(item) {
  delete item.id;
  if (item.item !== undefined) return item.item.forEach(settle);
  const operation = operationOf(item.request);
  if (item.request.auth?.type === "oauth2") item.request.auth = machine(operation);
  item.response = item.response.filter(({ code }) => code >= 200 && code < 400);
  for (const response of item.response) {
    delete response.id;
    delete response.originalRequest;
  }
}

const collection = await convert();
delete collection.info._postman_id;
collection.item.forEach(settle);
collection.variable = [
  { key: "baseUrl", value: "http://127.0.0.1:8080" },
  { key: "bearerToken", value: "" },
  { key: "basicAuthUsername", value: "" },
  { key: "basicAuthPassword", value: "" },
];
// The requests behind a sign-in use its access token.
const keepToken = [
  'const isJson = (pm.response.headers.get("Content-Type") ?? "").startsWith("application/json");',
  "const answer = pm.response.code < 300 && isJson ? pm.response.json() : {};",
  'if (answer.refresh_token) pm.collectionVariables.set("bearerToken", answer.access_token);',
];
collection.event = [{ listen: "test", script: { type: "text/javascript", exec: keepToken } }];
writeFileSync(output, `${JSON.stringify(collection, null, 1)}\n`);
