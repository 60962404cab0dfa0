"""“Which wins wait for me?” and “confirm Rosewood Paper”: claimed wins, for whoever's word makes them count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from handlers.conversation.access import Denied, may
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed, plural
from handlers.deals import buttons, change, state
from handlers.deals.home import CLAIMED_FOR
from handlers.figures.deal_words import one_line, title
from handlers.language.fold import words_of
from storage import deals, people
from storage.database import Transaction
from storage.deals import Named

SHOWN: Final = 10
CONFIRMED: Final = "“won deals” shows those that count already."
_WINS: Final = r"(?:claimed |unconfirmed |the |my team's |my people's )*(?:wins?|claims?)"
_WAITS: Final = re.compile(
    rf"(?:which|what|are there any|are there|any|show(?: me)?|list) {_WINS} (?:that |which )?(?:are |is |still )*"
    r"(?:wait(?:s|ing)? (?:for|on) (?:me|my (?:word|ok|confirmation|approval))"
    r"|(?:do i |must i |should i |can i )?(?:have to |need to )?(?:confirm|approve)|to (?:confirm|approve|be confirmed)"
    r"|not confirmed(?: yet)?|unconfirmed|claimed)"
    r"|(?:(?:show(?: me)?|list) )?(?:the |all )?(?:claimed wins|unconfirmed wins|wins to confirm)"
    r"|what (?:wins |claims )?(?:should|must|can|do) i (?:have to )?(?:confirm|approve)"
    r"|what waits (?:for|on) my (?:word|confirmation|approval)",
    re.I,
)
_CONFIRM: Final = re.compile(
    r"(?:please )?confirm (?:the )?(?:claimed )?(?:(?:win|deal)(?: (?:of|with|at|for))? )?(?P<what>.+)", re.I
)
_LONGEST: Final = 120


class Waits(str):
    """A question for the wins that wait, as typed."""


def asks(text: str) -> Waits | None:
    """The question; None for other words."""
    words = _plain(text)
    return Waits(words) if _WAITS.fullmatch(words) else None


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).strip(" .?!") if len(text) <= _LONGEST else ""


def _claimed(request: Request, tx: Transaction) -> tuple[list[Named], list[Named], list[Named]]:
    """Of the actor's reports, of others whose wins the actor may confirm, and the actor's own."""
    actor, since = request.actor, request.basis.now.date() - CLAIMED_FOR
    found = deals.claimed(tx, {one.id for one in people.everybody(tx)}, since=since)
    theirs = [one for one in found if one.deal.owner != actor.person and state.may_confirm(request, tx, one.deal)]
    mine = [one for one in theirs if one.deal.owner in actor.reports]
    return mine, [one for one in theirs if one not in mine], [one for one in found if one.deal.owner == actor.person]


def show(request: Request, tx: Transaction) -> Outcome:
    """Those that wait for this person's word, each with *Confirm*; and the person's own, which wait for another's."""
    mine, others, own = _claimed(request, tx)
    parts: list[Part] = []
    said: list[str] = []
    for some, lead in (
        (mine, f"{plural(len(mine), 'claimed win waits', 'claimed wins wait')} for your word"),
        (others, f"{plural(len(others), 'claimed win')} that you may confirm as their managers may"),
    ):
        if some:
            sentence, laid = _list(request, tx, lead, some)
            said.append(sentence)
            parts += laid
    if not said:
        said.append("No win waits for your word.")
        parts.append(Text(said[0]))
    if own:
        days = Days.of(request.basis)
        lines = [f"{title(one)}, {one_line(one.deal, days).removesuffix(', claimed')}" for one in own[:SHOWN]]
        said.append(f"Claimed by you, and waiting for a manager's word: {listed(lines)}.")
        parts.append(Text(said[-1], style="quiet"))
    parts.append(Text(CONFIRMED, style="quiet"))
    return Outcome(reply=Reply(" ".join((*said, CONFIRMED)), tuple(parts)))


def _list(request: Request, tx: Transaction, lead: str, some: Sequence[Named]) -> tuple[str, list[Part]]:
    days, shown = Days.of(request.basis), some[:SHOWN]
    listing = msgspec.structs.replace(request, listing=True)
    made = buttons.lasting(listing, tx, [buttons.confirm(one.deal) for one in shown])
    lines = [
        f"{title(one)}, {one_line(one.deal, days).removesuffix(', claimed')}{f' ({one.owner})' if one.owner else ''}"
        for one in shown
    ]
    lead = lead if lead.endswith("?") else f"{lead}:"
    parts: list[Part] = [Text(lead, style="strong")]
    for line, button in zip(lines, made, strict=True):
        parts += [Text(line), Buttons((button,))]
    if len(some) > SHOWN:
        lines.append(f"and {len(some) - SHOWN} more")
        parts.append(Text(f"And {len(some) - SHOWN} more.", style="quiet"))
    return f"{lead} {'; '.join(lines)}.", parts


def _named(request: Request, tx: Transaction, text: str) -> tuple[list[Named], bool] | None:
    """The claimed wins that “confirm …” names, and whether they are the actor's to confirm; None for other words."""
    match = _CONFIRM.fullmatch(_plain(text))
    wanted = words_of(match["what"]) if match else ()
    if not wanted:
        return None
    mine, others, own = _claimed(request, tx)
    for some, theirs in ((mine, True), (others, True), (own, False)):
        found = [one for one in some if set(wanted) <= {*words_of(title(one)), *words_of(one.deal.name or "")}]
        if found:
            return found, theirs
    return None


def confirms(request: Request, tx: Transaction) -> bool:
    """Whether the words confirm a claimed win that is known."""
    return _named(request, tx, request.text) is not None


def confirm(request: Request, tx: Transaction) -> Outcome | None:
    """One is confirmed as by its button, of several it is asked which; None for other words. Raises NotAllowed for
    one's own."""
    named = _named(request, tx, request.text)
    if named is None:
        return None
    found, theirs = named
    if not theirs:
        verdict = may(request.actor, "confirm a win", state.subject(request, tx, found[0].deal))
        raise NotAllowed(reason=verdict.sentence if isinstance(verdict, Denied) else "")
    if len(found) > 1:
        sentence, laid = _list(request, tx, "Which one do you confirm?", found)
        return Outcome(reply=Reply(sentence, tuple(laid)))
    _, _, data = buttons.confirm(found[0].deal)
    return change.confirm_button(msgspec.structs.replace(request, data=dict(data)), tx)
