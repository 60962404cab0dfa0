"""What `/log` asks when a line leaves something open, and how it goes on from the answer.

What was understood so far waits in a draft; the answer comes by button or in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec

from handlers.conversation import questions
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed
from handlers.language.dates import Reading, day_at
from handlers.language.names import NameIndex
from handlers.language.tokens import Line
from handlers.log import buttons
from handlers.log.parse import Entry, Understood, Vocabulary, parse
from handlers.log.vocabulary import vocabulary_of
from storage import drafts
from storage.database import Transaction
from storage.drafts import Draft


@dataclass(frozen=True, slots=True)
class Settled:
    """The entries with the answer in them."""

    entries: tuple[Entry, ...]
    said: str


def first(request: Request, tx: Transaction, entries: list[Entry], said: str) -> Reply | None:
    """The first open question of these entries, or None when nothing is open."""
    for index, entry in enumerate(entries):
        if entry.choices:
            name = entry.account_text or "account"
            ask = f"Which {name} do you mean: {listed(entry.choices, 'or')}?"
            labels = [*entry.choices, "None of these"]
            return _ask(request, tx, entries, said, ask, labels, {"index": index, "what": "account"})
        if entry.kind is None:
            return _ask_kind(request, tx, entries, said, index, "What was it?")
        if entry.date_choices:
            days = Days.of(request.basis)
            labels = ["today" if choice == days.today else days.on(choice, year=True) for choice in entry.date_choices]
            ask = f"Which day do you mean: {listed(labels, 'or')}?"
            if entry.no_date:
                ask = f"“{entry.no_date}” is no date. {ask}"
            return _ask(request, tx, entries, said, ask, labels, {"index": index, "what": "date"})
    return None


def looks_like_a_win(request: Request, tx: Transaction, read: Understood) -> Reply:
    """A won deal is no activity: nothing is stored unless the person says what they did."""
    what = " ".join(read.text.split())
    sentence = (
        "That reads like a won deal rather than an activity, so nothing is stored yet: "
        f"“/deal {what}” is the line for it. Is there an activity to log as well?"
    )
    return _ask_kind(request, tx, list(read.activities), read.text, 0, sentence)


_NOT_DONE = re.compile(
    r"^\s*(?:i\s+)?(?:didn['’]?t|did not|cancell?ed|postponed|rescheduled)\b"
    r"|\b(?:cancell?ed|postponed|rescheduled|called off|did not happen|didn['’]?t happen)\W*$",
    re.IGNORECASE,
)


def reads_as_not_done(text: str) -> bool:
    """The line says that it did not take place."""
    return _NOT_DONE.search(text) is not None


def did_it_happen(request: Request, tx: Transaction, entries: list[Entry], said: str) -> Reply:
    """What did not take place is no activity: it is stored only if the person says so."""
    ask = "That reads as if it did not take place. Log it anyway?"
    return _ask(request, tx, entries, said, ask, ["Log it anyway"], {"index": 0, "what": "sure"})


def nothing_found(text: str) -> Reply:
    """No part of the line says what was done."""
    sentence = f"I found nothing to log in “{text}”. Say what you did and with whom, for example “/log call Acme”."
    return Reply(text=sentence)


def _ask_kind(request: Request, tx: Transaction, entries: list[Entry], said: str, index: int, ask: str) -> Reply:
    kinds = vocabulary_of(request.company).kinds
    labels = [kind.replace("_", " ").capitalize() for kind in kinds]
    return _ask(request, tx, entries, said, ask, labels, {"index": index, "what": "kind", "kinds": list(kinds)})


def _ask(
    request: Request,
    tx: Transaction,
    entries: list[Entry],
    said: str,
    ask: str,
    labels: list[str],
    asking: dict[str, Any],
) -> Reply:
    data = {"entries": [msgspec.to_builtins(entry) for entry in entries], **asking}
    return questions.ask(request, tx, buttons.ISSUER, ask, labels, said=said, data=data)


def pressed(request: Request, tx: Transaction) -> Settled | Reply:
    """The option that was chosen, put into the draft's entries."""
    draft = questions.pressed(request, tx)
    if isinstance(draft, Reply):
        return draft
    entry = _asked_entry(draft.data)
    number = _offered(request.value, draft.data, entry)
    match draft.data["what"]:
        case "account":
            none = number >= len(entry.choices)
            entry = replace(entry, account=None if none else entry.choices[number], choices=())
        case "kind":
            entry = replace(entry, kind=draft.data["kinds"][number])
        case "sure":
            pass
        case _:
            entry = _on_day(entry, entry.date_choices[number], request)
    return _with_answer(draft.data, entry)


