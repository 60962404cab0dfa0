"""Everything that is about a person or written by them, table by table, as they get it on request.

tests/test_privacy.py holds this page to storage/tables.py: every table that refers to people is either here or in
`NOT_HANDED_OUT`, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

import sqlalchemy as sa

from storage import tables as t
from storage.database import Transaction
from storage.personal import to_them

Value = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Own:
    """Rows of one table; `columns` in the order in which they are shown."""

    title: str
    table: sa.Table
    columns: str
    whose: Callable[[str], sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rows, read and put into words."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def _is(*columns: sa.Column[Any]) -> Callable[[str], sa.ColumnElement[bool]]:
    def condition(person: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(column == person for column in columns))

    return condition


def _credited(person: str) -> sa.ColumnElement[bool]:
    held = sa.select(t.deal_shares.c.deal).where(t.deal_shares.c.person == person)
    return sa.or_(t.deals.c.owner == person, t.deals.c.id.in_(held))


def _answers(person: str) -> sa.ColumnElement[bool]:
    return t.checkin_answers.c.checkin.in_(sa.select(t.checkins.c.id).where(t.checkins.c.person == person))


def _remarks(person: str) -> sa.ColumnElement[bool]:
    """What they said to others, and what was said to them and they were told of."""
    own = sa.select(t.checkins.c.id).where(t.checkins.c.person == person)
    told = sa.and_(t.checkin_remarks.c.checkin.in_(own), t.checkin_remarks.c.told_at.is_not(None))
    return sa.or_(t.checkin_remarks.c.author == person, told)


def _actions(person: str) -> sa.ColumnElement[bool]:
    """Their own, what they themselves recorded of others', and what others owe for them and let them see. What an owner
    made of it later is the owner's: a manager of that time may not see it any more."""
    shared = sa.and_(t.actions.c.about == person, t.actions.c.shared)
    return sa.or_(t.actions.c.owner == person, t.actions.c.recorded_by == person, shared)


_TODAY: Final = sa.bindparam("today", type_=sa.Date)


def _points(person: str) -> sa.ColumnElement[bool]:
    """What they wrote for a one-to-one, and what stands there of the other's and was shown to them: to a manager while
    they are it."""
    one, link = t.one_to_one_items.c, t.manager_links.c
    today = sa.or_(link.valid_to.is_(None), link.valid_to > _TODAY)
    manages = sa.exists().where(link.manager == person, link.person == one.person, link.valid_from <= _TODAY, today)
    theirs = sa.or_(one.person == person, sa.and_(one.manager == person, manages))
    return sa.or_(one.author == person, sa.and_(theirs, one.seen_at.is_not(None), one.removed_at.is_(None)))


def _meetings(person: str) -> sa.ColumnElement[bool]:
    invited = sa.select(t.meeting_people.c.meeting).where(t.meeting_people.c.person == person)
    return sa.or_(t.meetings.c.organiser == person, t.meetings.c.id.in_(invited))


def _kudos(person: str) -> sa.ColumnElement[bool]:
    """What they gave, and what they were given and was not taken back: whoever has not read that is not told."""
    thanked = sa.select(t.kudos_people.c.kudos).where(t.kudos_people.c.person == person)
    given = sa.and_(t.kudos.c.id.in_(thanked), t.kudos.c.taken_back_at.is_(None))
    return sa.or_(t.kudos.c.giver == person, given)


def _notices(person: str) -> sa.ColumnElement[bool]:
    """What was said to them unasked, or was not for their own reasons. What others have begun, and may take back before
    it is said, is not told here either."""
    return sa.and_(t.notices.c.person == person, t.notices.c.state.in_(("said", "withheld")))


def _wins(person: str) -> sa.ColumnElement[bool]:
    """Their own wins, and those whose story they told."""
    own = t.wins.c.deal.in_(sa.select(t.deals.c.id).where(t.deals.c.owner == person))
    return sa.or_(own, t.wins.c.story_by == person)


def _changes(person: str) -> sa.ColumnElement[bool]:
    return t.deal_changes.c.by == person


