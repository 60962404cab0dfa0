"""`people Dana`: one person, and what an admin can do about them."""

from __future__ import annotations

from datetime import date

from handlers.conversation.reply import Buttons, Fact, Facts, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed
from handlers.figures.plan import MONEY
from handlers.figures.roster import Roster
from handlers.figures.stages import open_stages
from handlers.numbers.money import written
from handlers.numbers.periods import FiscalCalendar, day_in
from handlers.people.buttons import issuer
from handlers.people.place import Place, place_of
from handlers.reach import reachable
from storage import deals, departures, people, staff, targets
from storage.database import Transaction
from storage.people import Person


def show(request: Request, tx: Transaction, roster: Roster, person: Person, lead: str = "") -> Reply:
    """Role, unit, manager and since when, target, open deals, linked accounts; `lead` says what was just done."""
    day = request.basis.now.date()
    days = Days.of(request.basis)
    place = place_of(tx, roster, person.id, day)
    leaves = departures.of_person(tx, person.id)
    rows = [Fact("E-mail", person.email or "none")]
    rows += _place_rows(place, roster, days)
    reports = [roster.name(one) for one in staff.reports_of(tx, person.id, day)]
    if reports:
        rows.append(Fact("Manages", listed(reports)))
    rows.append(Fact("Zone and holidays", _where(person)))
    rows.append(Fact("Target", _target(request, tx, person)))
    owned = deals.owned(tx, [person.id], stages=open_stages(request.company))
    rows.append(Fact("Open deals", f"{len(owned)}"))
    accounts = [f"{one.install}{' (refused)' if one.refused else ''}" for one in staff.accounts_of(tx, person.id)]
    rows.append(Fact("Linked on", listed(accounts) if accounts else "nowhere yet; their first message links them"))
    if people.install_for(tx, person.id) is None and request.basis.now.tzinfo is not None:
        because = reachable.why_not(tx, person.id, request.company.domains, request.basis.now.tzinfo)
        rows += [Fact("Not reached", " ".join(because).removesuffix("."))] if because else []
    if leaves is not None:
        done = "handed over" if leaves.done else "to be handed over"
        rows.append(Fact("Last day", f"{days.on(leaves.last_day, year=True)}; open deals {done}"))
    title = f"{person.name}{', has left' if person.left else ''}"
    sentence = f"{title}. " + " ".join(f"{row.label}: {row.value}." for row in rows)
    parts: list[Part] = [Text(lead)] if lead else []
    parts += [
        Text(title, style="strong"),
        Facts(tuple(rows)),
        _buttons(request, tx, person, leaving=leaves is not None),
    ]
    return Reply(text=f"{lead} {sentence}".strip(), parts=tuple(parts))


def _place_rows(place: Place, roster: Roster, days: Days) -> list[Fact]:
    def since(day: date | None) -> str:
        return f", since {days.on(day, year=True)}" if day else ""

    rows = [Fact("Role", f"{place.role.capitalize() if place.role else 'none given, so rep'}{since(place.role_since)}")]
    if place.sells is not None:
        rows.append(Fact("Sells in", f"{place.sells.name}{since(place.sells_since)}"))
    if place.leads:
        rows.append(Fact("Leads", listed([unit.name for unit in place.leads])))
    if place.sells is None and not place.leads:
        rows.append(Fact("Unit", "none"))
    manager = roster.name(place.manager) if place.manager else "nobody"
    rows.append(Fact("Manager", f"{manager}{since(place.manager_since)}"))
    return rows


def _where(person: Person) -> str:
    country = "-".join(part for part in (person.country, person.subdivision) if part)
    return f"{person.zone or 'as their chat says'}, {country or 'as the company'}"


def _target(request: Request, tx: Transaction, person: Person) -> str:
    fiscal = FiscalCalendar(request.company.fiscal_year_start)
    year = fiscal.year_of(day_in(request.company.zone, request.now))
    found = targets.standing(tx, person=person.id, fiscal_year=year)
    said = [
        f"{written(one.target.amount, request.company.currency)} {one.target.measure.replace('_', ' ')}"
        if one.target.measure in MONEY
        else f"{one.target.amount:,} {one.target.measure.replace('_', ' ')}"
        for one in found
    ]
    return f"{listed(said) if said else 'none'} for {fiscal.year_in_words(year)}"


def _buttons(request: Request, tx: Transaction, person: Person, *, leaving: bool) -> Buttons:
    data = {"person": person.id}
    wanted = [("Change", "change", data)]
    if leaving or person.left:
        wanted.append(("Came back", "back", data))
    if not leaving:
        # An import says who has left, and not who takes over.
        wanted.append(("Hand over" if person.left else "Has left", "leave", data))
    return Buttons(tuple(issuer.lasting(request, tx, wanted)))
