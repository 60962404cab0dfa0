"""Action items in the rows, on both databases: versions, ends, and what is about whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from storage import absences, actions, checkins, people, reach
from storage.database import Database, Transaction

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
FRIDAY = date(2026, 11, 20)


def _person(tx: Transaction, name: str) -> str:
    return people.add(tx, name=name, email=f"{name.lower()}@example.com", at=NOW, imported=True).id


def test_a_moved_day_and_the_end_are_further_versions(database: Database) -> None:
    """What it said before stays readable, with who changed it and when."""

    def walk(tx: Transaction) -> tuple[list[tuple[object, ...]], list[bool]]:
        dana, maya = _person(tx, "Dana"), _person(tx, "Maya")
        one = actions.add(tx, owner=dana, author=dana, text="Send the NDA", due=FRIDAY, source="chat", at=NOW)
        done = [
            actions.move(tx, one, FRIDAY + timedelta(days=3), by=dana, at=NOW + timedelta(hours=1)),
            actions.settle(tx, one, "done", by=maya, at=NOW + timedelta(hours=2)),
            actions.settle(tx, one, "dropped", by=dana, at=NOW + timedelta(hours=3)),
            actions.move(tx, one, None, by=dana, at=NOW + timedelta(hours=3)),
        ]
        names = {dana: "Dana", maya: "Maya"}
        seen = [(each.due, each.state, names[each.recorded_by]) for each in actions.versions(tx, one)]
        assert actions.open_of(tx, dana) == []
        assert [each.recorded_at for each in actions.ended_since(tx, dana, NOW)] == [NOW + timedelta(hours=2)]
        assert actions.reopen(tx, one, by=dana, at=NOW + timedelta(hours=4))
        assert [each.due for each in actions.open_of(tx, dana)] == [FRIDAY + timedelta(days=3)]
        return list(seen), done

    seen, done = database.submit(walk).result()
    monday = FRIDAY + timedelta(days=3)
    assert seen == [(FRIDAY, "open", "Dana"), (monday, "open", "Dana"), (monday, "done", "Maya")]
    assert done == [True, True, False, False]


def test_what_is_about_a_person_is_the_shared_ones_whoever_promised_them(database: Database) -> None:
    """Private ones are the owner's alone; a manager's promise to a rep is about the rep."""

    def walk(tx: Transaction) -> tuple[list[str], list[str], list[str]]:
        dana, maya = _person(tx, "Dana"), _person(tx, "Maya")
        for text, due, shared in (("Call Globex", None, True), ("NDA", FRIDAY, True), ("Ask for a raise", None, False)):
            actions.add(tx, owner=dana, author=dana, text=text, due=due, source="chat", at=NOW, shared=shared)
        actions.add(
            tx, owner=maya, author=maya, about=dana, text="Free Legal", due=FRIDAY, source="checkin", source_id="c1",
            shared=True, at=NOW,
        )  # fmt: skip
        about = [each.text for each in actions.open_about(tx, [dana])]
        own = [each.text for each in actions.open_of(tx, dana)]
        late = [each.text for each in actions.due_by(tx, maya, FRIDAY)]
        assert actions.open_about(tx, [maya]) == []
        assert [each.text for each in actions.of_source(tx, "checkin", "c1")] == ["Free Legal"]
        return about, own, late

    about, own, late = database.submit(walk).result()
    assert about == ["NDA", "Free Legal", "Call Globex"]
    assert own == ["NDA", "Call Globex", "Ask for a raise"]
    assert late == ["Free Legal"]


def test_what_a_newcomer_promised_and_set_is_theirs_once_they_are_linked(database: Database) -> None:
    """Whatever refers to the newcomer refers to the person whom they turned out to be: no row is left behind."""

    def walk(tx: Transaction) -> list[str]:
        newcomer = people.add(tx, name="Nia", email="", at=NOW)
        known = people.identify(tx, newcomer, install="acme", external_id="U1", at=NOW)
        actions.add(tx, owner=newcomer.id, author=newcomer.id, text="NDA", due=FRIDAY, source="chat", at=NOW)
        absences.add(tx, newcomer.id, FRIDAY, FRIDAY, at=NOW)
        reach.mute(tx, newcomer.id, "*", until=None, at=NOW)
        reach.prefer(tx, newcomer.id, quiet=None, cap=3, extra={}, at=NOW)
        reach.heard(tx, newcomer.id, FRIDAY, messages=1)
        questions = checkins.question_set(tx, None, [], at=NOW)
        values = dict.fromkeys(("asked_at", "due_at", "measure", "period_first", "period_last", "missed"))
        values |= {"question_set": questions.id, "created_at": NOW, "day": FRIDAY}
        to = people.add(tx, name="Nia Vale", email="nia@example.com", at=NOW, imported=True)
        checkins.begin(tx, {**values, "person": newcomer.id, "day": date(2026, 11, 13)})
        twice = checkins.begin(tx, {**values, "person": newcomer.id})
        checkins.answer(tx, twice.id, "well", "Fine", None, at=NOW)
        checkins.begin(tx, {**values, "person": to.id})
        people.link(tx, known.id, to)
        assert people.person(tx, newcomer.id) is None
        assert [str(one.day) for one in checkins.of_person(tx, to.id, limit=5)] == ["2026-11-20", "2026-11-13"]
        assert len(absences.of(tx, to.id, since=FRIDAY)) == 1
        return [one.text for one in actions.open_of(tx, to.id)]

    assert database.submit(walk).result() == ["NDA"]