OWN: Final[tuple[Own, ...]] = (
    Own("You", t.people, "name email zone date_order country subdivision created_at left_at", _is(t.people.c.id)),
    Own("Chat accounts", t.identities, "install external_id email zone locale created_at", _is(t.identities.c.person)),
    Own("Roles", t.roles, "role valid_from valid_to", _is(t.roles.c.person)),
    Own("Units", t.memberships, "unit leads valid_from valid_to", _is(t.memberships.c.person)),
    Own(
        "Managers",
        t.manager_links,
        "person manager valid_from valid_to",
        _is(t.manager_links.c.person, t.manager_links.c.manager),
    ),
    Own(
        "Activities",
        t.activities,
        "day time person kind count account account_text contacts minutes amount_minor currency outcome planned tags "
        "note next_text next_day next_time said recorded_at replaced_at voided_at",
        _is(t.activities.c.person, t.activities.c.author),
    ),
    Own(
        "Deals",
        t.deals,
        "name account owner stage amount_minor currency created_on closes_on type product claimed loss_reason source "
        "external_id voided_at",
        _credited,
    ),
    Own("What you changed in deals", t.deal_changes, "deal at fields reason said undone_at", _changes),
    Own("Shares", t.deal_shares, "deal kind millionths replaced_at", _is(t.deal_shares.c.person)),
    Own("Credits", t.credits, "deal kind day won_on amount_minor voided_at", _is(t.credits.c.person)),
    Own("Ledger", t.ledger, "kind day account product amount_minor voided_at", _is(t.ledger.c.person)),
    Own(
        "Targets",
        t.targets,
        "measure fiscal_year amount weights ramped set_by set_at reason answer comment replaced_at",
        _is(t.targets.c.person),
    ),
    Own(
        "Adjustments",
        t.adjustments,
        "measure fiscal_year from_month amount reason by at answer comment withdrawn_at",
        _is(t.adjustments.c.person),
    ),
    Own(
        "Questions about targets",
        t.target_inputs,
        "measure fiscal_year asked_by asked_at proposed amount comment answered_at",
        _is(t.target_inputs.c.person),
    ),
    Own("Figures you doubted", t.inquiries, "at about words answer answered_by", _is(t.inquiries.c.person)),
    Own("Leave", t.absences, "first last created_at cancelled_at", _is(t.absences.c.person)),
    Own(
        "Check-ins",
        t.checkins,
        "day created_at submitted_at late manager measure period_first period_last missed skipped_at",
        _is(t.checkins.c.person),
    ),
    Own("Check-in answers", t.checkin_answers, "checkin question text number at replaced_at", _answers),
    Own("What was said to check-ins", t.checkin_remarks, "checkin author kind text at settled_at", _remarks),
    Own("Check-ins shared with you", t.checkin_shares, "at taken_back_at", _is(t.checkin_shares.c.person)),
    Own("Action items", t.actions, "owner author text due state shared made_at recorded_at replaced_at", _actions),
    Own(
        "One-to-one points",
        t.one_to_one_items,
        "manager person author kind text created_at done_at removed_at",
        _points,
    ),
    Own(
        "One-to-ones",
        t.one_to_ones,
        "manager person at",
        _is(t.one_to_ones.c.person, t.one_to_ones.c.manager),
    ),
    Own("Meetings", t.meetings, "title kind organiser day at zone minutes rule cancelled_at", _meetings),
    Own("Agenda items", t.agenda_items, "meeting day text created_at done_at removed_at", _is(t.agenda_items.c.author)),
    Own("Minutes", t.minutes, "meeting day text at voided_at", _is(t.minutes.c.author)),
    Own("Calendars", t.calendar_feeds, "name host added_at removed_at problem", _is(t.calendar_feeds.c.person)),
    Own("Wins", t.wins, "deal story visibility announced_at", _wins),
    Own("Helped with", t.win_helpers, "deal", _is(t.win_helpers.c.person)),
    Own("Milestones", t.milestones, "kind deal value reached_at", _is(t.milestones.c.person)),
    Own("Thanks", t.kudos, "giver reason value private day taken_back_at", _kudos),
    Own("Turned off", t.mutes, "topic until set_at lifted_at", _is(t.mutes.c.person)),
    Own("Settings", t.preferences, "quiet_from quiet_to cap extra wins boards changed_at", _is(t.preferences.c.person)),
    Own("Messages to you", t.outbox, "created_at topic body state", to_them),
    Own("Planned messages", t.notices, "topic due_at state reason", _notices),
    Own("Half-finished", t.drafts, "command data created_at", _is(t.drafts.c.person)),
    Own("Imports you made", t.imports, "kind name at state", _is(t.imports.c.by)),
    Own("Files", t.files, "name size created_at expires_at", _is(t.files.c.person)),
    Own("Log of what you did", t.audit_log, "at event", _is(t.audit_log.c.person)),
)

