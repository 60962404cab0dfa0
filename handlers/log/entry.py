"""What a `/log` line was understood to say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

OUTCOMES: Final = ("connected", "no_answer", "voicemail", "positive", "negative", "booked")
"""How an activity may have gone."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes after; its date and time are the person's own."""

    text: str
    date: dt.date | None = None
    time: dt.time | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity. Dates and times are on the person's own clock; `amount` is in units of `currency`."""

    kind: str | None
    date: dt.date
    count: int = 1
    account: str | None = None
    """A known account's own name."""
    account_text: str | None = None
    """The words that stand for the account, as typed; also when several fit, or none."""
    contacts: tuple[str, ...] = ()
    time: dt.time | None = None
    planned: bool = False
    """Later than now: it is yet to happen."""
    minutes: int | None = None
    amount: Decimal | None = None
    currency: str | None = None
    """None where none was said: the plan's then holds."""
    outcome: str | None = None
    tags: tuple[str, ...] = ()
    note: str | None = None
    next: NextStep | None = None
    choices: tuple[str, ...] = ()
    """The known accounts that fit, when several do."""
    date_choices: tuple[dt.date, ...] = ()
    """Both readings of a numeric date that is as likely meant the other way round; or what may have been meant where
    `no_date` is none."""
    no_date: str | None = None
    """The words, as typed, that name a day which does not exist: `31 feb`."""

    @property
    def needs(self) -> tuple[str, ...]:
        """What must be asked before it can be kept: kind, account, date."""
        asked = []
        if self.kind is None:
            asked.append("kind")
        if self.choices:
            asked.append("account")
        if self.date_choices:
            asked.append("date")
        return tuple(asked)


@dataclass(frozen=True, slots=True)
class Understood:
    """A whole line. `win`: it reads like a won deal, and the one entry then only holds what was said of it."""

    text: str
    activities: tuple[Entry, ...] = field(default=())
    win: bool = False
    opens: bool = False
    """Nothing but small words, a count or a day stands before the kind of the first one."""

    @property
    def needs(self) -> tuple[str, ...]:
        """What must be asked, over all activities. A won deal needs no kind: it is no activity."""
        asked = _unique(need for entry in self.activities for need in entry.needs)
        return tuple(need for need in asked if not (self.win and need == "kind"))

    @property
    def choices(self) -> tuple[str, ...]:
        """The accounts that fit, over all activities."""
        return _unique(choice for entry in self.activities for choice in entry.choices)

    def as_data(self) -> dict[str, Any]:
        """What `pacer parse log` prints: JSON's own types only."""
        return {
            "text": self.text,
            "activities": [_entry_data(entry) for entry in self.activities],
            "needs": list(self.needs),
            "choices": list(self.choices),
        }


def _entry_data(entry: Entry) -> dict[str, Any]:
    step = entry.next
    return {
        "kind": entry.kind,
        "count": entry.count,
        "account": entry.account,
        "account_text": entry.account_text,
        "contacts": list(entry.contacts),
        "date": entry.date.isoformat(),
        "time": _clock(entry.time),
        "planned": entry.planned,
        "minutes": entry.minutes,
        "amount": None if entry.amount is None else format(entry.amount, "f"),
        "currency": entry.currency,
        "outcome": entry.outcome,
        "tags": list(entry.tags),
        "note": entry.note,
        "next": None
        if step is None
        else {
            "text": step.text,
            "date": None if step.date is None else step.date.isoformat(),
            "time": _clock(step.time),
        },
    }


def _clock(at: dt.time | None) -> str | None:
    return None if at is None else at.strftime("%H:%M")


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
