"""What counts for somebody or a unit, cut by product."""

from __future__ import annotations

from handlers.figures.credited import LEDGER
from handlers.figures.plan import Plan
from handlers.figures.standing import Subject
from handlers.numbers.spans import Span
from storage import credits, ledger
from storage.database import Transaction

NO_PRODUCT = "no product"


def by_product(tx: Transaction, plan: Plan, subject: Subject, span: Span) -> list[tuple[str, int]]:
    """(product, minor units), the largest first; of bookings, revenue or margin, as the plan's measure is.

    Of a unit those count who were members on the win date, or on the ledger's day.
    """
    persons = {subject.person} if subject.person else {one.id for one in plan.sellers_in(subject.unit or "", span)}
    if plan.measure in LEDGER:
        rows = ledger.by_product(tx, span.first, span.last, kinds=LEDGER[plan.measure], persons=persons)
    else:
        if subject.unit:
            # A reversal counts where the win did, wherever the person is by now.
            persons |= {row[0] for row in credits.apart(tx, span.first, span.last)}
        rows = credits.by_product(tx, span.first, span.last, persons=persons)
    found: dict[str, int] = {}
    for person, day, product, amount in rows:
        if subject.unit is None or plan.was_in(person, subject.unit, day):
            found[product or NO_PRODUCT] = found.get(product or NO_PRODUCT, 0) + amount
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))
