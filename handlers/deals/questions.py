"""What `/deal` asks when a line leaves something open, and how it goes on from the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from handlers.conversation import questions
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.deals import buttons
from handlers.deals.entry import Said
from handlers.deals.parse import day_only, parse
from handlers.deals.stages import pipeline_of
from handlers.figures.stages import LOST
from handlers.language.dates import Reading
from handlers.language.names import NameIndex
from handlers.numbers.periods import FiscalCalendar
from storage import accounts, drafts
from storage.database import Transaction
from storage.drafts import Draft

NEW_DEAL: Final = "new"
NO_REASON: Final = "No reason given"
LOSS_REASONS: Final = ("Price", "A competitor", "No budget", "No decision", "A missing feature", NO_REASON)
SLIP_REASONS: Final = ("Their budget", "Legal or procurement", "The decision maker", "Other priorities", NO_REASON)
_LONGEST_REASON: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line on its way: what it says, as typed, and what has been settled by asking."""

    said: Said
    text: str
    deal: str = ""
    """The deal that is meant, or NEW_DEAL; empty while that is open."""
    settled: tuple[str, ...] = field(default=())
    """Names of the questions that are answered: doubt, reason, missing."""


def ask(
    request: Request,
    tx: Transaction,
    step: Step,
    what: str,
    question: str,
    labels: Sequence[str],
    values: Sequence[str],
) -> Reply:
    """Ask; `values` are what the labels stand for."""
    data: dict[str, Any] = {"step": msgspec.to_builtins(step), "what": what, "values": list(values)}
    data["labels"] = list(labels)
    waits = f"“{step.text}” still waits for a reason." if what == "reason" else ""
    return questions.ask(request, tx, buttons.ISSUER, question, labels, said=step.text, data=data, waits=waits)


def pressed(request: Request, tx: Transaction) -> Step | Reply:
    """The option that was chosen, put into the step."""
    draft = questions.pressed(request, tx)
    if isinstance(draft, Reply):
        return draft
    number = request.value
    values = draft.data["values"]
    if not (number.isascii() and number.isdecimal() and len(number) < 4 and int(number) < len(values)):
        raise ButtonUnknown
    return _with_answer(request, tx, draft, values[int(number)])


def typed(request: Request, tx: Transaction) -> Step | Reply | None:
    """The answer in words: an option's number or label, a reason, a day; None for anything else."""
    draft = questions.typed(request, tx)
    if not isinstance(draft, Draft):
        return draft
    words = request.text.strip()
    value = _option_in(words, draft) or _free_answer(request, words, draft)
    if value is None:
        return None
    drafts.settle(tx, draft.id, request.now)
    return _with_answer(request, tx, draft, value)


def _option_in(words: str, draft: Draft) -> str | None:
    values, labels = draft.data["values"], draft.data["labels"]
    number = questions.number_typed(words)
    if 0 <= number < len(values):
        return str(values[number])
    for label, value in zip(labels, values, strict=True):
        if label.casefold() == words.casefold():
            return str(value)
    if draft.data["what"] == "account":
        return NameIndex(values).resolve(words.removeprefix("the ").strip()).name
    return None


def _free_answer(request: Request, words: str, draft: Draft) -> str | None:
    what, basis, company = draft.data["what"], request.basis, request.company
    if what == "when":
        reading = Reading(basis.now.replace(tzinfo=None), future=True, order=basis.date_order)
        day = day_only(words, reading, FiscalCalendar(company.fiscal_year_start))
        return day.isoformat() if day else None
    if what != "reason" or len(words) > _LONGEST_REASON or words.endswith("?"):
        return None
    # A line of its own must not vanish in an older one.
    read = parse(words, now=basis.now, names=basis.names, pipeline=pipeline_of(company))
    return None if read.account or read.choices else words


def _with_answer(request: Request, tx: Transaction, draft: Draft, value: str) -> Step:
    step = msgspec.convert(draft.data["step"], Step)
    what = draft.data["what"]
    done = replace(step, settled=(*step.settled, what))
    match what:
        case "account":
            return replace(done, said=replace(step.said, account=value, choices=()))
        case "create":
            account = accounts.add(tx, value, by=request.actor.person, at=request.now)
            return replace(done, said=replace(step.said, account=account.name))
        case "date":
            return replace(done, said=replace(step.said, no_date=None))
        case "when":
            return replace(done, said=msgspec.convert({**msgspec.to_builtins(step.said), "closes": value}, Said))
        case "deal" | "other":
            return replace(done, deal=value)
        case "missing":
            return replace(done, deal=NEW_DEAL)
        case "reason":
            reason = None if value == NO_REASON else value
            return replace(done, said=replace(step.said, reason=reason))
        case _:
            return done


def reasons_for(stage: str) -> tuple[str, ...]:
    """The usual reasons for a loss, or for a slip."""
    return LOSS_REASONS if stage == LOST else SLIP_REASONS
