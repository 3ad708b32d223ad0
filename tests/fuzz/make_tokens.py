"""Makes the kept inputs of `access_tokens` and `client_assertions` that are signed: python3 tests/fuzz/make_tokens.py

It needs the package `cryptography`. Keys, names and times are those of `targets/access_tokens.rs`,
`targets/client_assertions.rs`, `targets/test_keys.rs` and `targets/moment.rs`.
"""

import base64
import hashlib
import json
import pathlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

CORPUS = pathlib.Path(__file__).parent / "corpus"
NOON = 1795348800
CLIENT = "partnerpartnerpartnerpartn"


def encode(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


class Ed25519:
    def __init__(self, private):
        self.key = ed25519.Ed25519PrivateKey.from_private_bytes(private)
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        self.jwk = {"crv": "Ed25519", "kty": "OKP", "x": encode(self.key.public_key().public_bytes(*raw))}

    def sign(self, message):
        return self.key.sign(message)


class P256:
    def __init__(self, private):
        self.key = ec.derive_private_key(int.from_bytes(private, "big"), ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        x, y = (encode(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self.jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    def sign(self, message):
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = utils.decode_dss_signature(self.key.sign(message, algorithm))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def thumbprint(key):
    return encode(hashlib.sha256(compact(key.jwk)).digest())


def signed(key, header, claims):
    message = f"{encode(compact(header))}.{encode(compact(claims))}"
    return f"{message}.{encode(key.sign(message.encode()))}".encode()


def other_spelling(token):
    """The same bytes: the last letter of a signature has four bits more than are needed."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(chr(token[-1])) ^ 1].encode()


def write(target, name, content):
    (CORPUS / target).mkdir(parents=True, exist_ok=True)
    (CORPUS / target / name).write_bytes(content)


def access_tokens():
    edwards, curve = Ed25519(bytes([1] * 32)), P256(bytes([2] * 32))
    customer = {
        "iss": "https://login.example.test",
        "aud": "https://api.example.test",
        "sub": "anaanaanaanaanaanaanaanaan",
        "client_id": "stakis",
        "iat": NOON,
        "exp": NOON + 600,
        "jti": "tokentokentokentokentokent",
        "sid": "phonephonephonephonephonep",
        "epoch": 1,
    }
    machine = {name: customer[name] for name in ("iss", "aud", "iat", "exp", "jti")}
    machine |= {"sub": CLIENT, "client_id": CLIENT, "scope": "accounts:read support:read"}
    keys = [("eddsa", "EdDSA", edwards), ("es256", "ES256", curve)]
    headers = {short: {"typ": "at+jwt", "alg": name, "kid": thumbprint(key)} for short, name, key in keys}
    for short, _, key in keys:
        for kind, claims in (("customer", customer), ("machine", machine)):
            write("access_tokens", f"issued-{kind}-{short}", signed(key, headers[short], claims))
    expired = customer | {"iat": NOON - 601, "exp": NOON - 1}
    write("access_tokens", "issued-expired-eddsa", signed(edwards, headers["eddsa"], expired))
    again = signed(edwards, headers["eddsa"], customer)
    write("access_tokens", "other-spelling", other_spelling(again))
    # What no service has issued, with signatures that fit.
    write("access_tokens", "wrong-key", signed(Ed25519(bytes([7] * 32)), headers["eddsa"], customer))
    write("access_tokens", "wrong-algorithm", signed(edwards, headers["es256"], customer))
    write("access_tokens", "wrong-kind", signed(edwards, headers["eddsa"], customer | {"client_id": CLIENT}))
    write("access_tokens", "without-signature", signed(edwards, {"alg": "none"}, customer).rpartition(b".")[0] + b".")
    # A line end before the claims has the target sign them.
    unsigned("access_tokens", headers["eddsa"], {
        "sign-customer": customer,
        "sign-machine": machine,
        "sign-machine-of-a-page": machine | {"sid": "0123456789abcdef"},
        "sign-expired": expired,
        "sign-early": customer | {"iat": NOON + 61},
        "sign-other-audience": customer | {"aud": ["https://api.example.test"]},
        "sign-text-for-a-time": customer | {"exp": str(NOON + 600)},
        "sign-another-claim": customer | {"scope": "accounts:read"},
    })
    unsigned("access_tokens", headers["eddsa"] | {"crit": ["b64"], "b64": False}, {"sign-critical": customer})


def client_assertions():
    edwards, curve = Ed25519(bytes([3] * 32)), P256(bytes([4] * 32))
    claims = {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": "https://login.example.test",
        "exp": NOON + 60,
        "nbf": NOON,
        "iat": NOON,
        "jti": "assertion-1",
    }
    write("client_assertions", "signed-eddsa", signed(edwards, {"alg": "EdDSA", "kid": "edwards"}, claims))
    write("client_assertions", "signed-es256", signed(curve, {"alg": "ES256", "typ": "JWT"}, claims))
    again = signed(edwards, {"alg": "EdDSA", "kid": "edwards"}, claims)
    write("client_assertions", "other-spelling", other_spelling(again))
    write("client_assertions", "wrong-key", signed(Ed25519(bytes([7] * 32)), {"alg": "EdDSA"}, claims))
    write("client_assertions", "wrong-algorithm", signed(edwards, {"alg": "ES256", "kid": "curve"}, claims))
    write("client_assertions", "without-signature", signed(edwards, {"alg": "none"}, claims).rpartition(b".")[0] + b".")
    # The private key of RFC 8037 appendix A.1, which everybody has. Its public key is compared where a client has none.
    known = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    stranger = claims | {"iss": "unknownunknownunknownunkno", "sub": "unknownunknownunknownunkno"}
    write("client_assertions", "wrong-known-key", signed(Ed25519(bytes.fromhex(known)), {"alg": "EdDSA"}, stranger))
    unsigned("client_assertions", {"alg": "EdDSA"}, {
        "sign-plain": claims,
        "sign-list-of-one": claims | {"aud": ["https://login.example.test/oauth2/token"]},
        "sign-list-of-two": claims | {"aud": ["https://login.example.test", "https://elsewhere.test"]},
        "sign-another-claim": claims | {"more": {"x": [1, None, "ž"]}},
        "sign-expired": claims | {"exp": NOON},
        "sign-too-long": claims | {"exp": NOON + 3661},
        "sign-early": claims | {"nbf": NOON + 61},
        "sign-without-times": {name: claims[name] for name in ("iss", "sub", "aud", "exp", "jti")},
        "sign-number-for-jti": claims | {"jti": 7},
    })
    header = {"typ": "client-authentication+JWT", "alg": "Ed25519", "kid": "edwards", "x5t": "AA", "x5t#S256": None}
    unsigned("client_assertions", header, {"sign-every-member": claims})
    unsigned("client_assertions", {"alg": "EdDSA", "jku": "https://elsewhere.test/keys"}, {"sign-address": claims})


def unsigned(target, header, all_claims):
    for name, claims in all_claims.items():
        write(target, name, compact(header) + b"\n" + compact(claims))


access_tokens()
client_assertions()
