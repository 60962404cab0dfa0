"""A line about a deal, read with the person's habits and the company's settings."""

from __future__ import annotations

from handlers.conversation.company import Company
from handlers.conversation.request import Basis
from handlers.deals.entry import Said
from handlers.deals.parse import parse
from handlers.deals.stages import pipeline_of


def read_line(text: str, basis: Basis, company: Company) -> Said:
    """What it says; pure, and done before the transaction begins."""
    return parse(
        text,
        now=basis.now,
        names=basis.names,
        pipeline=pipeline_of(company),
        date_order=basis.date_order,
        currency=company.currency,
        fiscal_start=company.fiscal_year_start,
    )
