"""Rows of people: who they are, which unit they sell in or lead, their role, their manager, when they came and left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from handlers.imports.applying import Run, Tally
from handlers.imports.match import Named
from handlers.imports.rows import PersonRow
from handlers.imports.words import joined
from storage import imports, people, units
from storage.accounts import folded
from storage.database import Transaction
from storage.tables import manager_links, memberships, roles
from storage.tables import people as person_rows
from storage.tables import units as unit_rows

ALWAYS: Final = date(2000, 1, 1)
"""From when on somebody belongs whose file says no first day: the history that is imported is theirs."""
_ROLES: Final = {
    word: role
    for role, words in {
        "rep": "rep salesrep salesrepresentative seller salesperson accountexecutive senioraccountexecutive ae "
        "accountmanager seniorsalesrep seniorsalesrepresentative businessdevelopmentrepresentative "
        "salesdevelopmentrepresentative bdr sdr",
        "manager": "manager salesmanager regionalsalesmanager areasalesmanager teamlead teamleader salesteamlead",
        "leader": "leader salesleader regionaldirector regionalsalesdirector salesdirector directorofsales "
        "regionalvicepresident rvp vp vpsales vpofsales vicepresidentsales vicepresidentofsales headofsales "
        "chiefrevenueofficer cro chiefsalesofficer countrymanager",
    }.items()
    for word in words.split()
}
"""Titles, joined, as people's files have them -> the role."""
_LEADING: Final = ("manager", "leader")

_ByName = dict[str, dict[str, None]]
"""Folded name -> ids."""
Link = tuple[PersonRow, str]
"""A row with its person's id; the manager follows when everybody is there."""


def apply(tx: Transaction, run: Run, rows: Sequence[PersonRow]) -> tuple[Tally, list[Link]]:
    """Some rows, without their managers."""
    tally = Tally()
    links: list[Link] = []
    names = _names(tx)
    for read in rows:
        found = _find(tx, read, names, tally)
        if found is None and any(error.row == read.row for error in tally.left_out):
            continue
        row = _ended(tx, run, found, read, tally)
        before = _snapshot(tx, found or "")
        identifier = found or people.add(tx, name=row.name, at=run.now, email=row.email, imported=True).id
        names.setdefault(folded(row.name), {})[identifier] = None
        _settle(tx, run, identifier, row, tally)
        changes = _journal(tx, run, identifier, before)
        if found is None:
            tally.made += 1
        elif changes:
            tally.changed += 1
        else:
            tally.same += 1
        links.append((row, identifier))
    return tally, links


def link(tx: Transaction, run: Run, links: Sequence[Link]) -> Tally:
    """The managers of some. One who has no row and is not known is added: reports alone make somebody a manager."""
    tally = Tally()
    names = _names(tx)
    for row, person in links:
        if row.manager is None:
            continue
        manager = _manager(tx, run, row.manager, names, tally)
        if manager is None or manager == person:
            continue
        standing = people.managers_of(tx, person, _last_day(run, row))
        if standing == [manager] or (standing and row.end is not None and row.end < run.today):
            continue
        before = _snapshot(tx, person)
        who, whose = people.person(tx, person), people.person(tx, manager)
        assert who is not None
        assert whose is not None
        people.give_manager(tx, who, whose, _from(run, row) if standing else row.start or ALWAYS)
        if row.end is not None:
            _end(tx, person, row.end + timedelta(days=1))
        _journal(tx, run, person, before)
        tally.notes["New managers set: {n}."] += 1
    return tally


def _find(tx: Transaction, row: PersonRow, names: _ByName, tally: Tally) -> str | None:
    """By e-mail; by exact name where either side has none."""
    if row.email and (known := people.by_email(tx, row.email)) is not None:
        return known.id
    same = [
        one
        for one in _named(tx, names, row.name)
        # Whom a chat brought is a newcomer until an e-mail address or an admin says who that is.
        if one.imported and not (row.email and one.email)
    ]
    if len(same) > 1:
        tally.refuse(row.row, row.name, f"{len(same)} people are called {row.name}. Add their e-mail addresses.")
        return None
    return same[0].id if same else None


def _ended(tx: Transaction, run: Run, found: str | None, row: PersonRow, tally: Tally) -> PersonRow:
    """With a last day where a status alone says that somebody is gone: the day before the row's own, else yesterday;
    who has left already did so when they did."""
    if row.gone is None or row.end is not None:
        return row
    standing = None if found is None else _left_on(tx, run, found)
    if not row.gone:
        if standing is not None and "end" not in run.fields:
            tally.notes["People who have left, and are here by their status: {n}. “people NAME” brings them back."] += 1
        return row
    tally.notes["People without a last day who are gone by their status: {n}."] += 1
    day = standing or min(row.since or run.today, run.today) - timedelta(days=1)
    return msgspec.structs.replace(row, end=day, since=None)


