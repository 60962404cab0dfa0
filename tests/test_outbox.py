"""The outbox's rows: once by key, claimed by one, in order, and honest about what may have happened."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import outbox
from storage.database import Database, Transaction
from storage.outbox import Settled, clearing
from storage.tables import identities, new_id, people
from storage.tables import outbox as table

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LEASE = NOW + timedelta(seconds=30)
LATER = NOW + timedelta(minutes=5)


def put(tx: Transaction, key: str, conversation: str = "C1", **more: Any) -> bool:
    row = {
        "topic": "reply",
        "operation": "post",
        "install": "acme",
        "person": None,
        "address": f'{{"conversation":"{conversation}"}}',
        "body": '{"text":"hello"}',
        "at": NOW,
    } | more
    return outbox.put(tx, key=key, **row)


def claim(tx: Transaction, owner: str = "a", now: datetime = NOW, **more: Any) -> list[str]:
    limit = more.pop("limit", 100)
    return [
        row.key
        for row in outbox.claim(tx, owner=owner, now=now, lease_until=now + (LEASE - NOW), limit=limit, **more).rows
    ]


def ids(tx: Transaction) -> dict[str, str]:
    return {row.key: row.id for row in tx.execute(sa.select(table.c.key, table.c.id))}


def states(tx: Transaction) -> dict[str, str]:
    return {row.key: row.state for row in tx.execute(sa.select(table.c.key, table.c.state))}


async def test_same_key_twice_is_one_row(database: Database) -> None:
    assert await database.write(lambda tx: (put(tx, "k"), put(tx, "k", "C2"))) == (True, False)
    assert await database.read(outbox.counts) == dict.fromkeys((*outbox.OPEN_STATES, *outbox.FINAL_STATES), 0) | {
        "waiting": 1
    }


async def test_rows_made_in_one_turn_keep_their_order(database: Database) -> None:
    keys = [f"k{n}" for n in range(200)]
    await database.write(lambda tx: [put(tx, key) for key in keys])
    assert await database.write(claim) == keys[:100]
    assert await database.write(claim) == keys[100:]
    assert await database.write(claim) == []


async def test_only_what_is_due(database: Database) -> None:
    await database.write(lambda tx: (put(tx, "later", due_at=LATER), put(tx, "now", "C2")))
    assert await database.write(claim) == ["now"]
    assert await database.write(lambda tx: claim(tx, now=LATER)) == ["later"]


async def test_a_row_put_claimed_is_its_owners_alone(database: Database) -> None:
    await database.write(lambda tx: put(tx, "mine", claimed_by="a", lease_until=LEASE))
    assert await database.write(lambda tx: claim(tx, "b")) == []
    ready, early = await database.read(lambda tx: outbox.own(tx, owner="a", keys=["mine", "no such"]))
    assert ([row.key for row in ready], early) == (["mine"], [])
    assert await database.read(lambda tx: outbox.own(tx, owner="b", keys=["mine"])) == ([], [])


async def test_a_row_put_claimed_before_its_time_waits(database: Database) -> None:
    await database.write(lambda tx: put(tx, "k", due_at=LATER, claimed_by="a", lease_until=LEASE))
    assert await database.read(states) == {"k": "waiting"}


async def test_own_rows_do_not_pass_an_earlier_one(database: Database) -> None:
    def work(tx: Transaction) -> tuple[list[str], int]:
        put(tx, "first")
        put(tx, "second", claimed_by="a", lease_until=LEASE)
        put(tx, "elsewhere", "C2", claimed_by="a", lease_until=LEASE)
        ready, early = outbox.own(tx, owner="a", keys=["second", "elsewhere"])
        return [row.key for row in ready], len(early)

    assert await database.write(work) == (["elsewhere"], 1)


async def test_a_lane_in_flight_elsewhere_is_left_alone(database: Database) -> None:
    await database.write(lambda tx: (put(tx, "1"), put(tx, "2"), put(tx, "other", "C2")))
    assert await database.write(lambda tx: claim(tx, "a", limit=1)) == ["1"]
    assert await database.write(lambda tx: claim(tx, "b")) == ["other"]
    assert await database.write(lambda tx: claim(tx, "a")) == ["2"], "its own lane it may go on with"


async def test_retry_holds_its_lane_and_no_other(database: Database) -> None:
    await database.write(lambda tx: (put(tx, "1"), put(tx, "2"), put(tx, "other", "C2")))
    await database.write(lambda tx: claim(tx, limit=1))

    def told_to_wait(tx: Transaction) -> None:
        again = Settled(id=ids(tx)["1"], state="waiting", retry_at=NOW + timedelta(seconds=30), error="429")
        outbox.settle(tx, owner="a", now=NOW, ends=[again])

    await database.write(told_to_wait)
    assert await database.write(lambda tx: claim(tx, "a")) == ["other"]
    assert await database.write(lambda tx: claim(tx, "a", now=NOW + timedelta(seconds=29))) == []
    assert await database.write(lambda tx: claim(tx, "a", now=NOW + timedelta(seconds=30))) == ["1", "2"]


async def test_lane_limit_leaves_room_for_others(database: Database) -> None:
    await database.write(lambda tx: [put(tx, f"busy{n}") for n in range(10)] + [put(tx, "quiet", "C2")])
    assert await database.write(lambda tx: claim(tx, lane_limit=3)) == ["busy0", "busy1", "busy2", "quiet"]
    assert await database.write(lambda tx: claim(tx, skip_lanes=["acme|C1"])) == []
    assert await database.write(lambda tx: claim(tx, skip_installs=["acme"])) == []
    assert await database.write(lambda tx: claim(tx, lane_limit=3)) == ["busy3", "busy4", "busy5"]


async def test_an_edit_waits_for_its_post_and_goes_to_where_that_went(database: Database) -> None:
    await database.write(lambda tx: (put(tx, "post"), put(tx, "edit", operation="update", after="post")))
    assert await database.write(claim) == ["post"]
    assert await database.write(claim) == []

    def sent(tx: Transaction) -> None:
        address = '{"conversation":"C1","message":"1.1"}'
        outbox.settle(tx, owner="a", now=NOW, ends=[Settled(id=ids(tx)["post"], state="sent", sent_as=address)])

    await database.write(sent)
    [edit] = (await database.write(lambda tx: outbox.claim(tx, owner="a", now=NOW, lease_until=LEASE, limit=9))).rows
    assert (edit.key, edit.post_state) == ("edit", "sent")
    assert edit.post_address == await database.read(lambda tx: outbox.sent_address(tx, "post"))
    assert await database.read(lambda tx: outbox.sent_address(tx, "no such")) is None


async def test_only_what_is_still_ones_own_is_marked(database: Database) -> None:
    await database.write(lambda tx: (put(tx, "1"), put(tx, "2", "C2"), put(tx, "3", "C3")))
    await database.write(claim)

    def work(tx: Transaction) -> tuple[set[str], set[str]]:
        known = ids(tx)
        outbox.withdraw(tx, now=NOW, key="2")
        marked = outbox.mark_sending(tx, owner="a", ids=list(known.values()))
        again = outbox.mark_sending(tx, owner="a", ids=list(known.values()))
        assert marked == again, "a commit whose answer was lost is repeated"
        return marked, {known["1"], known["3"]}

    marked, expected = await database.write(work)
    assert marked == expected
    assert await database.read(states) == {"1": "sending", "2": "withdrawn", "3": "sending"}


async def test_a_lapsed_lease_says_what_may_have_happened(database: Database) -> None:
    def begin(tx: Transaction) -> None:
        for key, operation in (("claimed", "post"), ("posted", "post"), ("edited", "update"), ("held", "post")):
            put(tx, key, key, operation=operation)
        claim(tx)
        known = ids(tx)
        outbox.mark_sending(tx, owner="a", ids=[known["posted"], known["edited"]])
        outbox.renew(tx, owner="a", ids=[known["held"]], lease_until=LATER)

    await database.write(begin)
    assert await database.write(lambda tx: outbox.release_lapsed(tx, now=NOW)) == 0
    assert await database.write(lambda tx: outbox.release_lapsed(tx, now=LEASE)) == 3
    assert await database.read(states) == {
        "claimed": "waiting",
        "posted": "unsure",
        "edited": "waiting",
        "held": "claimed",
    }
    taken = await database.write(lambda tx: outbox.claim_unsure(tx, owner="b", now=LEASE, lease_until=LATER, limit=9))
    assert [row.key for row in taken] == ["posted"]
    assert not await database.write(
        lambda tx: outbox.claim_unsure(tx, owner="c", now=LEASE, lease_until=LATER, limit=9)
    )


async def test_sent_is_believed_of_anybody_and_nothing_else_is(database: Database) -> None:
    def lose_two(tx: Transaction) -> None:
        put(tx, "1")
        put(tx, "2", "C2")
        claim(tx)
        outbox.mark_sending(tx, owner="a", ids=list(ids(tx).values()))
        outbox.release_lapsed(tx, now=LEASE)
        outbox.claim_unsure(tx, owner="b", now=LEASE, lease_until=LATER, limit=9)

    def come_back(tx: Transaction) -> None:
        known = ids(tx)
        ends = [Settled(id=known["1"], state="sent", sent_as="{}"), Settled(id=known["2"], state="waiting")]
        outbox.settle(tx, owner="a", now=LEASE, ends=ends)

    await database.write(lose_two)
    await database.write(come_back)
    assert await database.read(states) == {"1": "sent", "2": "unsure"}


async def test_withdrawing_an_installs_rows_takes_what_has_not_begun(database: Database) -> None:
    def work(tx: Transaction) -> tuple[int, dict[str, str]]:
        put(tx, "sending")
        claim(tx)
        outbox.mark_sending(tx, owner="a", ids=list(ids(tx).values()))
        put(tx, "claimed", "C2", claimed_by="a", lease_until=LEASE)
        put(tx, "waiting", "C3", due_at=LATER)
        put(tx, "elsewhere", install="other")
        return outbox.withdraw(tx, now=NOW, install="acme"), states(tx)

    assert await database.write(work) == (
        2,
        {"sending": "sending", "claimed": "withdrawn", "waiting": "withdrawn", "elsewhere": "waiting"},
    )
    with pytest.raises(ValueError, match="withdraw what"):
        await database.write(lambda tx: outbox.withdraw(tx, now=NOW))


async def test_a_persons_row_knows_where_they_are_in_that_install(database: Database) -> None:
    person = new_id()

    def work(tx: Transaction) -> list[tuple[str, str, str]]:
        tx.execute(people.insert(), {"id": person, "name": "Ada", "created_at": NOW})
        for install, user, direct in (("acme", "U1", "D1"), ("other", "U1", "")):
            row = {"id": new_id(), "install": install, "external_id": user, "person": person, "direct": direct}
            tx.execute(identities.insert(), row | {"created_at": NOW})
        for install in ("acme", "other", "third"):
            put(tx, install, install=install, person=person, address="{}")
        rows = outbox.claim(tx, owner="a", now=NOW, lease_until=LEASE, limit=9).rows
        return [(row.install, row.user, row.direct) for row in rows]

    assert await database.write(work) == [("acme", "U1", "D1"), ("other", "U1", ""), ("third", "", "")]


async def test_letting_go_at_the_end(database: Database) -> None:
    def work(tx: Transaction) -> dict[str, str]:
        for key in ("claimed", "sending", "unsure"):
            put(tx, key, key)
        claim(tx)
        known = ids(tx)
        outbox.mark_sending(tx, owner="a", ids=[known["sending"], known["unsure"]])
        outbox.settle(tx, owner="a", now=NOW, ends=[Settled(id=known["unsure"], state="unsure", error="timeout")])
        outbox.release(tx, owner="a", now=NOW)
        return states(tx)

    assert await database.write(work) == {"claimed": "waiting", "sending": "sending", "unsure": "unsure"}
    taken = await database.write(lambda tx: outbox.claim_unsure(tx, owner="b", now=NOW, lease_until=LATER, limit=9))
    assert [row.key for row in taken] == ["unsure"]


async def test_two_processes_never_claim_the_same_row(database: Database) -> None:
    await database.write(lambda tx: [put(tx, f"k{n}", f"C{n}") for n in range(300)])
    claims = await asyncio.gather(
        *(database.write(lambda tx, owner=owner: claim(tx, owner, limit=10)) for owner in "abcd" * 10)
    )
    taken = [key for keys in claims for key in keys]
    assert len(taken) == len(set(taken)) == 300


async def test_what_was_settled_long_ago_is_dropped_unless_an_edit_waits_for_it(database: Database) -> None:
    put_at = datetime.now(UTC)
    bound = put_at + timedelta(days=90)

    def work(tx: Transaction) -> None:
        for key in ("old", "edited", "young", "open", "gone", "edit of gone"):
            put(tx, key, key, after="gone" if key == "edit of gone" else None)
        put(tx, "edit", "edited", operation="update", after="edited")
        for key, days in (("old", -1), ("edited", -1), ("young", 1), ("gone", -1), ("edit of gone", -1)):
            settled = table.update().where(table.c.key == key)
            tx.execute(settled.values(state="sent", settled_at=bound + timedelta(days=days)))

    await database.write(work)
    assert await database.write(lambda tx: outbox.prune(tx, put_at - timedelta(days=1))) == 0
    assert await database.write(lambda tx: outbox.prune(tx, bound)) == 3
    assert set(await database.read(states)) == {"edited", "edit", "young", "open"}


async def test_the_outbox_is_pruned_in_bites(database: Database) -> None:
    """While rows are deleted nobody else writes on SQLite, so that may not take long."""
    rows = clearing._PRUNED_AT_ONCE + 10

    def work(tx: Transaction) -> None:
        for number in range(rows):
            put(tx, f"k{number}")
        tx.execute(table.update().values(state="sent", settled_at=NOW))

    await database.write(work)
    later = datetime.now(UTC) + timedelta(days=1)
    assert [await database.write(lambda tx: outbox.prune(tx, later)) for _ in range(3)] == [rows - 10, 10, 0]
