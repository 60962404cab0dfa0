"""How many check-ins there were, asked in plain words: one's own, one's reports', and nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from handlers.checkins import team
from handlers.conversation.access import Denied, may
from handlers.conversation.company import Company
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Reply
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.wording import plural
from storage import checkins
from storage.database import Transaction

_IN: Final = r"check(?:s|ed|ing)?[\s-]in\b"
_ASKS: Final = re.compile(
    rf"(?:how many\s+(?:of\s+)?(?:my\s+|the\s+)?check[\s-]?ins?\b[^:]*|how (?:many|often)\b[^:]*\b{_IN}[^:]*"
    rf"|who(?:['’]s|se| has| have| did| is)?(?:n['’]?t)?\s+(?:not\s+|never\s+)?"
    rf"(?:{_IN}|missed (?:a |the |their |his |her )?check[\s-]?ins?\b)[^:]*"
    r"|(?:show |what is |what['’]s )?(?:the |our )?"
    r"(?:participation in check[\s-]?ins|check[\s-]?in participation)\b[^:]*)",
    re.I,
)
_LONGEST: Final = 120
_OWN: Final = re.compile(r"\b(?:(?:did|do|have|am|was) i|i['’]ve|my own|mine|my check[\s-]?ins?)\b", re.I)
_WITH_OTHERS: Final = re.compile(
    r"\b(?:with|on|at)\s+(?!(?:me|us|my manager|time|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b)", re.I
)
"""Somebody else than colleagues: “who checked in with Acme last week” is about a customer."""
WEEKS: Final = 8


class Asks(str):
    """A question of that kind, as typed."""


def prepare(text: str, _basis: Basis, _company: Company) -> Asks | None:
    """The question; None for other words."""
    text = text.strip()
    if len(text) > _LONGEST or not _ASKS.fullmatch(text) or _WITH_OTHERS.search(text):
        return None
    return Asks(text)


def answer(request: Request, tx: Transaction, words: Asks) -> Outcome:
    """One's own count, or the team's for its manager. Raises NotAllowed for who manages nobody."""
    if _OWN.search(words):
        return Outcome(reply=own(request, tx))
    if request.actor.reports:
        return team.show(request, tx)
    # No role reads whose check-ins there are: the rule is asked of somebody whom the actor does not manage.
    verdict = may(request.actor, "see who checked in", "")
    reason = verdict.sentence if isinstance(verdict, Denied) else ""
    raise NotAllowed(reason=f"{reason} “checkin list” shows your own.")


def own(request: Request, tx: Transaction) -> Reply:
    """How many they were asked for and gave, of the last weeks; late ones count."""
    me, today = request.actor.person, request.basis.now.date()
    found = checkins.of_people(tx, [me], since=today - timedelta(weeks=WEEKS))
    asked = [one for one in found if one.asked_at is not None or one.submitted_at is not None]
    given = sum(one.submitted_at is not None for one in asked)
    if not asked:
        return Reply(f"You were not asked for a check-in in the last {WEEKS} weeks. “checkin” begins one.")
    missing = len(asked) - given
    open_still = f"{missing} {'is' if missing == 1 else 'are'} not given" if missing else "none is missing"
    return Reply(
        f"Of {plural(len(asked), 'check-in')} in the last {WEEKS} weeks you gave {given}; {open_still}. "
        "“checkin list” shows them."
    )
