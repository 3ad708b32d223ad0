"""requests-oauthlib gets, uses, introspects and revokes a token, once for each way that a client authenticates itself. It
signs no assertions, so joserfc signs them, and verifies the tokens."""

import json
import os
import sys
import time
import uuid

# The service of the test speaks plain HTTP.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests
from joserfc import jwt
from joserfc.jwk import KeySet, import_key
from oauthlib.oauth2 import BackendApplicationClient, InvalidScopeError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

given = json.loads(sys.argv[1])
issuer, client_id, secret = given["issuer"], given["id"], given["secret"]
metadata = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=10).json()


def basic():
    return {"auth": HTTPBasicAuth(client_id, secret)}


def post():
    return {"include_client_id": True, "client_secret": secret}


def assertion_by(jwk):
    def sign():
        now = int(time.time())
        claims = {"iss": client_id, "sub": client_id, "aud": issuer, "iat": now, "exp": now + 60, "jti": str(uuid.uuid4())}
        signed = jwt.encode({"alg": jwk["alg"], "kid": jwk["kid"]}, claims, import_key(jwk), algorithms=[jwk["alg"]])
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {"include_client_id": True, "client_assertion_type": kind, "client_assertion": signed}

    return sign


def call(endpoint, client, authentication, token):
    """Calls an endpoint of a token by the request that oauthlib prepares for its revocation."""
    parts = {name: value for name, value in authentication.items() if name not in ("auth", "include_client_id")}
    if "auth" not in authentication:
        parts["client_id"] = client_id
    url, headers, body = client.prepare_token_revocation_request(metadata[endpoint], token, **parts)
    answer = requests.post(url, headers=headers, data=body, auth=authentication.get("auth"), timeout=10)
    answer.raise_for_status()
    return answer


def walk(authenticate):
    client = BackendApplicationClient(client_id=client_id, scope="support:read")
    session = OAuth2Session(client=client)
    token = session.fetch_token(metadata["token_endpoint"], **authenticate())
    assert (token["token_type"], token["scope"]) == ("Bearer", ["support:read"]), token
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    claims = jwt.decode(token["access_token"], keys, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["client_id"]) == (issuer, client_id)

    question = {"customer_number": "004217"}
    answer = session.post(f"{issuer}/v1/support/diagnosis", json=question)
    assert answer.status_code == 200, answer.text
    assert answer.headers["RateLimit"].startswith('"calls";r=') and answer.headers["RateLimit-Policy"]

    told = call("introspection_endpoint", client, authenticate(), token["access_token"]).json()
    assert (told["active"], told["jti"]) == (True, claims["jti"])
    for foreign in [given["foreign"], "made-up"]:
        assert call("introspection_endpoint", client, authenticate(), foreign).json() == {"active": False}
    call("revocation_endpoint", client, authenticate(), given["foreign"])
    call("revocation_endpoint", client, authenticate(), token["access_token"])
    assert call("introspection_endpoint", client, authenticate(), token["access_token"]).json() == {"active": False}
    assert session.post(f"{issuer}/v1/support/diagnosis", json=question).status_code == 401

    beyond = OAuth2Session(client=BackendApplicationClient(client_id=client_id, scope="audit:read"))
    try:
        beyond.fetch_token(metadata["token_endpoint"], **authenticate())
    except InvalidScopeError:
        return
    raise AssertionError("a scope that was not granted")


walked = []
ways = [("client_secret_basic", basic), ("client_secret_post", post)]
ways += [(f"private_key_jwt {jwk['alg']}", assertion_by(jwk)) for jwk in given["keys"]]
for name, authenticate in ways:
    walk(authenticate)
    walked.append(name)
print(json.dumps(walked))
