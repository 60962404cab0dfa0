"""Unguessable ids behind buttons and forms. What one does, and for whom, is kept here and never in a payload."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.statement import Statement
from storage.tables import tokens


@dataclass(frozen=True, slots=True)
class Token:
    """What a button or form means."""

    token: str
    person: str | None
    command: str
    action: str
    data: dict[str, Any]
    once: bool
    expires_at: datetime
    used: bool
    result: str
    origin: str
    form: str
    """JSON of the form as it was shown; empty for a button."""


_insert = Statement(
    tokens.insert(), ("token", "person", "command", "action", "data", "once", "created_at", "expires_at")
)
_select = Statement(
    sa.select(
        tokens.c.token,
        tokens.c.person,
        tokens.c.command,
        tokens.c.action,
        tokens.c.data,
        tokens.c.once,
        tokens.c.expires_at,
        tokens.c.used_at,
        tokens.c.result,
        tokens.c.origin,
        tokens.c.form,
    ).where(tokens.c.token == sa.bindparam("token"))
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new token is to do."""

    action: str
    data: dict[str, Any]
    expires_at: datetime
    once: bool


def issue(
    tx: Transaction,
    *actions: tuple[str, dict[str, Any]],
    person: str | None,
    command: str,
    at: datetime,
    expires_at: datetime,
    once: bool = True,
) -> list[str]:
    """A token for each (action, data), good for `person` until `expires_at`; `once` ones for one use."""
    wanted = [Wanted(action, data, expires_at, once) for action, data in actions]
    return issue_all(tx, wanted, person=person, command=command, at=at)


def issue_all(
    tx: Transaction, wanted: Sequence[Wanted], *, person: str | None, command: str, at: datetime
) -> list[str]:
    """A token for each, written together; good for `person`."""
    rows: list[dict[str, Any]] = [
        {
            "token": secrets.token_urlsafe(15),
            "person": person,
            "command": command,
            "action": one.action,
            "data": one.data,
            "once": one.once,
            "created_at": at,
            "expires_at": one.expires_at,
        }
        for one in wanted
    ]
    _insert.run_all(tx, rows)
    return [row["token"] for row in rows]


def find(tx: Transaction, token: str) -> Token | None:
    """What that token means, or None when it was never issued or is long gone."""
    row = _select.first(tx, token=token)
    if row is None:
        return None
    identifier, person, command, action, data, once, expires_at, used_at, result, origin, form = row
    used = used_at is not None
    return Token(
        identifier, person, command, action, data, once, expires_at, used, result or "", origin or "", form or ""
    )


def opened_from(tx: Transaction, token: str, origin: str, form: str) -> None:
    """The form of that token was opened from there, and looked so."""
    tx.execute(tokens.update().where(tokens.c.token == token), {"origin": origin, "form": form})


def shown(tx: Transaction, token: str, form: str) -> None:
    """The person who has that form open knows it like this by now."""
    tx.execute(tokens.update().where(tokens.c.token == token), {"form": form})


def consume(tx: Transaction, token: str, at: datetime, result: str) -> bool:
    """Use a token up, keeping the sentence it was answered with; False when somebody was faster."""
    done = tx.execute(
        tokens.update().where(tokens.c.token == token, tokens.c.used_at.is_(None)), {"used_at": at, "result": result}
    )
    return done.rowcount == 1


def forget(tx: Transaction, before: datetime) -> int:
    """Drop tokens that expired before that time. How many."""
    return tx.execute(tokens.delete().where(tokens.c.expires_at < before)).rowcount
