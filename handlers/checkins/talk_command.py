"""One-to-ones in words: “one-to-one with Dana”, “one-to-one with Dana: the Globex renewal”, “note about Dana: …”."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from handlers.checkins import talk, talk_actions, talk_add, talk_notes, talk_past, team
from handlers.checkins.errors import NobodyCalled
from handlers.conversation.access import Denied, OneToOneOf, may
from handlers.conversation.buttons import Wanted
from handlers.conversation.command import Command
from handlers.conversation.errors import NotAllowed, UserError
from handlers.conversation.one_to_one import NAME, Pair, between, issuer
from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from handlers.conversation.wording import listed
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster, several, unknown
from storage import people
from storage.database import Transaction
from storage.people import Person

ALIASES: Final = ("one to one", "one on one", "one-on-one", "1:1", "1-1", "1on1", "1-on-1", "1 on 1")
_NAMED: Final = re.compile(rf"\A(?:{'|'.join(map(re.escape, (NAME, *ALIASES)))})s?\b[\s:,]*", re.I)
_NOTE: Final = re.compile(r"\A(?:(?:private|my)\s+)?notes?\s+(?:about|on|for|of|with)\s+", re.I)
_WITH: Final = re.compile(r"\A(?:agenda\s+)?(?:with|for|about|of)\s+", re.I)
_NOTES: Final = frozenset(("notes", "my notes", "note", "all notes"))
_MANAGER: Final = frozenset(("my manager", "my boss"))
BUTTONS: Final = 12
NAMED: Final = 4
"""People in a sentence."""
LONGEST_NAME: Final = 3
"""Words."""


def said(request: Request, tx: Transaction, text: str) -> Outcome:
    """What was typed, without what only names the command. Raises NobodyCalled, NotAllowed."""
    text = _NAMED.sub("", text.strip())
    if not text:
        return whose(request, tx)
    if plain(text) in _NOTES:
        return talk_notes.mine(request, tx)
    note = _NOTE.match(text)
    rest = text[note.end() :] if note else _WITH.sub("", text)
    name, words = _note_split(tx, rest) if note else _split(rest)
    if not words and (past := former(request, tx, name)) is not None:
        return Outcome(reply=talk_past.show(request, tx, past))
    try:
        who = _called(request, tx, name, words)
        if who is None:
            return whose(request, tx)
        pair = _pair(request, tx, who, words)
    except UserError as mistake:
        mistake.words = words
        raise
    if not note:
        return talk_add.said(request, tx, pair, words) if words else Outcome(reply=talk.show(request, tx, pair))
    if words:
        return talk_notes.keep(request, tx, pair, words, shared=False)
    return Outcome(reply=talk_notes.listing(request, tx, pair))


def _split(text: str) -> tuple[str, str]:
    """The name, and what stands behind the colon."""
    name, _, words = text.partition(":")
    return name.strip().lstrip("@").strip(), words.strip()


def _note_split(tx: Transaction, text: str) -> tuple[str, str]:
    """The same where the colon may be forgotten: “note about Dana she wants to move”."""
    name, words = _split(text)
    said = text.split()
    roster = rosters.load(tx)
    if words or len(_here(roster, name)) == 1:
        return name, words
    for count in range(min(LONGEST_NAME, len(said) - 1), 0, -1):
        first = " ".join(said[:count]).strip(",;.-–—@ ")
        if plain(first) in _MANAGER or len(_here(roster, first)) == 1:
            return first, " ".join(said[count:]).lstrip("-–— ")
    return name, words


def _here(roster: Roster, name: str) -> list[Person]:
    return [one for one in roster.people_called(name) if not one.left] if name else []


def _called(request: Request, tx: Transaction, name: str, words: str = "") -> Person | None:
    """Who is meant; None for “my manager” of who has none, where there are no words for them. Raises NobodyCalled."""
    if plain(name) in _MANAGER:
        theirs = _managers(request, tx)
        if words and not theirs:
            raise NobodyCalled(sentence="The plan names no manager of yours.")
        return theirs[0] if theirs else None
    roster = rosters.load(tx)
    found = _here(roster, name)
    if len(found) != 1:
        sentence = several(name, found) if found else unknown(
            name, [one.name for one in roster.people if not one.left], "person"
        )  # fmt: skip
        further = "" if words else " To set a time, say “meeting one-to-one with” and when."
        raise NobodyCalled(sentence=f"{sentence}{further}")
    return found[0]


def former(request: Request, tx: Transaction, name: str) -> Person | None:
    """The manager of before who is called so, unless it is somebody with whom there are one-to-ones today."""
    roster = rosters.load(tx)
    here, today = _here(roster, name), request.basis.now.date()
    if len(here) > 1 or (here and between(tx, request.actor.person, here[0].id, today) is not None):
        return None
    return talk_past.called(request, tx, roster, name)


def _pair(request: Request, tx: Transaction, who: Person, words: str = "") -> Pair:
    me = request.actor.person
    pair = between(tx, me, who.id, request.basis.now.date())
    if pair is None:
        further = f"{_with_whom(request, tx)}{'' if words else _not_logged(who)}"
        verdict = may(request.actor, "see a one-to-one", OneToOneOf(who.id, me, today=False))
        if isinstance(verdict, Denied):
            raise NotAllowed(reason=f"{verdict.sentence}{further}")
        sentence = "A one-to-one is between a manager and who reports to them."
        raise NobodyCalled(sentence=f"{sentence}{further}")
    return pair


def _with_whom(request: Request, tx: Transaction) -> str:
    theirs = [one.name for one in (*_managers(request, tx), *team.mine(request, tx))]
    if not theirs:
        return ""
    more = f" and {len(theirs) - NAMED} more" if len(theirs) > NAMED else ""
    return f" Yours can be with {', '.join(theirs[:NAMED]) + more if more else listed(theirs)}."


def _not_logged(who: Person) -> str:
    """The line was for the page of the two, and is no activity either."""
    return (
        f" Nothing was kept or logged of “one-to-one with {who.name}”; "
        f"a talk that you had is logged by “/log meeting with {who.name}”."
    )


def _managers(request: Request, tx: Transaction) -> list[Person]:
    found = people.managers_of(tx, request.actor.person, request.basis.now.date())
    known = (people.person(tx, one) for one in sorted(found))
    return [one for one in known if one is not None and not one.left]


def whose(request: Request, tx: Transaction) -> Outcome:
    """`one-to-one` alone: the only one there is, else a button each."""
    theirs = [*_managers(request, tx), *team.mine(request, tx)]
    if not theirs:
        return Outcome(reply=Reply("The plan names no manager of yours and nobody who reports to you."))
    pairs = [_pair(request, tx, one) for one in theirs]
    if len(pairs) == 1:
        return Outcome(reply=talk.show(request, tx, pairs[0]))
    lead = "Your one-to-ones: with whom?"
    wanted: list[Wanted] = [(one.name, "open", pair.data) for one, pair in zip(theirs, pairs, strict=True)]
    buttons = issuer.lasting(msgspec.structs.replace(request, listing=True), tx, wanted[:BUTTONS])
    return Outcome(reply=Reply(lead, (Text(lead, style="strong"), Buttons(tuple(buttons)))))


def handle(request: Request, tx: Transaction) -> Outcome:
    """What stands behind the name, or the whole line where it was recognised."""
    return said(request, tx, request.text)


def recognises(request: Request, tx: Transaction) -> bool:
    """A one-to-one or a note with a colleague and no time: with a time it is a meeting to be."""
    text = request.text.strip()
    named, note = _NAMED.match(text), _NOTE.match(text)
    if (named is None and note is None) or len(text) > 2000:
        return False
    rest = text[note.end() :] if note else _WITH.sub("", text[named.end() :] if named else text)
    if named is not None and (not rest or plain(rest) in _NOTES):
        return True
    name, words = _note_split(tx, rest) if note else _split(rest)
    if plain(name) in _MANAGER:
        return True
    found = _here(rosters.load(tx), name)
    if words and (note or found):
        # With whom it may not be is said; the words are nobody else's, and for no other command.
        return len(found) > 0 or len(name.split()) <= LONGEST_NAME
    if found and named is not None:
        # Of a colleague with whom it may not be that is said, and it is no activity that took place.
        return True
    if len(found) == 1 and between(tx, request.actor.person, found[0].id, request.basis.now.date()) is not None:
        return True
    return former(request, tx, name) is not None


COMMAND: Final = Command(
    name=NAME,
    summary="What you and your manager, or your report, want to talk about, with notes and action items",
    usage="[with a name] [: a point for the agenda] | note about a name: … | notes",
    examples=("one-to-one", "one-to-one with Sam", "one-to-one with Sam: the Globex renewal", "my notes"),
    explain=(
        "Both of you add to one agenda, see the facts since the last time, and tick off what you have talked about; "
        "what is left stays, and so do action items until each is done or dropped. “note about Sam: …” keeps a note "
        "for you alone until you share it; for five minutes a shared note can be taken back. “my notes” lists them. "
        "After a change of manager the former one keeps their own notes and nothing else; “one-to-one with” and their "
        "name shows what is yours to read. To set a time, use /meeting."
    ),
    fresh="one-to-one",
    handle=handle,
    recognises=recognises,
    everyday_name=True,
    slash=False,
    aliases=ALIASES,
    shorthands={**dict.fromkeys(("my notes", "my coaching notes"), "notes"), "my one-to-ones": "", "our agenda": ""},
    actions={
        "open": talk.open_button,
        "talked": talk.talked,
        "met": talk.met,
        "add": talk_add.form,
        "added": talk_add.added,
        "make action": talk_add.action_form,
        "action made": talk_add.action_made,
        "actions": talk_actions.listing,
        "write": talk_notes.form,
        "written": talk_notes.written,
        "notes": talk_notes.of_pair,
        "past": talk_past.button,
        "share": talk_notes.share,
        "take back": talk_notes.take_back,
        "delete": talk_notes.delete,
        "edit note": talk_notes.edit,
        "note edited": talk_notes.edited,
    },
)