def _left_on(tx: Transaction, run: Run, person: str) -> date | None:
    """The last day of who has left."""
    at = tx.execute(sa.select(person_rows.c.left_at).where(person_rows.c.id == person)).scalar_one()
    return None if at is None else at.astimezone(ZoneInfo(run.company.zone)).date() - timedelta(days=1)


def _names(tx: Transaction) -> _ByName:
    found: _ByName = {}
    for identifier, name in tx.execute(sa.select(person_rows.c.id, person_rows.c.name).order_by(person_rows.c.id)):
        found.setdefault(folded(name), {})[identifier] = None
    return found


def _named(tx: Transaction, names: _ByName, name: str) -> list[people.Person]:
    found = [people.person(tx, identifier) for identifier in names.get(folded(name), ())]
    return [one for one in found if one is not None]


def _manager(tx: Transaction, run: Run, named: Named, names: _ByName, tally: Tally) -> str | None:
    if named.key:
        return named.key
    if "@" in named.written:
        known = people.by_email(tx, named.written)
        if known is not None:
            return known.id
    same = [one for one in _named(tx, names, named.name) if one.imported]
    if len(same) > 1:
        tally.doubts.append(f"{len(same)} people are called {named.name}: nobody was given them as manager.")
        return None
    if same:
        return same[0].id
    email = named.written if "@" in named.written else ""
    added = people.add(tx, name=named.name, at=run.now, email=email, imported=True)
    imports.note_made(tx, run.id, person_rows, [added.id])
    names.setdefault(folded(named.name), {})[added.id] = None
    tally.notes["Managers without a row of their own, added: {n}."] += 1
    return added.id


def _settle(tx: Transaction, run: Run, identifier: str, row: PersonRow, tally: Tally) -> None:
    standing = tx.execute(sa.select(person_rows).where(person_rows.c.id == identifier)).one()
    values: dict[str, Any] = {"name": row.name, "imported": True}
    if row.email and not standing.email:
        values["email"] = row.email
    country, subdivision, zone = _country(row, tally), row.subdivision.upper(), _zone(row, tally)
    if country:
        values["country"] = country
    if country and subdivision and len(subdivision) <= 3:
        values["subdivision"] = subdivision
    if zone:
        values["zone"] = zone
    gone = row.end is not None and row.end < run.today
    if gone and row.end is not None:
        after = datetime.combine(row.end + timedelta(days=1), time(), ZoneInfo(run.company.zone))
        values["left_at"] = after.astimezone(UTC)
    elif "end" in run.fields and standing.left_at is not None:
        values["left_at"] = None
    tx.execute(person_rows.update().where(person_rows.c.id == identifier), values)
    role = _role(row, tally)
    if role:
        _give_role(tx, run, identifier, row, role)
    unit = _unit(tx, run, row)
    if unit is None and role == "leader" and row.manager is None and not {"unit", "region"}.isdisjoint(run.fields):
        unit = _top(tx, run)
        tally.notes[f"Leaders without a unit and without a manager, who lead {unit.name}: {{n}}."] += 1
    if unit is not None:
        _join(tx, run, identifier, row, unit, leads=role in _LEADING)
    if row.end is not None:
        _end(tx, identifier, row.end + timedelta(days=1))


def _country(row: PersonRow, tally: Tally) -> str:
    if not row.country:
        return ""
    if len(row.country) == 2 and row.country.isascii() and row.country.isalpha():
        return row.country.upper()
    tally.notes["Countries that are no two-letter code, so that the company's holidays hold: {n}."] += 1
    return ""


def _zone(row: PersonRow, tally: Tally) -> str:
    try:
        return ZoneInfo(row.zone).key if row.zone else ""
    except (KeyError, ValueError, OSError):
        tally.notes["Time zones that I do not know: {n}. Write them like Europe/Berlin."] += 1
        return ""


def _role(row: PersonRow, tally: Tally) -> str:
    key = joined(row.role)
    if key == "admin":
        tally.notes["Admins, who are named in app.yaml and not in a file of people: {n}."] += 1
    elif row.role and key not in _ROLES:
        word = row.role.replace("{", "{{").replace("}", "}}")
        tally.notes[f"“{word}” is no role that I know, so whoever has it is a rep until they have reports: {{n}}."] += 1
    return _ROLES.get(key, "")


