"""How figures are said: the number first, what it was made from, as of when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP
from fractions import Fraction

from handlers.conversation.reply import Chart, ChartRow, Fact, Facts, Part, Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed, plural
from handlers.figures.standing import Figures
from handlers.numbers.closed import WinRate
from handlers.numbers.money import from_minor, to_minor, written
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.ranking import change
from handlers.numbers.status import Status
from storage.deals import Named


def percent(share: Fraction) -> str:
    """`46 %`, rounded half up; a tenth below 10 % where it is not whole."""
    hundredths = share * 100
    if 0 < abs(hundredths) < 10 and hundredths.denominator != 1:
        tenths = int(hundredths * 10 + Fraction(1, 2))
        return f"{tenths / 10:g} %"
    return f"{(2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator):,} %"


def as_of(request: Request, at: datetime | None) -> str:
    """`data as of today 09:12`, in the person's own zone."""
    if at is None:
        return "no deals yet"
    there = at.astimezone(request.basis.zone)
    return f"data as of {Days.of(request.basis).moment(there.date(), there.time())}"


def figures_reply(request: Request, found: Figures, whose: str) -> Reply:
    """The answer to "how is … doing": the figure first, then pace, gap, what is needed, where it will end."""
    status = found.status
    period = FiscalCalendar(request.company.fiscal_year_start).words(found.span)
    lead = f"{whose}: {_credited(request, status)}"
    sentences = [f"{lead}, {period}.", *_standing(request, status), *_ahead(request, found)]
    if found.claimed:
        sentences.append(f"+ {money(request, found.claimed)} claimed, in none of these sums until confirmed.")
    freshness = as_of(request, found.as_of)
    sentences.append(f"{freshness[0].upper()}{freshness[1:]}.")
    rows = _rows(request, found)
    parts = (
        Text(lead, style="strong"),
        Text(period, style="quiet"),
        *((Facts(rows),) if rows else ()),
        Text(_made_from(request, found), style="quiet"),
    )
    return Reply(text=" ".join(sentences), parts=parts)


def _credited(request: Request, status: Status) -> str:
    won = money(request, status.credited)
    if status.target is None:
        return f"{won}, no target set"
    if status.attainment is None:
        return f"{won}, target 0"
    return f"{won} of {money(request, status.target)}, {percent(status.attainment)}"


def _standing(request: Request, status: Status) -> list[str]:
    said = []
    if status.pace is not None and status.standing is not None:
        said.append(f"{status.standing.value.capitalize()}: pace {percent(status.pace)}.")
    elif status.no_pace is not None and status.target:
        said.append(f"Pace: {status.no_pace.value}.")
    if status.ended and status.gap:
        said.append(f"Ended, short by {money(request, status.gap)}.")
    elif status.gap and status.needed is not None:
        left = plural(status.days_left, "working day")
        said.append(f"{money(request, status.gap)} to go: {about(request, status.needed)} a working day, {left} left.")
    elif status.surplus:
        said.append(f"{money(request, status.surplus)} above the target.")
    return said


def _ahead(request: Request, found: Figures) -> list[str]:
    said = []
    if found.status.projected is not None and not found.status.ended:
        said.append(f"Projected {about(request, found.status.projected)}.")
    if not found.status.ended:
        said.append(f"Weighted forecast {about(request, found.forecast.total)}.")
    return said


def _rows(request: Request, found: Figures) -> tuple[Fact, ...]:
    status, rows = found.status, []
    if status.pace is not None and status.standing is not None:
        rows.append(Fact("Pace", f"{percent(status.pace)}, {status.standing.value}"))
    elif status.no_pace is not None and status.target:
        rows.append(Fact("Pace", status.no_pace.value))
    if status.gap:
        rows.append(Fact("Short by" if status.ended else "To go", money(request, status.gap)))
    elif status.surplus:
        rows.append(Fact("Above", money(request, status.surplus)))
    if status.gap and status.needed is not None:
        left = plural(status.days_left, "working day")
        rows.append(Fact("Needed", f"{about(request, status.needed)} a working day, {left} left"))
    if status.projected is not None and not status.ended:
        rows.append(Fact("Projected", about(request, status.projected)))
    if not status.ended:
        rows.append(Fact("Weighted forecast", about(request, found.forecast.total)))
    if found.claimed:
        rows.append(Fact("Claimed besides", money(request, found.claimed)))
    return tuple(rows)