NOT_HANDED_OUT: Final[Mapping[str, str]] = {
    "lookups": "that an e-mail was looked for on an install, and not found",
    "departures": "the same dates stand under “You”; who takes over is between the admins and them",
    "accounts": "the company's",
    "open_shares": "the same as “Shares”, kept twice for speed",
    "credit_months": "sums of “Credits”, kept for speed",
    "commission_plans": "the company's",
    "question_sets": "the company's",
    "meeting_people": "stands in “Meetings”",
    "meeting_exceptions": "the meeting's",
    "schedules": "the company's",
    "spoken": "a count of the messages of a day",
    "kudos_people": "stands in “Thanks”",
    "tokens": "unguessable ids behind buttons; what was pressed stands in what it did",
    "jobs": "work in progress; what it made stands elsewhere",
    "win_posts": "where messages about a win stand; what it said stands in “Messages to you”",
}
"""Tables that refer to people and are not in the file."""


def kinds(tx: Transaction, person: str, today: date) -> Iterator[Kind]:
    """All of it, one table after the other; those that have no row are left out. `today` is the person's day."""
    names = _names(tx)
    for own in OWN:
        columns = [own.table.c[name] for name in own.columns.split()]
        query = sa.select(*columns).where(own.whose(person)).order_by(*own.table.primary_key.columns)
        rows = tuple(
            tuple(_plain(value, column, names) for value, column in zip(row, columns, strict=True))
            for row in tx.execute(query, {"today": today})
        )
        if rows:
            yield Kind(own.title, tuple(map(_titled, columns)), rows)


def _titled(column: sa.Column[Any]) -> str:
    words = column.name.removesuffix("_minor").replace("_", " ")
    return words.capitalize() + (" (minor units)" if column.name.endswith("_minor") else "")


_NAMED: Final = (
    (t.people, t.people.c.name),
    (t.accounts, t.accounts.c.name),
    (t.units, t.units.c.name),
    (t.meetings, t.meetings.c.title),
    (t.checkins, t.checkins.c.day),
)


def _names(tx: Transaction) -> Mapping[str, str]:
    """What stands for an id that refers to another row."""
    found = {row[0]: str(row[1]) for table, column in _NAMED for row in tx.execute(sa.select(table.c.id, column))}
    deals = sa.select(t.deals.c.id, t.deals.c.name, t.accounts.c.name).outerjoin(t.accounts)
    found |= {row[0]: row[1] or row[2] or row[0] for row in tx.execute(deals)}
    return found


_REFERS: Final = ("by", "author", "set_by", "answered_by", "asked_by")


def _plain(value: Any, column: sa.Column[Any], names: Mapping[str, str]) -> Value:
    match value:
        case str() if column.foreign_keys or column.name in _REFERS:
            return names.get(value, value)
        case str() if column is t.outbox.c.body:
            return _said(value)
        case None | str() | bool() | int():
            return value
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S UTC")
        case date() | time():
            return value.isoformat()
        case list() if all(isinstance(one, str) for one in value):
            return ", ".join(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _said(body: str) -> str:
    """The sentence of a message."""
    try:
        found = json.loads(body)
    except ValueError:
        return ""
    return str(found.get("text", "")) if isinstance(found, dict) else ""


def referring(table: sa.Table) -> Sequence[str]:
    """The columns of a table that refer to people: by a reference, or by the name that such columns have."""
    plain_ids = ("person", "by", "author", "set_by", "answered_by", "created_by", "voided_by", "recorded_by")
    return [
        column.name
        for column in table.c
        if any(key.column is t.people.c.id for key in column.foreign_keys) or column.name in plain_ids
    ]
