"""Where somebody belongs on each day: a unit's credit is that of its members (GLOSSARY), and who leads it is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from handlers.numbers.units import Membership
from storage.units import KINDS, Unit

DAY = timedelta(days=1)


def belongs_to(
    selling: Sequence[Membership], leading: Iterable[Membership], units: Mapping[str, Unit]
) -> tuple[Membership, ...]:
    """What somebody sells in, and on days on which that is nothing what they lead, so that what they win counts once:
    of several units the smallest, of several such the one that they have led longest."""
    found = list(selling)

    def order(one: Membership) -> tuple[int, date, str]:
        kind = units[one.unit].kind if one.unit in units else KINDS[0]
        return -KINDS.index(kind), one.first, one.unit

    for lead in sorted(leading, key=order):
        found += list(_without(lead, found))
    return tuple(sorted(found, key=lambda one: one.first))


def _without(lead: Membership, taken: Sequence[Membership]) -> Iterator[Membership]:
    """The stretches of a membership that none of the others covers."""
    first: date | None = lead.first
    for other in sorted(taken, key=lambda one: one.first):
        if first is None or (other.last is not None and other.last < first):
            continue
        if lead.last is not None and other.first > lead.last:
            break
        if other.first > first:
            yield Membership(lead.unit, first, other.first - DAY)
        first = None if other.last is None else max(first, other.last + DAY)
    if first is not None and (lead.last is None or first <= lead.last):
        yield Membership(lead.unit, first, lead.last)
