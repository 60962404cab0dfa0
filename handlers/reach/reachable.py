"""Who of the plan cannot be written to: why, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import tzinfo
from typing import Final

from handlers.conversation.wording import listed, plural
from storage import finding, people
from storage.database import Transaction
from storage.finding import Looked, Missing

NAMED: Final = 10
"""Names in one sentence."""
CLOSED: Final = {
    "absent": "Pacer is not in their Teams",
    "blocked": "they have blocked or removed Pacer in Teams",
}
"""What a closed chat is, by the platform's word for it (identities.closed_as)."""
_ADD_IT: Final = "they add it under Apps, or an admin sets it up for everybody in the Teams admin center"


def withheld_because(tx: Transaction, person: str) -> str:
    """Why nothing can be said to somebody, in a few words."""
    closed = next((one.closed_as for one in finding.looked(tx, person) if one.closed_as), "")
    return CLOSED.get(closed, "the platform lets nobody write to them") if closed else "is on no install any more"


def summary(tx: Transaction) -> str:
    """How many of the plan can be written to, and who cannot; empty where all can, and in the playground."""
    missing = finding.unreached(tx) if finding.installed(tx) else []
    if not missing:
        return ""
    count = finding.planned(tx)
    return (
        f"I can write to {count - len(missing)} of {plural(count, 'person', 'people')} in the plan. Not yet to "
        f"{names(missing)}: “people” and the name says why."
    )


def names(these: Collection[Missing] | Collection[finding.Closed]) -> str:
    """Up to ten of them."""
    first = [one.name for one in these][:NAMED]
    more = len(these) - len(first)
    return listed([*first, f"{more:,} more"] if more else first)


def why_not(tx: Transaction, person: str, domains: Collection[str], zone: tzinfo) -> list[str]:
    """Sentences for admins and operators: why somebody cannot be written to anywhere, and what to do."""
    who = people.person(tx, person)
    if who is None or who.left:
        return []
    if people.refused(tx, person):
        return [f"An admin has refused {who.name}: nothing is sent to them, and Pacer does not look for them."]
    if not who.imported:
        return []
    found = finding.looked(tx, person)
    if not found:
        return []
    if not who.email:
        look = f"{who.name} has no e-mail in the plan, which is how Pacer looks for people. Give it with an import"
        return [f"{look}, or have them write to Pacer once and link them with “people”."]
    if who.email.rpartition("@")[2] not in domains:
        sentence = f"{who.email} is in none of the company's domains (`company.domains` in app.yaml), so Pacer does not"
        return [f"{sentence} look for it. Add the domain, or correct the address."]
    return [_of_install(one, who.name, who.email, zone) for one in found]


def _of_install(one: Looked, name: str, email: str, zone: tzinfo) -> str:
    if one.closed_as:
        then = f" Pacer tries again after {one.closed_until.astimezone(zone):%Y-%m-%d}." if one.closed_until else ""
        closed = CLOSED.get(one.closed_as, "it lets nobody write to them")
        return (
            f"Pacer cannot write to {name} in Teams install {one.install}: {closed}. To change that, {_ADD_IT}.{then}"
        )
    on = f"{'Teams' if one.platform == 'teams' else 'Slack'} install {one.install}"
    if one.asked_at is None or one.email != email:
        if one.platform == "teams" and not one.rosters:
            return (
                f"Pacer is in no team of {on}, so it cannot look for {name} there. Add it to a team that they are in; "
                f"or {_ADD_IT}."
            )
        return f"Pacer has not looked for {name} in {on} yet: while `pacer run` works, it does so within minutes."
    asked = f"{one.asked_at.astimezone(zone):%Y-%m-%d %H:%M}"
    match one.outcome:
        case "outsider":
            return (
                f"Pacer has found {email} in {on} ({asked}), but as a guest or somebody of another company, and writes "
                "to members only."
            )
        case "somebody else":
            return (
                f"The user with {email} in {on} is another person to Pacer already ({asked}): “people” and that "
                "person's name shows who."
            )
    if one.platform == "teams":
        teams = "the team that Pacer is in" if one.rosters == 1 else f"the {one.rosters} teams that Pacer is in"
        return (
            f"Pacer has not found {name} in {on} by {email} among the members of {teams} ({asked}). Add it to a team "
            f"that they are in; or {_ADD_IT}."
        )
    return (
        f"Pacer has not found {name} in {on} by {email} ({asked}). Compare the address with the one in their Slack "
        "profile, or have them write to Pacer once: admins are asked who they are."
    )
