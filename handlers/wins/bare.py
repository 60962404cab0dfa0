"""“I won a deal today!”: which one and how much is asked, and the answer is a win like any other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from handlers.conversation import questions
from handlers.conversation.buttons import Issuer
from handlers.conversation.command import Handler
from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import Basis, Outcome, Request
from storage import drafts
from storage.database import Transaction
from storage.drafts import Draft

Prepare = Callable[[str, Basis, Company], Any]
QUESTION: Final = "Well done. Which account, and how much? As “Acme $50k”."
_BARE: Final = re.compile(
    r"(?:(?:yes|yay|hey|hi|great news|good news|finally)[\s,:!.]+)*(?:i|we|i've|we've|i have|we have)"
    r"(?:\s+(?:just|finally|actually|also))*\s+(?:won|closed|signed|landed|got)\s+"
    r"(?:a|an|another|one|my first|our first|my|our|the)(?:\s+(?:new|big|huge|nice|large|small|great|first|next))*"
    r"\s+(?:deal|customer|client|contract)"
    r"(?:\s+(?P<when>today|yesterday|just now|this morning|this afternoon))?"
    r"[\s.!:)]*",
    re.I,
)
_WON: Final = re.compile(r"(?:(?:i|we)\s+)?(?:just\s+)?(?:won|closed|signed|landed)\s+", re.I)
_WHEN: Final = frozenset(("yesterday",))
"""What the answer's day is where it says none; all else is today."""


class Bare(str):
    """A win of which neither account nor amount is said, as typed."""


def read(text: str) -> Bare | None:
    """The words, if that is all that they say."""
    text = " ".join(text.replace("’", "'").split())
    return Bare(text) if len(text) <= 120 and _BARE.fullmatch(text) else None


def ask(request: Request, tx: Transaction, command: str, said: Bare) -> Outcome:
    """The question; what was typed waits for its answer."""
    match = _BARE.fullmatch(said)
    when = (match["when"] or "").lower() if match else ""
    data = {"when": when if when in _WHEN else ""}
    return Outcome(
        reply=questions.ask(request, tx, Issuer(command), QUESTION, (), said=str(said), data=data, freely=False)
    )


def pressed(request: Request, tx: Transaction) -> Outcome:
    """*Never mind*."""
    draft = questions.pressed(request, tx)
    return Outcome(reply=draft if isinstance(draft, Reply) else questions.dropped(draft))


def answered(handle: Handler, prepare: Prepare) -> Callable[[Request, Transaction], Outcome | None]:
    """Takes an account, with its amount or without, and whatever a line of `/win` may say besides; nothing else:
    “called Acme” stays a call."""

    def answer(request: Request, tx: Transaction) -> Outcome | None:
        draft = questions.typed(request, tx)
        if not isinstance(draft, Draft):
            return None if draft is None else Outcome(reply=draft)
        words = request.text.strip()
        won = _WON.match(words)
        line = prepare(words[won.end() :] if won else words, request.basis, request.company)
        said = line.said
        names = said.account or said.account_text or said.choices
        if not names or words.endswith("?") or (said.left is not None and not won):
            return None
        if not won and said.account is None and not said.choices and said.amount is None:
            return None
        drafts.settle(tx, draft.id, request.now)
        when = str(draft.data.get("when", ""))
        text = f"{when} {words}".strip()
        ready = msgspec.structs.replace(request, text=text, prepared=prepare(text, request.basis, request.company))
        return handle(ready, tx)

    return answer
