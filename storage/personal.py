"""Every table, and what becomes of a person's part of it when they are erased.

tests/test_erasure.py holds this page to storage/tables.py: a table that is missing here, and a column of text of which
nothing is said, fail it. A column of text is one of four things: it is erased with its row (`delete`), it is emptied
where the row is theirs (`blank`), it never holds anybody's words (`fixed`), or it holds words that are the company's
(`company`). All that is not `fixed` is searched for the person's name, e-mail and ids in everybody's rows besides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import sqlalchemy as sa

from storage import tables as t

Condition = Callable[[str], sa.ColumnElement[bool]]
"""From a person's id to the rows that are meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What becomes of one table's rows."""

    delete: Condition | None = None
    """These rows go."""
    blank: tuple[tuple[Condition, Mapping[str, Any]], ...] = ()
    """In these rows these columns take these values."""
    fixed: str = ""
    """Columns that hold ids, keys, words out of a list, names of zones: nothing that anybody wrote."""
    company: str = ""
    """Columns with the company's own words; searched for the person's name, and otherwise left."""
    passing: Literal["", "delete", "empty"] = ""
    """Others' rows of a conversation, which may repeat what the person wrote: what becomes of those that do."""
    empty: Mapping[str, Any] = field(default_factory=dict)
    """What `passing` rows take instead of being deleted; only where `settled_at` stands, if there is such a column."""
    why: str = ""
    """What stays, and why."""

    @property
    def left_alone(self) -> frozenset[str]:
        """Names of the fixed columns."""
        return frozenset(self.fixed.split())


def _by(*columns: sa.Column[Any]) -> Condition:
    def condition(person: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(column == person for column in columns))

    return condition


def _of(child: sa.Column[Any], parent: sa.Column[Any], *owners: sa.Column[Any]) -> Condition:
    """Rows whose `child` names a row that is the person's."""

    def condition(person: str) -> sa.ColumnElement[bool]:
        theirs = sa.select(parent).where(sa.or_(*(owner == person for owner in owners)))
        return child.in_(theirs)

    return condition


def _either(*conditions: Condition) -> Condition:
    def condition(person: str) -> sa.ColumnElement[bool]:
        return sa.or_(*(one(person) for one in conditions))

    return condition


def _led_by(unit: sa.Column[Any]) -> Condition:
    """Rows about a unit that the person leads or led."""

    def condition(person: str) -> sa.ColumnElement[bool]:
        led = sa.select(t.memberships.c.unit).where(t.memberships.c.person == person, t.memberships.c.leads)
        return unit.in_(led)

    return condition


def to_them(person: str) -> sa.ColumnElement[bool]:
    """Rows of the outbox that go to the person: by their id, by their user's, or into their own conversation."""
    one = t.identities.c
    # The playground calls somebody's own chat after their user.
    ends = (
        ("only_to", one.external_id),
        ("conversation", one.direct),
        ("conversation", sa.literal("direct:").concat(one.external_id)),
    )
    theirs = [t.outbox.c.person == person]
    for name, known in ends:
        said = sa.literal(f'%"{name}":"').concat(known).concat('"%')
        theirs.append(sa.exists().where(one.person == person, known != "", t.outbox.c.address.like(said)))
    return sa.or_(*theirs)


def _from_them(person: str) -> sa.ColumnElement[bool]:
    """Events whose key has the person's user or their own conversation in it."""
    key, one = t.seen_events.c.key, t.identities.c
    chat = sa.and_(one.direct != "", key.like(one.install.concat(":").concat(one.direct).concat("%")))
    user = key.like(one.install.concat(":").concat(one.external_id).concat("-%"))
    return sa.exists().where(one.person == person, sa.or_(chat, user))


def _not_being_worked_on(_person: str) -> sa.ColumnElement[bool]:
    """Files that no open job has in its hands."""
    job = t.jobs.c
    named = sa.cast(job.data, sa.Text).like(sa.literal("%").concat(t.files.c.id).concat("%"))
    return ~sa.exists().where(job.settled_at.is_(None), named)


def _alone_thanked(person: str) -> sa.ColumnElement[bool]:
    """Thanks that went to nobody else."""
    thanked = t.kudos_people
    others = sa.select(thanked.c.kudos).where(thanked.c.person != person)
    return sa.and_(
        t.kudos.c.id.in_(sa.select(thanked.c.kudos).where(thanked.c.person == person)), t.kudos.c.id.not_in(others)
    )


NOTHING: Final = '{"text":"What stood here was erased."}'
"""A message's body after it was emptied: JSON of a Reply."""
ERASED: Final = "(these words were erased with the person who wrote them)"
"""Where a text must stand because the row is somebody else's promise."""

