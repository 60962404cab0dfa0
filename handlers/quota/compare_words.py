"""How comparisons are said: why somebody is behind, two periods, two people or units, and win rates."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from handlers.conversation.reply import Part, Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures.standing import Figures
from handlers.numbers.closed import WinRate
from handlers.numbers.ranking import change
from handlers.quota.status_words import won_words
from handlers.quota.wording import amount, labelled, percent, rough, table_reply
from storage.deals import Named


def why_reply(
    request: Request, whose: str, period: str, whole: Figures, each: Sequence[Figures], lost: Sequence[Named]
) -> Reply:
    """The gap to what is expected by now, then what makes it, the largest first."""
    status, measure = whole.status, whole.measure
    whose = labelled(whose, measure)
    if status.expected is None:
        return Reply(text=f"{whose}: no target set, so there is nothing to be behind, {period}.")
    short = status.expected - status.credited
    if short <= 0:
        lead = f"{whose}: not behind, {rough(request, measure, -short)} more than expected by now, {period}"
    else:
        lead = f"{whose}: {rough(request, measure, short)} less than expected by now, {period}"
    parts: list[Part] = [Text(lead, style="strong")]
    said = [f"{lead}."]
    gaps = [((one.status.expected or 0) - one.status.credited, one) for one in each]
    rows: list[tuple[str, ...]] = [
        (one.subject.name, rough(request, measure, gap), amount(request, measure, one.status.credited))
        for gap, one in sorted(gaps, key=lambda pair: -pair[0])
        if gap > 0
    ]
    if rows:
        parts.append(Table(("", "Short by now", won_words(measure)), tuple(rows), (1, 2)))
        said.append(f"{'; '.join(f'{name} short by {gap}' for name, gap, _ in rows)}.")
    overdue = [one for one in whole.forecast.left_out if "overdue" in one.reasons]
    if overdue:
        said.append(f"Overdue and still open: {_some([one.deal.name for one in overdue])}.")
        parts.append(Text(said[-1]))
    if lost:
        names = [f"{one.account or one.deal.name}{_because(one)}" for one in lost]
        said.append(f"Lost: {_some(names)}.")
        parts.append(Text(said[-1]))
    return Reply(text=" ".join(said), parts=tuple(parts))


def _because(lost: Named) -> str:
    return f" ({lost.deal.loss_reason})" if lost.deal.loss_reason else ""


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


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