def _offered(value: str, data: dict[str, Any], entry: Entry) -> int:
    most = {"account": len(entry.choices) + 1, "kind": len(data.get("kinds", ())), "sure": 1}.get(
        data["what"], len(entry.date_choices)
    )
    if not (value.isascii() and value.isdecimal() and len(value) < 4 and int(value) < most):
        raise ButtonUnknown
    return int(value)


def typed(request: Request, tx: Transaction) -> Settled | Reply | None:
    """The answer in words: a name among the choices, a kind, a day, the number of an option, or that it does not matter
    any more. None for anything else."""
    draft = questions.typed(request, tx)
    if not isinstance(draft, Draft):
        return draft
    entry = _asked_entry(draft.data)
    words = request.text.strip().removeprefix("the ").strip()
    number = questions.number_typed(words)
    if draft.data["what"] == "account":
        name = (
            entry.choices[number] if 0 <= number < len(entry.choices) else NameIndex(entry.choices).resolve(words).name
        )
        answered = replace(entry, account=name, choices=()) if name else None
    elif draft.data["what"] == "kind":
        kind = _kind_in(words, number, draft.data["kinds"], request, vocabulary_of(request.company))
        answered = replace(entry, kind=kind) if kind else None
    elif 0 <= number < len(entry.date_choices):
        answered = _on_day(entry, entry.date_choices[number], request)
    elif draft.data["what"] == "date" and (day := _day_in(words, entry, request)):
        answered = _on_day(entry, day, request)
    else:
        answered = None
    if answered is None:
        return None
    drafts.settle(tx, draft.id, request.now)
    return _with_answer({**draft.data, "said": f"{draft.data['said']} ({words})"}, answered)


def _kind_in(words: str, number: int, kinds: list[str], request: Request, vocabulary: Vocabulary) -> str | None:
    if 0 <= number < len(kinds):
        return kinds[number]
    read = parse(words, now=request.basis.now, names=request.basis.names, vocabulary=vocabulary)
    if len(read.activities) != 1:
        return None
    entry = read.activities[0]
    # Anything besides the kind makes it a line of its own, which must not vanish in an older one.
    alone = Entry(kind=entry.kind, date=request.basis.now.date())
    return entry.kind if entry == alone else None


def _day_in(words: str, entry: Entry, request: Request) -> date | None:
    """A day, and nothing besides."""
    line = Line(words)
    now = request.basis.now.replace(tzinfo=None)
    reading = Reading(now, future=entry.planned, order=request.basis.date_order)
    day = day_at(line, 0, reading, line.count) if line.count else None
    return day.day if day is not None and day.stop == line.count else None


def _on_day(entry: Entry, day: date, request: Request) -> Entry:
    return replace(entry, date=day, date_choices=(), no_date=None, planned=day > request.basis.now.date())


def _asked_entry(data: dict[str, Any]) -> Entry:
    return msgspec.convert(data["entries"][data["index"]], Entry)


def _with_answer(data: dict[str, Any], answered: Entry) -> Settled:
    entries = [msgspec.convert(raw, Entry) for raw in data["entries"]]
    asked = entries[data["index"]]
    entries[data["index"]] = answered
    if asked.no_date and not answered.no_date:
        # One day was said of several activities: it is asked for once.
        entries = [
            replace(entry, date=answered.date, planned=answered.planned, date_choices=(), no_date=None)
            if entry.no_date == asked.no_date
            else entry
            for entry in entries
        ]
    return Settled(tuple(entries), data["said"])
