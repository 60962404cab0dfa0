"""FAULT 44: uninstalled, then installed again. Nothing comes back from the dead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import installs, outbox
from storage.database import Database, Transaction
from storage.tables import outbox as rows

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)


def declare(database: Database, credential: str) -> installs.Install:
    return database.submit(lambda tx: installs.declare(tx, "main", "slack", "T1", credential, NOW)).result()


def test_an_old_token_does_not_raise_an_install_that_was_removed(database: Database) -> None:
    assert not declare(database, "one").removed
    database.submit(lambda tx: installs.remove(tx, "main", NOW)).result()
    assert declare(database, "one").removed
    back = declare(database, "two")
    assert back.revived
    assert not back.removed
    again = declare(database, "two")
    assert not again.revived
    assert not again.removed


def test_what_was_on_its_way_when_the_app_was_removed_is_never_tried_again(database: Database) -> None:
    def put(tx: Transaction) -> None:
        for key, owner in (("waits", None), ("begun", "gone")):
            outbox.put(
                tx,
                key=key,
                topic="t",
                operation="post",
                install="main",
                person=None,
                address='{"conversation":"C1"}',
                body='{"text":"x"}',
                at=NOW,
                claimed_by=owner,
                lease_until=NOW + timedelta(minutes=1) if owner else None,
            )
        tx.execute(rows.update().where(rows.c.key == "begun").values(state="sending"))

    database.submit(put).result()
    database.submit(lambda tx: outbox.withdraw(tx, now=NOW, install="main", begun=True)).result()
    assert database.submit(outbox.counts).result()["withdrawn"] == 2
