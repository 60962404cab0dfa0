"""Wins as they were made known: one row a deal, whoever told of it; where it was posted; milestones by their keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from storage.database import Transaction
from storage.deals import Deal, Named
from storage.tables import (
    accounts,
    credits,
    deals,
    milestones,
    new_id,
    outbox,
    people,
    preferences,
    win_helpers,
    win_posts,
    wins,
)

State = Literal["asked", "held", "kept", "announced", "gone"]
"""`asked`: who started it is shown what would go out; `held`: not now, they said; `kept`: private, or told to nobody;
`gone`: won no more."""
Visibility = Literal["public", "private", "none"]
VISIBILITIES: tuple[Visibility, ...] = ("public", "private", "none")


@dataclass(frozen=True, slots=True)
class Win:
    """What became of making a deal's win known. The deal itself stands in `deals`."""

    deal: str
    state: State
    visibility: Visibility | None
    asked: str | None
    """Who told of it first, and by now whoever said who hears of it."""
    story: str
    story_by: str | None
    """Whose words the story is; None: there is none."""
    claimed: bool
    digest: str | None
    revision: int
    heard_at: datetime
    announced_at: datetime | None
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Post:
    """Where a win stands: in a channel, or in one person's own chat. `key` is the outbox row's that posts it; `sent_as`
    JSON of its address once that row is pruned."""

    install: str
    conversation: str
    key: str
    sent_as: str | None
    person: str | None
    """Whose own chat it is."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """What a deal made its owner or their team reach. `value` is a length in weeks, for a streak; of the owner's own
    target 1, once they were told."""

    key: str
    kind: str
    deal: str
    person: str | None
    unit: str | None
    value: int | None


_columns = tuple(wins.c[name] for name in Win.__slots__)


def get(tx: Transaction, deal: str) -> Win | None:
    """What is known of that deal's win."""
    row = tx.execute(sa.select(*_columns).where(wins.c.deal == deal)).first()
    return None if row is None else Win(*row)


def hear(tx: Transaction, deal: str, *, state: State, asked: str | None, claimed: bool, at: datetime) -> bool:
    """The deal is won; whether it was not heard of before. Of two at once one alone is the first."""
    row = {"deal": deal, "state": state, "asked": asked, "claimed": claimed, "heard_at": at, "story": "", "revision": 0}
    return tx.insert_once(wins, row)


def set_(tx: Transaction, deal: str, **values: Any) -> None:
    """Write these columns."""
    tx.execute(wins.update().where(wins.c.deal == deal), values)


def known(tx: Transaction, identifiers: Collection[str]) -> set[str]:
    """Those of these deals whose win was heard of and is not gone."""
    query = sa.select(wins.c.deal).where(wins.c.deal.in_(sorted(identifiers)), wins.c.state != "gone")
    return set(tx.execute(query).scalars())


# ---------------------------------------------------------------- who helped


def helpers(tx: Transaction, deal: str) -> list[tuple[str, str]]:
    """(id, name) of who helped, in the order in which they were named."""
    query = (
        sa.select(people.c.id, people.c.name)
        .join(win_helpers, win_helpers.c.person == people.c.id)
        .where(win_helpers.c.deal == deal)
        .order_by(win_helpers.c.id)
    )
    return list(dict.fromkeys((row[0], row[1]) for row in tx.execute(query)))


def help_by(tx: Transaction, deal: str, persons: Sequence[str]) -> None:
    """These helped, and nobody else."""
    tx.execute(win_helpers.delete().where(win_helpers.c.deal == deal))
    if persons:
        rows = [{"id": new_id(), "deal": deal, "person": one} for one in dict.fromkeys(persons)]
        tx.execute(win_helpers.insert(), rows)


# ---------------------------------------------------------------- where it stands


_post = tuple(win_posts.c[name] for name in Post.__slots__)


def posts(tx: Transaction, deal: str) -> list[Post]:
    """The channels in which the win was announced, in the order in which it was."""
    query = sa.select(*_post).where(win_posts.c.deal == deal, win_posts.c.person.is_(None))
    return [Post(*row) for row in tx.execute(query.order_by(win_posts.c.id))]


def copies(tx: Transaction, deal: str) -> list[Post]:
    """In whose own chats it stands, since it was kept private, in the order in which they were told."""
    query = sa.select(*_post).where(win_posts.c.deal == deal, win_posts.c.person.is_not(None))
    return [Post(*row) for row in tx.execute(query.order_by(win_posts.c.id))]


def posted(tx: Transaction, deal: str, install: str, conversation: str, key: str) -> bool:
    """It goes to that conversation now; False where it went there before."""
    row = {"id": new_id(), "deal": deal, "install": install, "conversation": conversation, "key": key}
    return tx.insert_once(win_posts, row)


def copied(tx: Transaction, deal: str, install: str, person: str, key: str) -> bool:
    """They are told of it now, in their own chat; False where they were before."""
    row = {"id": new_id(), "deal": deal, "install": install, "conversation": f"@{person}", "key": key}
    return tx.insert_once(win_posts, {**row, "person": person})


def keep_addresses(tx: Transaction, before: datetime) -> None:
    """Keep where the posts stand whose outbox rows were settled before that moment and are about to be pruned."""
    old = (outbox.c.key == win_posts.c.key, outbox.c.state == "sent", outbox.c.settled_at < before)
    address = sa.select(outbox.c.sent_as).where(*old).scalar_subquery()
    which = (win_posts.c.sent_as.is_(None), sa.exists().where(*old))
    tx.execute(win_posts.update().where(*which).values(sent_as=address))


# ---------------------------------------------------------------- what people chose