def _give_role(tx: Transaction, run: Run, person: str, row: PersonRow, role: str) -> None:
    day = _last_day(run, row)
    holds = (
        roles.c.person == person,
        roles.c.role.in_(sorted(set(_ROLES.values()))),
        sa.or_(roles.c.valid_to.is_(None), roles.c.valid_to > day),
    )
    held = set(tx.execute(sa.select(roles.c.role).where(*holds)).scalars())
    if held == {role}:
        return
    if held:
        tx.execute(roles.update().where(*holds), {"valid_to": _from(run, row)})
    who = people.person(tx, person)
    assert who is not None
    people.give_role(tx, who, role, _from(run, row) if held else row.start or ALWAYS)


def _unit(tx: Transaction, run: Run, row: PersonRow) -> units.Unit | None:
    """The row's unit, made where there is none: a team below its region, a region below the company."""
    if not row.unit and not row.region:
        return None
    above = _top(tx, run)
    if row.region:
        above = _named_unit(tx, run, row.region, "region", above)
    return (
        _named_unit(tx, run, row.unit, "team", above) if row.unit and folded(row.unit) != folded(row.region) else above
    )


def _named_unit(tx: Transaction, run: Run, name: str, kind: str, above: units.Unit) -> units.Unit:
    known = units.named(tx, name)
    if known is None:
        known = units.add(tx, name, kind=kind, parent=above, at=run.now)
        imports.note_made(tx, run.id, unit_rows, [known.id])
    elif above.kind == "region" and known.kind == "team" and known.parent != above.id:
        # A team whose region was not known, or that the file has elsewhere by now.
        before = imports.rows_where(tx, unit_rows, "id", [known.id])
        tx.execute(unit_rows.update().where(unit_rows.c.id == known.id), {"parent": above.id})
        imports.note_difference(tx, run.id, unit_rows, before, imports.rows_where(tx, unit_rows, "id", [known.id]))
    return known


def _join(tx: Transaction, run: Run, person: str, row: PersonRow, unit: units.Unit, *, leads: bool) -> None:
    """Who belongs elsewhere already moves on the row's day, else today, and the past stays."""
    day = _last_day(run, row)
    mine = [one for one in units.memberships_of(tx, persons=[person]) if one.leads == leads]
    now = [one for one in mine if one.until is None or one.until > day]
    if any(one.unit == unit.id for one in now) or (mine and row.end is not None and row.end < run.today):
        return
    if leads:
        units.lead(tx, [unit], person, since=_from(run, row) if mine else row.start or ALWAYS)
    else:
        units.join(tx, unit, person, since=_from(run, row) if mine else row.start or ALWAYS)


def _from(run: Run, row: PersonRow) -> date:
    """From when on what a row says anew holds."""
    return row.since or run.today


def _top(tx: Transaction, run: Run) -> units.Unit:
    known = next((one for one in units.everything(tx) if one.kind == "company"), None)
    if known is not None:
        return known
    made = units.add(tx, run.company.name, kind="company", parent=None, at=run.now)
    imports.note_made(tx, run.id, unit_rows, [made.id])
    return made


def _end(tx: Transaction, person: str, on: date) -> None:
    """From that day on nothing holds: what would have begun later is gone, what holds ends."""
    for table in (memberships, roles, manager_links):
        later = (table.c.person == person, sa.or_(table.c.valid_to.is_(None), table.c.valid_to > on))
        tx.execute(table.delete().where(*later, table.c.valid_from >= on))
        tx.execute(table.update().where(*later), {"valid_to": on})


def _last_day(run: Run, row: PersonRow) -> date:
    """Of whom is gone, the last day; else today."""
    return min(row.end or run.today, run.today)


# ---------------------------------------------------------------- the journal


_WATCHED: Final = ((person_rows, "id"), (memberships, "person"), (roles, "person"), (manager_links, "person"))


def _snapshot(tx: Transaction, person: str) -> dict[str, dict[str, imports.Row]]:
    return {table.name: imports.rows_where(tx, table, column, [person]) for table, column in _WATCHED}


def _journal(tx: Transaction, run: Run, person: str, before: dict[str, dict[str, imports.Row]]) -> int:
    after = _snapshot(tx, person)
    return sum(
        imports.note_difference(tx, run.id, table, before[table.name], after[table.name]) for table, _ in _WATCHED
    )
