"""How a commission estimate is said: the figure first, then the rule, and what it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from handlers.conversation.reply import Fact, Facts, Part, Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import listed
from handlers.figures.commission import Paid, total
from handlers.figures.commission_plan import CommissionPlan
from handlers.figures.wording import about, as_of, money, percent
from handlers.numbers.commission import Estimate, Line, Worth, to_next_band
from handlers.numbers.money import to_minor, written
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import Span
from handlers.numbers.targets import in_percent

NO_PLAN = (
    "{whose}: no commission plan holds, {period}, so there is no estimate. An admin brings one in with "
    "“pacer import plan.yaml”, and says in it whom it is for."
)
AT_ONCE = (
    "{whose}: the plans {plans} hold at once, {period}, so there is no estimate. An admin can let one of them leave "
    "{them} out, or name {them} by e-mail in the one that holds."
)
TOO_MANY = "That is more than two years' worth of periods. Ask for one year, for example “commission last year”."
NOTHING_PAID = "Nobody in {name} has a commission plan, {period}."


def one_reply(request: Request, paid: Paid, whose: str, asked: Span | None = None) -> Reply:
    """One period of one plan; where another one was asked for, why it is this."""
    period = period_in_words(request, paid.piece.span)
    if paid.estimate is None:
        return Reply(text=no_target(request, paid, whose))
    made = paid.estimate
    lead = f"{whose}: an estimated {money(request, made.amount)} of commission"
    other = _other_period(paid, asked)
    sentences = [f"{lead}, {period}.", other, rule(request, paid), credited(request, paid), in_bands(request, made)]
    further = next_band(request, paid)
    sentences.append(f"{further}." if further else "")
    weighted = paid.if_weighted
    if weighted is not None:
        said = f"{about(request, weighted.amount)} on {about(request, weighted.credited)}"
        sentences.append(f"If the open deals come in as weighted: {said}.")
    small = small_print(request, [paid])
    parts: list[Part] = [Text(lead, style="strong"), Text(" ".join(filter(None, (f"{period}.", other))), style="quiet")]
    if made.lines:
        parts.append(bands_table(request, made))
    rows = [Fact("Counted", counted(request, paid)), *cap_fact(request, made)]
    if further:
        rows.append(Fact("Next band", further))
    if (ote := paid.piece.plan.ote) is not None:
        currency = request.company.currency
        rows.append(Fact("OTE", f"{written(to_minor(ote, currency), currency)} a year"))
        sentences.append(f"OTE: {rows[-1].value}.")
    if weighted is not None:
        rows.append(Fact("If open deals come in as weighted", said))
    parts += [Facts(tuple(rows)), Text(rule(request, paid)), Text(small, style="quiet")]
    return Reply(text=" ".join(filter(None, [*sentences, small])), parts=tuple(parts))


def several_reply(request: Request, each: Sequence[Paid], whose: str, asked: str) -> Reply:
    """Several periods, each with its estimate, and their sum."""
    lead = f"{whose}: an estimated {money(request, total(each))} of commission, {asked}"
    rows = tuple(
        (
            period_in_words(request, one.piece.span),
            money(request, one.figures.status.credited),
            percent(one.figures.status.attainment) if one.figures.status.attainment is not None else "–",
            money(request, one.estimate.amount) + (" (cap)" if one.estimate.capped else "")
            if one.estimate
            else missing(one),
        )
        for one in each
    )
    said = "; ".join(f"{period}: {amount} on {sold}" for period, sold, _, amount in rows)
    rules = list(dict.fromkeys(rule(request, one) for one in each))
    small = small_print(request, each)
    parts: tuple[Part, ...] = (
        Text(lead, style="strong"),
        Table(("", capitalised(each[0].piece.plan.measure), "Attained", "Estimate"), rows, (1, 2, 3)),
        *(Text(one) for one in rules),
        Text(small, style="quiet"),
    )
    return Reply(text=" ".join([f"{lead}.", f"{said}.", *rules, small]), parts=parts)


def change_reply(
    request: Request, whose: str, sides: tuple[Sequence[Paid], Sequence[Paid]], asked: tuple[Span, Span]
) -> Reply:
    """Two periods, each with its estimate."""
    amounts = [total(side) for side in sides]
    by = amounts[0] - amounts[1]
    moved = f"{money(request, abs(by))} {'more' if by > 0 else 'less'}" if by else "the same"
    names = [period_in_words(request, span) for span in asked]
    sold = [money(request, sum(one.figures.status.credited for one in side)) for side in sides]
    lead = f"{whose}: an estimated {money(request, amounts[0])} of commission, {moved}"
    rest = f"{names[0]}: on {sold[0]} so far" if _runs(sides[0]) else f"{names[0]}: on {sold[0]}"
    before = f"{names[1]}: {money(request, amounts[1])} on {sold[1]}"
    small = small_print(request, sides[0])
    rules = list(dict.fromkeys(rule(request, one) for side in sides for one in side))
    return Reply(text=" ".join([f"{lead}. {rest}. {before}.", *rules, small]))


def _runs(paid: Sequence[Paid]) -> bool:
    return any(not one.figures.status.ended for one in paid)


def unit_reply(request: Request, name: str, asked: str, each: Sequence[tuple[str, Sequence[Paid]]]) -> Reply:
    """A row for everybody of a unit, and their sum."""
    every = [one for _, paid in each for one in paid]
    lead = f"{name}: an estimated {money(request, total(every))} of commission, {asked}"
    rows = tuple(
        (
            who,
            money(request, sum(one.figures.status.credited for one in paid)),
            money(request, total(paid)) if any(one.estimate for one in paid) else missing(paid[0]),
            listed(list(dict.fromkeys(one.piece.plan.name for one in paid))),
        )
        for who, paid in each
    )
    said = "; ".join(f"{who} {amount} on {sold}" for who, sold, amount, _ in rows)
    rules = list(dict.fromkeys(rule(request, one) for one in every))
    small = small_print(request, every)
    parts: tuple[Part, ...] = (
        Text(lead, style="strong"),
        Table(("", "Counted", "Estimate", "Plan"), rows, (1, 2)),
        *(Text(one) for one in rules),
        Text(small, style="quiet"),
    )
    return Reply(text=" ".join([f"{lead}.", f"{said}.", *rules, small]), parts=parts)


def worth_reply(request: Request, deal: str, found: Worth, paid: Paid, whose: str, how: Sequence[str]) -> Reply:
    """What one deal adds: the estimate with it − the estimate without it."""
    to = "you" if whose == "You" else whose
    period = period_in_words(request, paid.piece.span)
    lead = f"{deal}: worth an estimated {money(request, found.amount)} of commission to {to}"
    with_it, without = money(request, found.with_it.amount), money(request, found.without.amount)
    sentences = [f"{lead}, {period}.", f"With it {with_it}, without it {without}.", *how]
    sentences.append(in_bands(request, found.with_it, "With it"))
    sentences.append(rule(request, paid))
    small = small_print(request, [paid])
    rows = (
        Fact("With it", f"{with_it} on {money(request, found.with_it.credited)}"),
        Fact("Without it", f"{without} on {money(request, found.without.credited)}"),
        *cap_fact(request, found.with_it),
    )
    parts: list[Part] = [Text(lead, style="strong"), Text(period, style="quiet"), Facts(rows)]
    if found.with_it.lines:
        parts.append(bands_table(request, found.with_it))
    parts += [*(Text(one) for one in how), Text(rule(request, paid)), Text(small, style="quiet")]
    return Reply(text=" ".join(filter(None, [*sentences, small])), parts=tuple(parts))


# ---------------------------------------------------------------- pieces


def period_in_words(request: Request, span: Span) -> str:
    return FiscalCalendar(request.company.fiscal_year_start).words(span)


def _other_period(paid: Paid, asked: Span | None) -> str:
    piece = paid.piece
    if asked is None or asked in (piece.period, piece.span):
        return ""
    return f"The plan pays by {piece.plan.period.value}, so this is the {piece.plan.period.value} that it lies in."


def rule(request: Request, paid: Paid) -> str:
    """`Plan “Reps 2026”, on bookings by quarter: 3 % up to …`"""
    plan = paid.piece.plan
    return f"Plan “{plan.name}”, on {plan.measure} by {plan.period.value}: {plan.rule(request.company.currency)}."


def counted(request: Request, paid: Paid) -> str:
    """`$120,000 of bookings, 40 % of the target of $300,000`."""
    status, measure = paid.figures.status, paid.piece.plan.measure
    sold = f"{money(request, status.credited)} of {measure}"
    if status.target is None or status.attainment is None:
        return sold
    return f"{sold}, {percent(status.attainment)} of the target of {money(request, status.target)}"


def credited(request: Request, paid: Paid) -> str:
    return f"Counted: {counted(request, paid)}."


def in_bands(request: Request, made: Estimate, label: str = "That is") -> str:
    """Each band with its sales, its rate and what comes of it; then the cap where it bites."""
    if not made.lines:
        return ""
    said = [
        f"{money(request, line.sales)} × {rate_of(line.rate)} ({_band(request, made, line)}, {line.kind.value}) = "
        f"{money(request, line.amount)}"
        for line in made.lines
    ]
    capped = f" The cap of {money(request, made.amount)} takes {_over(request, made)} off." if made.capped else ""
    return f"{label} {'; '.join(said)}.{capped}"


def bands_table(request: Request, made: Estimate) -> Table:
    """The same as a table, which adds up."""
    rows = [
        (
            _band(request, made, line),
            money(request, line.sales),
            f"{rate_of(line.rate)}, {line.kind.value}",
            money(request, line.amount),
        )
        for line in made.lines
    ]
    return Table(("Band", "Sales", "Rate", "Commission"), tuple(rows), (1, 3))


def next_band(request: Request, paid: Paid) -> str:
    """`Another $50,000 reaches 8 %`; empty for a period that is over, in the last band, and where the cap holds."""
    found = to_next_band(paid.estimate) if paid.estimate and not paid.estimate.capped else None
    if found is None or paid.figures.status.ended:
        return ""
    reached = " on everything" if paid.piece.plan.retroactive else ""
    return f"Another {money(request, found[0])} reaches {rate_of(found[1])}{reached}"


def cap_fact(request: Request, made: Estimate) -> tuple[Fact, ...]:
    if not made.capped:
        return ()
    return (Fact("Cap", f"{money(request, made.amount)}; without it {money(request, made.uncapped)}"),)


def _over(request: Request, made: Estimate) -> str:
    return money(request, made.uncapped - made.amount)


def _band(request: Request, made: Estimate, line: Line) -> str:
    """`$300,000 to $500,000`, with the shares of the target where the plan says them so."""
    start, end = money(request, line.start), None if line.end is None else money(request, line.end)
    if made.plan.of_target and made.target:
        start += f" ({percent(Fraction(line.start, made.target))})"
        end = None if end is None or line.end is None else f"{end} ({percent(Fraction(line.end, made.target))})"
    if end is None:
        return f"from {start} on" if line.start else "all of it"
    return f"{start} to {end}" if line.start else f"up to {end}"


def rate_of(rate: Fraction) -> str:
    """`5 %`; of a rate that follows from a target, two digits."""
    exact = in_percent(rate)
    return exact if len(exact) <= 8 else f"{float(rate * 100):.2f} %"


def missing(paid: Paid) -> str:
    return "target 0" if paid.target is not None else "no target set"


def no_target(request: Request, paid: Paid, whose: str) -> str:
    """Which sentence stands in the estimate's place."""
    plan, period = paid.piece.plan, period_in_words(request, paid.piece.span)
    what = "the target is 0" if paid.target is not None else f"no target for {plan.measure} is set"
    return (
        f"{whose}: no estimate, {period}. The plan “{plan.name}” pays by the target, and {what}. "
        f"An admin can set one; then ask again. Counted so far: {counted(request, paid)}."
    )


def small_print(request: Request, every: Sequence[Paid]) -> str:
    """Claimed wins apart, as of when, and that it is an estimate."""
    claimed = sum(one.figures.claimed for one in every)
    said = []
    if claimed and every[0].piece.plan.measure == "bookings":
        said.append(f"+ {money(request, claimed)} claimed, not counted until confirmed.")
    said.append(f"{capitalised(as_of(request, every[0].figures.as_of))}.")
    said.append("An estimate, not a statement of pay.")
    return " ".join(said)


def capitalised(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def plans_named(plans: Sequence[CommissionPlan]) -> str:
    return listed([f"“{plan.name}”" for plan in plans])
