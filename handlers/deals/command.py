"""`/deal`: how a deal stands, said in one line.

`read_line` reads the line before the transaction (parse.py); flow.py asks for what is open, choose.py finds the deal,
state.py makes of it what was said, record.py keeps it; change.py takes back, edits and confirms; listing.py shows.
"""

from __future__ import annotations

import msgspec

from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.questions import begins_a_report
from handlers.conversation.reply import Reply
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.route import plain
from handlers.conversation.wording import Days, form_in_words
from handlers.deals import buttons, change, flow, form, listing, questions, waiting, win
from handlers.deals.home import home
from handlers.deals.line import read_line
from handlers.deals.parse import Said
from handlers.deals.questions import NEW_DEAL, Step
from handlers.deals.stages import pipeline_of
from storage.database import Transaction

LIST_WORDS = frozenset(("list", "mine", "all", "open", "my deals", "open deals", "my open deals", "deals"))


def surely_meant(read: object) -> bool:
    """A plain sentence that says a win, a loss, a slip or a move of a known account's deal, and nothing else."""
    return isinstance(read, waiting.Waits) or (isinstance(read, Said) and read.sure)


def prepare(text: str, basis: Basis, company: Company) -> Said | waiting.Waits:
    """The line, read; or the question for the wins that wait."""
    return waiting.asks(text) or read_line(text, basis, company)


def handle(request: Request, tx: Transaction) -> Outcome:
    """`/deal`, `/deal list`, `/deal undo`, or `/deal` and how it stands."""
    word = plain(request.text)
    if not word:
        return new_button(request, tx)
    if word in LIST_WORDS:
        return listing.show(request, tx)
    if word == "undo":
        return change.undo_said(msgspec.structs.replace(request, text=""), tx)
    if isinstance(request.prepared, waiting.Waits):
        return waiting.show(request, tx)
    confirmed = waiting.confirm(request, tx)
    if confirmed is not None:
        return confirmed
    read = request.prepared
    assert isinstance(read, Said)
    return flow.go(request, tx, Step(said=read, text=request.text))


def answered(request: Request, tx: Transaction) -> Outcome:
    """A question's button: the line goes on from there."""
    step = questions.pressed(request, tx)
    return Outcome(reply=step) if isinstance(step, Reply) else flow.go(request, tx, step)


def answered_in_words(request: Request, tx: Transaction) -> Outcome | None:
    """Typed words while a question is open; None when they are no answer to it."""
    step = questions.typed(request, tx)
    if isinstance(step, Reply):
        return Outcome(reply=step)
    return None if step is None else flow.go(request, tx, step)


def new_button(request: Request, tx: Transaction) -> Outcome:
    """The empty form."""
    return Outcome(form=form.empty(request, tx, pipeline_of(request.company), str(request.data.get("account", ""))))


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """A new deal by form."""
    said = form.read_new(request, pipeline_of(request.company))
    if isinstance(said, dict):
        return Outcome(problems=said)
    text = form_in_words(request.values.values(), Days.of(request.basis))
    return flow.go(request, tx, Step(said=said, text=text, deal=NEW_DEAL))


COMMAND = Command(
    name=buttons.NAME,
    summary="Say how a deal stands: stage, amount, close date, won or lost",
    usage="[how the deal stands] | list",
    examples=(
        "/deal Acme negotiation $60k closes 15 Dec",
        "/deal Acme slipped to January",
        "/deal lost Globex, price",
        "/deal list",
    ),
    explain=(
        "One line holds what is new, in any order: the account, the stage, the amount, when it closes, the type (new, "
        "expansion, renewal), the product, and for a loss or a slip the reason. A month or a quarter means its last "
        "day. I take the account's open deal, or add one, and ask where I am not sure. A win that you say is claimed: "
        "it counts once a manager, an admin or an import confirms it. “/deal” alone opens a form, “/deal list” shows "
        "your open deals, “undo” takes the latest change back."
    ),
    fresh="/deal list",
    handle=handle,
    prepare=prepare,
    understands=surely_meant,
    recognises=waiting.confirms,
    asked_first=True,
    latest=change.latest_at,
    undo=change.undo_said,
    shorthands=dict.fromkeys(("deals", "my deals", "open deals", "my open deals", "list deals"), "list"),
    home=home,
    answer=answered_in_words,
    free_answers="words",
    among_answers=lambda text, kind: kind == "words" and begins_a_report(text),
    actions={
        "answer": answered,
        "form": form_sent,
        "edited": change.edited,
        "new": new_button,
        "edit": change.edit_button,
        "undo": change.undo_button,
        "confirm": change.confirm_button,
        "still right": change.still_right_button,
        "won": change.won_button,
        "win form": win.form_sent,
        "lost": change.lost_button,
    },
)
