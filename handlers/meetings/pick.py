"""Which meeting is meant, and whether one time of it or the whole series: found, or asked with buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

from handlers.conversation import questions
from handlers.conversation.reply import Reply
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from handlers.conversation.wording import length
from handlers.meetings import rows
from handlers.meetings.buttons import ISSUER
from handlers.meetings.errors import CancelledAlready, NotFound
from handlers.meetings.find import Found, find
from handlers.meetings.model import Meeting, Occurrence, occurrence_on
from handlers.meetings.say import View
from storage import drafts
from storage.database import Transaction
from storage.drafts import Draft

Scope: TypeAlias = Literal["", "one", "all"]
"""Of a series: that time alone, or all from then on; empty: not said."""
MOST = 8


@dataclass(frozen=True, slots=True)
class Picked:
    """What is to be done with which meeting. `extra`: what else was said."""

    meeting: Meeting
    one: Occurrence | None
    scope: Scope
    extra: dict[str, Any]


Do: TypeAlias = Callable[[Request, Transaction, Picked], Outcome]


def pick(
    request: Request,
    tx: Transaction,
    text: str,
    do: str,
    extra: dict[str, Any],
    *,
    past: bool = False,
    others: bool = False,
) -> Picked | Outcome:
    """The meeting that the words name; several: which of them is asked. Raises NotFound."""
    found = find(request, tx, text, past=past, others=others)
    if not found:
        ahead = "lately" if past else "ahead"
        named = f"no meeting {ahead} that “{text.strip()}” fits" if text.strip() else f"no meeting {ahead}"
        sentence = f"You have {named}. Type “/meeting” to see yours."
        raise NotFound(sentence=sentence, text=request.text)
    if len(found) == 1:
        return Picked(found[0].meeting, found[0].one, "", extra)
    return Outcome(reply=_which(request, tx, found[:MOST], do, extra))


def _which(request: Request, tx: Transaction, found: Sequence[Found], do: str, extra: dict[str, Any]) -> Reply:
    view = View.of(request, tx, [each.meeting for each in found])
    labels, options = [], []
    for each in found:
        when = f", {view.when(each.one, near=False)}" if each.one else ""
        labels.append(f"{view.title(each.meeting)}{when}")
        options.append([each.meeting.id, each.one.day.isoformat() if each.one else None, ""])
    return _ask(request, tx, "Which meeting?", labels, options, do, extra)


def ask_scope(request: Request, tx: Transaction, picked: Picked, do: str, verb: str) -> Outcome:
    """Of a series: this time alone, or the whole."""
    view = View.of(request, tx, [picked.meeting])
    assert picked.one is not None
    day = picked.one.day.isoformat()
    labels = [f"Only {view.when(picked.one, near=False)}", "The whole series"]
    options: list[list[str | None]] = [[picked.meeting.id, day, "one"], [picked.meeting.id, day, "all"]]
    question = f"{verb} {view.in_title(picked.meeting)}: one time of it, or the whole series?"
    return Outcome(reply=_ask(request, tx, question, labels, options, do, picked.extra))


def _ask(
    request: Request, tx: Transaction, question: str, labels: Sequence[str], options: list[list[str | None]], do: str,
    extra: dict[str, Any],
) -> Reply:  # fmt: skip
    said = request.text.strip() or question
    data = {"options": options, "do": do, "extra": extra}
    return questions.ask(request, tx, ISSUER, question, labels, said=said, data=data)


def answered(request: Request, tx: Transaction, doing: dict[str, Do]) -> Outcome:
    """The button of a question."""
    draft = questions.pressed(request, tx)
    if isinstance(draft, Reply):
        return Outcome(reply=draft)
    return _go(request, tx, draft, int(request.value), doing)


def answered_in_words(request: Request, tx: Transaction, doing: dict[str, Do]) -> Outcome | None:
    """Typed words while a question is open; None when they are no answer to it."""
    draft = questions.typed(request, tx)
    if not isinstance(draft, Draft):
        return None if draft is None else Outcome(reply=draft)
    labels = [plain(one) for one in draft.data["labels"]]
    words = plain(request.text)
    chosen = questions.number_typed(words)
    if chosen not in range(len(labels)):
        fitting = [at for at, label in enumerate(labels) if words == label or (len(words) > 2 and words in label)]
        if len(fitting) != 1:
            return None
        chosen = fitting[0]
    drafts.settle(tx, draft.id, request.now)
    return _go(request, tx, draft, chosen, doing)


def _go(request: Request, tx: Transaction, draft: drafts.Draft, chosen: int, doing: dict[str, Do]) -> Outcome:
    identifier, day, scope = draft.data["options"][chosen]
    meeting = standing(tx, identifier)
    one = occurrence_on(meeting, date.fromisoformat(day)) if day else None
    return doing[draft.data["do"]](request, tx, Picked(meeting, one, scope, draft.data["extra"]))


def standing(tx: Transaction, identifier: str) -> Meeting:
    """The meeting of that id. Raises CancelledAlready."""
    meeting = rows.load(tx, identifier)
    if meeting is None or meeting.cancelled:
        raise CancelledAlready
    return meeting


def pressed(request: Request, tx: Transaction) -> Picked:
    """What a button beside a meeting means."""
    meeting = standing(tx, str(request.data["meeting"]))
    day = request.data.get("day")
    one = occurrence_on(meeting, date.fromisoformat(str(day))) if day else None
    return Picked(meeting, one, "", {})


def lasts(one: Occurrence) -> str:
    """`30 min`."""
    return length(int((one.end - one.start).total_seconds()) // 60)