def _made_from(request: Request, found: Figures) -> str:
    left_out = len(found.forecast.left_out)
    words = as_of(request, found.as_of)
    if left_out and not found.status.ended:
        words += f"; the forecast leaves out {plural(left_out, 'open deal')} without amount or date, or overdue"
    return f"{words[0].upper()}{words[1:]}."


def forecast_reply(request: Request, found: Figures, whose: str) -> Reply:
    """Where it will end: by run-rate and by the open deals, and what is left out of the second."""
    period = FiscalCalendar(request.company.fiscal_year_start).words(found.span)
    status, weighted = found.status, found.forecast
    projected = (
        about(request, status.projected) if status.projected is not None else (status.no_pace or "too early to say")
    )
    target = "no target set" if status.target is None else f"target {money(request, status.target)}"
    lead = f"{whose}: weighted forecast {about(request, weighted.total)}, {target}"
    won, open_part = money(request, status.credited), about(request, weighted.open)
    sentence = f"{lead}, {period}. Won {won}, open deals weighted {open_part}, projected {projected}."
    rows = (
        Fact("Won", money(request, status.credited)),
        Fact("Open deals, weighted", about(request, weighted.open)),
        Fact("Projected", projected),
    )
    parts: list[Part] = [Text(lead, style="strong"), Text(period, style="quiet"), Facts(rows)]
    if weighted.left_out:
        listed = "; ".join(f"{one.deal.name}: {', '.join(one.reasons)}" for one in weighted.left_out[:5])
        more = f" and {len(weighted.left_out) - 5} more" if len(weighted.left_out) > 5 else ""
        parts.append(Text(f"Left out: {listed}{more}.", style="quiet"))
        sentence += f" Left out: {listed}{more}."
    return Reply(text=sentence, parts=tuple(parts))


def coverage_reply(request: Request, found: Figures, whose: str) -> Reply:
    """How often the open pipeline fills the gap; the divisor is named."""
    covered = found.coverage
    period = FiscalCalendar(request.company.fiscal_year_start).words(found.span)
    pipeline = about(request, covered.pipeline)
    if covered.met:
        sentence = f"{whose}: target met, {period}. {pipeline} of open deals still close in it."
    elif covered.ratio is None or covered.gap is None:
        sentence = (
            f"{whose}: no target set, so there is no gap to cover, {period}. Open deals that close in it: {pipeline}."
        )
    else:
        times = f"{float(round(covered.ratio, 1)):g}"
        sentence = (
            f"{whose}: {times} times the gap, {period}. {pipeline} of open deals close in it, "
            f"the gap is {money(request, covered.gap)} (some divide by the whole target)."
        )
    return Reply(text=sentence)


def needed_reply(request: Request, found: Figures, whose: str, *, per_week: bool) -> Reply:
    """What is needed to reach the target."""
    status = found.status
    period = FiscalCalendar(request.company.fiscal_year_start).words(found.span)
    if status.target is None:
        return Reply(text=f"{whose}: no target set, {period}.")
    if not status.gap:
        return Reply(text=f"{whose}: nothing more, the target is met, {period}.")
    if status.needed is None:
        return Reply(text=f"{whose}: ended, short by {money(request, status.gap)}, {period}.")
    unit, amount = ("week", min(status.needed * 5, status.gap)) if per_week else ("working day", status.needed)
    left = plural(status.days_left, "working day")
    lead = f"{whose}: {about(request, amount)} a {unit}, {period}."
    return Reply(text=f"{lead} {money(request, status.gap)} to go, {left} left, today included.")


