"""Lists of deals: open, stuck, closing, won and lost ones of a person or a unit; the sum first, then the deals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from handlers.ask.reading import Question
from handlers.conversation.buttons import Issuer
from handlers.conversation.reply import Buttons, Part, Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed, plural
from handlers.figures import deal_rows, wording
from handlers.figures.deal_rows import Circle, Row
from handlers.figures.plan import Plan
from handlers.figures.sight import sees_each
from handlers.figures.standing import Subject
from handlers.numbers.periods import FiscalCalendar, day_in
from handlers.numbers.shares import half_up
from storage import deals
from storage.database import Transaction

MOST: Final = 15
MOST_ASKED: Final = 25
"""“top 40 deals” gives so many: more is an export's work."""
ISSUER: Final = Issuer("quota")
WORDS: Final = {
    "open": "open deal",
    "stuck": "stuck deal",
    "closing": "open deal that closes",
    "won": "won deal",
    "lost": "lost deal",
}
STUCK_RULE: Final = (
    "Stuck: past its close date, more than {stuck} days in its stage, or for more than {quiet} days without a change "
    "and without an activity of its owner with the account."
)
NOT_EACH: Final = "Whose they are is shown to those who lead {name}; your own among them are below."
NONE_OF_MINE: Final = "Whose they are is shown to those who lead {name}; none of them is yours."


