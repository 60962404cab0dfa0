"""Notes of a one-to-one: for their author alone until they are shared, and to be taken back for five minutes."""

from __future__ import annotations

from typing import Final

import msgspec

from handlers.checkins import talk, talk_add, talk_past
from handlers.checkins.sheet import GRACE, check
from handlers.conversation.access import Denied, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.errors import UserError
from handlers.conversation.one_to_one import Pair, between, issuer
from handlers.conversation.reply import Buttons, ChoiceField, Form, Option, Part, Reply, Text, TextField
from handlers.conversation.request import Outcome, Request, Said
from handlers.conversation.wording import plural
from storage import notices, one_to_ones, people
from storage.database import Transaction
from storage.one_to_ones import Item

LISTED: Final = 6
LONGEST: Final = 1500


class NoNote(UserError):
    """That note is not there any more. Type “my notes” to see what is."""


class NoteTooLong(UserError):
    """A note has up to {limit} characters, and that is {length}. Nothing was kept: “{text}”"""


class SharedTooLong(UserError):
    """{name} can read it already, so it cannot be taken back. You can still delete it."""


def keep(request: Request, tx: Transaction, pair: Pair, text: str, *, shared: bool) -> Outcome:
    """One more note."""
    if len(text) > LONGEST:
        raise NoteTooLong(limit=LONGEST, length=len(text), text=text)
    made = one_to_ones.add(
        tx, manager=pair.manager.id, person=pair.person.id, author=request.actor.person, kind="note", text=text,
        shared=shared, at=request.now,
    )  # fmt: skip
    if shared:
        talk_add.tell(request, tx, pair, made.id, {})
    return Outcome(reply=_single(request, tx, made, _read_along(request)))


def _read_along(request: Request) -> str:
    """Typed where others read, it is kept all the same, and they are told so."""
    what = request.incoming.what
    typed = isinstance(what, Said) and not what.command and request.incoming.place != "direct"
    return "Others here could read what you typed: you may want to delete that message." if typed else ""


def _single(request: Request, tx: Transaction, one: Item, more: str = "") -> Reply:
    other = people.person(tx, one.other)
    name = other.name if other is not None else "the other one"
    fresh = one.shared_at is not None and request.now < one.shared_at + GRACE
    if one.shared_at is None:
        small = "Only you can see it until you share it. Admins never read notes."
    elif fresh:
        small = f"{name} can read it in 5 minutes; until then you can take it back."
    else:
        small = f"You and {name} can see it."
    line = talk.note_line(request, tx, one)
    parts: list[Part] = [Text(line), Text(" ".join(filter(None, (small, more))), style="quiet")]
    parts.append(Buttons(tuple(issuer.lasting(request, tx, _wanted(request, tx, one)))))
    return Reply(" ".join(filter(None, (line if line[-1] in ".?!" else f"{line}.", small, more))), tuple(parts))


def _wanted(request: Request, tx: Transaction, one: Item) -> list[Wanted]:
    if isinstance(may(request.actor, "change a note", talk.note_of(request, tx, one)), Denied):
        return []
    data = {"note": one.id}
    wanted: list[Wanted] = []
    stands = one.manager in people.managers_of(tx, one.person, request.basis.now.date())
    if one.shared_at is None and stands:
        wanted.append(("Share", "share", data))
    elif one.shared_at is not None and request.now < one.shared_at + GRACE:
        wanted.append(("Take back", "take back", data))
    return [*wanted, ("Edit", "edit note", data), ("Delete", "delete", data)]


def form(request: Request, tx: Transaction) -> Outcome:
    """*Write a note*."""
    pair = talk.pressed(request, tx)
    other = pair.other(request.actor.person)
    fields = (
        TextField("text", "Note", multiline=True, max_length=LONGEST),
        ChoiceField("who", "Who can see it?", (Option("Only me", "me"), Option(f"{other.name} too", "both")), "me"),
    )
    intro = f"A private note is for you alone. One that you share {other.name} reads after 5 minutes."
    return Outcome(form=Form("Note", issuer.token_for(request, tx, "written", pair.data), fields, intro=intro))


def written(request: Request, tx: Transaction) -> Outcome:
    """The form was sent."""
    pair = talk.pressed(request, tx)
    text = request.values.get("text", "").strip()
    problems = {} if text else {"text": "Write a few words."}
    if request.values.get("who") not in ("me", "both"):
        problems["who"] = "Choose one."
    if problems:
        return Outcome(problems=problems)
    return keep(request, tx, pair, text, shared=request.values["who"] == "both")


def of_pair(request: Request, tx: Transaction) -> Outcome:
    """*Notes*: of these two, the latest first. Who reported to somebody before reads what is theirs still."""
    manager, me = str(request.data["manager"]), request.actor.person
    if str(request.data["person"]) == me and manager not in people.managers_of(tx, me, request.basis.now.date()):
        return talk_past.button(request, tx)
    pair = talk.pressed(request, tx)
    return Outcome(reply=listing(request, tx, pair))


def listing(request: Request, tx: Transaction, pair: Pair) -> Reply:
    """Those that the actor may see."""
    found = talk.visible(request, tx, one_to_ones.notes(tx, pair.manager.id, pair.person.id))
    other = pair.other(request.actor.person).name
    if not found:
        return Reply(f"No note of your one-to-ones with {other} yet. Only you see what you write until you share it.")
    one_to_ones.saw(tx, [one.id for one in found if one.author != request.actor.person], at=request.now)
    return _listed(request, tx, found, f"Notes of your one-to-ones with {other}")


