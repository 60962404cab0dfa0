"""A unit's tree, or some people, as a table that fits a phone: furthest behind first."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.conversation.company import Company
from handlers.conversation.reply import Table
from handlers.figures.tree import Line
from handlers.figures.wording import percent
from handlers.numbers.money import short
from handlers.numbers.status import Status, Unknown

UNDER = "· "


def table(company: Company, lines: Sequence[Line]) -> Table:
    """Won and target in short; the exact figures are one question away."""
    rows = tuple((f"{UNDER * line.depth}{line.subject.name}", *cells(company, line.status)) for line in lines)
    return Table(("", "Won", "Target", "%", "Status"), rows, numeric=(1, 2, 3))


def said(company: Company, lines: Sequence[Line]) -> str:
    """The same to be read out: `Sam Okafor $0 of $150k, 0 %, at risk; …`."""
    told = []
    for line in lines:
        won, target, attained, standing = cells(company, line.status)
        of = "" if target == "–" else f" of {target}"
        told.append(", ".join([f"{line.subject.name} {won}{of}", *(one for one in (attained, standing) if one != "–")]))
    return "; ".join(told)


def cells(company: Company, status: Status) -> tuple[str, str, str, str]:
    """Won, target, attainment and status."""
    return (
        short(status.credited, company.currency),
        short(status.target, company.currency) if status.target is not None else "–",
        percent(status.attainment, glance=True) if status.attainment is not None else "–",
        _standing(status),
    )


def _standing(status: Status) -> str:
    if status.standing is not None:
        return status.standing.value
    return "too early" if status.no_pace is Unknown.TOO_EARLY else "–"
