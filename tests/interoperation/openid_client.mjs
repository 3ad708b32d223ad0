// openid-client finds the service by its issuer alone and gets, verifies, introspects and revokes a token, once for each way
// that a client authenticates itself.
import assert from "node:assert/strict";
import { createRemoteJWKSet, importJWK, jwtVerify } from "jose";
import * as client from "openid-client";

const issuer = new URL(input.issuer);
const ways = [
  ["client_secret_basic", client.ClientSecretBasic(input.secret)],
  ["client_secret_post", client.ClientSecretPost(input.secret)],
];
for (const jwk of input.keys) {
  const key = await importJWK(jwk, jwk.alg);
  ways.push([`private_key_jwt ${jwk.alg}`, client.PrivateKeyJwt({ key, kid: jwk.kid })]);
}

const walked = [];
for (const [way, authentication] of ways) {
  // The service of the test speaks plain HTTP.
  const execute = [client.allowInsecureRequests];
  const config = await client.discovery(issuer, input.id, undefined, authentication, { execute });
  const metadata = config.serverMetadata();
  assert.equal(metadata.issuer, input.issuer);

  const token = await client.clientCredentialsGrant(config, { scope: "support:read" });
  assert.equal(token.token_type, "bearer");
  assert.equal(token.scope, "support:read");

  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const rules = { issuer: input.issuer, audience: input.issuer, typ: "at+jwt", algorithms: ["ES256"] };
  const { payload } = await jwtVerify(token.access_token, keys, rules);
  assert.equal(payload.client_id, input.id);

  const told = await client.tokenIntrospection(config, token.access_token);
  assert.deepEqual([told.active, told.client_id, told.scope, told.jti], [true, input.id, "support:read", payload.jti]);
  const customer = await client.tokenIntrospection(config, input.customer, { token_type_hint: "refresh_token" });
  assert.deepEqual([customer.active, customer.client_id], [true, "stakis"]);
  for (const foreign of [input.foreign, "made-up"]) {
    assert.deepEqual(await client.tokenIntrospection(config, foreign), { active: false });
  }

  await client.tokenRevocation(config, token.access_token);
  await client.tokenRevocation(config, input.foreign);
  assert.deepEqual(await client.tokenIntrospection(config, token.access_token), { active: false });

  await assert.rejects(client.clientCredentialsGrant(config, { scope: "audit:read" }), { error: "invalid_scope" });
  walked.push(way);
}

const config = await client.discovery(issuer, input.id, undefined, client.ClientSecretBasic("guess"), {
  execute: [client.allowInsecureRequests],
});
await assert.rejects(client.clientCredentialsGrant(config), { code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE", status: 401 });
console.log(JSON.stringify(walked));
