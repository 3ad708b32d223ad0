// Makes a key pair for each algorithm of assertions. The service gets the public keys alone.
import { exportJWK, generateKeyPair } from "jose";

const secret = [];
const keys = [];
for (const alg of input.algorithms) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  secret.push({ ...(await exportJWK(privateKey)), alg, kid: `key-${alg}` });
  keys.push({ ...(await exportJWK(publicKey)), alg, kid: `key-${alg}` });
}
console.log(JSON.stringify({ private: secret, public: { keys } }));