def answer(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """How many and how much, in the plan's currency by their shares; then the deals, the largest first."""
    span, kind = question.period, question.detail or "open"
    assert span is not None
    today = request.basis.now.date() if subject.person else day_in(request.company.zone, request.now)
    circle = Circle.of(tx, request.company, plan, subject, span, today)
    bounded = "period" in question.said
    rows = _found(request, circle, kind, question)
    each = sees_each(request.actor, plan, subject, request.basis.now.date())
    whose = "You" if subject.person == request.actor.person else subject.name
    period = f", {FiscalCalendar(request.company.fiscal_year_start).words(span)}" if _dated(kind, bounded) else ""
    lead = f"{whose}: {_counted(kind, len(rows))}"
    if any(row.amount is not None for row in rows):
        lead += f", {wording.money(request, deal_rows.total(rows))}"
    sentences = [f"{lead}{period}.", *_left_out(request, rows), *_late(kind, rows, today)]
    claimed = deal_rows.claimed_rows(circle, span) if kind == "won" else []
    if claimed:
        sentences.append(_claimed(request, claimed, each=each))
    if kind == "stuck":
        sentences.append(STUCK_RULE.format(stuck=request.company.stuck_days, quiet=request.company.quiet_days))
    parts: list[Part] = [Text(f"{lead}{period}", style="strong")]
    shown = rows
    if not each:
        shown = _owned(rows, request.actor.person)
        if rows:
            sentences.append((NOT_EACH if shown else NONE_OF_MINE).format(name=subject.name))
    parts += [Text(" ".join(sentences[1:]))] if sentences[1:] else []
    said = ""
    if shown and each and question.by in _CUTS:
        table, said = _cut(request, circle, question.by or "", shown)
        parts.append(table)
    elif shown:
        table, said, more = _table(request, kind, shown, question, today, unit=subject.unit is not None and each)
        parts.append(table)
        parts += [Text(more, style="quiet")] if more else []
        said += f" {more}" if more else ""
    fresh = wording.as_of(request, deals.fresh_as_of(tx))
    sentences += [said, f"{fresh[0].upper()}{fresh[1:]}."]
    parts.append(Text(sentences[-1], style="quiet"))
    buttons = _buttons(request, tx, question, subject, kind, each=each and bool(rows), bounded=bounded)
    return Reply(" ".join(filter(None, sentences)), (*parts, *buttons))


def _found(request: Request, circle: Circle, kind: str, question: Question) -> list[Row]:
    """Open ones whatever they close, unless a period was named; stuck ones that should close until its end."""
    span = question.period
    assert span is not None
    bounded = "period" in question.said
    if kind == "won":
        return deal_rows.won_rows(circle, span)
    if kind == "lost":
        return deal_rows.lost_rows(circle, span)
    if kind == "stuck":
        rows = deal_rows.open_rows(circle)
        if bounded:
            rows = [one for one in rows if one.named.deal.closes_on is None or one.named.deal.closes_on <= span.last]
        return deal_rows.stuck(circle, rows, request.now, Days.of(request.basis))
    if kind == "closing" or bounded:
        return deal_rows.open_rows(circle, first=span.first, last=span.last)
    return deal_rows.open_rows(circle)


def _owned(rows: Sequence[Row], person: str) -> list[Row]:
    """Those that a person owns."""
    return [row for row in rows if row.named.deal.owner == person]


def _dated(kind: str, bounded: bool) -> bool:
    return bounded or kind in ("closing", "won", "lost")


def _counted(kind: str, number: int) -> str:
    if kind == "closing":
        return f"{plural(number, 'open deal closes', 'open deals close')}" if number else "no open deal closes"
    return plural(number, WORDS[kind]) if number else f"no {WORDS[kind]}"


def _left_out(request: Request, rows: Sequence[Row]) -> list[str]:
    """What the sum does not hold."""
    said = []
    bare = sum(row.amount is None and not row.no_rate and row.named.deal.amount_minor is None for row in rows)
    if bare:
        said.append(f"{bare:,} of them without an amount.")
    for currency in sorted({row.no_rate for row in rows if row.no_rate}):
        number = sum(row.no_rate == currency for row in rows)
        plan = request.company.currency
        said.append(f"{number:,} in {currency}, in no sum: the plan has no rate from {currency} to {plan}.")
    return said


def _late(kind: str, rows: Sequence[Row], today: date) -> list[str]:
    if kind not in ("open", "closing"):
        return []
    late = sum(_overdue(row, today) for row in rows)
    return [f"{late:,} of them past the close date."] if late else []


def _overdue(row: Row, today: date) -> bool:
    return row.named.deal.closes_on is not None and row.named.deal.closes_on < today


def _claimed(request: Request, rows: Sequence[Row], *, each: bool) -> str:
    names = f": {listed([_name(row) for row in rows[:5]])}" if each else ""
    more = f" and {len(rows) - 5} more" if each and len(rows) > 5 else ""
    amount = wording.money(request, deal_rows.total(rows))
    return f"+ {amount} claimed ({plural(len(rows), 'deal')}), in no sum until confirmed{names}{more}."


def _name(row: Row) -> str:
    return row.named.account or row.named.deal.name or "a deal without an account"


def _amount(request: Request, row: Row) -> str:
    if row.amount is None:
        return f"no rate for {row.no_rate}" if row.no_rate else "no amount"
    share = f" ({wording.percent(row.share)})" if row.share != 1 else ""
    back = ", taken back" if row.amount < 0 else ""
    return f"{wording.money(request, half_up(row.amount))}{share}{back}"


def _table(
    request: Request, kind: str, rows: Sequence[Row], question: Question, today: date, *, unit: bool
) -> tuple[Table, str, str]:
    """The deals, the same said, and how many more there are."""
    smallest = question.order == "worst"
    rows = sorted(rows, key=lambda row: (row.named.deal.closes_on or date.max, row.named.deal.id))
    rows.sort(key=lambda row: (row.amount or Fraction(0)) * (1 if smallest else -1))
    days = Days.of(request.basis)
    limit = min(question.limit or MOST, MOST_ASKED)
    names = {"won": "Won", "lost": "Lost"}
    columns = ["Account", {"stuck": "Why", "lost": "Reason"}.get(kind, "Stage"), "Amount", names.get(kind, "Closes")]
    cells = []
    for row in rows[:limit]:
        deal = row.named.deal
        second = {"stuck": ", ".join(row.why), "lost": deal.loss_reason or "–"}.get(kind, deal.stage.replace("_", " "))
        late = ", overdue" if _overdue(row, today) and kind in ("open", "closing") else ""
        closes = f"{days.on(deal.closes_on)}{late}" if deal.closes_on else "no date"
        cells.append((_name(row), second, _amount(request, row), closes, row.named.owner or "nobody I know"))
    keep = [at for at in range(5) if (at != 4 or unit) and (at != 1 or kind != "won")]
    columns = [[*columns, "Owner"][at] for at in keep]
    laid = tuple(tuple(cell[at] for at in keep) for cell in cells)
    said = "; ".join(", ".join(cell) for cell in laid)
    more = f"And {plural(len(rows) - limit, 'more deal')}." if len(rows) > limit else ""
    return Table(tuple(columns), laid, (columns.index("Amount"),)), f"{said}.", more


_CUTS: Final[dict[str, str]] = {"stage": "Stage", "rep": "Rep", "product": "Product", "month": "Month", "team": "Team"}


def _cut(request: Request, circle: Circle, by: str, rows: Sequence[Row]) -> tuple[Table, str]:
    """How many and how much by stage, rep, product, month or team."""

    def of_team(row: Row) -> str:
        unit = circle.plan.unit_of(row.named.deal.owner or "", circle.today)
        return unit.name if unit else "no team"

    keys: dict[str, Callable[[Row], str]] = {
        "stage": lambda row: row.named.deal.stage.replace("_", " "),
        "rep": lambda row: row.named.owner or "nobody I know",
        "product": lambda row: row.named.deal.product or "no product",
        "month": lambda row: f"{row.named.deal.closes_on:%b %Y}" if row.named.deal.closes_on else "no date",
        "team": of_team,
    }
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.named.deal.closes_on or date.max):
        groups.setdefault(keys[by](row), []).append(row)
    order = list(groups)
    if by == "stage":
        stages = [stage.replace("_", " ") for stage in request.company.stages]
        order.sort(key=lambda name: stages.index(name) if name in stages else len(stages))
    elif by != "month":
        order.sort(key=lambda name: -deal_rows.total(groups[name]))
    cells = tuple(
        (name, f"{len(groups[name]):,}", wording.money(request, deal_rows.total(groups[name]))) for name in order
    )
    said = "; ".join(f"{name} {number}, {amount}" for name, number, amount in cells)
    return Table((_CUTS[by], "Deals", "Amount"), cells, (1, 2)), f"{said}."


def _buttons(
    request: Request, tx: Transaction, question: Question, subject: Subject, kind: str, *, each: bool, bounded: bool
) -> list[Part]:
    """The same list cut by rep and by stage."""
    if not each or question.by in _CUTS:
        return []
    span = question.period
    days = f" {span.first} to {span.last}" if span is not None and _dated(kind, bounded) else ""
    what = f"deals closing of {subject.name}" if kind == "closing" else f"{kind} deals of {subject.name}"
    cuts = [*(["rep"] if subject.unit else []), *(["stage"] if kind in ("open", "closing", "stuck") else [])]
    wanted = [(f"By {cut}", "again", {"text": f"{what} by {cut}{days}"}) for cut in cuts]
    return [Buttons(tuple(ISSUER.lasting(request, tx, wanted)))] if wanted else []