def mine(request: Request, tx: Transaction) -> Outcome:
    """`my notes`: all that one wrote, also of people who report to somebody else by now."""
    found = one_to_ones.notes_by(tx, request.actor.person)
    none = "You have written no notes yet. “note about” and a name begins one."
    reply = _listed(request, tx, found, "Your notes", named=True) if found else Reply(none, (Text(none),))
    return Outcome(reply=msgspec.structs.replace(reply, parts=(*reply.parts, *talk_past.below(request, tx))))


def _listed(request: Request, tx: Transaction, found: list[Item], title: str, *, named: bool = False) -> Reply:
    below = msgspec.structs.replace(request, listing=True)
    parts: list[Part] = [Text(title, style="strong")]
    said = []
    for one in found[:LISTED]:
        other = people.person(tx, one.other)
        whom = f"{other.name}: " if named and other is not None else ""
        line = f"{whom}{talk.note_line(request, tx, one)}"
        said.append(line)
        parts.append(Text(line))
        if wanted := _wanted(request, tx, one):
            parts.append(Buttons(tuple(issuer.lasting(below, tx, wanted))))
    if len(found) > LISTED:
        parts.append(Text(f"And {plural(len(found) - LISTED, 'older one')}.", style="quiet"))
    return Reply(f"{title}. {' '.join(said)}", tuple(parts))


def _own(request: Request, tx: Transaction) -> Item:
    """The note of a button, for its author. Raises NoNote, NotAllowed."""
    found = one_to_ones.get(tx, str(request.data["note"]))
    if found is None:
        raise NoNote
    check(request, "change a note", talk.note_of(request, tx, found))
    return found


def share(request: Request, tx: Transaction) -> Outcome:
    """*Share*: with whoever is the other of the two today."""
    one = _own(request, tx)
    pair = between(tx, one.manager, one.person, request.basis.now.date())
    if pair is None or pair.manager.id != one.manager:
        check(request, "see a one-to-one", talk.note_of(request, tx, one).of)
        raise NoNote
    if one.shared_at is None:
        one_to_ones.share(tx, one.id, at=request.now)
        # A further sharing, after a taking back, is told anew.
        talk_add.tell(request, tx, pair, f"{one.id}:{request.now:%Y%m%dT%H%M%S}", {"note": one.id})
    return Outcome(reply=_single(request, tx, one_to_ones.get(tx, one.id) or one))


def take_back(request: Request, tx: Transaction) -> Outcome:
    """*Take back*: nobody has read it. Raises SharedTooLong."""
    one = _own(request, tx)
    if one.shared_at is not None and (one.seen_at is not None or request.now >= one.shared_at + GRACE):
        other = people.person(tx, one.other)
        raise SharedTooLong(name=other.name if other else "The other one")
    one_to_ones.share(tx, one.id, at=None)
    return Outcome(reply=_single(request, tx, one_to_ones.get(tx, one.id) or one, "Nobody has read it."))


def edit(request: Request, tx: Transaction) -> Outcome:
    """*Edit*: its words, with who can see them."""
    one = _own(request, tx)
    token = issuer.token_for(request, tx, "note edited", {"note": one.id})
    field = TextField("text", "Note", one.text, multiline=True, max_length=LONGEST)
    return Outcome(form=Form("Note", token, (field,), intro=_who_could(request, tx, one)))


def edited(request: Request, tx: Transaction) -> Outcome:
    """The form was sent: who could read it hears of it, and whoever wrote it who that is."""
    one = _own(request, tx)
    text = request.values.get("text", "").strip()
    if not text:
        return Outcome(problems={"text": "Write a few words."})
    if len(text) > LONGEST:
        return Outcome(problems={"text": f"Please keep it under {LONGEST} characters."})
    if text == one.text:
        return Outcome(reply=_single(request, tx, one, "It read like that already."))
    before = _who_could(request, tx, one)
    one_to_ones.reword(tx, one.id, text, at=request.now)
    pair = between(tx, one.manager, one.person, request.basis.now.date())
    if pair is not None and pair.manager.id == one.manager and talk.note_of(request, tx, one).readable:
        talk_add.tell(request, tx, pair, f"{one.id}:changed:{request.now:%Y%m%dT%H%M%S}", {"changed": one.id})
    return Outcome(reply=_single(request, tx, one_to_ones.get(tx, one.id) or one, f"Changed. {before}"))


def _who_could(request: Request, tx: Transaction, one: Item) -> str:
    """Who could see it as it stands."""
    of, other = talk.note_of(request, tx, one), people.person(tx, one.other)
    if one.shared_at is None or other is None:
        return "Nobody but you has seen it."
    if not of.of.today and one.other != one.person:
        return "Nobody but you can see it any more."
    if not of.readable:
        return f"{other.name} has not seen it yet."
    could = "can see it already" if one.seen_at is None else "has read it as it was"
    return f"{other.name} {could}{', and hears of a change' if of.of.today else ''}."


def delete(request: Request, tx: Transaction) -> Outcome:
    """*Delete*."""
    one = _own(request, tx)
    one_to_ones.remove(tx, one.id, at=request.now)
    notices.withdraw(tx, at=request.now, reason="was deleted", topic=talk_add.NEWS, subject=one.id)
    return Outcome(reply=Reply("Deleted. Nobody can read that note any more."))
