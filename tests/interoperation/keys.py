"""Makes a key pair for each algorithm of assertions. The service gets the public keys alone."""

import json
import sys

from joserfc.jwk import ECKey, OKPKey, RSAKey

MAKERS = {
    "ES256": lambda parameters: ECKey.generate_key("P-256", parameters),
    "RS256": lambda parameters: RSAKey.generate_key(2048, parameters),
    "EdDSA": lambda parameters: OKPKey.generate_key("Ed25519", parameters),
}
given = json.loads(sys.argv[1])
made = [MAKERS[alg]({"alg": alg, "use": "sig", "kid": f"key-{alg}"}) for alg in given["algorithms"]]
private = [key.as_dict(private=True) for key in made]
public = [key.as_dict(private=False) for key in made]
print(json.dumps({"private": private, "public": {"keys": public}}))