_target = (_either(_by(t.targets.c.person), _led_by(t.targets.c.unit)), {"comment": None})
_adjustment = (_either(_by(t.adjustments.c.person), _led_by(t.adjustments.c.unit)), {"comment": None})

RULES: Final[Mapping[str, Rule]] = {
    # ---- who
    "installs": Rule(fixed="name platform external_id bot_user credential", why="the company's workspaces"),
    "people": Rule(
        blank=((_by(t.people.c.id), {"email": None, "zone": None, "date_order": None}),),
        fixed="zone date_order country subdivision",
        company="name email",
        why="the id, as “Former colleague N”; the country, whose holidays past periods were counted with",
    ),
    "identities": Rule(delete=_by(t.identities.c.person)),
    "lookups": Rule(delete=_by(t.lookups.c.person)),
    "rosters": Rule(fixed="install team service", why="teams that the app was added to"),
    "roles": Rule(fixed="role", why="who was what, by id, for the figures of past periods"),
    "manager_links": Rule(why="who managed whom, by id"),
    # ---- whom they sell to
    "accounts": Rule(fixed="name key created_by", why="the names of companies"),
    "account_aliases": Rule(fixed="key alias", why="the names of companies"),
    "contacts": Rule(fixed="name key", why="people of the accounts, who are not the person"),
    # ---- what they did
    "activities": Rule(
        blank=(
            (
                _by(t.activities.c.person, t.activities.c.author),
                {
                    "account_text": None,
                    "contacts": [],
                    "tags": [],
                    "note": None,
                    "next_text": None,
                    "next_day": None,
                    "next_time": None,
                    "said": "",
                },
            ),
        ),
        fixed="entry line author voided_by kind zone currency outcome",
        why="how many of what kind, on which day, with which account, for which amount",
    ),
    # ---- the plan
    "units": Rule(fixed="name key kind", why="the company's"),
    "memberships": Rule(why="who was in which unit, by id"),
    "absences": Rule(delete=_by(t.absences.c.person)),
    "departures": Rule(fixed="changes", why="ids of what was handed over"),
    "targets": Rule(
        blank=(_target, (_by(t.targets.c.person, t.targets.c.set_by), {"reason": None})),
        fixed="measure weights set_by import answer",
        why="the amounts",
    ),
    "adjustments": Rule(
        blank=(_adjustment, (_by(t.adjustments.c.person, t.adjustments.c.by), {"reason": ""})),
        fixed="measure by answer",
        why="the amounts",
    ),
    "target_inputs": Rule(
        blank=((_by(t.target_inputs.c.person), {"comment": None}),), fixed="measure", why="the amounts"
    ),
    "commission_plans": Rule(fixed="key set_by import", company="name definition", why="the company's plan"),
    "rates": Rule(fixed="currency rate", why="rates of exchange"),
    # ---- what they sell
    "deals": Rule(
        blank=((_by(t.deals.c.owner), {"loss_reason": None, "owner_text": None}),),
        fixed="source external_id type product stage currency",
        company="name",
        why="the deal with its amount, stage, days, product and account",
    ),
    "deal_changes": Rule(
        blank=(
            (
                _either(_by(t.deal_changes.c.by), _of(t.deal_changes.c.deal, t.deals.c.id, t.deals.c.owner)),
                {"reason": None, "said": None},
            ),
        ),
        fixed="by import",
        company="fields",
        why="which amounts, stages and days changed when; what was said with it goes",
    ),
    "deal_shares": Rule(fixed="kind", why="whose share it was, by id"),
    "open_shares": Rule(fixed="person deal", why="by id"),
    "credits": Rule(fixed="kind reverses", why="amounts, by id"),
    "credit_months": Rule(fixed="kind person", why="amounts, by id"),
    "ledger": Rule(fixed="kind source external_id product entered_currency", why="amounts, by id"),
    "inquiries": Rule(
        delete=_by(t.inquiries.c.person),
        blank=((_by(t.inquiries.c.answered_by), {"answer": ERASED}),),
        fixed="answered_by",
        company="about words",
        why="what others asked",
    ),
    "imports": Rule(
        blank=((_by(t.imports.c.by), {"name": "file"}),),
        fixed="kind digest state by",
        company="settings report",
        why="how many rows were read and changed",
    ),
    "import_changes": Rule(
        delete=lambda person: sa.and_(t.import_changes.c.table == "people", t.import_changes.c.row == person),
        fixed="table row",
        company="before",
        why="how rows of the company stood before an import; words in those of the person go",
    ),
    # ---- the conversation
    "drafts": Rule(delete=_by(t.drafts.c.person), fixed="person install conversation command", passing="delete"),
    "seen_events": Rule(delete=_from_them, passing="empty", empty={"answer": ""}, why="the ids of others' events"),
    "tokens": Rule(delete=_by(t.tokens.c.person), fixed="person command action", passing="delete"),
    "outbox": Rule(
        delete=to_them,
        fixed="key topic operation install person lane address after state claimed_by sent_as error",
        passing="empty",
        empty={"body": NOTHING},
        why="that something was sent to others, without its words where they were about the person",
    ),
    # ---- what people promise and tell each other
    "actions": Rule(
        delete=_by(t.actions.c.owner, t.actions.c.about),
        blank=((_by(t.actions.c.worded_by), {"text": ERASED}),),
        fixed="action state source source_id",
        why="somebody else's promise stays theirs, without the words that the person wrote",
    ),
    "question_sets": Rule(fixed="set_by", company="questions", why="the company's questions"),
    "checkin_answers": Rule(
        delete=_of(t.checkin_answers.c.checkin, t.checkins.c.id, t.checkins.c.person), fixed="question"
    ),
    "checkin_remarks": Rule(
        delete=_either(
            _by(t.checkin_remarks.c.author), _of(t.checkin_remarks.c.checkin, t.checkins.c.id, t.checkins.c.person)
        ),
        fixed="kind",
    ),
    "checkin_shares": Rule(
        delete=_either(
            _by(t.checkin_shares.c.person), _of(t.checkin_shares.c.checkin, t.checkins.c.id, t.checkins.c.person)
        )
    ),
    "checkins": Rule(delete=_by(t.checkins.c.person), fixed="measure", why="others' check-ins that were given to them"),
    # ---- meetings
    "agenda_items": Rule(delete=_by(t.agenda_items.c.author)),
    "minutes": Rule(delete=_by(t.minutes.c.author)),
    "one_to_one_items": Rule(
        delete=_by(t.one_to_one_items.c.author, t.one_to_one_items.c.person),
        fixed="kind",
        why="what others wrote for a one-to-one with who was their manager",
    ),
    "one_to_ones": Rule(delete=_by(t.one_to_ones.c.person), why="that they took place"),
    "meetings": Rule(
        blank=(
            (_by(t.meetings.c.organiser), {"title": "A meeting", "uid": sa.literal("erased-").concat(t.meetings.c.id)}),
        ),
        fixed="kind zone rule source feed",
        why="when it takes place, for those who take part",
    ),
    "meeting_people": Rule(why="who takes part, by id"),
    "meeting_exceptions": Rule(why="which times were moved"),
    "calendar_feeds": Rule(
        delete=_by(t.calendar_feeds.c.person),
        fixed="address mark host etag modified digest persons units",
        company="name problem report",
        why="others' calendars",
    ),
    # ---- what is said unasked
    "schedules": Rule(fixed="topic rule set_by", why="the company's schedules"),
    "slots_planned": Rule(fixed="topic slot place", why="when what was planned"),
    "notices": Rule(
        delete=_by(t.notices.c.person),
        fixed="key topic subject slot state reason said_as",
        passing="empty",
        empty={"data": {}},
        why="that others were told of something, without what",
    ),
    "spoken": Rule(delete=_by(t.spoken.c.person)),
    "mutes": Rule(delete=_by(t.mutes.c.person), fixed="topic"),
    "preferences": Rule(delete=_by(t.preferences.c.person), fixed="extra wins"),
    "leases": Rule(fixed="name owner", why="which process does what"),
    # ---- wins and thanks
    "wins": Rule(
        blank=((_either(_by(t.wins.c.story_by), _of(t.wins.c.deal, t.deals.c.id, t.deals.c.owner)), {"story": ""}),),
        fixed="state visibility digest",
        why="that it was announced",
    ),
    "win_helpers": Rule(why="who helped, by id"),
    "win_posts": Rule(
        delete=_by(t.win_posts.c.person),
        fixed="install conversation key sent_as",
        why="where in a channel it stands",
    ),
    "milestones": Rule(fixed="key kind", why="by id"),
    "kudos": Rule(
        blank=((_either(_by(t.kudos.c.giver), _alone_thanked), {"reason": ""}),),
        fixed="value posts",
        why="that thanks were given, by id, and for which value",
    ),
    "kudos_people": Rule(why="who was thanked, by id"),
    # ---- the house
    "jobs": Rule(
        delete=lambda person: sa.and_(t.jobs.c.person == person, t.jobs.c.settled_at.is_not(None)),
        fixed="key kind state person claimed_by error",
        passing="empty",
        empty={"data": {}, "cursor": None},
        why="that something was done",
    ),
    "files": Rule(
        # A workbook cannot be searched: what waits to be fetched is asked for again.
        delete=_not_being_worked_on,
    ),
    "audit_log": Rule(fixed="person install event", company="details", why="who did what, by id"),
    "counters": Rule(fixed="name", why="the house's own numbers"),
}
"""By table, in an order in which what refers to other rows goes before them."""
