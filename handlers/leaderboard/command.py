"""`/leaderboard`: who is where. The board is made where plain questions make theirs (handlers/figures/boards.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from handlers.conversation.command import Command
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Reply
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from handlers.figures.plan import load
from handlers.leaderboard import show
from handlers.leaderboard.buttons import NAME
from handlers.leaderboard.wanted import Wanted, fiscal_of, wanted
from storage import kudos
from storage.database import Transaction

_OFF: Final = frozenset(("off", "leave me off", "hide me", "without me", "opt out"))
_ON: Final = frozenset(("on", "put me on", "show me", "with me", "opt in", "put me back"))
GONE: Final = "You are on nobody else's leaderboard any more. “/leaderboard on” puts you back."
BACK: Final = "You are on leaderboards again. “/leaderboard off” takes you off."


def handle(request: Request, tx: Transaction) -> Outcome:
    """`/leaderboard`, with what it goes by, of whom and of when; `off` and `on` for oneself."""
    word = plain(request.text)
    if word in _OFF:
        return off(request, tx)
    if word in _ON:
        return on(request, tx)
    fiscal = fiscal_of(request)
    plan = load(tx, request.company, fiscal.year(fiscal.year_of(request.basis.now.date())))
    return Outcome(reply=show.show(request, tx, wanted(request, plan, request.text)))


def again(request: Request, tx: Transaction) -> Outcome:
    """*This week*, *This month*, *This quarter*."""
    return Outcome(reply=show.show(request, tx, Wanted.of_data(request.data)))


def sort(request: Request, tx: Transaction) -> Outcome:
    """*Order by*."""
    value = request.value
    if not (value.isascii() and value.isdecimal() and len(value) < 3 and int(value) < len(show.SORTS)):
        raise ButtonUnknown
    _, what, measure = show.SORTS[int(value)]
    found = replace(Wanted.of_data(request.data), what=what, measure=measure)
    return Outcome(reply=show.show(request, tx, found))


def off(request: Request, tx: Transaction) -> Outcome:
    """*Leave me off*: on nobody else's board."""
    kudos.show_on_boards(tx, request.actor.person, shown=False, at=request.now)
    return Outcome(reply=Reply(GONE), replace=False)


def on(request: Request, tx: Transaction) -> Outcome:
    """*Put me on*."""
    kudos.show_on_boards(tx, request.actor.person, shown=True, at=request.now)
    return Outcome(reply=Reply(BACK), replace=False)


COMMAND: Final = Command(
    name=NAME,
    summary="See who is where this week, month or quarter",
    usage="[attainment, bookings, margin, activity, improved or kudos] [of whom] [when] | off | on",
    examples=("/leaderboard", "/leaderboard bookings this month", "/leaderboard kudos", "/leaderboard off"),
    explain=(
        "“/leaderboard” ranks your team by attainment in this quarter; “bookings”, “margin”, “activity”, “most "
        "improved” and “kudos” rank by these, “East last month” of whom and when. Colleagues see places, not figures; "
        "who leads sees their people's figures. Equal figures share a place, and yours is always shown to you. "
        "“/leaderboard off” leaves you off everybody else's board."
    ),
    fresh="/leaderboard",
    handle=handle,
    aliases=("ranking", "rankings"),
    actions={"again": again, "sort": sort, "off": off, "on": on},
)