def chart_reply(request: Request, whose: str, period: str, each: Sequence[tuple[str, Figures]]) -> Reply:
    """The figures as bars; the sentence says them all."""
    currency = request.company.currency
    rows, said = [], []
    for label, found in each:
        status = found.status
        target = None if status.target is None else float(from_minor(status.target, currency))
        expected = None if status.expected is None or status.ended else float(from_minor(status.expected, currency))
        rows.append(
            ChartRow(
                label,
                float(from_minor(status.credited, currency)),
                about(request, status.credited),
                target,
                about(request, status.target) if status.target is not None else "",
                expected,
                about(request, status.expected) if expected is not None and status.expected is not None else "",
            )
        )
        of = f" of {about(request, status.target)}" if status.target is not None else ""
        said.append(f"{label} {about(request, status.credited)}{of}")
    title = f"{whose}, {period}"
    sentence = f"{title}: {'; '.join(said)}."
    return Reply(text=sentence, parts=(Chart(title, "bars", tuple(rows), sentence),))


def why_reply(
    request: Request, whose: str, period: str, whole: Figures, each: Sequence[Figures], lost: Sequence[Named]
) -> Reply:
    """The gap to what is expected by now, then what makes it, the largest first."""
    status = whole.status
    if status.expected is None:
        return Reply(text=f"{whose}: no target set, so there is nothing to be behind, {period}.")
    short = status.expected - status.credited
    if short <= 0:
        lead = f"{whose}: not behind, {about(request, -short)} more than expected by now, {period}"
    else:
        lead = f"{whose}: {about(request, short)} less than expected by now, {period}"
    parts: list[Part] = [Text(lead, style="strong")]
    said = [f"{lead}."]
    gaps = [((one.status.expected or 0) - one.status.credited, one) for one in each]
    rows: list[tuple[str, ...]] = [
        (one.subject.name, about(request, gap), money(request, one.status.credited))
        for gap, one in sorted(gaps, key=lambda pair: -pair[0])
        if gap > 0
    ]
    if rows:
        parts.append(Table(("", "Short by now", "Won"), tuple(rows), (1, 2)))
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
    rows: list[tuple[str, ...]] = []
    for name, found in sides:
        share = found.status.attainment
        attained = percent(share) if share is not None else str(found.status.no_attainment or "")
        rows.append((name, money(request, found.status.credited), attained))
    return table_reply(
        " and ".join(name for name, _ in sides) + f", {period}", ("", "Won", "Attained"), rows, numeric=1
    )


def change_reply(
    request: Request, whose: str, named: tuple[str, str], now: Figures, there: Figures, whole: Figures
) -> Reply:
    """A period beside another: at the same point of it where the first is unfinished, all of it second."""
    won, then, all_of_it = (money(request, one.status.credited) for one in (now, there, whole))
    moved = change(now.status.credited, there.status.credited)
    sign = "+" if moved.amount >= 0 else "−"
    by = f" ({sign}{percent(abs(moved.share))})" if moved.share is not None else ""
    point = "at the same point of" if there.span != whole.span else "in"
    sentence = f"{whose}: {won} in {named[0]}, {then} {point} {named[1]}{by}."
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


def activity_reply(whose: str, period: str, logged: Mapping[str, int]) -> Reply:
    """How many of each kind."""
    said = [plural(number, kind.replace("_", " ")) for kind, number in sorted(logged.items(), key=lambda one: -one[1])]
    return Reply(text=f"{whose}: {listed(said) if said else 'nothing'} logged, {period}.")


def table_reply(lead: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], numeric: int) -> Reply:
    """Rows under a headline; the sentence says them too."""
    said = "; ".join(" ".join(cell for cell in row if cell) for row in rows)
    right = tuple(range(numeric, len(columns)))
    return Reply(text=f"{lead}. {said}.", parts=(Text(lead, style="strong"), Table(columns, tuple(rows), right)))


def money(request: Request, minor: int) -> str:
    """To the cent: what counts."""
    return written(minor, request.company.currency)


def about(request: Request, minor: int) -> str:
    """An estimate, from a thousand on in whole units: cents would only pretend to know."""
    currency = request.company.currency
    units = from_minor(minor, currency)
    return written(
        to_minor(units.to_integral_value(ROUND_HALF_UP), currency) if abs(units) >= 1000 else minor, currency
    )
