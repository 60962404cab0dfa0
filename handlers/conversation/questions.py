"""Asking with buttons: the draft that waits for the answer, and how a question ends without one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from handlers.conversation.buttons import Issuer
from handlers.conversation.command import Done
from handlers.conversation.errors import UserError
from handlers.conversation.reply import Choice, Option, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.route import plain
from storage import drafts
from storage.database import Transaction
from storage.drafts import Draft

_OF_SOMETHING: Final = re.compile(
    r"\s*(?:for|because|the|an?|his|her|their|your|our|my|how|that|this|these|those|all|always|never|help|(?!meeting\b)\w+ing)\b",
    re.I,
)
NEVER_MIND = "never mind"
NO_MATTER = frozenset((NEVER_MIND, "nevermind", "nvm", "cancel", "cancel that", "drop it", "forget it"))
IN_WORDS_FOR = timedelta(minutes=15)
"""How long typed words are taken for the answer; the buttons wait longer."""


class QuestionOver(UserError):
    """That question has waited too long, so nothing was stored now. Please send the line again{words}."""


class QuestionSettled(UserError):
    """That question was answered or dropped since, so nothing more was stored now. Your words were: {said}"""


def ask(
    request: Request,
    tx: Transaction,
    issuer: Issuer,
    question: str,
    labels: Sequence[str],
    *,
    said: str,
    data: dict[str, Any],
    waits: str = "",
    freely: bool = True,
) -> Reply:
    """The question with a button for each label (its value is its number) and *Never mind*.

    A draft of the issuer's command keeps `data` and what was said; its id is `data["draft"]` of the action `answer`.
    `waits`: it takes free words (Command.free_answers), or names alone where `freely` is False, and this is the
    sentence that says that it is open still. Older questions in this conversation keep their buttons, and those without
    any wait behind this one, but for one of the same words; typed words answer this one.
    """
    make_room(request, tx, issuer.command, said=said)
    kept = {"said": said, "question": question, "labels": list(labels), "freely": freely, **data}
    draft = _keep(request, tx, issuer.command, kept, in_words_for=IN_WORDS_FOR, waits=waits)
    token = issuer.token_for(request, tx, "answer", {"draft": draft})
    lead = _not_stored(said)
    return Reply(
        text=f"{question} {lead}",
        parts=(_choice(question, labels, token), Text(lead, style="quiet")),
    )


def keep(
    request: Request,
    tx: Transaction,
    command: str,
    data: dict[str, Any],
    *,
    in_words_for: timedelta,
    waits: str = "",
) -> str:
    """The draft of a question in free words that is asked here and now, the only one of its command; its id.
    `in_words_for`: how long typed words answer it."""
    make_room(request, tx, command)
    return _keep(request, tx, command, data, in_words_for=in_words_for, waits=waits)


def _keep(
    request: Request, tx: Transaction, command: str, data: dict[str, Any], *, in_words_for: timedelta, waits: str
) -> str:
    until = (request.now + in_words_for).timestamp()
    return drafts.keep(
        tx,
        person=request.actor.person,
        install=request.incoming.install,
        conversation=request.incoming.reply_to.conversation,
        command=command,
        data={"asked": request.now.timestamp(), "until": until, "waits": waits, **data},
        at=request.now,
        expires_at=request.now + timedelta(hours=request.company.draft_hours),
    )


def make_room(request: Request, tx: Transaction, command: str, *, said: str | None = None) -> None:
    """Typed words answer what is asked now; but what another command waits for in free words waits on behind this.
    What was asked here before with options is answered by its own buttons alone, whose press names it; the rest is
    moot. `said`: the line that is asked about now; another one of the same command waits on too."""
    for draft in all_here(request, tx):
        own = draft.command == command
        another_line = said is not None and not draft.data.get("labels") and draft.data.get("said") != said
        if (not own or another_line) and waits(draft) and _just_asked(draft, request):
            continue
        if draft.data.get("labels"):
            drafts.update(tx, draft.id, {**draft.data, "until": 0})
        else:
            drafts.settle(tx, draft.id, request.now)


def waits(draft: Draft) -> str:
    """What says that the question is open still, where it wants words; empty where it has options."""
    return str(draft.data.get("waits", ""))


def freely(draft: Draft) -> bool:
    """Any words may answer it: not those alone in which somebody's name is found."""
    return bool(waits(draft)) and bool(draft.data.get("freely", True))


