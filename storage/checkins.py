"""Check-ins: what a person was asked on a day, what they answered, version by version, and what their manager said.

Who may read one is said by handlers/conversation/access.py, and by nothing here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from storage.database import Transaction
from storage.tables import (
    checkin_answers,
    checkin_remarks,
    checkin_shares,
    checkins,
    manager_links,
    new_id,
    notices,
    question_sets,
)

Remarked = Literal["comment", "thanks", "flag"]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A version of the questions of a unit, or (None) of the company, as plain data."""

    id: str
    unit: str | None
    version: int
    questions: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Checkin:
    """One, without its answers. `day` is the person's own."""

    id: str
    person: str
    day: date
    question_set: str
    created_at: datetime
    asked_at: datetime | None
    due_at: datetime | None
    """Later than this is late."""
    measure: str | None
    period_first: date | None
    period_last: date | None
    missed: dict[str, Any] | None
    submitted_at: datetime | None
    late: bool | None
    manager: str | None
    """To whom it was given."""
    told_at: datetime | None
    skipped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands. `number`: 1 to 5, a count, or minor units of the plan's currency."""

    question: str
    text: str
    number: int | None
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """What a manager said to one."""

    id: str
    checkin: str
    author: str
    kind: Remarked
    text: str
    at: datetime


# ---------------------------------------------------------------- what is asked

_set_columns = tuple(question_sets.c[name] for name in QuestionSet.__slots__)


def question_set(tx: Transaction, unit: str | None, questions: list[dict[str, Any]], *, at: datetime) -> QuestionSet:
    """The version of these questions: the latest one of that unit where it is the same, else a further one."""
    of_unit = question_sets.c.unit == unit if unit else question_sets.c.unit.is_(None)
    row = tx.execute(
        sa.select(*_set_columns).where(of_unit, question_sets.c.replaced_at.is_(None))
    ).first()  # fmt: skip
    if row is not None and row.questions == questions:
        return QuestionSet(*row)
    tx.execute(question_sets.update().where(of_unit, question_sets.c.replaced_at.is_(None)), {"replaced_at": at})
    latest = tx.execute(sa.select(sa.func.max(question_sets.c.version)).where(of_unit)).scalar_one()
    made = QuestionSet(new_id(), unit, (latest or 0) + 1, questions)
    values = {"id": made.id, "unit": unit, "version": made.version, "questions": questions, "set_at": at}
    tx.execute(question_sets.insert(), values)
    return made


def questions_of(tx: Transaction, identifier: str) -> QuestionSet:
    """The version of that id."""
    return QuestionSet(*tx.execute(sa.select(*_set_columns).where(question_sets.c.id == identifier)).one())


# ---------------------------------------------------------------- the check-in

_columns = tuple(checkins.c[name] for name in Checkin.__slots__)


def begin(tx: Transaction, values: dict[str, Any]) -> Checkin:
    """A new one with these columns besides its id; the one of that person and day where there is one already."""
    tx.insert_once(checkins, {"id": new_id(), **values})
    which = (checkins.c.person == values["person"], checkins.c.day == values["day"])
    return Checkin(*tx.execute(sa.select(*_columns).where(*which)).one())


def get(tx: Transaction, identifier: str) -> Checkin | None:
    """The one of that id."""
    row = tx.execute(sa.select(*_columns).where(checkins.c.id == identifier)).first()
    return None if row is None else Checkin(*row)


def of_person(tx: Transaction, person: str, *, limit: int, before: datetime | None = None) -> list[Checkin]:
    """Theirs, the latest first, given or not; only what was begun before that moment, where it is said."""
    query = sa.select(*_columns).where(checkins.c.person == person)
    if before is not None:
        query = query.where(checkins.c.created_at < before)
    return [Checkin(*row) for row in tx.execute(query.order_by(checkins.c.day.desc()).limit(limit))]


def of_people(tx: Transaction, persons: Collection[str], *, since: date) -> list[Checkin]:
    """Those of these people from that day on, the latest first."""
    query = sa.select(*_columns).where(checkins.c.person.in_(sorted(persons)), checkins.c.day >= since)
    return [Checkin(*row) for row in tx.execute(query.order_by(checkins.c.day.desc(), checkins.c.id))]


