"""Hashes one password with libraries that are not of this project, and prints a JSON object for each hash.

tests/it/import reads what it printed once (made.ndjson), and runs it where STAKIS_TEST_PYTHON names a folder with the
libraries: passlib, Django, bcrypt and scrypt, all from PyPI (tests/requirements.txt).
"""

import base64
import json
import os

import bcrypt
import scrypt
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, PBKDF2SHA1PasswordHasher
from passlib import hash as passlib

PASSWORD = "Poletne-gume-26 čšž"


def show(library, scheme, text):
    print(json.dumps({"library": library, "scheme": scheme, "password": PASSWORD, "hash": text}, ensure_ascii=False))


def unpadded(data):
    return base64.b64encode(data).decode().rstrip("=")


def with_passlib():
    for scheme, hasher in [
        ("md5_crypt", passlib.md5_crypt),
        ("sha256_crypt", passlib.sha256_crypt.using(rounds=5000)),
        ("sha256_crypt", passlib.sha256_crypt.using(rounds=20000)),
        ("sha512_crypt", passlib.sha512_crypt.using(rounds=5000)),
        ("sha512_crypt", passlib.sha512_crypt.using(rounds=20000, salt_size=8)),
        ("pbkdf2_sha1", passlib.pbkdf2_sha1.using(rounds=20000)),
        ("pbkdf2_sha256", passlib.pbkdf2_sha256.using(rounds=29000)),
        ("pbkdf2_sha512", passlib.pbkdf2_sha512.using(rounds=25000)),
        ("pbkdf2_sha1", passlib.django_pbkdf2_sha1.using(rounds=20000)),
        ("pbkdf2_sha256", passlib.django_pbkdf2_sha256.using(rounds=20000)),
        ("scrypt", passlib.scrypt.using(rounds=12, block_size=8, parallelism=1)),
        ("ssha", passlib.ldap_salted_sha1),
        ("ssha256", passlib.ldap_salted_sha256),
        ("ssha512", passlib.ldap_salted_sha512),
    ]:
        show("passlib", scheme, hasher.hash(PASSWORD))


def with_django():
    settings.configure()
    show("Django", "pbkdf2_sha256", PBKDF2PasswordHasher().encode(PASSWORD, "Vx3kq9TgZs0LmWb7hYcRd2", 30000))
    show("Django", "pbkdf2_sha1", PBKDF2SHA1PasswordHasher().encode(PASSWORD, "Vx3kq9TgZs0LmWb7hYcRd2", 30000))


def with_bcrypt():
    for prefix in [b"2a", b"2b"]:
        show("bcrypt", "bcrypt", bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5, prefix)).decode())
    # PHP writes 2y for the same function.
    text = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
    show("bcrypt", "bcrypt", "$2y" + text.removeprefix("$2b"))


def with_scrypt():
    salt = os.urandom(16)
    digest = scrypt.hash(PASSWORD, salt, N=1 << 13, r=8, p=2, buflen=32)
    show("scrypt", "scrypt", f"$scrypt$ln=13,r=8,p=2${unpadded(salt)}${unpadded(digest)}")


with_passlib()
with_django()
with_bcrypt()
with_scrypt()
