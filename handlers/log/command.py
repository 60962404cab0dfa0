"""`/log`: a rep types one line between two calls, and it is kept.

`prepare` reads the line before the transaction (parse.py), `handle` decides; record.py keeps what is clear and
questions.py asks for what is not; change.py takes back and corrects; listing.py shows.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from handlers.conversation.command import Command, Shortcut
from handlers.conversation.company import Company
from handlers.conversation.questions import begins_a_report
from handlers.conversation.reply import Reply
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.route import plain
from handlers.conversation.unclear import near_miss
from handlers.conversation.wording import Days
from handlers.log import buttons, change, form, listing, questions
from handlers.log.home import follow_button, home
from handlers.log.parse import Understood, parse
from handlers.log.record import ask_or_record
from handlers.log.vocabulary import vocabulary_of
from storage.database import Transaction


def prepare(text: str, basis: Basis, company: Company) -> Understood:
    """Read the line; pure, and done before the transaction begins."""
    return parse(
        text,
        now=basis.now,
        names=basis.names,
        vocabulary=vocabulary_of(company),
        date_order=basis.date_order,
        currency=company.currency,
    )


_CHANGE: Final = re.compile(
    r"\s*(?:please\s+|pls\s+|can\s+you\s+)?"
    r"(?:cancel|call\s+off|move|resched\w+|re-schedule|postpone|push\s+(?:back|the|my|our))\s",
    re.I,
)
"""What is asked for, and not what was done: “cancel the meeting with Leo” is no meeting with Leo."""


def surely_meant(read: object) -> bool:
    """A plain sentence is taken for a log line when it holds a kind, somebody it was with, and nothing to ask; or when
    it begins with a kind and names somebody, known or not."""
    if not isinstance(read, Understood) or read.win or "kind" in read.needs or not read.activities:
        return False
    if _CHANGE.match(read.text):
        return False
    if read.opens and not read.text.rstrip().endswith("?") and any(entry.account_text for entry in read.activities):
        return True
    return not read.needs and all(
        entry.account or entry.contacts or entry.count > 1 or entry.outcome for entry in read.activities
    )


def handle(request: Request, tx: Transaction) -> Outcome:
    """`/log`, `/log list`, `/log undo`, or `/log` and what was done."""
    word = plain(request.text)
    if not word:
        return Outcome(form=form.empty(request, tx, vocabulary_of(request.company)))
    if word in ("list", "week"):
        return listing.show(request, tx)
    if word == "undo":
        return change.undo_said(msgspec.structs.replace(request, text=""), tx)
    read = request.prepared
    assert isinstance(read, Understood)
    if _says_nothing(read) and (near := near_miss(word, OWN_WORDS)):
        return near[1](request, tx)
    if not read.activities:
        return Outcome(reply=questions.nothing_found(request.text))
    if read.win:
        return Outcome(reply=questions.looks_like_a_win(request, tx, read))
    if questions.reads_as_not_done(read.text):
        return Outcome(reply=questions.did_it_happen(request, tx, list(read.activities), read.text))
    return ask_or_record(request, tx, list(read.activities), read.text)


OWN_WORDS = {"list": listing.show, "week": listing.show, "undo": change.undo_after_asking}


def _says_nothing(read: Understood) -> bool:
    """One word that is no kind and no known account."""
    return len(read.activities) == 1 and read.needs == ("kind",) and read.activities[0].account is None


def answered(request: Request, tx: Transaction) -> Outcome:
    """A question's button: the draft goes on from there."""
    settled = questions.pressed(request, tx)
    if isinstance(settled, Reply):
        return Outcome(reply=settled)
    return ask_or_record(request, tx, list(settled.entries), settled.said)


def answered_in_words(request: Request, tx: Transaction) -> Outcome | None:
    """Typed words while a question is open; None when they are no answer to it."""
    settled = questions.typed(request, tx)
    if isinstance(settled, Reply):
        return Outcome(reply=settled)
    return None if settled is None else ask_or_record(request, tx, list(settled.entries), settled.said)


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """The form: a new activity, or a further version of the one that it was opened for."""
    entry = form.read(request, vocabulary_of(request.company))
    if isinstance(entry, dict):
        return Outcome(problems=entry)
    if "entry" in request.data:
        return change.change(request, tx, entry)
    said = request.data.get("said") or form.in_words(request.values, Days.of(request.basis))
    return ask_or_record(request, tx, [entry], said)


def new_button(request: Request, tx: Transaction) -> Outcome:
    """*Log an activity*: the empty form."""
    account = str(request.data.get("account", ""))
    return Outcome(form=form.empty(request, tx, vocabulary_of(request.company), account))


def log_this(request: Request, tx: Transaction) -> Outcome:
    """The message shortcut: the form, filled with what the message says."""
    read = prepare(request.text, request.basis, request.company)
    first = read.activities[0] if read.activities else None
    return Outcome(form=form.from_message(request, tx, first, request.text, vocabulary_of(request.company)))


COMMAND = Command(
    name=buttons.NAME,
    summary="Log a call, email, meeting or visit in one line",
    usage="[what you did] | list | undo",
    examples=(
        "/log call Acme",
        "/log 30 min call with Jane Doe at Initech yesterday 3pm -> send NDA friday",
        "/log 12 dials, no answer",
        "/log list",
    ),
    explain=(
        "One line holds what you say of it, in any order: the kind (call, email, meeting, demo, visit, proposal or "
        "message), how many, the account, the people, when, how long, an amount, the outcome, #tags, and a next step "
        "after “next:” or “->”. What I cannot tell I ask. “/log” alone opens a form, “/log list” shows your week and "
        "your last ones, “/log undo” takes the latest back."
    ),
    fresh="/log list",
    handle=handle,
    prepare=prepare,
    understands=surely_meant,
    adopt="Log it",
    shorthands=dict.fromkeys(("list", "my list", "show list", "week", "my week"), "list"),
    home=home,
    answer=answered_in_words,
    among_answers=lambda text, kind: kind == "words" and begins_a_report(text),
    latest=change.latest_at,
    undo=change.undo_said,
    shortcut=Shortcut(label="Log this", summary="Log this message as an activity", handle=log_this),
    actions={
        "answer": answered,
        "form": form_sent,
        "new": new_button,
        "edit": change.edit_button,
        "undo": change.undo_button,
        "remove": change.remove_button,
        "confirm": change.confirm_button,
        "follow": follow_button,
        "create account": change.create_account,
    },
)