def ask_again(request: Request, tx: Transaction, draft: Draft) -> tuple[Part, ...]:
    """The question of a draft that still waits, to be answered elsewhere; empty where it cannot be asked by buttons."""
    question, labels = draft.data.get("question"), draft.data.get("labels")
    if not question or not labels:
        return ()
    token = Issuer(draft.command).token_for(request, tx, "answer", {"draft": draft.id})
    return Text(_not_stored(draft.data["said"])), _choice(question, labels, token)


def _not_stored(said: str) -> str:
    return f"“{said}” is not stored yet."


def _choice(question: str, labels: Sequence[str], token: str) -> Choice:
    options = [Option(label, str(number)) for number, label in enumerate(labels)]
    return Choice(question, token, (*options, Option("Never mind", NEVER_MIND)))


def pressed(request: Request, tx: Transaction) -> Draft | Reply:
    """The draft whose question was answered by button, settled now; what to say where the button was *Never mind*.
    Raises QuestionSettled where it was settled before, QuestionOver where it has waited too long."""
    draft = drafts.get(tx, request.data["draft"], request.now)
    if draft is None:
        ended = drafts.ended(tx, request.data["draft"])
        said = ended.data.get("said", "") if ended is not None else ""
        if ended is not None and ended.settled and said:
            raise QuestionSettled(said=said)
        raise QuestionOver(words=f": {said}" if said else "")
    drafts.settle(tx, draft.id, request.now)
    return dropped(draft) if request.value == NEVER_MIND else draft


def typed(request: Request, tx: Transaction) -> Draft | Reply | None:
    """The draft that typed words may answer, not settled; what to say where they wave it away, and then it is; None
    where it was asked long ago."""
    draft = drafts.get(tx, request.data["draft"], request.now)
    if draft is None or not _just_asked(draft, request):
        return None
    if not waved_away(request):
        return draft
    drafts.settle(tx, draft.id, request.now)
    return dropped(draft)


def open_here(request: Request, tx: Transaction) -> Draft | None:
    """The question that is open in this conversation, the latest of those that typed words may answer."""
    return answerable(request, all_here(request, tx))


def answerable(request: Request, found: Sequence[Draft]) -> Draft | None:
    """The first of them that typed words may answer."""
    return next((draft for draft in found if _just_asked(draft, request)), None)


def all_here(request: Request, tx: Transaction) -> list[Draft]:
    """All that are open in this conversation, the latest first, those too that were asked long ago."""
    where = request.incoming.reply_to.conversation
    return drafts.all_in(tx, request.actor.person, request.incoming.install, where, request.now)


def drop(request: Request, tx: Transaction, command: str, done: Done | None = None) -> Reply | None:
    """The command's question that is open here is dropped; None where none is, where it was asked long ago, or where
    something was done since."""
    draft = open_here(request, tx)
    if draft is None or draft.command != command or not asked_after(draft, done):
        return None
    drafts.settle(tx, draft.id, request.now)
    return dropped(draft)


def asked_after(draft: Draft, done: Done | None) -> bool:
    """Whether the question is what came last. Ids tell the order of what came in one instant."""
    return done is None or (float(draft.data["asked"]), draft.id) > (done.at.timestamp(), done.id)


def waved_away(request: Request) -> bool:
    """The typed words say that it does not matter any more."""
    return plain(request.text) in NO_MATTER


def dropped(draft: Draft) -> Reply:
    """What is said of a question that ended without an answer."""
    return Reply(text=f"Dropped, and nothing was stored. Your words were: {draft.data['said']}")


def begins_a_report(text: str) -> bool:
    """Words that tell what was done begin with it, as “called Acme” does; “the demo with Acme”, “for calling Acme” are
    rather the answer to what was asked."""
    return _OF_SOMETHING.match(text) is None


def number_typed(words: str) -> int:
    """`2` -> 1, the number of an option counted from 0; -1 for other words."""
    return int(words) - 1 if words.isascii() and words.isdecimal() and len(words) < 3 else -1


def _just_asked(draft: Draft, request: Request) -> bool:
    until = draft.data.get("until", float(draft.data["asked"]) + IN_WORDS_FOR.total_seconds())
    return request.now.timestamp() <= float(until)
