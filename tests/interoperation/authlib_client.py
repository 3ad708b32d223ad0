"""Authlib finds the service by the address of its metadata and gets, verifies, introspects and revokes a token, once for each
way that a client authenticates itself."""

import json
import os
import sys

# The service of the test speaks plain HTTP.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from joserfc import jwt
from joserfc.jwk import KeySet, import_key

given = json.loads(sys.argv[1])
issuer, client_id = given["issuer"], given["id"]


class App(OAuth2Mixin, BaseApp):
    """Authlib's client without a web framework around it."""

    client_cls = OAuth2Session


def discover():
    found = None
    for place in ["oauth-authorization-server", "openid-configuration"]:
        app = App(None, "stakis", client_id=client_id, server_metadata_url=f"{issuer}/.well-known/{place}")
        metadata = AuthorizationServerMetadata(app.load_server_metadata())
        metadata.validate()
        assert metadata["issuer"] == issuer
        found = metadata
    return found


def verify(token, metadata):
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "at+jwt"
    rules = {"iss": issuer, "aud": issuer, "client_id": client_id, "scope": "support:read"}
    claims = {name: {"essential": True, "value": value} for name, value in rules.items()}
    jwt.JWTClaimsRegistry(**claims, exp={"essential": True}, iat={"essential": True}).validate(decoded.claims)
    return decoded.claims


def walk(session):
    metadata = discover()
    token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", scope="support:read")
    assert (token["token_type"], token["scope"]) == ("Bearer", "support:read")
    claims = verify(token["access_token"], metadata)

    def introspect(text, hint="access_token"):
        answer = session.introspect_token(metadata["introspection_endpoint"], token=text, token_type_hint=hint)
        answer.raise_for_status()
        return answer.json()

    told = introspect(token["access_token"])
    assert (told["active"], told["jti"], told["client_id"]) == (True, claims["jti"], client_id)
    assert introspect(given["customer"], "refresh_token")["client_id"] == "stakis"
    for foreign in [given["foreign"], "made-up"]:
        assert introspect(foreign) == {"active": False}
    for text in [token["access_token"], given["foreign"]]:
        session.revoke_token(metadata["revocation_endpoint"], token=text, token_type_hint="access_token").raise_for_status()
    assert introspect(token["access_token"]) == {"active": False}
    try:
        session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials", scope="audit:read")
    except OAuthError as error:
        assert error.error == "invalid_scope", error
    else:
        raise AssertionError("a scope that was not granted")


walked = []
for method in ["client_secret_basic", "client_secret_post"]:
    walk(OAuth2Session(client_id, given["secret"], token_endpoint_auth_method=method))
    walked.append(method)
for jwk in given["keys"]:
    method = PrivateKeyJWT(f"{issuer}/oauth2/token", headers={"kid": jwk["kid"]}, alg=jwk["alg"])
    walk(OAuth2Session(client_id, import_key(jwk), token_endpoint_auth_method=method, revocation_endpoint_auth_method=method))
    walked.append(f"private_key_jwt {jwk['alg']}")
print(json.dumps(walked))
