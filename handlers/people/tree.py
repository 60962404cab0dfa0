"""`people`: the company as a tree, who leads and who is in which unit, and who waits to be linked."""

from __future__ import annotations

from datetime import date

from handlers.conversation.reply import Buttons, Choice, Option, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import listed, plural
from handlers.figures.roster import Roster
from handlers.people import newcomers
from handlers.people.buttons import issuer
from handlers.reach import reachable
from storage import units
from storage.database import Transaction
from storage.people import Person
from storage.units import Membership, Unit

MOST_UNITS = 25
MOST_NAMES = 12
MOST_OFFERED = 80
"""Names in a menu; Slack takes 100."""


def show(request: Request, tx: Transaction, roster: Roster) -> Reply:
    """Everybody."""
    day = request.basis.now.date()
    here = [one for one in roster.people if one.imported and not one.left]
    placed = _placed(tx, day)
    tops = [unit for unit in roster.units if unit.parent is None or roster.unit(unit.parent) is None]
    lines = [line for top in tops for line in _lines(top, roster, placed, 0)]
    without = [one for one in here if not any(one.id == each.person for each in placed)]
    lead = f"{plural(len(here), 'person', 'people')} in {plural(len(roster.units), 'unit')}."
    shown = lines[:MOST_UNITS]
    if len(lines) > MOST_UNITS:
        shown.append(f"and {len(lines) - MOST_UNITS} further units: “people” and the unit's name shows one")
    if without:
        shown.append(f"In no unit: {_names(without)}")
    unreached = reachable.summary(tx)
    waits, waiting = newcomers.waiting(request, tx)
    parts: list[Part] = [Text(lead, style="strong")]
    if shown:
        parts.append(Text("\n".join(shown)))
    parts += [*([Text(unreached, style="quiet")] if unreached else []), *waiting, *_ways_on(request, tx, here)]
    said = [lead, *(f"{line.strip()}." for line in shown), *([unreached] if unreached else []), waits]
    return Reply(text=" ".join(said), parts=tuple(parts))


def of_unit(request: Request, tx: Transaction, roster: Roster, unit: Unit) -> Reply:
    """One unit with those below it."""
    placed = _placed(tx, request.basis.now.date())
    lines = _lines(unit, roster, placed, 0, most=MOST_OFFERED)
    below = {unit.id, *units.below(roster.units, unit.id)}
    inside = [one for one in roster.people if any(each.person == one.id and each.unit in below for each in placed)]
    return Reply(
        text=" ".join(f"{line.strip()}." for line in lines),
        parts=(Text("\n".join(lines)), *_ways_on(request, tx, inside)),
    )


def _placed(tx: Transaction, day: date) -> list[Membership]:
    return [one for one in units.memberships_of(tx) if one.since <= day and (one.until is None or one.until > day)]


def _lines(unit: Unit, roster: Roster, placed: list[Membership], depth: int, most: int = MOST_NAMES) -> list[str]:
    led = [one for each in placed if each.unit == unit.id and each.leads and (one := roster.person(each.person))]
    members = [
        one for each in placed if each.unit == unit.id and not each.leads and (one := roster.person(each.person))
    ]
    by = f"led by {listed([one.name for one in led])}" if led else "led by nobody"
    names = f": {_names(sorted(members, key=lambda one: one.name), most)}" if members else ""
    lines = [f"{'    ' * depth}{unit.name} ({unit.kind}), {by}{names}"]
    for child in roster.units:
        if child.parent == unit.id:
            lines += _lines(child, roster, placed, depth + 1, most)
    return lines


def _names(these: list[Person], most: int = MOST_NAMES) -> str:
    names = [one.name for one in these]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _ways_on(request: Request, tx: Transaction, offered: list[Person]) -> list[Part]:
    parts: list[Part] = []
    if 0 < len(offered) <= MOST_OFFERED:
        token = issuer.lasting(request, tx, [("", "look", {"people": [one.id for one in offered]})])[0].token
        options = tuple(Option(one.name, str(number)) for number, one in enumerate(offered))
        parts.append(Choice("Look at a person", token, options))
    parts.append(Buttons(tuple(issuer.lasting(request, tx, [("Add a person", "new", {})]))))
    return parts