def untold(tx: Transaction, manager: str, *, given_before: datetime) -> list[Checkin]:
    """What was given to them before that moment and they were not told of, the earliest first."""
    which = (
        checkins.c.manager == manager,
        checkins.c.submitted_at <= given_before,
        checkins.c.told_at.is_(None),
    )
    return [Checkin(*row) for row in tx.execute(sa.select(*_columns).where(*which).order_by(checkins.c.submitted_at))]


def astray(tx: Transaction, day: date, *, since: datetime, before: datetime) -> list[Checkin]:
    """What was given between the two moments to a manager who was not told of it and is none of theirs on that day."""
    manages = sa.exists().where(
        manager_links.c.manager == checkins.c.manager,
        manager_links.c.person == checkins.c.person,
        manager_links.c.valid_from <= day,
        sa.or_(manager_links.c.valid_to.is_(None), manager_links.c.valid_to > day),
    )
    given = (checkins.c.submitted_at > since, checkins.c.submitted_at <= before, checkins.c.manager.is_not(None))
    query = sa.select(*_columns).where(*given, checkins.c.told_at.is_(None), ~manages)
    return [Checkin(*row) for row in tx.execute(query.order_by(checkins.c.id))]


def told_together(tx: Transaction, manager: str, at: datetime) -> list[Checkin]:
    """What they were told of at that moment, the earliest first."""
    which = (checkins.c.manager == manager, checkins.c.told_at == at)
    return [Checkin(*row) for row in tx.execute(sa.select(*_columns).where(*which).order_by(checkins.c.submitted_at))]


def said_with(tx: Transaction, key: str, identifiers: Collection[str]) -> bool:
    """Whether the message of that key says something of other check-ins than these."""
    which = (notices.c.said_as == key, notices.c.subject.not_in(sorted(identifiers)))
    return tx.execute(sa.select(notices.c.id).where(*which).limit(1)).first() is not None


def change(tx: Transaction, identifier: str, values: dict[str, Any]) -> None:
    """These columns are so now."""
    tx.execute(checkins.update().where(checkins.c.id == identifier), values)


# ---------------------------------------------------------------- answers

_answer_columns = tuple(checkin_answers.c[name] for name in Answer.__slots__)


def answers_of(tx: Transaction, checkin: str) -> dict[str, Answer]:
    """What stands, by question."""
    which = (checkin_answers.c.checkin == checkin, checkin_answers.c.replaced_at.is_(None))
    return {row.question: Answer(*row) for row in tx.execute(sa.select(*_answer_columns).where(*which))}


def answers_of_several(tx: Transaction, identifiers: Collection[str]) -> dict[str, dict[str, Answer]]:
    """The same of several, by check-in."""
    which = (checkin_answers.c.checkin.in_(sorted(identifiers)), checkin_answers.c.replaced_at.is_(None))
    found: dict[str, dict[str, Answer]] = {}
    for row in tx.execute(sa.select(checkin_answers.c.checkin, *_answer_columns).where(*which)):
        found.setdefault(row[0], {})[row.question] = Answer(*row[1:])
    return found


def answer(tx: Transaction, checkin: str, question: str, text: str, number: int | None, *, at: datetime) -> bool:
    """Keep it as a further version; False where it says what stands already."""
    stands = answers_of(tx, checkin).get(question)
    if stands is not None and (stands.text, stands.number) == (text, number):
        return False
    which = (checkin_answers.c.checkin == checkin, checkin_answers.c.question == question)
    tx.execute(checkin_answers.update().where(*which, checkin_answers.c.replaced_at.is_(None)), {"replaced_at": at})
    row = {"id": new_id(), "checkin": checkin, "question": question, "text": text, "number": number, "at": at}
    tx.execute(checkin_answers.insert(), {**row, "version": 1 if stands is None else stands.version + 1})
    return True


def answer_all(tx: Transaction, checkin: str, answers: Sequence[tuple[str, str, int | None]], *, at: datetime) -> None:
    """(question, text, number) of each, at once: the first versions, to a check-in that has no answer yet."""
    rows = [
        {
            "id": new_id(),
            "checkin": checkin,
            "question": question,
            "text": text,
            "number": number,
            "version": 1,
            "at": at,
        }
        for question, text, number in answers
    ]
    tx.execute(checkin_answers.insert(), rows)


# ---------------------------------------------------------------- what the manager says, and who else may read

_remark_columns = tuple(checkin_remarks.c[name] for name in Remark.__slots__)


