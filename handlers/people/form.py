"""The form of a person: a new one, or one whose place changes from a day on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from handlers.conversation.reply import ChoiceField, DateField, Form, Option, TextField
from handlers.conversation.request import Request
from handlers.conversation.wording import listed
from handlers.figures.roster import Roster, several, unknown
from handlers.people.buttons import issuer
from handlers.people.place import SELLING_MANAGER, place_of
from storage import people, staff
from storage.database import Transaction
from storage.people import Person
from storage.units import Unit

ROLES = {
    "rep": "Rep: sells in the unit",
    "manager": "Manager: leads the unit",
    SELLING_MANAGER: "Manager who sells in the unit too",
    "leader": "Leader: leads a region or the company",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
_NEW_UNIT = re.compile(r"new:\s*(?P<name>.+?)(?:\s+in\s+(?P<parent>.+))?\Z", re.I)


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A team that is not there yet, under that unit or, with None, under the company."""

    name: str
    parent: Unit | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the form says. `role` is a key of ROLES; `units` are what is led, or the one that is sold in."""

    name: str
    email: str
    zone: str
    country: str
    subdivision: str
    role: str
    units: tuple[Unit | NewUnit, ...]
    manager: str | None
    since: date


def empty(request: Request, tx: Transaction, name: str = "") -> Form:
    """A new person."""
    token = issuer.token_for(request, tx, "added", {})
    return _form("Add a person", token, {"name": name, "role": "rep"}, request.basis.now.date(), "First day")


def filled(request: Request, tx: Transaction, roster: Roster, person: Person) -> Form:
    """A person as they stand today."""
    token = issuer.token_for(request, tx, "changed", {"person": person.id})
    values = values_of(request, tx, roster, person)
    return _form(f"Change {person.name}"[:24], token, values, request.basis.now.date(), "From which day")


def values_of(request: Request, tx: Transaction, roster: Roster, person: Person) -> dict[str, str]:
    """What that form shows, by field; the day from which changes hold is its sender's own."""
    place = place_of(tx, roster, person.id, request.basis.now.date())
    return {
        "name": person.name,
        "email": person.email,
        "zone": person.zone,
        "country": "-".join(part for part in (person.country, person.subdivision) if part),
        "role": place.kind or "rep",
        "unit": ", ".join(unit.name for unit in place.units),
        "manager": _told_apart(roster, place.manager),
    }


def _told_apart(roster: Roster, identifier: str | None) -> str:
    """The name, or the e-mail address where another person is called the same."""
    person = roster.person(identifier)
    if person is None:
        return ""
    return person.email if len(roster.people_called(person.name)) > 1 and person.email else person.name


def _form(title: str, token: str, values: dict[str, str], day: date, since: str) -> Form:
    value = values.get
    return Form(
        title=title,
        token=token,
        fields=(
            TextField("name", "Name", value("name", ""), max_length=120),
            TextField("email", "E-mail", value("email", ""), hint="How their chat is linked", optional=True),
            ChoiceField("role", "Role", tuple(Option(label, key) for key, label in ROLES.items()), value("role", "")),
            TextField(
                "unit",
                "Unit",
                value("unit", ""),
                hint="East; for one that is not there yet “new: North” or “new: North in Europe”",
                optional=True,
                max_length=200,
            ),
            TextField("manager", "Manager", value("manager", ""), hint="Empty: nobody", optional=True),
            TextField("zone", "Time zone", value("zone", ""), hint="Europe/Berlin; empty: as chat says", optional=True),
            TextField("country", "Country", value("country", ""), hint="US or US-NY, for holidays", optional=True),
            DateField("since", since, day.isoformat(), hint="Role, unit and manager; the days before keep what stood"),
        ),
    )


def read(
    tx: Transaction, roster: Roster, values: Mapping[str, str], person: Person | None
) -> Entry | dict[str, str]:  # fmt: skip
    """What the form's `values` say of a new person (None) or of this one; or field -> what is wrong with it."""
    values = {name: " ".join(value.split()) for name, value in values.items()}
    problems: dict[str, str] = {}
    name, email, zone = values.get("name", ""), values.get("email", "").lower(), values.get("zone", "")
    if not name:
        problems["name"] = "Write the name."
    if email and not _EMAIL.match(email):
        problems["email"] = f"“{email}” is no e-mail address. Write it like dana@example.com."
    elif email and (other := people.by_email(tx, email)) is not None and (person is None or other.id != person.id):
        problems["email"] = f"That is the e-mail address of {other.name}{', who has left' if other.left else ''}."
    role = values.get("role", "")
    if role not in ROLES:
        problems["role"] = "Choose one."
    try:
        zone = ZoneInfo(zone).key if zone else ""
    except (KeyError, ValueError, OSError):
        problems["zone"] = f"I know no time zone “{zone}”. Write it like America/New_York."
    country, _, subdivision = values.get("country", "").upper().partition("-")
    if country and not (len(country) == 2 and country.isascii() and country.isalpha() and len(subdivision) <= 3):
        problems["country"] = "Write two letters, with the region behind them where it matters: DE, US-NY."
    found = _units(values.get("unit", ""), roster, role, problems)
    since = _day(values.get("since", ""), "since", problems)
    manager = manager_named(values.get("manager", ""), roster, "manager", problems)
    if manager is not None and person is not None and _goes_round(tx, person.id, manager.id, since):
        problems["manager"] = f"{manager.name} cannot manage {name}, who is above them. Change their manager first."
    if problems:
        return problems
    return Entry(name, email, zone, country, subdivision, role, found, manager.id if manager else None, since)


def manager_named(words: str, roster: Roster, field: str, problems: dict[str, str]) -> Person | None:
    """The one person here who is called so; None for no words. What is wrong goes to `problems`."""
    if not words:
        return None
    here = [one for one in roster.people_called(words) if one.imported and not one.left]
    if len(here) == 1:
        return here[0]
    names = [one.name for one in roster.people if one.imported and not one.left]
    problems[field] = several(words, here) if here else unknown(words, names, "person")
    return None


def _units(words: str, roster: Roster, role: str, problems: dict[str, str]) -> tuple[Unit | NewUnit, ...]:
    found: list[Unit | NewUnit] = []
    for piece in (part.strip() for part in words.split(",")):
        if not piece:
            continue
        new = _NEW_UNIT.match(piece)
        called = roster.units_called((new["parent"] or "") if new else piece)
        if new and not new["parent"]:
            found.append(NewUnit(new["name"], None))
        elif len(called) == 1:
            found.append(NewUnit(new["name"], called[0]) if new else called[0])
        else:
            names = [unit.name for unit in roster.units]
            wanted = new["parent"] if new else piece
            problems["unit"] = several(wanted, called) if called else unknown(wanted, names, "unit")
            if not called and not new:
                problems["unit"] += f" For a new one write “new: {piece}”."
    if len(found) > 1 and role in ("rep", SELLING_MANAGER):
        problems["unit"] = f"A rep sells in one unit at a time. Choose {listed([one.name for one in found], 'or')}."
    return tuple(found)


def _day(written: str, field: str, problems: dict[str, str]) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        problems[field] = f"“{written}” is no date. Write it like 2026-12-15."
        return date.min


def _goes_round(tx: Transaction, person: str, manager: str, day: date) -> bool:
    at: str | None = manager
    seen: set[str] = set()
    while at is not None and at not in seen:
        if at == person:
            return True
        seen.add(at)
        above = staff.manager_of(tx, at, day)
        at = above.what if above else None
    return False
