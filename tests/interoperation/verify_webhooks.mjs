// Verifies each call with each key: `v1` by the reference library of Standard Webhooks, and `v1a` by Node's crypto, as the
// specification's "Signature scheme" and "Verifying signatures" say.
import { createPublicKey, verify } from "node:crypto";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const TOLERANCE_SECONDS = 300;

function verifiesV1(secret, headers, body) {
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return false;
  }
}

function verifiesV1a(key, headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (Math.abs(Math.floor(Date.now() / 1000) - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const own = signatures.split(" ").filter((signature) => signature.startsWith("v1a,"));
  return own.some((signature) => verify(null, signed, key, Buffer.from(signature.slice(4), "base64")));
}

const keys = input.keys.map(({ jwk }) => createPublicKey({ key: jwk, format: "jwk" }));
const verdicts = input.calls.map((call) => {
  const body = Buffer.from(call.body, "base64");
  return [
    input.secrets.map((secret) => verifiesV1(secret, call.headers, body)),
    keys.map((key) => verifiesV1a(key, call.headers, body)),
  ];
});
console.log(JSON.stringify(verdicts));
