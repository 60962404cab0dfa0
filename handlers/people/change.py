"""Adding a person and changing their place, from a day on; the days before keep what stood."""

from __future__ import annotations

from datetime import date

from handlers.conversation import meanwhile
from handlers.conversation.access import Denied, may
from handlers.conversation.audited import audited
from handlers.conversation.errors import NotAllowed
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster
from handlers.people import form, person
from handlers.people.errors import PersonGone
from handlers.people.form import ROLES, Entry, NewUnit
from handlers.people.place import SELLING_MANAGER, place_of
from storage import people, staff, units
from storage.database import Transaction
from storage.people import Person
from storage.units import Unit


def check(request: Request) -> None:
    """Raises NotAllowed for who is no admin."""
    verdict = may(request.actor, "change people", None)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)


def known(request: Request, roster: Roster) -> Person:
    """The person that a button or form is about. Raises PersonGone."""
    found = roster.person(str(request.data["person"]))
    if found is None:
        raise PersonGone
    return found


def new_button(request: Request, tx: Transaction) -> Outcome:
    """*Add a person*: the empty form."""
    check(request)
    return Outcome(form=form.empty(request, tx))


def change_button(request: Request, tx: Transaction) -> Outcome:
    """*Change*: the person's form."""
    check(request)
    roster = rosters.load(tx)
    return Outcome(form=form.filled(request, tx, roster, known(request, roster)))


def added(request: Request, tx: Transaction) -> Outcome:
    """The form of a new person was sent."""
    check(request)
    roster = rosters.load(tx)
    entry = form.read(tx, roster, request.values, None)
    if isinstance(entry, dict):
        return Outcome(problems=entry)
    made = people.add(tx, name=entry.name, email=entry.email, at=request.now, imported=True)
    return _kept(request, tx, roster, made, entry, new=True)


def changed(request: Request, tx: Transaction) -> Outcome:
    """The form of a person was sent: what its sender changed is changed, and nothing of what others did meanwhile."""
    check(request)
    roster = rosters.load(tx)
    standing = known(request, roster)
    merged = meanwhile.merged(request, tx, form.values_of(request, tx, roster, standing))
    if merged.problems:
        return Outcome(problems=merged.problems)
    entry = form.read(tx, roster, merged.values, standing)
    if isinstance(entry, dict):
        return Outcome(problems=entry)
    return _kept(request, tx, roster, standing, entry, new=False)


def _kept(request: Request, tx: Transaction, roster: Roster, who: Person, entry: Entry, *, new: bool) -> Outcome:
    said = _describe(tx, who, entry) + _place(request, tx, roster, who.id, entry)
    event = "person added" if new else "person changed"
    audited(request, tx, event, person=who.id, what=[label for label, _ in said])
    roster = rosters.load(tx)
    now = roster.person(who.id)
    assert now is not None
    if new:
        lead = f"Added: {entry.name}."
    elif said:
        days = Days.of(request.basis)
        since = f" from {days.day(entry.since)}" if any(label in _DATED for label, _ in said) else ""
        lead = f"Changed{since}: {listed([f'{label} {value}' for label, value in said])}."
    else:
        lead = f"Nothing was different, so {entry.name} stands as before."
    return Outcome(reply=person.show(request, tx, roster, now, lead))


_DATED = frozenset(("role", "unit", "manager"))


def _describe(tx: Transaction, who: Person, entry: Entry) -> list[tuple[str, str]]:
    before = (who.name, who.email, who.zone, who.country, who.subdivision)
    after = (entry.name, entry.email, entry.zone, entry.country, entry.subdivision)
    staff.describe(
        tx,
        who.id,
        name=entry.name,
        email=entry.email,
        zone=entry.zone,
        country=entry.country,
        subdivision=entry.subdivision,
    )
    labels = ("name", "e-mail", "time zone", "country", "region")
    return [
        (label, new or "none") for label, old, new in zip(labels, before, after, strict=True) if old != new and label
    ]


def _place(request: Request, tx: Transaction, roster: Roster, who: str, entry: Entry) -> list[tuple[str, str]]:
    """Role, unit and manager from that day on, where they differ from what stood on it."""
    since = entry.since
    stood = place_of(tx, roster, who, since)
    said: list[tuple[str, str]] = []
    role = "manager" if entry.role == SELLING_MANAGER else entry.role
    if stood.role != role:
        staff.give_role(tx, who, role, since=since)
    if stood.kind != entry.role:
        said.append(("role", ROLES[entry.role].partition(":")[0].lower()))
    wanted = [_made(request, tx, one) for one in entry.units]
    leads = wanted if entry.role != "rep" else []
    sells = wanted[0] if wanted and entry.role in ("rep", SELLING_MANAGER) else None
    if {one.id for one in leads} != {one.id for one in stood.leads}:
        units.lead(tx, leads, who, since=since)
    if (sells.id if sells else None) != (stood.sells.id if stood.sells else None):
        _sell(tx, sells, who, since)
    if {one.id for one in wanted} != {one.id for one in stood.units}:
        said.append(("unit", listed([one.name for one in wanted]) or "none"))
    if entry.manager != stood.manager:
        staff.manage(tx, who, entry.manager, since=since)
        said.append(("manager", roster.name(entry.manager) if entry.manager else "nobody"))
    return said


def _sell(tx: Transaction, unit: Unit | None, who: str, since: date) -> None:
    if unit is None:
        units.sell_nowhere(tx, who, since=since)
    else:
        units.join(tx, unit, who, since=since)


def _made(request: Request, tx: Transaction, unit: Unit | NewUnit) -> Unit:
    if isinstance(unit, Unit):
        return unit
    parent = unit.parent
    if parent is None:
        tree = units.everything(tx)
        parent = next((one for one in tree if one.kind == "company"), None)
    if parent is None:
        parent = units.add(tx, request.company.name, kind="company", parent=None, at=request.now)
    return units.named(tx, unit.name) or units.add(tx, unit.name, kind="team", parent=parent, at=request.now)