def choice(tx: Transaction, person: str) -> Visibility | None:
    """Who hears of their wins, as they chose last; None: they never did."""
    found: Visibility | None = tx.execute(
        sa.select(preferences.c.wins).where(preferences.c.person == person)
    ).scalar_one_or_none()
    return found


def choose(tx: Transaction, person: str, visibility: Visibility, *, at: datetime) -> None:
    """So it is to be the next time."""
    if not tx.insert_once(preferences, {"person": person, "extra": {}, "wins": visibility, "changed_at": at}):
        tx.execute(preferences.update().where(preferences.c.person == person), {"wins": visibility})


# ---------------------------------------------------------------- milestones


_milestone = tuple(milestones.c[name] for name in Milestone.__slots__)


def reach(tx: Transaction, one: Milestone, *, at: datetime) -> bool:
    """Keep a milestone; False where it was reached before, by a deal that is won still."""
    row = {name: getattr(one, name) for name in Milestone.__slots__}
    if tx.insert_once(milestones, {"id": new_id(), **row, "reached_at": at}):
        return True
    again = (milestones.c.key == one.key, milestones.c.gone_at.is_not(None))
    return tx.execute(milestones.update().where(*again), {**row, "reached_at": at, "gone_at": None}).rowcount == 1


def milestone(tx: Transaction, key: str, *, standing: bool = True) -> Milestone | None:
    """The one of that key; one that stands, unless `standing` says otherwise."""
    which = [milestones.c.key == key, *([milestones.c.gone_at.is_(None)] if standing else [])]
    row = tx.execute(sa.select(*_milestone).where(*which)).first()
    return None if row is None else Milestone(*row)


def told_milestone(tx: Transaction, key: str) -> None:
    """Its person was told of it, which is once."""
    tx.execute(milestones.update().where(milestones.c.key == key), {"value": 1})


def reached_with(tx: Transaction, deal: str) -> list[Milestone]:
    """What stands of a deal's milestones."""
    query = sa.select(*_milestone).where(milestones.c.deal == deal, milestones.c.gone_at.is_(None))
    return [Milestone(*row) for row in tx.execute(query.order_by(milestones.c.id))]


def unreach(tx: Transaction, deal: str, *, at: datetime, kinds: Collection[str] | None = None) -> None:
    """The deal is won no more, and its milestones may be reached by another one; or those of these kinds alone."""
    which = [milestones.c.deal == deal, milestones.c.gone_at.is_(None)]
    if kinds is not None:
        which.append(milestones.c.kind.in_(sorted(kinds)))
    tx.execute(milestones.update().where(*which), {"gone_at": at})


def to_be_heard(tx: Transaction, deal: str, owner: str, *, since: date) -> set[str]:
    """Other wins of that owner that were written together with that deal, as an import writes many, and of which
    nobody has heard yet that they count: of that day or later, or claimed before."""
    query = sa.select(deals.c.id).outerjoin(wins, wins.c.deal == deals.c.id)
    return set(tx.execute(query.where(deals.c.owner == owner, *_unheard(deal, since))).scalars())


def yet_to_bring(tx: Transaction, deal: str, *, since: date, first: date, last: date) -> list[tuple[str, date, int]]:
    """(person, win date, minor units of the plan's currency) that such wins, whoever's, count for between those days,
    both included."""
    query = (
        sa.select(credits.c.person, credits.c.won_on, sa.func.sum(credits.c.amount_minor))
        .select_from(credits)
        .join(deals, deals.c.id == credits.c.deal)
        .outerjoin(wins, wins.c.deal == deals.c.id)
        .where(credits.c.voided_at.is_(None), credits.c.kind == "revenue", credits.c.day.between(first, last))
        .where(*_unheard(deal, since))
        .group_by(credits.c.person, credits.c.won_on)
    )
    return [(person, day, int(amount)) for person, day, amount in tx.execute(query)]


def _unheard(deal: str, since: date) -> tuple[sa.ColumnElement[bool], ...]:
    written = sa.select(deals.c.changed_at).where(deals.c.id == deal).scalar_subquery()
    counts = (deals.c.stage == "won", deals.c.voided_at.is_(None), deals.c.claimed.is_(False))
    news = sa.and_(deals.c.closes_on >= since, sa.or_(wins.c.deal.is_(None), wins.c.state == "gone"))
    return (*counts, deals.c.id != deal, deals.c.changed_at == written, sa.or_(news, wins.c.claimed))


def won_by(tx: Transaction, person: str) -> list[tuple[str, Any, int | None, str | None]]:
    """(deal, win date, amount, currency) of all wins of that owner that count."""
    which = (deals.c.owner == person, deals.c.stage == "won", deals.c.voided_at.is_(None), deals.c.claimed.is_(False))
    query = sa.select(deals.c.id, deals.c.closes_on, deals.c.amount_minor, deals.c.currency).where(*which)
    return [tuple(row) for row in tx.execute(query.order_by(deals.c.closes_on, deals.c.id))]


def even_gone(tx: Transaction, identifier: str) -> Named | None:
    """The deal of that id with its names, also one that was taken back."""
    names = tuple(field.name for field in fields(Deal))
    row = tx.execute(sa.select(*(deals.c[name] for name in names)).where(deals.c.id == identifier)).first()
    return None if row is None else named(tx, Deal(**dict(zip(names, row, strict=True))))


def named(tx: Transaction, deal: Deal) -> Named:
    """The deal as it is handed in, with its names; also one that was taken back."""
    query = sa.select(
        sa.select(accounts.c.name).where(accounts.c.id == deal.account).scalar_subquery(),
        sa.select(people.c.name).where(people.c.id == deal.owner).scalar_subquery(),
    )
    account, owner = tx.execute(query).one()
    return Named(deal, account, owner)
