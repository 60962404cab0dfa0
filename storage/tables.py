"""Every table, on one page.

Ids are text that sorts by the time it was made (`new_id`), known before the row is written. Instants are UTC; money is
an integer of minor units beside its currency; zones are IANA names. Facts are appended: an edit is a further version,
an undo is a void with its author and time, so that "as of" can be answered.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
    and_,
    text,
)
from sqlalchemy.engine import Dialect

_last_made = 0
_making = threading.Lock()


def new_id() -> str:
    """A new unique id: 16 hexadecimal digits of time and order, then 16 of chance.

    Ids sort in the order of their making within a process, whatever its clock does. They are no secrets (a token is):
    the system's own source of chance would give up the interpreter's lock five times a turn.
    """
    global _last_made  # noqa: PLW0603
    with _making:
        _last_made = max(_last_made + 1, time.time_ns() // 1_000_000 << 16)
        made = _last_made
    return f"{made:016x}{random.getrandbits(64):016x}"


def id_at(moment: datetime) -> str:
    """What every id made later, by this machine's clock, sorts behind."""
    return f"{int(moment.timestamp() * 1000) << 16:016x}"


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Naive datetimes are refused going in; what comes out is aware on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """A function to the driver's value. Every turn writes a dozen instants, so SQLite's text is made directly."""
        return _to_postgres if dialect.name == "postgresql" else _to_sqlite

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """A function from the driver's value."""
        return _from_postgres if dialect.name == "postgresql" else _from_sqlite


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _to_postgres(moment: datetime | None) -> datetime | None:
    return None if moment is None else _in_utc(moment)


def _from_postgres(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _to_sqlite(moment: datetime | None) -> str | None:
    return None if moment is None else _in_utc(moment).isoformat(" ", "microseconds")[:26]


def _from_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[str]:
    return Column("id", Text, primary_key=True)


# ---------------------------------------------------------------- who

installs = Table(
    "installs",
    metadata,
    Column("name", Text, primary_key=True, comment="as in app.yaml"),
    Column("platform", Text, nullable=False),
    Column("external_id", Text, nullable=False, comment="Slack team or enterprise, Teams tenant"),
    Column("bot_user", Text, nullable=False, server_default=""),
    Column("credential", Text, nullable=False, server_default="", comment="fingerprint of the token last seen"),
    Column("installed_at", Instant, nullable=False),
    Column("removed_at", Instant, comment="uninstalled by its owners; only another credential brings it back"),
)

people = Table(
    "people",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("email", Text, unique=True, comment="lower case"),
    Column("zone", Text, comment="their own setting; null: the platform's, else the company's"),
    Column("date_order", Text),
    Column("country", Text),
    Column("subdivision", Text),
    Column("imported", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    Column("left_at", Instant),
)

identities = Table(
    "identities",
    metadata,
    _id(),
    Column("install", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("email", Text, nullable=False, server_default=""),
    Column("zone", Text, nullable=False, server_default="", comment="as the platform last said"),
    Column("locale", Text, nullable=False, server_default=""),
    Column("direct", Text, nullable=False, server_default="", comment="the one-to-one conversation, once known"),
    Column("service", Text, nullable=False, server_default="", comment="where it takes messages (Teams' service URL)"),
    Column("created_at", Instant, nullable=False),
    Column("refused_at", Instant),
    Column("found_at", Instant, comment="Pacer looked them up, and they have not written yet; null: they have"),
    Column("introduced_at", Instant, comment="of one looked up: when they heard from Pacer for the first time"),
    Column("closed_as", Text, comment="the platform's word for why they cannot be written to; null: they can"),
    Column("closed_until", Instant, comment="when it is tried again"),
    Column("closed_told_at", Instant, comment="when the admins heard of it; kept until they write"),
    UniqueConstraint("install", "external_id"),
)

lookups = Table(
    "lookups",
    metadata,
    Column("install", Text, primary_key=True),
    Column("person", Text, primary_key=True, comment="of the plan; no reference, so that an import can be undone"),
    Column("email", Text, nullable=False, comment="that was looked for"),
    Column("outcome", Text, nullable=False, comment="absent, outsider, somebody else"),
    Column("asked_at", Instant, nullable=False),
    Column("again_at", Instant, nullable=False, comment="when it is asked again; at once for another e-mail"),
    comment="people of the plan whom an install does not know, as far as it said last",
)

rosters = Table(
    "rosters",
    metadata,
    Column("install", Text, primary_key=True),
    Column("team", Text, primary_key=True, comment="the conversation whose members are read"),
    Column("service", Text, nullable=False, comment="where it is asked (Teams' service URL)"),
    Column("added_at", Instant, nullable=False),
    Column("read_at", Instant, comment="to its end; null: is to be read at once"),
    comment="teams that the app was added to",
)

roles = Table(
    "roles",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, comment="the first day on which it no longer holds"),
)

manager_links = Table(
    "manager_links",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("manager", ForeignKey("people.id"), nullable=False, index=True),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, comment="the first day on which it no longer holds"),
)

# ---------------------------------------------------------------- whom they sell to

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True, comment="the name folded, so that it stands once"),
    Column("revision", Integer, nullable=False, index=True, comment="of the names, when this one last changed"),
    Column("created_by", Text),
    Column("created_at", Instant, nullable=False),
)

