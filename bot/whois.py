"""Who is this? From a platform's profile to a person's rows."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from handlers.conversation.company import Company
from handlers.conversation.errors import HasLeft, NotMember, Refused
from handlers.conversation.facts import PersonArrived
from handlers.conversation.request import Incoming
from storage import finding, people
from storage.database import Transaction


class Habits(msgspec.Struct, frozen=True):
    """What reading a person's text needs besides the text. Compared to see whether a reading still holds."""

    zone: str
    """IANA name."""
    date_order: str


def meet(
    tx: Transaction, incoming: Incoming, company: Company, now: datetime
) -> tuple[people.Identity, PersonArrived | None]:
    """The identity behind an event, and the fact of their arrival when it is their first.

    Somebody new is linked by the e-mail address that the platform gives, and only in the company's own domains.
    Raises NotMember for guests and other companies' people, Refused and HasLeft.
    """
    profile = incoming.profile
    if not profile.member:
        raise NotMember(company=company.name)
    known = people.identity(tx, incoming.install, profile.external_id)
    if known is None:
        known, came = _arrive(tx, incoming, company, now)
        _reach(tx, incoming, known)
        return known, came
    if known.refused:
        raise Refused(admins=_admins(company))
    if known.person.left:
        raise HasLeft(company=company.name, admins=_admins(company))
    _reach(tx, incoming, known)
    if known.found or known.closed:
        finding.wrote(tx, known.id)
    # Whom Pacer has looked up arrives with their own first word.
    arrived = PersonArrived(known.person.id, known.id, incoming.install, matched=True) if known.found else None
    email, zone = _lower(profile.email), zone_or_empty(profile.zone)
    if not profile.known or (email, zone, profile.locale) == (known.email, known.zone, known.locale):
        return known, arrived
    people.refresh(tx, known, email=email, zone=zone, locale=profile.locale)
    if email != known.email and is_ours(email, company) and not known.person.imported:
        same = people.by_email(tx, email)
        if same is None:
            people.learn(tx, known.person, name=profile.name, email=email)
        elif same.id != known.person.id:
            people.link(tx, known.id, same)
    again = people.identity(tx, incoming.install, profile.external_id)
    assert again is not None
    if again.person.left:
        raise HasLeft(company=company.name, admins=_admins(company))
    return again, arrived


def _reach(tx: Transaction, incoming: Incoming, known: people.Identity) -> None:
    """Where the platform says how a person is reached (Teams does, with each event), keep it for messages of ours."""
    service = incoming.reply_to.service
    direct = (incoming.reply_to.conversation if incoming.place == "direct" else "") or known.direct
    if service and (direct, service) != (known.direct, known.service):
        people.reach(tx, known, direct=direct, service=service)


def _arrive(
    tx: Transaction, incoming: Incoming, company: Company, now: datetime
) -> tuple[people.Identity, PersonArrived]:
    profile = incoming.profile
    email = _lower(profile.email)
    ours = is_ours(email, company)
    same = people.by_email(tx, email) if ours else None
    if same is not None and same.left:
        raise HasLeft(company=company.name, admins=_admins(company))
    if same is not None and people.refused(tx, same.id):
        raise Refused(admins=_admins(company))
    person = same or people.add(tx, name=profile.name or profile.external_id, email=email if ours else "", at=now)
    known = people.identify(
        tx,
        person,
        install=incoming.install,
        external_id=profile.external_id,
        at=now,
        email=email,
        zone=zone_or_empty(profile.zone),
        locale=profile.locale,
    )
    return known, PersonArrived(person.id, known.id, incoming.install, matched=same is not None and same.imported)


def habits_of(identity: people.Identity, company: Company) -> Habits:
    """Their own settings, else what the platform says, else the company's."""
    person = identity.person
    return Habits(
        person.zone or identity.zone or company.zone,
        person.date_order or _order_of(identity.locale) or company.date_order,
    )


def is_ours(email: str, company: Company) -> bool:
    """Whether an address is in the company's own domains."""
    return email.isascii() and email.rpartition("@")[2] in company.domains


def _lower(email: str) -> str:
    """In lower case; outside ASCII that would make other letters of some (the Kelvin sign), so it stays."""
    return email.lower() if email.isascii() else email


def _admins(company: Company) -> str:
    return ", ".join(sorted(company.admins)) or "your admin"


def zone_or_empty(name: str) -> str:
    """An IANA name that this machine knows; empty for any other."""
    try:
        return ZoneInfo(name).key if name else ""
    except (KeyError, ValueError, OSError):
        return ""


def _order_of(locale: str) -> str:
    """Month first for en-US, day first elsewhere; nothing where the locale is not known."""
    if not locale:
        return ""
    return "mdy" if locale.replace("_", "-").lower() in ("en-us", "en") else "dmy"
