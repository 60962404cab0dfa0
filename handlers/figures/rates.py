"""The plan's rates of exchange, from the rows."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from handlers.conversation.company import Company
from handlers.numbers.credit import Rates
from storage import targets
from storage.database import Transaction


def load(tx: Transaction, company: Company, fiscal_years: Iterable[int]) -> Rates:
    """Those of these fiscal years."""
    by_year: dict[int, dict[str, Decimal]] = {}
    for (year, currency), rate in targets.rates_of(tx, fiscal_years).items():
        by_year.setdefault(year, {})[currency] = rate
    return Rates(company.currency, by_year)