account_aliases = Table(
    "account_aliases",
    metadata,
    Column("key", Text, primary_key=True),
    Column("account", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("alias", Text, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    _id(),
    Column("account", ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    UniqueConstraint("account", "key"),
)

# ---------------------------------------------------------------- what they did

activities = Table(
    "activities",
    metadata,
    Column("id", Text, primary_key=True, comment="of this version"),
    Column("entry", Text, nullable=False, comment="of the activity, the same in all its versions"),
    Column("line", Text, nullable=False, comment="of what was said: one line may hold several activities"),
    Column("version", Integer, nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False, comment="who did it"),
    Column("author", Text, nullable=False, comment="who said so"),
    Column("recorded_at", Instant, nullable=False),
    Column("replaced_at", Instant, comment="a later version holds since"),
    Column("voided_at", Instant),
    Column("voided_by", Text),
    Column("kind", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("account", ForeignKey("accounts.id")),
    Column("account_text", Text, comment="the words as typed"),
    Column("contacts", JSON, nullable=False),
    Column("day", Date, nullable=False, comment="in the person's own zone"),
    Column("time", Time, comment="null where none was said"),
    Column("zone", Text, nullable=False, comment="the zone that `day` and `time` were said in"),
    Column("planned", Boolean, nullable=False),
    Column("minutes", Integer),
    Column("amount_minor", BigInteger),
    Column("currency", Text),
    Column("outcome", Text),
    Column("tags", JSON, nullable=False),
    Column("note", Text),
    Column("next_text", Text),
    Column("next_day", Date),
    Column("next_time", Time),
    Column("said", Text, nullable=False, comment="the whole line, as typed"),
    UniqueConstraint("entry", "version"),
    Index("ix_activities_person_day", "person", "day"),
    Index("ix_activities_person_recorded_at", "person", "recorded_at"),
)

# ---------------------------------------------------------------- the plan

units = Table(
    "units",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True, comment="the name folded"),
    Column("kind", Text, nullable=False, comment="company, region, team"),
    Column("parent", ForeignKey("units.id"), index=True),
    Column("created_at", Instant, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    _id(),
    Column("unit", ForeignKey("units.id"), nullable=False, index=True),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("leads", Boolean, nullable=False, comment="leads the unit; else sells in it"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, comment="the first day on which it no longer holds"),
)

absences = Table(
    "absences",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("cancelled_at", Instant),
)

departures = Table(
    "departures",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("last_day", Date, nullable=False),
    Column("deals_to", ForeignKey("people.id"), comment="who takes over the open deals; null: they stay"),
    Column("team_to", ForeignKey("people.id"), comment="who manages the direct reports; null: nobody"),
    Column("by", ForeignKey("people.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("changes", JSON, nullable=False, comment="what was ended and handed over, to be taken back as it was"),
    Column("done_at", Instant, comment="null: the last day is still to come"),
    Column("cancelled_at", Instant),
)

targets = Table(
    "targets",
    metadata,
    Column("id", Text, primary_key=True, comment="of this version"),
    Column("person", ForeignKey("people.id"), comment="exactly one of person and unit"),
    Column("unit", ForeignKey("units.id")),
    Column("measure", Text, nullable=False),
    Column("fiscal_year", Integer, nullable=False, comment="the one that it is named after"),
    Column(
        "amount",
        BigInteger,
        nullable=False,
        comment="for the full year: minor units of the plan's currency, or a count",
    ),
    Column("weights", JSON, comment="twelve shares as decimal text, from the year's first month; null: even"),
    Column("ramped", Boolean, nullable=False),
    Column("set_by", Text),
    Column("set_at", Instant, nullable=False),
    Column("replaced_at", Instant, comment="a later version holds since"),
    Column("import", Text),
    Column("reason", Text),
    Column("answer", Text, comment="of whose it is: accepted, objected"),
    Column("answered_at", Instant),
    Column("comment", Text),
)
_person_target = and_(targets.c.replaced_at.is_(None), targets.c.person.is_not(None))
_unit_target = and_(targets.c.replaced_at.is_(None), targets.c.unit.is_not(None))
Index(
    "uq_targets_person",
    targets.c.person,
    targets.c.measure,
    targets.c.fiscal_year,
    unique=True,
    sqlite_where=_person_target,
    postgresql_where=_person_target,
)
Index(
    "uq_targets_unit",
    targets.c.unit,
    targets.c.measure,
    targets.c.fiscal_year,
    unique=True,
    sqlite_where=_unit_target,
    postgresql_where=_unit_target,
)

adjustments = Table(
    "adjustments",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), index=True, comment="exactly one of person and unit"),
    Column("unit", ForeignKey("units.id"), index=True),
    Column("measure", Text, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("from_month", Date, nullable=False, comment="its first day"),
    Column(
        "amount", BigInteger, nullable=False, comment="what the rest of the year changes by; minor units or a count"
    ),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("answer", Text, comment="accepted, objected"),
    Column("answered_at", Instant),
    Column("comment", Text),
    Column("withdrawn_at", Instant),
)

target_inputs = Table(
    "target_inputs",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False, index=True, comment="whose target is to be set"),
    Column("measure", Text, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("asked_by", ForeignKey("people.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("proposed", BigInteger, comment="what is thought of for the full year; null: an open question"),
    Column("amount", BigInteger, comment="what they would set themselves, for the full year"),
    Column("comment", Text),
    Column("answered_at", Instant),
    Column("settled_at", Instant, comment="the target was set, or the question was withdrawn"),
)

commission_plans = Table(
    "commission_plans",
    metadata,
    Column("id", Text, primary_key=True, comment="of this version"),
    Column("name", Text, nullable=False),
    Column("key", Text, nullable=False, index=True, comment="the name folded"),
    Column("definition", JSON, nullable=False, comment="the plan's file, checked"),
    Column("set_by", Text),
    Column("set_at", Instant, nullable=False),
    Column("replaced_at", Instant, comment="a later version holds since"),
    Column("import", Text),
)

rates = Table(
    "rates",
    metadata,
    Column("fiscal_year", Integer, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("rate", Text, nullable=False, comment="units of the plan's currency for one unit, as decimal text"),
    Column("set_at", Instant, nullable=False),
)

# ---------------------------------------------------------------- what they sell

deals = Table(
    "deals",
    metadata,
    _id(),
    Column("source", Text, nullable=False, comment="chat, or the name of the system that an import came from"),
    Column("external_id", Text, comment="there"),
    Column("name", Text, nullable=False, server_default=""),
    Column("account", ForeignKey("accounts.id"), index=True),
    Column("owner", ForeignKey("people.id")),
    Column("owner_text", Text, comment="the name that no person was found for"),
    Column("type", Text, nullable=False, server_default="new", comment="new, expansion, renewal"),
    Column("product", Text),
    Column("stage", Text, nullable=False),
    Column("amount_minor", BigInteger, comment="null where none is known"),
    Column("currency", Text),
    Column("created_on", Date, nullable=False),
    Column("closes_on", Date, comment="expected while it is open, the win date or the day of the loss after"),
    Column("claimed", Boolean, nullable=False, comment="won by word in a chat alone: in no sum until confirmed"),
    Column("loss_reason", Text),
    Column("stage_since", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("voided_at", Instant),
    UniqueConstraint("source", "external_id"),
    Index("ix_deals_owner", "owner", "stage", "closes_on"),
    Index("ix_deals_stage", "stage", "closes_on"),
    Index("ix_deals_created_on", "created_on"),
    Index("ix_deals_changed_at", "changed_at"),
)
# As text, because a truth is written `claimed = 1` for one database and `claimed` for the other, and both take this.
_claimed_deal = text("claimed")
Index(
    "ix_deals_claimed",
    deals.c.owner,
    deals.c.closes_on,
    sqlite_where=_claimed_deal,
    postgresql_where=_claimed_deal,
)

deal_changes = Table(
    "deal_changes",
    metadata,
    _id(),
    Column("deal", ForeignKey("deals.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, comment="a person; null: an import"),
    Column("import", Text),
    Column("fields", JSON, nullable=False, comment="column -> [before, after]"),
    Column("reason", Text),
    Column("said", Text, comment="the words, as typed"),
    Column("undone_at", Instant),
)

deal_shares = Table(
    "deal_shares",
    metadata,
    _id(),
    Column("deal", ForeignKey("deals.id"), nullable=False, index=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("kind", Text, nullable=False, comment="revenue: all of a deal add up to 1,000,000; overlay: extra"),
    Column("millionths", Integer, nullable=False),
    Column("replaced_at", Instant),
    Index("ix_deal_shares_person", "person", "kind", "replaced_at", "deal"),
)

open_shares = Table(
    "open_shares",
    metadata,
    Column("person", Text, primary_key=True),
    Column("deal", Text, primary_key=True, index=True),
    Column("millionths", Integer, nullable=False),
    Column("closes_on", Date, comment="the deal's"),
    comment="whose the revenue of open deals is (storage/open_shares.py), so that a status reads few rows",
    sqlite_with_rowid=False,
)

credits = Table(
    "credits",
    metadata,
    _id(),
    Column("deal", ForeignKey("deals.id"), nullable=False, index=True),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("kind", Text, nullable=False, comment="revenue, overlay"),
    Column("day", Date, nullable=False, comment="on which it counts: the win date, or the reversal's own day"),
    Column("won_on", Date, nullable=False, comment="the deal's win date: whose member the person was then"),
    Column("amount_minor", BigInteger, nullable=False, comment="in the plan's currency; negative for a reversal"),
    Column("reverses", Text, comment="the credit that it takes back"),
    Column("made_at", Instant, nullable=False),
    Column("voided_at", Instant),
)
_living_credit = credits.c.voided_at.is_(None)
Index(
    "ix_credits_person",
    credits.c.person,
    credits.c.kind,
    credits.c.day,
    credits.c.amount_minor,
    sqlite_where=_living_credit,
    postgresql_where=_living_credit,
)

_won_elsewhen = and_(_living_credit, credits.c.won_on != credits.c.day)
Index("ix_credits_apart", credits.c.day, sqlite_where=_won_elsewhen, postgresql_where=_won_elsewhen)

credit_months = Table(
    "credit_months",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("month", Date, primary_key=True, comment="its first day"),
    Column("amount_minor", BigInteger, nullable=False),
    Column("deals", Integer, nullable=False),
    comment="the sums of living credits, kept in the transaction that writes them, so that a board reads few rows",
    sqlite_with_rowid=False,
)

ledger = Table(
    "ledger",
    metadata,
    _id(),
    Column("kind", Text, nullable=False, comment="revenue, cost"),
    Column("source", Text, nullable=False),
    Column("external_id", Text),
    Column("person", ForeignKey("people.id")),
    Column("account", ForeignKey("accounts.id")),
    Column("product", Text),
    Column("day", Date, nullable=False),
    Column("entered_minor", BigInteger, nullable=False),
    Column("entered_currency", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False, comment="in the plan's currency"),
    Column("voided_at", Instant),
    UniqueConstraint("kind", "source", "external_id"),
    Index("ix_ledger_day", "kind", "day", "person"),
)

inquiries = Table(
    "inquiries",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False, comment="who doubts a figure"),
    Column("at", Instant, nullable=False),
    Column("about", Text, nullable=False, comment="the answer that is doubted"),
    Column("words", Text, nullable=False),
    Column("answer", Text),
    Column("answered_by", Text),
    Column("answered_at", Instant),
)

imports = Table(
    "imports",
    metadata,
    _id(),
    Column("kind", Text, nullable=False, comment="people, accounts, targets, deals, revenue, cost"),
    Column("name", Text, nullable=False, comment="of the file"),
    Column("digest", Text, nullable=False),
    Column("settings", JSON, nullable=False, comment="the mapping and how it was read"),
    Column("state", Text, nullable=False, comment="applying, applied, failed, rolled back"),
    Column("by", Text, comment="a person; null: from the command line or on schedule"),
    Column("at", Instant, nullable=False),
    Column("report", JSON, nullable=False),
    Column("settled_at", Instant),
)

import_changes = Table(
    "import_changes",
    metadata,
    _id(),
    Column("import", ForeignKey("imports.id"), nullable=False, index=True),
    Column("table", Text, nullable=False),
    Column("row", Text, nullable=False),
    Column("before", JSON, comment="null: the import made the row"),
)

# ---------------------------------------------------------------- the conversation

drafts = Table(
    "drafts",
    metadata,
    _id(),
    Column("person", Text, nullable=False),
    Column("install", Text, nullable=False),
    Column("conversation", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("settled_at", Instant),
    Index("ix_drafts_open", "person", "conversation"),
)

seen_events = Table(
    "seen_events",
    metadata,
    Column("key", Text, primary_key=True, comment="install, then the platform's event id"),
    Column("seen_at", Instant, nullable=False, index=True),
    Column("answer", Text, nullable=False, comment="what was answered, to be answered again"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token", Text, primary_key=True),
    Column("person", Text, comment="whose it is; null: whoever may"),
    Column("command", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("once", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
    Column("result", Text, comment="the sentence that its use was answered with"),
    Column("origin", Text, comment="of a form: where it was opened from; secrets in it are sealed"),
    Column("form", Text, comment="of a form: as it was shown"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Text, primary_key=True, comment="opaque, in the order of making; travels in the message's metadata"),
    Column("key", Text, nullable=False, unique=True, comment="the same key twice is one row"),
    Column("topic", Text, nullable=False),
    Column("operation", Text, nullable=False, comment="post, update, delete, home"),
    Column("install", Text, nullable=False),
    Column("person", Text, comment="for whom; the address is theirs when `address` names no conversation"),
    Column("lane", Text, nullable=False, comment="what is kept in order together, across processes too"),
    Column("address", Text, nullable=False, comment="JSON of Address; secrets in it are encrypted"),
    Column("body", Text, nullable=False, comment="JSON of Reply"),
    Column("after", Text, comment="the key of the post that this one edits; waits until that is settled"),
    Column(
        "state",
        Text,
        nullable=False,
        comment="waiting, claimed, sending, unsure (being reconciled); and for good: sent, failed, expired, unknown, "
        "withdrawn",
    ),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("retry_at", Instant, comment="not before this, because the platform said so or a try failed"),
    Column("expires_at", Instant),
    Column("claimed_by", Text, comment="a process; set exactly while claimed, sending or unsure"),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("settled_at", Instant, comment="set exactly when the state is for good"),
    Column("sent_as", Text, comment="JSON of the message's own Address, for later edits"),
    Column("error", Text),
)
# Partial indexes, so that the rows that are done (nearly all of them, in time) cost nothing. Their conditions are
# `IS NULL` tests because SQLite uses a partial index only where a query repeats its condition word for word.
_open = outbox.c.settled_at.is_(None)
_waiting = and_(outbox.c.claimed_by.is_(None), _open)
_retrying = and_(outbox.c.retry_at.is_not(None), _waiting)
_claimed = outbox.c.claimed_by.is_not(None)
Index("ix_outbox_due", outbox.c.due_at, outbox.c.id, sqlite_where=_waiting, postgresql_where=_waiting)
Index("ix_outbox_retry", outbox.c.retry_at, sqlite_where=_retrying, postgresql_where=_retrying)
Index("ix_outbox_lease", outbox.c.lease_until, sqlite_where=_claimed, postgresql_where=_claimed)
Index("ix_outbox_lane", outbox.c.lane, outbox.c.due_at, sqlite_where=_open, postgresql_where=_open)

# ---------------------------------------------------------------- what people promise and tell each other

actions = Table(
    "actions",
    metadata,
    Column("id", Text, primary_key=True, comment="of this version"),
    Column("action", Text, nullable=False, comment="the same in all its versions"),
    Column("version", Integer, nullable=False),
    Column("owner", ForeignKey("people.id"), nullable=False, comment="who promised it"),
    Column("author", ForeignKey("people.id"), nullable=False, comment="who wrote it down"),
    Column("about", ForeignKey("people.id"), comment="for whom a manager owes it; null: it is about its owner"),
    Column("text", Text, nullable=False),
    Column("worded_by", ForeignKey("people.id"), nullable=False, comment="whose words the text is"),
    Column("due", Date, comment="in the owner's own zone; null: no day was said"),
    Column("state", Text, nullable=False, comment="open, done, dropped"),
    Column("shared", Boolean, nullable=False, comment="their manager sees it too; else its owner alone"),
    Column("source", Text, nullable=False, comment="what it came from: chat, checkin, meeting, deal, message"),
    Column("source_id", Text, comment="there"),
    Column("made_at", Instant, nullable=False, comment="of the first version"),
    Column("recorded_at", Instant, nullable=False, comment="of this version"),
    Column("recorded_by", ForeignKey("people.id"), nullable=False),
    Column("replaced_at", Instant, comment="a later version holds since"),
    UniqueConstraint("action", "version"),
    Index("ix_actions_source", "source", "source_id"),
    comment="versions: each change, a moved day or the end among them, is a further one",
)
_standing_action = actions.c.replaced_at.is_(None)
Index(
    "ix_actions_owner",
    actions.c.owner,
    actions.c.state,
    actions.c.due,
    sqlite_where=_standing_action,
    postgresql_where=_standing_action,
)
Index(
    "ix_actions_about",
    actions.c.about,
    actions.c.state,
    sqlite_where=_standing_action,
    postgresql_where=_standing_action,
)

question_sets = Table(
    "question_sets",
    metadata,
    Column("id", Text, primary_key=True, comment="of this version"),
    Column("unit", ForeignKey("units.id"), index=True, comment="null: the company's"),
    Column("version", Integer, nullable=False),
    Column("questions", JSON, nullable=False, comment="in their order, as the settings hold them"),
    Column("set_by", Text, comment="a person; null: the settings"),
    Column("set_at", Instant, nullable=False),
    Column("replaced_at", Instant, comment="a later version holds since"),
)

checkins = Table(
    "checkins",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False),
    Column("day", Date, nullable=False, comment="on which it was asked for or begun, in their own zone"),
    Column("question_set", ForeignKey("question_sets.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("asked_at", Instant, comment="null: begun by themselves"),
    Column("due_at", Instant, comment="later than this is late"),
    Column("measure", Text, comment="what commit and best case are of"),
    Column("period_first", Date, comment="and for which period"),
    Column("period_last", Date),
    Column("missed", JSON, comment="the commit that was missed: of which check-in, what was said, what it came to"),
    Column("submitted_at", Instant, comment="or handed on to the manager of now; null: not given to anybody yet"),
    Column("late", Boolean),
    Column(
        "manager",
        ForeignKey("people.id"),
        comment="to whom it was given, or who was named as its reader; null: there was nobody",
    ),
    Column("told_at", Instant, comment="when the manager was told of it"),
    Column("skipped_at", Instant, comment="they said: not this time"),
    UniqueConstraint("person", "day"),
    Index("ix_checkins_manager", "manager", "submitted_at"),
)
_untold = checkins.c.told_at.is_(None)
Index("ix_checkins_untold", checkins.c.submitted_at, sqlite_where=_untold, postgresql_where=_untold)

checkin_answers = Table(
    "checkin_answers",
    metadata,
    Column("id", Text, primary_key=True, comment="of this version"),
    Column("checkin", ForeignKey("checkins.id"), nullable=False),
    Column("question", Text, nullable=False, comment="its key in the check-in's question set"),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("number", BigInteger, comment="1 to 5, a count, or minor units of the plan's currency"),
    Column("at", Instant, nullable=False),
    Column("replaced_at", Instant, comment="a later version holds since"),
    UniqueConstraint("checkin", "question", "version"),
)

checkin_remarks = Table(
    "checkin_remarks",
    metadata,
    _id(),
    Column("checkin", ForeignKey("checkins.id"), nullable=False, index=True),
    Column("author", ForeignKey("people.id"), nullable=False),
    Column("kind", Text, nullable=False, comment="comment, thanks, flag (for the one-to-one)"),
    Column("text", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Column("told_at", Instant),
    Column("settled_at", Instant, comment="of a flag: it was talked about"),
)

checkin_shares = Table(
    "checkin_shares",
    metadata,
    Column("checkin", ForeignKey("checkins.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True, comment="who may read it too: a later manager"),
    Column("at", Instant, nullable=False),
    Column("taken_back_at", Instant),
)

# ---------------------------------------------------------------- meetings

meetings = Table(
    "meetings",
    metadata,
    _id(),
    Column("organiser", ForeignKey("people.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="one_to_one, sales"),
    Column("day", Date, nullable=False, comment="of the first one, on the wall of its zone"),
    Column("at", Time, nullable=False, comment="on the wall of its zone"),
    Column("zone", Text, nullable=False),
    Column("minutes", Integer, nullable=False, comment="how long"),
    Column("rule", Text, comment="RFC 5545's RRULE; null: once"),
    Column("lead", Integer, nullable=False, comment="minutes before the start at which it is reminded of; 0: never"),
    Column("source", Text, nullable=False, comment="chat, ics"),
    Column("uid", Text, nullable=False, index=True, comment="calendars' name for it"),
    Column("feed", Text, index=True, comment="that it came from"),
    Column("sequence", Integer, nullable=False, comment="RFC 5545: grows with what invited people should hear of"),
    Column("version", Integer, nullable=False, comment="grows with every change"),
    Column("look_at", Instant, comment="when its reminders are to be planned next; null: it is over"),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("cancelled_at", Instant),
)
_held = meetings.c.cancelled_at.is_(None)
Index("ix_meetings_look", meetings.c.look_at, sqlite_where=_held, postgresql_where=_held)

meeting_people = Table(
    "meeting_people",
    metadata,
    _id(),
    Column("meeting", ForeignKey("meetings.id"), nullable=False, index=True),
    Column("person", ForeignKey("people.id"), index=True, comment="null: a unit's members, whoever they are then"),
    Column("unit", ForeignKey("units.id"), index=True),
    Column("invited_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

meeting_exceptions = Table(
    "meeting_exceptions",
    metadata,
    Column("meeting", ForeignKey("meetings.id"), primary_key=True),
    Column("day", Date, primary_key=True, comment="that the rule gave it: its name for ever"),
    Column("new_day", Date, comment="null: it does not take place"),
    Column("new_at", Time),
    Column("minutes", Integer, comment="null: as long as the others"),
    Column("by", ForeignKey("people.id")),
    Column("made_at", Instant, nullable=False),
    comment="single times of a series that were moved or cancelled",
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False, index=True, comment="whose calendar it is"),
    Column("address", Text, nullable=False, comment="sealed: who knows it may read the calendar"),
    Column("mark", Text, nullable=False, comment="the same for the same address, and says nothing of it"),
    Column("host", Text, nullable=False),
    Column("name", Text, nullable=False, comment="as the calendar calls itself"),
    Column("persons", JSON, nullable=False, comment="who is invited to what names nobody"),
    Column("units", JSON, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Column("look_at", Instant, comment="when it is read next; null: never again"),
    Column("looked_at", Instant),
    Column("read_at", Instant, comment="the last time that all went well"),
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False, comment="its Last-Modified"),
    Column("digest", Text, nullable=False, comment="of the content that was taken last"),
    Column("failures", Integer, nullable=False, comment="in a row"),
    Column("problem", Text, comment="what is wrong now, as a sentence"),
    Column("told_at", Instant, comment="when its owner was told of the problem"),
    Column("report", JSON, nullable=False, comment="what it holds: how many are taken and left out, and why"),
)
_to_be_read = calendar_feeds.c.removed_at.is_(None)
Index("ix_calendar_feeds_look", calendar_feeds.c.look_at, sqlite_where=_to_be_read, postgresql_where=_to_be_read)

agenda_items = Table(
    "agenda_items",
    metadata,
    _id(),
    Column("meeting", ForeignKey("meetings.id"), nullable=False),
    Column("day", Date, nullable=False, comment="which time of it: the day that the rule gave"),
    Column("author", ForeignKey("people.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("removed_at", Instant),
    Index("ix_agenda_items_meeting", "meeting", "day"),
)

minutes = Table(
    "minutes",
    metadata,
    _id(),
    Column("meeting", ForeignKey("meetings.id"), nullable=False),
    Column("day", Date, nullable=False, comment="which time of it: the day that the rule gave"),
    Column("author", ForeignKey("people.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("voided_at", Instant),
    Index("ix_minutes_meeting", "meeting", "day"),
)

one_to_one_items = Table(
    "one_to_one_items",
    metadata,
    _id(),
    Column("manager", ForeignKey("people.id"), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False, comment="who reports to that manager"),
    Column("author", ForeignKey("people.id"), nullable=False),
    Column("kind", Text, nullable=False, comment="point (of the agenda), note"),
    Column("text", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("shared_at", Instant, comment="the other reads it five minutes later; null: for its author alone"),
    Column("seen_at", Instant, comment="when the other was shown it first"),
    Column("done_at", Instant, comment="of a point: it was talked about"),
    Column("removed_at", Instant),
    Index("ix_one_to_one_items_person", "person", "manager"),
    Index("ix_one_to_one_items_author", "author"),
)

one_to_ones = Table(
    "one_to_ones",
    metadata,
    Column("id", Text, primary_key=True, comment="a meeting with its day, or a token of its own"),
    Column("manager", ForeignKey("people.id"), nullable=False),
    Column("person", ForeignKey("people.id"), nullable=False, comment="who reports to that manager"),
    Column("at", Instant, nullable=False, comment="when it was over"),
    Index("ix_one_to_ones_manager", "manager", "person", "at"),
    comment="those that took place",
)

# ---------------------------------------------------------------- what is said unasked

schedules = Table(
    "schedules",
    metadata,
    _id(),
    Column("topic", Text, nullable=False),
    Column("unit", ForeignKey("units.id"), comment="null: the company's"),
    Column("rule", Text, comment="in words; null: turned off"),
    Column("since", Instant, nullable=False),
    Column("set_by", Text, comment="a person; null: the settings"),
    Index("ix_schedules_topic", "topic", "since"),
    comment="versions: each holds from its instant on, until the next one of the same topic and unit",
)

slots_planned = Table(
    "slots_planned",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("place", Text, primary_key=True, comment="zone, country and schedule that its people share"),
    Column("at", Instant, nullable=False),
    comment="what was planned whole, so that it is not gone through again at each look",
)

notices = Table(
    "notices",
    metadata,
    _id(),
    Column(
        "key", Text, nullable=False, unique=True, comment="topic, subject, recipient, slot: the same twice is one row"
    ),
    Column("topic", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="whom or what it is about; often the recipient"),
    Column("person", ForeignKey("people.id"), nullable=False, comment="the recipient"),
    Column("slot", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("until", Instant, nullable=False, comment="how long it is worth sending"),
    Column("look_at", Instant, nullable=False, comment="when the gate is asked next"),
    Column("state", Text, nullable=False, comment="planned; for good: said, nothing, withheld, withdrawn"),
    Column("reason", Text, comment="why it waits or was not said"),
    Column("said_as", Text, comment="the key of the outbox row that says it"),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Index("ix_notices_person", "person", "due_at"),
)
_to_be_said = notices.c.settled_at.is_(None)
Index("ix_notices_look", notices.c.look_at, notices.c.person, sqlite_where=_to_be_said, postgresql_where=_to_be_said)
Index("ix_notices_subject", notices.c.topic, notices.c.subject, sqlite_where=_to_be_said, postgresql_where=_to_be_said)
_settled = notices.c.settled_at.is_not(None)
Index("ix_notices_settled", notices.c.settled_at, sqlite_where=_settled, postgresql_where=_settled)

spoken = Table(
    "spoken",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("day", Date, primary_key=True, comment="the person's own"),
    Column("messages", Integer, nullable=False, comment="that the day's cap counts"),
    Column("digests", Integer, nullable=False),
)

mutes = Table(
    "mutes",
    metadata,
    _id(),
    Column("person", ForeignKey("people.id"), nullable=False, index=True),
    Column("topic", Text, nullable=False, comment="or * for all"),
    Column("until", Instant, comment="null: until they say otherwise"),
    Column("set_at", Instant, nullable=False),
    Column("lifted_at", Instant),
)

preferences = Table(
    "preferences",
    metadata,
    Column("person", ForeignKey("people.id"), primary_key=True),
    Column("quiet_from", Time),
    Column("quiet_to", Time),
    Column("cap", Integer, comment="unprompted messages a day"),
    Column("extra", JSON, nullable=False, comment="topic -> true: turned on where it is off by default"),
    Column("wins", Text, comment="public, private or none, as chosen for a win last; null: never"),
    Column("boards", Boolean, comment="false: on nobody else's leaderboard; null: never chosen"),
    Column("changed_at", Instant, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True, comment="of what one process at a time does"),
    Column("owner", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

# ---------------------------------------------------------------- wins that were made known

wins = Table(
    "wins",
    metadata,
    Column("deal", ForeignKey("deals.id"), primary_key=True, comment="one announcement for one deal"),
    Column("state", Text, nullable=False, comment="asked, held, kept, announced, gone"),
    Column("visibility", Text, comment="public, private, none, as chosen for this one; null: nobody chose"),
    Column(
        "asked", ForeignKey("people.id"), comment="who told of it first; once that was said, who said who hears of it"
    ),
    Column("story", Text, nullable=False, server_default=""),
    Column("story_by", ForeignKey("people.id"), comment="whose words the story is; null: there is none"),
    Column("claimed", Boolean, nullable=False, comment="as it was when it was heard of last"),
    Column("digest", Text, comment="of what was announced last; null: nothing was"),
    Column("revision", Integer, nullable=False, server_default="0", comment="edits of what was announced"),
    Column("heard_at", Instant, nullable=False),
    Column("announced_at", Instant),
    Column("gone_at", Instant, comment="won no more"),
)

win_helpers = Table(
    "win_helpers",
    metadata,
    _id(),
    Column("deal", ForeignKey("deals.id"), nullable=False, index=True),
    Column("person", ForeignKey("people.id"), nullable=False),
)

win_posts = Table(
    "win_posts",
    metadata,
    _id(),
    Column("deal", ForeignKey("deals.id"), nullable=False),
    Column("install", Text, nullable=False),
    Column("conversation", Text, nullable=False, comment="for one person's own: their id behind an @"),
    Column("person", ForeignKey("people.id"), index=True, comment="who alone reads it there; null: a channel"),
    Column("key", Text, nullable=False, unique=True, comment="of the outbox row that posts it"),
    Column("sent_as", Text, comment="JSON of its address, kept when that row is pruned"),
    UniqueConstraint("deal", "install", "conversation"),
    comment="where a win was announced or told privately, so that a correction edits it there",
)

milestones = Table(
    "milestones",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True, comment="each is said once"),
    Column("kind", Text, nullable=False, comment="first, best, quota, streak, team"),
    Column("deal", ForeignKey("deals.id"), nullable=False, index=True, comment="that reached it"),
    Column("person", ForeignKey("people.id")),
    Column("unit", ForeignKey("units.id")),
    Column("value", Integer, comment="weeks in a row; months"),
    Column("reached_at", Instant, nullable=False),
    Column("gone_at", Instant, comment="its deal is won no more"),
)

# ---------------------------------------------------------------- thanks

kudos = Table(
    "kudos",
    metadata,
    _id(),
    Column("giver", ForeignKey("people.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("value", Text, nullable=False, comment="the key of one of the company's values"),
    Column("private", Boolean, nullable=False, comment="only giver and receivers see it"),
    Column("day", Date, nullable=False, comment="in the giver's own zone: its month's allowance pays for it"),
    Column("given_at", Instant, nullable=False),
    Column("posts", JSON, nullable=False, comment="keys of the outbox rows that post it to channels"),
    Column("taken_back_at", Instant),
    Index("ix_kudos_giver", "giver", "day"),
    Index("ix_kudos_day", "day"),
)

kudos_people = Table(
    "kudos_people",
    metadata,
    Column("kudos", ForeignKey("kudos.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True, index=True, comment="who is thanked"),
)

# ---------------------------------------------------------------- the house

jobs = Table(
    "jobs",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, comment="waiting, running, done, failed"),
    Column("person", Text, comment="who asked"),
    Column("data", JSON, nullable=False),
    Column("cursor", JSON),
    Column("created_at", Instant, nullable=False),
    Column("claimed_by", Text),
    Column("lease_until", Instant),
    Column("settled_at", Instant),
    Column("error", Text),
)

files = Table(
    "files",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("media", Text, nullable=False, server_default=""),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("content", LargeBinary, nullable=False),
    Column("person", ForeignKey("people.id"), comment="who gave it, or for whom it was made"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    comment="files that came in and wait to be applied, or were made and wait to be fetched",
)

audit_log = Table(
    "audit_log",
    metadata,
    _id(),
    Column("at", Instant, nullable=False, index=True),
    Column("person", Text),
    Column("install", Text),
    Column("event", Text, nullable=False),
    Column("details", JSON, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
