"""*Whom to see*: whom a manager reads of on Monday, in which order, and with which words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest

from handlers.checkins.reasons import WEIGHTS, Whom, Why
from storage import actions, notices, people
from storage.database import Database, Transaction
from storage.tables import activities
from tests.test_nudges import MONDAY, ZONE, Office, labels

EAST = ("rae", "dana", "sam", "ike")
FELL = "at risk with 30 % of the target, pace fell from 71 % to 61 %"


@pytest.fixture
def office(database: Database) -> Office:
    """Everybody logged something last week. Of $300,000 each, 30 of 62 days over: Rae 30 %, Dana 67 %, Sam 60 %,
    Ike 45 %."""
    made = Office(database)
    made.settle()
    won = {"rae": 90_000, "dana": 200_000, "sam": 180_000, "ike": 135_000}
    for who in EAST:
        made.deal(f"first of {who}", who, won[who], date(2026, 10, 20), "won")
    for who in (*EAST, "uma", "max"):
        made.log(who, "call", date(2026, 11, 10))
    return made


async def lines(office: Office) -> Mapping[str, str]:
    """By name, what is said of them, in order."""
    reply = await office.say("whom to see", "max")
    if reply is None:
        return {}
    text = "\n".join(getattr(part, "text", "") for part in reply.parts)
    names = ("Rae Quinn", "Dana Reyes", "Sam Okafor", "Ike Lund", "Uma Patel")
    told = [line.split(": ", 1) for line in text.split("\n") if line.startswith(names)]
    assert [label for label in labels(reply) if label != "Why this?"] == [one[0] for one in told], "a button for each"
    assert "Also" not in text
    return {one[0]: one[1] for one in told}


def overdue(office: Office, who: str, text: str) -> None:
    def write(tx: Transaction) -> None:
        me = office.ids[who]
        actions.add(tx, owner=me, author=me, text=text, due=date(2026, 11, 12), source="chat", shared=True, at=MONDAY)

    office.database.submit(write).result()


async def test_who_is_far_behind_or_has_won_nothing_is_named_for_that_alone(office: Office) -> None:
    assert await lines(office) == {"Rae Quinn": f"{FELL}.", "Ike Lund": "pace fell from 107 % to 92 %."}
    office.target("uma", 1_200_000, "bookings")
    found = await lines(office)
    assert list(found) == ["Rae Quinn", "Uma Patel", "Ike Lund"]
    assert found["Uma Patel"] == "nothing won yet of $300,000."


async def test_early_in_a_period_one_deal_would_decide_and_nobody_is_far_behind(office: Office) -> None:
    office.now = datetime(2026, 10, 19, 9, 0, tzinfo=ZONE)
    for who in (*EAST, "uma"):
        office.log(who, "call", date(2026, 10, 14))
    assert await lines(office) == {}


async def test_three_and_no_more_the_weightiest_first(office: Office) -> None:
    office.target("uma", 1_200_000, "bookings")
    for who in EAST:
        overdue(office, who, "call the champion of Initech")
    found = await lines(office)
    assert list(found) == ["Rae Quinn", "Uma Patel", "Ike Lund"], "of equal ones who is further behind"
    assert found["Rae Quinn"] == f"{FELL}; “call the champion of Initech” is overdue."


async def test_a_target_just_reached_is_said_with_what_is_open_and_later_names_nobody(office: Office) -> None:
    office.deal("second", "dana", 25_000, date(2026, 11, 11), "won")
    office.deal("third", "dana", 80_000, date(2026, 11, 11), "won")
    overdue(office, "dana", "call the champion of Initech")
    said = (await lines(office))["Dana Reyes"]
    assert said == "“call the champion of Initech” is overdue; a target to praise, reached within the last week: 102 %."
    office.now = MONDAY + timedelta(days=7)
    office.deal("open", "rae", 10_000, date(2026, 12, 20))
    for who in (*EAST, "uma"):
        office.log(who, "call", date(2026, 11, 18))
    said = (await lines(office))["Dana Reyes"]
    assert said == "“call the champion of Initech” is overdue; has met the target: 102 %."
    office.database.submit(_done).result()
    assert "Dana Reyes" not in await lines(office)


def _done(tx: Transaction) -> None:
    for item in actions.open_about(tx, [one.id for one in people.everybody(tx)]):
        actions.settle(tx, item.id, "done", by=item.owner, at=MONDAY)


async def test_no_check_in_yet_is_said_only_of_who_was_asked_for_one(office: Office) -> None:
    assert "no check-in" not in str(await lines(office))
    assert await office.say("check-in", "sam") is not None
    assert "Sam Okafor" not in await lines(office)
    office.now = MONDAY + timedelta(days=14)
    office.deal("open", "rae", 10_000, date(2026, 12, 20))
    for who in (*EAST, "uma"):
        office.log(who, "call", date(2026, 11, 25))
    found = await lines(office)
    assert "no check-in with you yet" in found["Sam Okafor"]
    assert "no check-in" not in found["Rae Quinn"]


def test_every_reason_has_a_weight_and_a_line_says_two_and_the_praise() -> None:
    assert set(WEIGHTS) == set(Why)
    rae = people.Person("1", "Rae Quinn", "", "", "", "", "", imported=False, left=False)
    said = {Why.OVERDUE: "c", Why.PACE_FELL: "b", Why.FELT_LOW: "a", Why.STANDS_ABOVE: "d", Why.BIG_WIN: "e"}
    assert Whom(rae, said).line == "Rae Quinn: a; b; e."


async def test_what_the_digest_beside_it_says_is_said_once(office: Office) -> None:
    """Ike's pace fell and he logged nothing: the digest names who logged nothing, whom to see says the rest."""

    def unlogged(tx: Transaction) -> None:
        tx.execute(activities.delete().where(activities.c.person == office.ids["ike"]))

    def beside(tx: Transaction) -> None:
        until = office.now + timedelta(hours=8)
        due = notices.Wanted(
            topic="team digest", person=office.ids["max"], slot="beside", due_at=office.now, until=until
        )
        notices.plan(tx, [due], at=office.now)

    office.database.submit(unlogged).result()
    assert (await lines(office))["Ike Lund"] == "pace fell from 107 % to 92 %; nothing was logged last week."
    office.database.submit(beside).result()
    before = len(office.sent)
    await office.say("whom to see", "max")
    (both,) = [one.reply.text for one in office.sent[before:] if one.to == office.ids["max"]]
    assert "Nothing logged last week: Ike Lund." in both
    assert "Ike Lund: pace fell from 107 % to 92 %." in both


async def test_where_nobody_logged_anything_the_digest_alone_says_it(office: Office) -> None:
    """No import and no line for three weeks: nothing tells one from another."""
    office.now = MONDAY + timedelta(days=21)
    assert list(await lines(office)) == ["Dana Reyes", "Ike Lund", "Rae Quinn"]
    until = office.now + timedelta(hours=8)
    due = notices.Wanted(topic="team digest", person=office.ids["max"], slot="b", due_at=office.now, until=until)
    office.database.submit(lambda tx: notices.plan(tx, [due], at=office.now)).result()
    before = len(office.sent)
    await office.say("whom to see", "max")
    (both,) = [one.reply.text for one in office.sent[before:] if one.to == office.ids["max"]]
    assert both.lower().count("logged last week") == 1
    assert "Whom to see" not in both
