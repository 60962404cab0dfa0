"""My week on my own page: what I planned and have not confirmed, next steps that are due, the week, my last ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers.conversation.reply import Buttons, Form, Part, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from handlers.figures.activity_words import next_line, one_line
from handlers.log import buttons, change, form, listing
from handlers.log.parse import Entry, parse
from handlers.log.vocabulary import vocabulary_of
from storage import activities
from storage.activities import Activity
from storage.database import Transaction

FIRST: Final = 3
"""Of each; `/log list` shows more."""
DUE_FOR: Final = timedelta(days=14)
"""How long a next step is still shown after its day."""


def home(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """For who neither logs nor is expected to only the way to do so."""
    done = activities.latest(tx, request.actor.person, 1)
    log = Buttons(tuple(buttons.lasting(request, tx, [("Log an activity", "new", {})])))
    if not done and "rep" not in request.actor.roles:
        return (log,)
    _, week = listing.week(request, tx)
    _, recent = listing.recent(request, tx, FIRST)
    return (*_planned(request, tx), *_due(request, tx), *week, log, *recent)


def _planned(request: Request, tx: Transaction) -> list[Part]:
    """Whose day has come."""
    days = Days.of(request.basis)
    found = activities.planned_until(tx, request.actor.person, days.today, FIRST)
    parts: list[Part] = [Text("Did it happen?", style="strong")] if found else []
    for activity in found:
        line = one_line(activity, days)
        data = {"entry": activity.entry}
        offered = buttons.lasting(
            request, tx, [("It happened", "confirm", data), ("Edit", "edit", data), ("Remove", "remove", data)]
        )
        parts += [Text(line[0].upper() + line[1:]), Buttons(tuple(offered))]
    return parts


def _due(request: Request, tx: Transaction) -> list[Part]:
    """Next steps whose day has come, until something is logged with that account."""
    days = Days.of(request.basis)
    found = activities.next_due(tx, request.actor.person, days.today - DUE_FOR, days.today, FIRST)
    parts: list[Part] = [Text("Next steps due", style="strong")] if found else []
    for activity in found:
        data = {"entry": activity.entry}
        offered = buttons.lasting(request, tx, [("Log it", "follow", data), ("Edit", "edit", data)])
        who = activity.account_name or activity.account_text
        line = next_line(activity, days)
        parts += [Text(f"{who}: {line}" if who else line[0].upper() + line[1:]), Buttons(tuple(offered))]
    return parts


def follow_button(request: Request, tx: Transaction) -> Outcome:
    """*Log it* beside a next step: the form, filled with what it says."""
    return Outcome(form=_form(request, tx, change.standing(request, tx)))


def _form(request: Request, tx: Transaction, before: Activity) -> Form:
    words, vocabulary = before.next_text or "", vocabulary_of(request.company)
    read = parse(words, now=request.basis.now, names=request.basis.names, vocabulary=vocabulary)
    first = read.activities[0] if read.activities else None
    entry = Entry(
        kind=first.kind if first else None,
        date=request.basis.now.date(),
        account=before.account_name,
        account_text=before.account_text,
        contacts=before.contacts,
    )
    return form.from_message(request, tx, entry, words, vocabulary)
