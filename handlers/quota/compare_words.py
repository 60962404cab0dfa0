"""How comparisons are said: two periods, two people or units, and win rates."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures.standing import Figures
from handlers.figures.wording import amount, labelled, percent, table_reply, won_words
from handlers.numbers.closed import WinRate
from handlers.numbers.ranking import change


def sides_reply(request: Request, period: str, sides: Sequence[tuple[str, Figures]]) -> Reply:
    """Two people or units side by side."""
    measure = sides[0][1].measure
    rows: list[tuple[str, ...]] = []
    for name, found in sides:
        share = found.status.attainment
        attained = percent(share) if share is not None else str(found.status.no_attainment or "")
        rows.append((name, amount(request, measure, found.status.credited), attained))
    return table_reply(
        f"{labelled(' and '.join(name for name, _ in sides), measure)}, {period}",
        ("", won_words(measure), "Attained"),
        rows,
        numeric=1,
    )


def change_reply(
    request: Request, whose: str, named: tuple[str, str], now: Figures, there: Figures, whole: Figures
) -> Reply:
    """A period beside another: at the same point of it where the first is unfinished, all of it second."""
    won, then, all_of_it = (amount(request, one.measure, one.status.credited) for one in (now, there, whole))
    moved = change(now.status.credited, there.status.credited)
    sign = "+" if moved.amount >= 0 else "−"
    by = f" ({sign}{percent(abs(moved.share))})" if moved.share is not None else ""
    point = "at the same point of" if there.span != whole.span else "in"
    sentence = f"{labelled(whose, now.measure)}: {won} in {named[0]}, {then} {point} {named[1]}{by}."
    if there.span != whole.span:
        sentence += f" All of it was {all_of_it}."
    return Reply(text=sentence)


def win_rate_reply(whose: str, period: str, whole: WinRate, rows: Sequence[tuple[str, WinRate]]) -> Reply:
    """By count, by value second; "–" where nothing was closed."""
    lead = f"{whose}: win rate {_rate(whole)}, {period}"
    if not rows:
        return Reply(text=f"{lead}.")
    cells: list[tuple[str, ...]] = [
        (name, _share(one.by_count), f"{one.won} of {one.won + one.lost}") for name, one in rows
    ]
    return table_reply(lead, ("", "Win rate", "Won"), cells, numeric=1)


def _rate(rate: WinRate) -> str:
    closed = rate.won + rate.lost
    if not closed:
        return "–, no deal was closed"
    return f"{_share(rate.by_count)} ({rate.won} of {plural(closed, 'deal')}), {_share(rate.by_value)} by value"


def _share(share: Fraction | None) -> str:
    return percent(share) if share is not None else "–"
