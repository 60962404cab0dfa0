"""The form of `/log`: empty, filled from a message, or filled with an activity that is to be changed."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import Any

from handlers.conversation.reply import ChoiceField, DateField, Form, Option, TextField, TimeField
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, form_in_words, length, listed
from handlers.figures.activity_words import OUTCOME_WORDS
from handlers.language.amounts import read_amount
from handlers.language.durations import read_minutes
from handlers.log import buttons
from handlers.log.parse import Entry, NextStep, Vocabulary
from handlers.numbers.money import from_minor
from storage.activities import Activity
from storage.database import Transaction

MOST = 999
"""Activities in one go; more is a slip of the finger."""

RARE = {"amount": "", "count": "1", "tags": ""}
"""Fields with what they usually hold."""

_LIST = re.compile(r"\s*(?:,|;|\band\b|&)\s*")


def empty(request: Request, tx: Transaction, vocabulary: Vocabulary, account: str = "") -> Form:
    """Nothing known but the day, and the account where the button names one."""
    values = {"day": request.basis.now.date().isoformat(), "account": account}
    return _form("Log an activity", buttons.token_for(request, tx, "form", {}), values, vocabulary)


def from_message(request: Request, tx: Transaction, entry: Entry | None, text: str, vocabulary: Vocabulary) -> Form:
    """What a message says of an activity; its words become the note."""
    values = _values_of(entry) if entry is not None else {"day": request.basis.now.date().isoformat()}
    values["note"] = text
    token = buttons.token_for(request, tx, "form", {"said": text})
    return _form("Log this", token, values, vocabulary)


def filled(request: Request, tx: Transaction, activity: Activity, vocabulary: Vocabulary) -> Form:
    """An activity as it stands."""
    amount = ""
    if activity.amount_minor is not None and activity.currency is not None:
        amount = _amount(from_minor(activity.amount_minor, activity.currency), activity.currency)
    values = {
        "kind": activity.kind,
        "account": activity.account_name or activity.account_text or "",
        "contacts": ", ".join(activity.contacts),
        "count": str(activity.count),
        "day": activity.day.isoformat(),
        "time": f"{activity.time:%H:%M}" if activity.time else "",
        "minutes": length(activity.minutes) if activity.minutes is not None else "",
        "outcome": activity.outcome or "",
        "amount": amount,
        "next": activity.next_text or "",
        "next_day": activity.next_day.isoformat() if activity.next_day else "",
        "tags": " ".join(f"#{tag}" for tag in activity.tags),
        "note": activity.note or "",
    }
    token = buttons.token_for(request, tx, "form", {"entry": activity.entry})
    return _form("Change an activity", token, values, vocabulary, everything=True)


def _amount(units: Decimal, currency: str | None) -> str:
    """As it is typed: `50,000 USD`, with cents only where there are any."""
    shown = f"{units:,.0f}" if units == units.to_integral_value() else f"{units:,f}"
    return f"{shown} {currency or ''}".strip()


def _values_of(entry: Entry) -> dict[str, str]:
    return {
        "kind": entry.kind or "",
        "account": entry.account or entry.account_text or "",
        "contacts": ", ".join(entry.contacts),
        "count": str(entry.count),
        "day": entry.date.isoformat(),
        "time": f"{entry.time:%H:%M}" if entry.time else "",
        "minutes": length(entry.minutes) if entry.minutes is not None else "",
        "outcome": entry.outcome or "",
        "amount": _amount(entry.amount, entry.currency) if entry.amount is not None else "",
        "next": entry.next.text if entry.next else "",
        "next_day": entry.next.date.isoformat() if entry.next and entry.next.date else "",
        "tags": " ".join(f"#{tag}" for tag in entry.tags),
    }


def _form(title: str, token: str, values: dict[str, str], vocabulary: Vocabulary, *, everything: bool = False) -> Form:
    """A new one without what few have and *Edit* can add, unless it has it: two screens of a phone are enough."""
    value = values.get
    left_out = set() if everything else {name for name, usual in RARE.items() if value(name, usual) == usual}
    kinds = tuple(Option(kind.replace("_", " ").capitalize(), kind) for kind in vocabulary.kinds)
    outcomes = tuple(Option(words.capitalize(), name) for name, words in OUTCOME_WORDS.items())
    fields = (
        ChoiceField("kind", "What was it?", kinds, value("kind", "")),
        TextField("account", "Account", value("account", ""), optional=True, max_length=200),
        TextField("contacts", "With whom", value("contacts", ""), hint="Jane Doe, Tom", optional=True, max_length=500),
        DateField("day", "Day", value("day", "")),
        TimeField("time", "Time", value("time", ""), optional=True),
        TextField("minutes", "How long", value("minutes", ""), hint="45 min, 1h15", optional=True, max_length=40),
        ChoiceField("outcome", "Outcome", outcomes, value("outcome", ""), optional=True),
        TextField("note", "Note", value("note", ""), optional=True, multiline=True),
        TextField("next", "Next step", value("next", ""), hint="send NDA", optional=True, max_length=500),
        DateField("next_day", "Next step on", value("next_day", ""), optional=True),
        TextField("amount", "Amount", value("amount", ""), hint="$50k", optional=True, max_length=40),
        TextField("count", "How many", value("count", "1"), optional=True, max_length=4),
        TextField("tags", "Tags", value("tags", ""), hint="#hot", optional=True, max_length=200),
    )
    return Form(title=title, token=token, fields=tuple(one for one in fields if one.name not in left_out))


def read(request: Request, vocabulary: Vocabulary) -> Entry | dict[str, str]:
    """The entry that the sent form says, or field -> what is wrong with it."""
    values = {name: value.strip() for name, value in request.values.items()}
    problems: dict[str, str] = {}
    kind = values.get("kind", "")
    if kind not in vocabulary.kinds:
        problems["kind"] = f"Choose one: {listed([k.replace('_', ' ') for k in vocabulary.kinds], 'or')}."
    if values.get("outcome", "") not in ("", *OUTCOME_WORDS):
        problems["outcome"] = f"Choose one: {listed(list(OUTCOME_WORDS.values()), 'or')}."
    day = _day(values, "day", problems) or request.basis.now.date()
    at = _time(values, problems)
    account, account_text = _account(values.get("account", ""), request, problems)
    entry: dict[str, Any] = {
        "kind": kind,
        "count": _count(values.get("count", ""), problems),
        "account": account,
        "account_text": account_text,
        "contacts": tuple(name for name in _LIST.split(values.get("contacts", "")) if name),
        "date": day,
        "time": at,
        "planned": _is_later(day, at, request),
        "outcome": values.get("outcome") or None,
        "tags": tuple(tag.strip("#,") for tag in values.get("tags", "").split() if tag.strip("#,")),
        "note": values.get("note") or None,
        "minutes": _minutes(values.get("minutes", ""), problems),
        "next": _next(values, problems),
        "amount": None,
        "currency": None,
        "choices": (),
        "date_choices": (),
    }
    if amount := values.get("amount", ""):
        found = read_amount(amount, currency=request.company.currency)
        if found is None:
            problems["amount"] = f"I cannot read “{amount}” as an amount. Write it like $50k, 12,500 or 75,000 EUR."
        else:
            entry["amount"], entry["currency"] = found
    return problems or Entry(**entry)


def _day(values: dict[str, str], name: str, problems: dict[str, str]) -> date | None:
    text = values.get(name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems[name] = f"“{text}” is no date. Write it like 2026-11-18."
        return None


def _time(values: dict[str, str], problems: dict[str, str]) -> time | None:
    text = values.get("time", "")
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        problems["time"] = f"“{text}” is no time of day. Write it like 15:00."
        return None


def _is_later(day: date, at: time | None, request: Request) -> bool:
    now = request.basis.now
    return day > now.date() or (day == now.date() and at is not None and at > now.time())


def _account(text: str, request: Request, problems: dict[str, str]) -> tuple[str | None, str | None]:
    if not text:
        return None, None
    match = request.basis.names.resolve(text)
    if match.name is None and match.choices:
        problems["account"] = f"Several accounts fit: {listed(match.choices[:6], 'or')}. Write the whole name."
    return match.name, text


def _count(text: str, problems: dict[str, str]) -> int:
    if not text:
        return 1
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        problems["count"] = f"Write a number from 1 to {MOST}."
        return 1
    return int(text)


def _minutes(text: str, problems: dict[str, str]) -> int | None:
    if not text:
        return None
    minutes = read_minutes(text)
    if minutes is None:
        problems["minutes"] = f"I cannot read “{text}” as a length of time. Write it like 45 min, 1h15 or 1.5h."
    return minutes


def _next(values: dict[str, str], problems: dict[str, str]) -> NextStep | None:
    day = _day(values, "next_day", problems)
    text = values.get("next", "")
    return NextStep(text, day, None) if text or day else None


def in_words(values: dict[str, str], days: Days) -> str:
    """What was put into a form, as one line that a person reads: the words that are kept beside the row."""
    said = dict(values)
    said["kind"] = said.get("kind", "").replace("_", " ")
    said["outcome"] = OUTCOME_WORDS.get(said.get("outcome", ""), "")
    said["count"] = "" if said.get("count") == RARE["count"] else said.get("count", "")
    if at := _time(said, {}):
        said["time"] = days.clock(at)
    return form_in_words(said.values(), days)
