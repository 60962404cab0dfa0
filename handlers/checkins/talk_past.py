"""One-to-ones with a manager of before: what one put on the agenda and the notes that are one's to read. Nothing of it
can be changed there, and nobody is added to it; the former manager reads their own notes and nothing else."""

from __future__ import annotations

from typing import Final

import msgspec

from handlers.checkins import talk
from handlers.conversation.buttons import Wanted
from handlers.conversation.errors import ButtonUnknown
from handlers.conversation.one_to_one import issuer
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, plural
from handlers.figures.roster import Roster
from storage import one_to_ones, people
from storage.database import Transaction
from storage.one_to_ones import Item
from storage.people import Person

LISTED: Final = 10


def managers(request: Request, tx: Transaction) -> list[Person]:
    """Those of before with whom there is something to read, who may have left."""
    me = request.actor.person
    today = people.managers_of(tx, me, request.basis.now.date())
    found = (one for one in one_to_ones.managers_of(tx, me) if one not in today and _items(request, tx, one))
    return [who for who in (people.person(tx, one) for one in found) if who is not None]


def called(request: Request, tx: Transaction, roster: Roster, name: str) -> Person | None:
    """The one of them who is called so."""
    names = {one.id for one in roster.people_called(name)} if name else set()
    found = [one for one in managers(request, tx) if one.id in names] if names else []
    return found[0] if len(found) == 1 else None


def _items(request: Request, tx: Transaction, manager: str) -> list[Item]:
    """One's own points, and the notes that are for one's eyes, the latest first."""
    me = request.actor.person
    own = one_to_ones.points_by(tx, manager, me, author=me)
    notes = talk.visible(request, tx, one_to_ones.notes(tx, manager, me))
    return sorted((*own, *notes), key=lambda one: (one.created_at, one.id), reverse=True)


def show(request: Request, tx: Transaction, manager: Person) -> Reply:
    """All of it that there is to read."""
    found = _items(request, tx, manager.id)
    title = f"Your one-to-ones with {manager.name}, who is not your manager any more"
    if not found:
        return Reply(f"{title}: there is nothing of them to read.")
    notes = [one.id for one in found if one.kind == "note" and one.author != request.actor.person]
    one_to_ones.saw(tx, notes, at=request.now)
    lines = [_line(request, tx, one) for one in found[:LISTED]]
    if len(found) > LISTED:
        lines.append(f"And {plural(len(found) - LISTED, 'older one')}.")
    reads = "To read only."
    reads += "" if manager.left else f" {manager.name} can see their own notes still, and nothing of yours."
    spoken = " ".join(line if line[-1] in ".?!" else f"{line}." for line in lines)
    parts: tuple[Part, ...] = (Text(title, style="strong"), Text("\n".join(lines)), Text(reads, style="quiet"))
    return Reply(f"{title}. {spoken} {reads}", parts)


def _line(request: Request, tx: Transaction, one: Item) -> str:
    if one.kind == "note":
        return talk.note_line(request, tx, one)
    day = Days.of(request.basis).on(one.created_at.astimezone(request.basis.zone).date())
    return f"Your point of {day}{'' if one.done_at is None else ', talked about'}: {one.text}"


def button(request: Request, tx: Transaction) -> Outcome:
    """*With …*, below “my notes”."""
    found = people.person(tx, str(request.data["manager"]))
    if found is None:
        raise ButtonUnknown
    return Outcome(reply=show(request, tx, found))


def below(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """A button for each of them."""
    wanted: list[Wanted] = [(f"With {one.name}", "past", {"manager": one.id}) for one in managers(request, tx)]
    if not wanted:
        return ()
    listing = msgspec.structs.replace(request, listing=True)
    return (Text("With managers of before:", style="quiet"), Buttons(tuple(issuer.lasting(listing, tx, wanted))))
