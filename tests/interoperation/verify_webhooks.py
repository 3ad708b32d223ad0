"""Verifies each call with each key: `v1` by the reference library of Standard Webhooks, and `v1a` by PyNaCl, as the
specification's "Signature scheme" and "Verifying signatures" say."""

import base64
import json
import sys
import time

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

TOLERANCE_SECONDS = 300


def verifies_v1(secret, headers, body):
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
        return True
    except WebhookVerificationError:
        return False


def verifies_v1a(key, headers, body):
    if abs(int(time.time()) - int(headers["webhook-timestamp"])) > TOLERANCE_SECONDS:
        return False
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for signature in headers["webhook-signature"].split(" "):
        version, _, text = signature.partition(",")
        if version != "v1a":
            continue
        try:
            key.verify(signed, base64.b64decode(text, validate=True))
            return True
        except BadSignatureError:
            pass
    return False


given = json.loads(sys.argv[1])
keys = [VerifyKey(base64.b64decode(key["whpk"].removeprefix("whpk_"), validate=True)) for key in given["keys"]]
verdicts = []
for call in given["calls"]:
    body = base64.b64decode(call["body"])
    verdicts.append(
        [
            [verifies_v1(secret, call["headers"], body) for secret in given["secrets"]],
            [verifies_v1a(key, call["headers"], body) for key in keys],
        ]
    )
print(json.dumps(verdicts))
