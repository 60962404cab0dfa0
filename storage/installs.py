"""The installs that app.yaml names: which of them live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import installs


@dataclass(frozen=True, slots=True)
class Install:
    """One Slack workspace, Slack enterprise or Teams tenant."""

    name: str
    platform: str
    external_id: str
    credential: str
    removed: bool
    revived: bool
    """It had been uninstalled and is back with another credential."""


def declare(tx: Transaction, name: str, platform: str, external_id: str, credential: str, at: datetime) -> Install:
    """app.yaml names this install, with a credential of that fingerprint.

    One that was uninstalled stays so until its credential is another one: an old token does not raise the dead.
    """
    tx.insert_once(
        installs,
        {
            "name": name,
            "platform": platform,
            "external_id": external_id,
            "credential": credential,
            "installed_at": at,
        },
    )
    row = tx.execute(
        sa.select(installs.c.platform, installs.c.external_id, installs.c.credential, installs.c.removed_at).where(
            installs.c.name == name
        )
    ).one()
    removed, revived = row[3] is not None, False
    if row[2] != credential or row[1] != external_id:
        values = {"platform": platform, "external_id": external_id, "credential": credential}
        tx.execute(installs.update().where(installs.c.name == name).values(removed_at=None, **values))
        removed, revived = False, removed
    return Install(name, platform, external_id, credential, removed, revived)


def remove(tx: Transaction, name: str, at: datetime) -> None:
    """It was uninstalled by its owners."""
    tx.execute(installs.update().where(installs.c.name == name, installs.c.removed_at.is_(None)), {"removed_at": at})
