"""How figures are said, whatever is asked: amounts by their measure, shares, as of when, tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP
from fractions import Fraction
from functools import lru_cache

from handlers.conversation.reply import Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days
from handlers.figures.credited import CREDITS, LEDGER
from handlers.figures.plan import MONEY
from handlers.figures.standing import Figures
from handlers.numbers.money import from_minor, to_minor, written

_NAMES = {"bookings": "", "pipeline_created": "pipeline created", "meetings_booked": "meetings booked"}


def percent(share: Fraction, *, glance: bool = False) -> str:
    """`46 %`, rounded half up; a tenth below 10 % where it is not whole, but for a `glance`."""
    part, of = share.numerator * 100, share.denominator
    if glance and 0 < 2 * part < of:
        return "under 1 %"
    if not glance and 0 < abs(part) < 10 * of and part % of:
        tenths = int(Fraction(part * 10, of) + Fraction(1, 2))
        return f"{tenths / 10:g} %"
    return f"{(2 * part + of) // (2 * of):,} %"


def as_of(request: Request, at: datetime | None) -> str:
    """`data as of today 09:12`, in the person's own zone; never later than now, which a demo's moved clock makes it."""
    if at is None:
        return "no deals yet"
    there = min(at, request.now).astimezone(request.basis.zone)
    return f"data as of {Days.of(request.basis).moment(there.date(), there.time())}"


def fresh(request: Request, found: Figures) -> str:
    """As of when a figure holds: the deals, or the ledger by its last import; activities count as they are logged."""
    if found.measure in LEDGER:
        if found.as_of is None:
            return f"no {found.measure} was imported yet"
        return as_of(request, found.as_of).replace(
            "data", "revenue and cost" if found.measure == "margin" else "revenue"
        )
    if found.measure in CREDITS or found.measure == "pipeline_created":
        return as_of(request, found.as_of)
    return "counted as logged"


def measure_words(measure: str) -> str:
    """A measure as people say it: `margin`, `calls`; nothing for bookings, which are meant where none is named."""
    if measure in _NAMES or measure in MONEY:
        return _NAMES.get(measure, measure)
    return f"{measure.replace('_', ' ')}s"


def labelled(whose: str, measure: str) -> str:
    """`East, margin`; just the name for bookings."""
    words = measure_words(measure)
    return f"{whose}, {words}" if words else whose


def amount(request: Request, measure: str, number: int, *, glance: bool = False) -> str:
    """To the cent, or as a count; for a `glance` in whole units."""
    return money(request, number, glance=glance) if measure in MONEY else f"{number:,}"


def rough(request: Request, measure: str, number: int, *, glance: bool = False) -> str:
    """An estimate: see `about`."""
    if measure not in MONEY:
        return f"{number:,}"
    return money(request, number, glance=True) if glance else about(request, number)


def won_words(measure: str) -> str:
    """The column of what there is so far."""
    return {"bookings": "Won", "overlay": "Won"}.get(measure, "So far")


def table_reply(
    lead: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], numeric: int, said: Sequence[str] = ()
) -> Reply:
    """Rows under a headline; the sentence says them too, as `said` where the cells alone say too little."""
    told = "; ".join(said or [" ".join(cell for cell in row if cell) for row in rows])
    right = tuple(range(numeric, len(columns)))
    return Reply(text=f"{lead}. {told}.", parts=(Text(lead, style="strong"), Table(columns, tuple(rows), right)))


def money(request: Request, minor: int, *, glance: bool = False) -> str:
    """To the cent: what counts. For a `glance`, on a page or a board, in whole units: the answer to a question has the
    cents."""
    currency = request.company.currency
    units = from_minor(minor, currency)
    if glance and abs(units) >= 1:
        return written(to_minor(units.to_integral_value(ROUND_HALF_UP), currency), currency)
    return written(minor, currency)


def about(request: Request, minor: int) -> str:
    """An estimate, from a thousand on in whole units: cents would only pretend to know."""
    return _about(minor, request.company.currency)


# An answer says most of its estimates twice: in the sentence and beside it.
@lru_cache(maxsize=1024)
def _about(minor: int, currency: str) -> str:
    units = from_minor(minor, currency)
    return written(
        to_minor(units.to_integral_value(ROUND_HALF_UP), currency) if abs(units) >= 1000 else minor, currency
    )
