"""How a standing is said: the figure first, then pace, gap, what is needed, where it will end, and as of when."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from handlers.conversation.reply import Chart, ChartRow, Fact, Facts, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures.plan import MONEY
from handlers.figures.standing import BOOKINGS, Figures
from handlers.figures.wording import amount, fresh, labelled, money, percent, rough, table_reply, won_words
from handlers.numbers.money import from_minor
from handlers.numbers.periods import FiscalCalendar, in_days
from handlers.numbers.spans import Span
from handlers.numbers.status import Unknown

NOBODYS = "{amount} stands under nobody's name and is in no figure"


def figures_reply(request: Request, found: Figures, whose: str, *, glance: bool = False) -> Reply:
    """The answer to "how is … doing"; for a `glance` on the page in whole units."""
    status = found.status
    period = _period(request, found.span)
    lead = f"{labelled(whose, found.measure)}: {_credited(request, found, glance=glance)}"
    sentences = [
        f"{lead}, {period}.",
        *_standing(request, found, glance=glance),
        *_ahead(request, found, glance=glance),
    ]
    if found.claimed:
        sentences.append(
            f"+ {money(request, found.claimed, glance=glance)} claimed, in none of these sums until confirmed."
        )
    made_from = _made_from(request, found, glance=glance)
    rows = _rows(request, found, glance=glance)
    sentences += [f"{row.label}: {row.value}." for row in rows if row.label.startswith("Target for")]
    sentences.append(made_from if found.nobodys or found.no_rate else _sentence(fresh(request, found)))
    parts: list[Part] = [Text(lead, style="strong"), Text(period, style="quiet")]
    if rows:
        parts.append(Facts(rows))
    if status.target is None and found.measure != BOOKINGS and not status.credited:
        parts.append(Text("Nothing of it so far.", style="quiet"))
    return Reply(text=" ".join(sentences), parts=(*parts, Text(made_from, style="quiet")))


def _period(request: Request, span: Span) -> str:
    return FiscalCalendar(request.company.fiscal_year_start).words(span)


def _credited(request: Request, found: Figures, *, glance: bool) -> str:
    status = found.status
    won = amount(request, found.measure, status.credited, glance=glance)
    if status.target is None:
        return f"{won}, no target set"
    if status.attainment is None:
        return f"{won}, target 0"
    to_date = " to date" if found.whole else ""
    target = amount(request, found.measure, status.target, glance=glance)
    return f"{won} of {target}{to_date}, {percent(status.attainment, glance=glance)}"


def _standing(request: Request, found: Figures, *, glance: bool) -> list[str]:
    status, measure, said = found.status, found.measure, []
    if status.pace is not None and status.standing is not None:
        said.append(f"{status.standing.value.capitalize()}: pace {percent(status.pace, glance=glance)}.")
    elif status.no_pace is not None and status.target:
        said.append(f"Pace: {status.no_pace.value}.")
    if status.gap and (status.ended or found.whole):
        short = amount(request, measure, status.gap, glance=glance)
        said.append(f"Ended, short by {short}." if status.ended else f"Short by {short} to date.")
    elif status.gap and status.needed is not None:
        left = plural(status.days_left, "working day")
        needed = rough(request, measure, status.needed, glance=glance)
        said.append(
            f"{amount(request, measure, status.gap, glance=glance)} to go: {needed} a working day, {left} left."
        )
    elif status.surplus:
        said.append(f"{amount(request, measure, status.surplus, glance=glance)} above the target.")
    return said


def _ahead(request: Request, found: Figures, *, glance: bool) -> list[str]:
    said: list[str] = []
    if found.status.ended or found.whole:
        return said
    if found.status.projected is not None:
        said.append(f"Projected {rough(request, found.measure, found.status.projected, glance=glance)}.")
    if found.measure == BOOKINGS:
        said.append(f"Weighted forecast {rough(request, BOOKINGS, found.forecast.total, glance=glance)}.")
    return said


def _rows(request: Request, found: Figures, *, glance: bool) -> tuple[Fact, ...]:
    status, measure, rows = found.status, found.measure, []
    over = status.ended or found.whole is not None
    if status.pace is not None and status.standing is not None:
        rows.append(Fact("Pace", f"{percent(status.pace, glance=glance)}, {status.standing.value}"))
    elif status.no_pace is not None and status.target:
        rows.append(Fact("Pace", status.no_pace.value))
    if status.gap:
        rows.append(Fact("Short by" if over else "To go", amount(request, measure, status.gap, glance=glance)))
    elif status.surplus:
        rows.append(Fact("Above", amount(request, measure, status.surplus, glance=glance)))
    if status.gap and status.needed is not None and not over:
        left = plural(status.days_left, "working day")
        rows.append(
            Fact("Needed", f"{rough(request, measure, status.needed, glance=glance)} a working day, {left} left")
        )
    if status.projected is not None and not over:
        rows.append(Fact("Projected", rough(request, measure, status.projected, glance=glance)))
    if measure == BOOKINGS and not over:
        rows.append(Fact("Weighted forecast", rough(request, measure, found.forecast.total, glance=glance)))
    if found.whole and found.whole_target is not None:
        label = f"Target for {_period(request, found.whole)}"
        rows.append(Fact(label, amount(request, measure, found.whole_target, glance=glance)))
    if found.claimed:
        rows.append(Fact("Claimed besides", money(request, found.claimed, glance=glance)))
    return tuple(rows)


def _made_from(request: Request, found: Figures, *, glance: bool = False) -> str:
    left_out = len(found.forecast.left_out)
    words = fresh(request, found)
    if left_out and not found.status.ended and not found.whole:
        words += f"; the forecast leaves out {plural(left_out, 'open deal')} without amount or date, or overdue"
    if found.nobodys:
        words += f"; {NOBODYS.format(amount=money(request, found.nobodys, glance=glance))}"
    if found.no_rate:
        words += f"; deals in {', '.join(found.no_rate)} are left out, the plan has no rate for them"
    return _sentence(words)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def forecast_reply(request: Request, found: Figures, whose: str, *, named: bool) -> Reply:
    """Where it will end: by run-rate, for bookings by the open deals too, and what is left out of that: by name for who
    may see whose deals they are."""
    period, status, weighted = _period(request, found.span), found.status, found.forecast
    no_pace = status.no_pace or Unknown.TOO_EARLY
    projected = no_pace.value if status.projected is None else rough(request, found.measure, status.projected)
    target = "no target set" if status.target is None else f"target {amount(request, found.measure, status.target)}"
    if found.measure != BOOKINGS:
        lead = f"{labelled(whose, found.measure)}: projected {projected}, {target}"
        so_far = amount(request, found.measure, status.credited)
        return Reply(text=f"{lead}, {period}. So far {so_far}. {_sentence(fresh(request, found))}")
    lead = f"{whose}: weighted forecast {rough(request, BOOKINGS, weighted.total)}, {target}"
    won, open_part = money(request, status.credited), rough(request, BOOKINGS, weighted.open)
    sentence = f"{lead}, {period}. Won {won}, open deals weighted {open_part}, projected {projected}."
    rows = (Fact("Won", won), Fact("Open deals, weighted", open_part), Fact("Projected", projected))
    parts: list[Part] = [Text(lead, style="strong"), Text(period, style="quiet"), Facts(rows)]
    if weighted.left_out:
        listed = "; ".join(f"{one.deal.name}: {', '.join(one.reasons)}" for one in weighted.left_out[:5])
        more = f" and {len(weighted.left_out) - 5} more" if len(weighted.left_out) > 5 else ""
        if not named:
            listed, more = plural(len(weighted.left_out), "open deal") + " without amount or date, or overdue", ""
        parts.append(Text(f"Left out: {listed}{more}.", style="quiet"))
        sentence += f" Left out: {listed}{more}."
    return Reply(text=sentence, parts=tuple(parts))


def coverage_reply(request: Request, found: Figures, whose: str) -> Reply:
    """How often the open pipeline fills the gap; the divisor is named."""
    covered = found.coverage
    period = _period(request, found.span)
    pipeline = rough(request, BOOKINGS, covered.pipeline)
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
    status, period, whose = found.status, _period(request, found.span), labelled(whose, found.measure)
    if status.target is None:
        return Reply(text=f"{whose}: no target set, {period}.")
    if not status.gap:
        return Reply(text=f"{whose}: nothing more, the target is met, {period}.")
    gap = amount(request, found.measure, status.gap)
    if status.needed is None or status.needed_a_week is None:
        return Reply(text=f"{whose}: ended, short by {gap}, {period}.")
    unit, needed = ("week", status.needed_a_week) if per_week else ("working day", status.needed)
    left = plural(status.days_left, "working day")
    lead = f"{whose}: {rough(request, found.measure, needed)} a {unit}, {period}."
    return Reply(text=f"{lead} {gap} to go, {left} left, today included.")


def chart_reply(
    request: Request, whose: str, period: str, each: Sequence[tuple[str, Figures]], measure: str = BOOKINGS
) -> Reply:
    """The figures as bars; the sentence says them all."""

    def drawn(number: int) -> float:
        return float(from_minor(number, request.company.currency)) if measure in MONEY else float(number)

    rows, said = [], []
    for label, found in each:
        status = found.status
        expected = None if status.ended else status.expected
        won = rough(request, measure, status.credited)
        target = "" if status.target is None else rough(request, measure, status.target)
        rows.append(
            ChartRow(
                label,
                drawn(status.credited),
                won,
                None if status.target is None else drawn(status.target),
                target,
                None if expected is None else drawn(expected),
                "" if expected is None else rough(request, measure, expected),
            )
        )
        said.append(f"{label} {won}{f' of {target}' if target else ''}")
    title = f"{labelled(whose, measure)}, {period}"
    sentence = f"{title}: {'; '.join(said)}."
    return Reply(text=sentence, parts=(Chart(title, "bars", tuple(rows), sentence),))


def months_reply(request: Request, whose: str, whole: Figures, months: Sequence[tuple[Figures, bool]]) -> Reply:
    """A row a month and one for all of them; a month that has not begun has only its target."""
    rows: list[tuple[str, ...]] = [
        (_month(found.span), *_cells(request, found, begun=begun)) for found, begun in months
    ]
    if len(rows) > 1:
        rows.append(("All", *_cells(request, whole)))
    lead = f"{labelled(whose, whole.measure)} by month, {_period(request, whole.span)}"
    said = [_said(row) for row in rows]
    reply = table_reply(lead, ("", "Target", won_words(whole.measure), "Attained"), rows, numeric=1, said=said)
    made_from = _sentence(fresh(request, whole))
    return Reply(text=f"{reply.text} {made_from}", parts=(*reply.parts, Text(made_from, style="quiet")))


def _said(row: tuple[str, ...]) -> str:
    label, target, won, attained = row
    if won == "–":
        return f"{label} target {target}"
    of = "" if target == "–" else f" of {target}"
    return f"{label} {won}{of}{f', {attained}' if attained != '–' else ''}"


def _month(span: Span) -> str:
    return f"{span.first:%b %Y}" if span.whole_months else in_days(span)


def _cells(request: Request, found: Figures, *, begun: bool = True) -> tuple[str, str, str]:
    status = found.status
    target = "–" if status.target is None else amount(request, found.measure, status.target)
    if not begun:
        return target, "–", "–"
    won = amount(request, found.measure, status.credited)
    return target, won, percent(status.attainment) if status.attainment is not None else "–"


def products_reply(
    request: Request, whose: str, span: Span, measure: str, by_product: Sequence[tuple[str, int]], made_from: str
) -> Reply:
    """A row a product, the largest first, with its share of all."""
    total = sum(number for _, number in by_product)
    rows: list[tuple[str, ...]] = [
        (name, amount(request, measure, number), percent(Fraction(number, total)) if total > 0 <= number else "–")
        for name, number in by_product
    ]
    rows.append(("All", amount(request, measure, total), ""))
    lead = f"{labelled(whose, measure)} by product, {_period(request, span)}"
    reply = table_reply(lead, ("", won_words(measure), "Share"), rows, numeric=1)
    return Reply(
        text=f"{reply.text} {_sentence(made_from)}", parts=(*reply.parts, Text(_sentence(made_from), style="quiet"))
    )
