"""From understood entries to rows, and what the person reads of them."""

from __future__ import annotations

from datetime import timedelta

from handlers.conversation.reply import Buttons, Facts, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from handlers.figures.activity_words import one_line
from handlers.log import buttons, questions
from handlers.log.card import details
from handlers.log.parse import Entry
from handlers.numbers.money import to_minor
from storage import accounts, activities
from storage.activities import Activity
from storage.database import Transaction
from storage.tables import new_id


def ask_or_record(request: Request, tx: Transaction, entries: list[Entry], said: str) -> Outcome:
    """Ask for the first thing that is missing; when nothing is, keep them all."""
    asked = questions.first(request, tx, entries, said)
    if asked is not None:
        return Outcome(reply=asked)
    line = new_id()
    kept = [to_activity(request, tx, entry, said, line) for entry in entries]
    activities.record(tx, kept, author=request.actor.person, at=request.now)
    remember_contacts(request, tx, kept)
    return Outcome(reply=logged(request, tx, kept))


def to_activity(request: Request, tx: Transaction, entry: Entry, said: str, line: str) -> Activity:
    """The row that an understood entry becomes. A currency that was not said is the plan's."""
    assert entry.kind is not None
    account = accounts.named(tx, entry.account) if entry.account else None
    currency = (entry.currency or request.company.currency) if entry.amount is not None else None
    following = entry.next
    return Activity(
        entry=new_id(),
        line=line,
        person=request.actor.person,
        kind=entry.kind,
        count=entry.count,
        account=account.id if account else None,
        account_name=account.name if account else None,
        account_text=entry.account_text,
        contacts=entry.contacts,
        day=entry.date,
        time=entry.time,
        zone=request.basis.zone.key,
        planned=entry.planned,
        minutes=entry.minutes,
        amount_minor=to_minor(entry.amount, currency) if entry.amount is not None and currency else None,
        currency=currency,
        outcome=entry.outcome,
        tags=entry.tags,
        note=entry.note,
        next_text=following.text or None if following else None,
        next_day=following.date if following else None,
        next_time=following.time if following else None,
        said=said,
    )


def remember_contacts(request: Request, tx: Transaction, kept: list[Activity]) -> None:
    """Who was met is remembered on the account."""
    for activity in kept:
        if activity.account is not None and activity.contacts:
            accounts.remember_contacts(tx, activity.account, activity.contacts, request.now)


def logged(request: Request, tx: Transaction, kept: list[Activity], verb: str = "Logged") -> Reply:
    """What was understood, with *Undo* and *Edit*."""
    days = Days.of(request.basis)
    parts: list[Part] = []
    sentences: list[str] = []
    for activity in kept:
        line = f"{'Planned' if activity.planned else verb}: {one_line(activity, days)}"
        parts.append(Text(line, style="strong"))
        rows = details(activity, days)
        if rows:
            parts.append(Facts(rows))
        sentences.append(". ".join((line, *(f"{row.label}: {row.value}" for row in rows))) + ".")
    unknown = next((a.account_text for a in kept if a.account is None and a.account_text), "")
    for hint in _hints(kept, unknown):
        parts.append(Text(hint, style="quiet"))
        sentences.append(hint)
    parts.append(_buttons(request, tx, kept, unknown))
    return Reply(text=" ".join(sentences), parts=tuple(parts))


def _hints(kept: list[Activity], unknown: str) -> list[str]:
    hints = []
    if any(activity.planned for activity in kept):
        hints.append("It counts once you say that it happened.")
    if unknown:
        hints.append(f"I know no account called {unknown}, so I kept the words.")
    return hints


def _buttons(request: Request, tx: Transaction, kept: list[Activity], unknown: str) -> Buttons:
    line = kept[0].line
    wanted: list[buttons.Wanted] = []
    for number, activity in enumerate(kept[:4], start=1):
        alone = len(kept) == 1
        if activity.planned:
            wanted.append(("It happened" if alone else f"{number} happened", "confirm", {"entry": activity.entry}))
        wanted.append(("Edit" if alone else f"Edit {number}", "edit", {"entry": activity.entry}))
    if unknown:
        wanted.append((f"Create account {unknown}", "create account", {"line": line, "name": unknown}))
    undo: buttons.Wanted = ("Undo", "undo", {"line": line})
    undo_for = timedelta(minutes=request.company.undo_minutes)
    return Buttons(tuple(buttons.once_and_lasting(request, tx, undo, undo_for, wanted)))
