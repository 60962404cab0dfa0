"""`people`: who is here, where they stand, who is new and who leaves. For admins."""

from __future__ import annotations

import msgspec

from handlers.conversation.command import Command
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.reply import Choice, Option, Reply
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster, unknown
from handlers.people import change, form, leaving, newcomers, person, tree
from handlers.people.buttons import NAME, issuer
from handlers.people.errors import NotKnown
from storage.database import Transaction
from storage.people import Person
from storage.units import Unit

_ADD = ("add", "new")


def handle(request: Request, tx: Transaction) -> Outcome:
    """`people`, `people Dana`, `people East`, `people add`."""
    roster = rosters.load(tx)
    words = request.text.split()
    if not words:
        return Outcome(reply=tree.show(msgspec.structs.replace(request, listing=True), tx, roster))
    if plain(words[0]) in _ADD:
        return Outcome(form=form.empty(request, tx, " ".join(words[1:])))
    found = roster.whose(request.text)
    if not found:
        names = [*(one.name for one in roster.people), *(unit.name for unit in roster.units)]
        raise NotKnown(sentence=unknown(request.text.strip(), names, "person or unit"))
    if len(found) > 1:
        return Outcome(reply=_which(request, tx, found))
    return Outcome(reply=_one(request, tx, roster, found[0]))


def _one(request: Request, tx: Transaction, roster: Roster, found: Person | Unit) -> Reply:
    if isinstance(found, Unit):
        return tree.of_unit(msgspec.structs.replace(request, listing=True), tx, roster, found)
    return person.show(request, tx, roster, found)


def _which(request: Request, tx: Transaction, found: list[Person | Unit]) -> Reply:
    ask = f"Which “{request.text.strip()}”?"
    ids = [one.id for one in found[: tree.MOST_OFFERED]]
    token = issuer.lasting(request, tx, [("", "look", {"people": ids})])[0].token
    labels = [f"{one.name} ({one.email})" if isinstance(one, Person) and one.email else one.name for one in found]
    options = tuple(Option(label, str(number)) for number, label in enumerate(labels[: tree.MOST_OFFERED]))
    return Reply(text=f"{ask} I know {', '.join(labels)}.", parts=(Choice(ask, token, options),))


def look(request: Request, tx: Transaction) -> Outcome:
    """One of a list was chosen."""
    change.check(request)
    offered = dict(enumerate(request.data["people"]))
    roster = rosters.load(tx)
    chosen = offered.get(int(request.value)) if request.value.isascii() and request.value.isdecimal() else None
    found = roster.person(chosen) or roster.unit(chosen)
    if found is None:
        raise ButtonUnknown
    return Outcome(reply=_one(request, tx, roster, found), replace=False)


COMMAND = Command(
    name=NAME,
    summary="See and change who is in which unit, who manages whom, who is new and who leaves",
    usage="[name | add]",
    examples=("people", "people add"),
    explain=(
        "“people” shows the units, who leads them, and who has written to me without being in the plan. “people” and "
        "a name shows one person or unit; “Change” gives another role, unit or manager from a day on, and the days "
        "before keep what stood. “Has left” hands the open deals and the team over and ends their access; “Came back” "
        "takes that back."
    ),
    roles=frozenset({"admin"}),
    fresh="people",
    handle=handle,
    home=newcomers.home,
    actions={
        "link": newcomers.link_button,
        "linked": newcomers.linked_choice,
        "refuse": newcomers.refuse_button,
        "look": look,
        "new": change.new_button,
        "added": change.added,
        "change": change.change_button,
        "changed": change.changed,
        "leave": leaving.leave_button,
        "left": leaving.left,
        "back": leaving.back_button,
    },
    slash=False,
)