def remark(tx: Transaction, checkin: str, *, author: str, kind: Remarked, text: str, at: datetime) -> str:
    """A comment, thanks, or a flag for the one-to-one; its id."""
    identifier = new_id()
    row = {"id": identifier, "checkin": checkin, "author": author, "kind": kind, "text": text, "at": at}
    tx.execute(checkin_remarks.insert(), row)
    return identifier


def remarks_of(tx: Transaction, identifiers: Collection[str]) -> list[Remark]:
    """All to these check-ins, in the order of their making; flags only while they stand."""
    query = sa.select(*_remark_columns).where(
        checkin_remarks.c.checkin.in_(sorted(identifiers)), checkin_remarks.c.settled_at.is_(None)
    )
    return [Remark(*row) for row in tx.execute(query.order_by(checkin_remarks.c.id))]


def take_untold(tx: Transaction, checkin: str, *, at: datetime) -> list[Remark]:
    """What was said to it and whose check-in it is was not told of; from now on they were."""
    which = (
        checkin_remarks.c.checkin == checkin,
        checkin_remarks.c.told_at.is_(None),
        checkin_remarks.c.settled_at.is_(None),
    )
    query = sa.select(*_remark_columns).where(*which).order_by(checkin_remarks.c.id)
    found = [Remark(*row) for row in tx.execute(query)]
    tx.execute(checkin_remarks.update().where(checkin_remarks.c.id.in_([one.id for one in found])), {"told_at": at})
    return found


def flagged(tx: Transaction, author: str, persons: Collection[str]) -> list[tuple[Remark, str]]:
    """What they flagged for the one-to-one with these people and have not talked about: with whose it is."""
    query = (
        sa.select(*_remark_columns, checkins.c.person)
        .join(checkins, checkins.c.id == checkin_remarks.c.checkin)
        .where(
            checkin_remarks.c.author == author,
            checkin_remarks.c.kind == "flag",
            checkin_remarks.c.settled_at.is_(None),
            checkins.c.person.in_(sorted(persons)),
        )
    )
    return [(Remark(*row[:-1]), row[-1]) for row in tx.execute(query.order_by(checkin_remarks.c.id))]


def unflag(tx: Transaction, checkin: str, author: str, *, at: datetime) -> bool:
    """It was talked about, or the flag was a mistake; False where there is none."""
    which = (
        checkin_remarks.c.checkin == checkin,
        checkin_remarks.c.author == author,
        checkin_remarks.c.kind == "flag",
        checkin_remarks.c.settled_at.is_(None),
    )
    return tx.execute(checkin_remarks.update().where(*which), {"settled_at": at}).rowcount > 0


def shared_with(tx: Transaction, identifiers: Collection[str]) -> dict[str, frozenset[str]]:
    """Who besides whom it was given to may read each, by check-in."""
    which = (checkin_shares.c.checkin.in_(sorted(identifiers)), checkin_shares.c.taken_back_at.is_(None))
    found: dict[str, set[str]] = {}
    for checkin, person in tx.execute(sa.select(checkin_shares.c.checkin, checkin_shares.c.person).where(*which)):
        found.setdefault(checkin, set()).add(person)
    return {checkin: frozenset(persons) for checkin, persons in found.items()}


def share(tx: Transaction, identifiers: Sequence[str], person: str, *, at: datetime) -> None:
    """They may read these from now on."""
    for checkin in identifiers:
        key = (checkin_shares.c.checkin == checkin, checkin_shares.c.person == person)
        if not tx.insert_once(checkin_shares, {"checkin": checkin, "person": person, "at": at}):
            tx.execute(checkin_shares.update().where(*key), {"at": at, "taken_back_at": None})


def unshare(tx: Transaction, identifiers: Collection[str], person: str, *, at: datetime) -> None:
    """They may read these no more."""
    which = (checkin_shares.c.checkin.in_(sorted(identifiers)), checkin_shares.c.person == person)
    tx.execute(checkin_shares.update().where(*which, checkin_shares.c.taken_back_at.is_(None)), {"taken_back_at": at})


def last_given(tx: Transaction, manager: str, persons: Collection[str]) -> dict[str, datetime]:
    """When each of these people last gave one to that manager."""
    query = (
        sa.select(checkins.c.person, sa.func.max(checkins.c.submitted_at))
        .where(checkins.c.manager == manager, checkins.c.person.in_(sorted(persons)))
        .group_by(checkins.c.person)
    )
    return {person: at for person, at in tx.execute(query) if at is not None}
