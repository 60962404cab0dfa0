"""What a target counts, and how an amount of it is written and read."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from handlers.conversation.company import Company
from handlers.figures import rates
from handlers.figures.plan import MONEY
from handlers.language.amounts import read_amount
from handlers.numbers.credit import MissingRateError
from handlers.numbers.money import from_minor, to_minor, written
from handlers.numbers.periods import FiscalCalendar
from storage.database import Transaction

KINDS = ("call", "email", "meeting", "demo", "visit", "proposal", "message")
"""The activity kinds that every company has; app.yaml adds further ones."""
DEFAULT = "bookings"


def measures(company: Company) -> tuple[str, ...]:
    """All that a target may count."""
    return (*MONEY, "meetings_booked", *KINDS, *(kind for kind in company.kinds if kind not in KINDS))


def words(measure: str) -> str:
    """`bookings`, `pipeline created`, `calls`."""
    name = measure.replace("_", " ")
    return name if measure in (*MONEY, "meetings_booked") or name.endswith("s") else f"{name}s"


def named(text: str, company: Company) -> str | None:
    """The measure that one or more words name."""
    said = " ".join(text.lower().split())
    return next((one for one in measures(company) if said in (one, words(one), one.replace("_", " "))), None)


def shown(company: Company, measure: str, amount: int) -> str:
    """`$1,200,000`, `480`."""
    if measure in MONEY:
        return f"-{written(-amount, company.currency)}" if amount < 0 else written(amount, company.currency)
    return f"{amount:,}"


def typed(company: Company, measure: str, amount: int) -> str:
    """The amount as it stands in a form's field."""
    if measure not in MONEY:
        return str(amount)
    units = from_minor(amount, company.currency)
    return f"{units:,.0f}" if units == units.to_integral_value() else f"{units:,}"


def read(tx: Transaction, company: Company, measure: str, text: str, year: int) -> int | str:
    """The amount of a field (minor units of the plan's currency, or a count), or what is wrong with it.

    Another currency is converted at the plan's rate of that fiscal year, as an import does it.
    """
    text = text.strip()
    if measure not in MONEY:
        return _count(text)
    if _is_zero(text):
        return 0
    found = read_amount(text, currency=company.currency)
    if found is None:
        return f"I cannot read “{text}” as an amount. Write it like $1.2M, 900k or 750,000 {company.currency}."
    value, currency = found
    minor = to_minor(value, currency or company.currency)
    if currency in (None, company.currency):
        return minor
    assert currency is not None
    try:
        return rates.load(tx, company, [year]).converted(minor, currency, year)
    except MissingRateError:
        named_year = FiscalCalendar(company.fiscal_year_start).year_in_words(year)
        return f"The plan of {named_year} has no rate for {currency}. Write it in {company.currency}."


def _is_zero(text: str) -> bool:
    try:
        return Decimal(text.strip("$€£ ")) == 0
    except InvalidOperation:
        return False


def _count(text: str) -> int | str:
    bare = text.replace(",", "").replace(" ", "")
    if bare.isascii() and bare.isdecimal() and len(bare) < 10:
        return int(bare)
    return f"I cannot read “{text}” as a number. Write it like 480."
