// oauth4webapi finds the service by its issuer alone and gets, verifies, introspects and revokes a token, once for each way
// that a client authenticates itself.
import assert from "node:assert/strict";
import { importJWK } from "jose";
import * as oauth from "oauth4webapi";

const issuer = new URL(input.issuer);
// The service of the test speaks plain HTTP.
const plain = { [oauth.allowInsecureRequests]: true };
const client = { client_id: input.id };
const ways = [
  ["client_secret_basic", oauth.ClientSecretBasic(input.secret)],
  ["client_secret_post", oauth.ClientSecretPost(input.secret)],
];
for (const jwk of input.keys) {
  const key = await importJWK(jwk, jwk.alg);
  ways.push([`private_key_jwt ${jwk.alg}`, oauth.PrivateKeyJwt({ key, kid: jwk.kid })]);
}

const walked = [];
for (const [way, authentication] of ways) {
  for (const algorithm of ["oidc", "oauth2"]) {
    const found = await oauth.discoveryRequest(issuer, { ...plain, algorithm });
    const server = await oauth.processDiscoveryResponse(issuer, found);

    const asked = await oauth.clientCredentialsGrantRequest(server, client, authentication, { scope: "support:read" }, plain);
    const token = await oauth.processClientCredentialsResponse(server, client, asked);
    assert.equal(token.scope, "support:read");

    const call = new Request(input.issuer, { headers: { authorization: `Bearer ${token.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, call, input.issuer, {
      ...plain,
      signingAlgorithms: ["ES256"],
    });
    assert.deepEqual([claims.client_id, claims.scope], [input.id, "support:read"]);

    const introspect = async (text) => {
      const answer = await oauth.introspectionRequest(server, client, authentication, text, plain);
      return await oauth.processIntrospectionResponse(server, client, answer);
    };
    const told = await introspect(token.access_token);
    assert.deepEqual([told.active, told.jti], [true, claims.jti]);
    assert.equal((await introspect(input.customer)).client_id, "stakis");
    for (const foreign of [input.foreign, "made-up"]) assert.deepEqual(await introspect(foreign), { active: false });

    for (const text of [token.access_token, input.foreign]) {
      await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, authentication, text, plain));
    }
    assert.deepEqual(await introspect(token.access_token), { active: false });
  }
  walked.push(way);
}
console.log(JSON.stringify(walked));
