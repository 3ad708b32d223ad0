"""Walks through the guides with the client that openapi-python-client made of the OpenAPI document."""

import json
import pkgutil
from importlib import import_module
from os import environ

import stakis_identity

from guide import connect, machine_token
from stakis_identity.api.account import change_password, get_account
from stakis_identity.api.accounts import close_account, get_account_by_id, reopen_account
from stakis_identity.api.password_reset import complete_password_reset, create_password_reset, verify_password_reset
from stakis_identity.api.sessions import create_session, end_current_session, refresh_session
from stakis_identity.api.support import diagnose_mail
from stakis_identity.models import (
    ActReason,
    ChangePassword,
    CompletePasswordReset,
    CreatePasswordReset,
    CreateSession,
    DiagnosisRequest,
    PresentedToken,
    Problem,
    RefreshSession,
)

service, number, token = environ["SERVICE"], environ["NUMBER"], environ["TOKEN"]
password, next_password = environ["PASSWORD"], environ["NEXT_PASSWORD"]


def success(answer):
    """The answer of a call that has to succeed."""
    if answer is None or isinstance(answer, Problem):
        raise RuntimeError(f"refused: {answer}")
    return answer


def refusal(answer) -> Problem:
    """The problem of a call that has to be refused."""
    if not isinstance(answer, Problem):
        raise RuntimeError(f"not refused: {answer}")
    return answer


def name(problem: Problem) -> str:
    return f"{problem.status} {problem.code}"


def ask() -> dict:
    customer = connect(service)
    wrong = refusal(create_password_reset.sync(client=customer, body=CreatePasswordReset(customer_number="4217")))
    field = wrong.errors[0]
    asked = success(create_password_reset.sync(client=customer, body=CreatePasswordReset(customer_number=number)))
    return {"wrong": f"{name(wrong)} {field.pointer} {field.code}", "wait": asked.resend_after_seconds}


def walk() -> dict:
    customer = connect(service)
    link = success(verify_password_reset.sync(client=customer, body=PresentedToken(token=token)))

    def set_password(text: str):
        form = CompletePasswordReset(
            token=token, customer_number=number, new_password=text, new_password_confirmation=text
        )
        return complete_password_reset.sync(client=customer, body=form)

    short = refusal(set_password("Ab1"))
    too_short = next(field for field in short.errors if field.code == "too_short")
    replaced = success(set_password(password))

    def sign_in(text: str):
        return create_session.sync(client=customer, body=CreateSession(customer_number=number, password=text))

    wrong = refusal(sign_in(password + "!"))
    session = success(sign_in(password))
    refreshed = success(
        refresh_session.sync(client=customer, body=RefreshSession(refresh_token=session.refresh_token))
    )
    own = connect(service, refreshed.access_token)
    account = success(get_account.sync(client=own))
    form = ChangePassword(
        current_password=password, new_password=next_password, new_password_confirmation=next_password
    )
    changed = success(change_password.sync(client=own, body=form))
    own = connect(service, changed.access_token)
    ended = end_current_session.sync_detailed(client=own)
    if ended.status_code != 204:
        raise RuntimeError(f"not signed out: {ended}")
    over = refusal(get_account.sync(client=own))

    try:
        machine_token(service, environ["CLIENT_ID"], environ["CLIENT_SECRET"] + "x")
        wrong_secret = "none"
    except RuntimeError as error:
        wrong_secret = str(error)
    machine = connect(service, machine_token(service, environ["CLIENT_ID"], environ["CLIENT_SECRET"]))
    diagnosis = success(diagnose_mail.sync(client=machine, body=DiagnosisRequest(customer_number=number)))

    account_id, reason = diagnosis.account_id, ActReason(reason="walk")
    version = get_account_by_id.sync_detailed(account_id, client=machine).headers["ETag"]

    def close(etag: str):
        return close_account.sync(account_id, client=machine, body=reason, if_match=etag)

    other_version = refusal(close('"other"'))
    closed = success(close(version))
    reopened = success(reopen_account.sync(account_id, client=machine, body=reason))

    later = over.to_dict() | {"code": "made-later"}
    if str(Problem.from_dict(later).code) != "made-later" or Problem.from_dict(later).to_dict() != later:
        raise RuntimeError("a value that is added later is refused")
    return {
        "link": link.status,
        "too_short": too_short.params["min_length"],
        "message": replaced.message,
        "wrong_password": name(wrong),
        "is_refreshed": refreshed.access_token != session.access_token
        and refreshed.session_id == session.session_id,
        "account": f"{account.customer_number} {account.email_state}",
        "changed": changed.message,
        "after_sign_out": name(over),
        "wrong_secret": wrong_secret,
        "finding": str(diagnosis.findings[0].code),
        "has_timeline": len(diagnosis.timeline) > 0,
        "other_version": name(other_version),
        "closed": str(closed.state),
        "reopened": str(reopened.state),
    }


# Every module of the client can be loaded.
for module in pkgutil.walk_packages(stakis_identity.__path__, "stakis_identity."):
    import_module(module.name)
print(json.dumps(walk() if token else ask()))
