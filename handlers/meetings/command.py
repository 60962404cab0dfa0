"""`/meeting`: one-to-ones and sales meetings, in plain words or by form.

words.py reads a line, shape.py makes a time of it, invite.py finds who is meant, making.py sets it up; find.py and
pick.py find the meeting that some words mean; record.py is the one way into the rows.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Final

from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.questions import begins_a_report
from handlers.conversation.request import Basis, Outcome, Request
from handlers.conversation.route import plain
from handlers.meetings import (
    agenda,
    cancelling,
    editing,
    ics_feeds,
    ics_file,
    ics_write,
    listing,
    making,
    minutes,
    moving,
    pick,
)
from handlers.meetings.buttons import NAME
from handlers.meetings.find import asked, find
from handlers.meetings.home import home
from handlers.meetings.invite import guests
from handlers.meetings.pick import Do
from handlers.meetings.words import ONE_TO_ONE_WORDS, Said, read
from storage.database import Transaction

LIST_WORDS: Final = frozenset(("list", "mine", "next", "all", "show", "my meetings", "meetings", "upcoming", "today"))
_NEW: Final = frozenset(("new", "add", "create", "form"))
_CHANGES: Final = re.compile(rf"(?:{moving.VERBS}|{cancelling.VERBS})\s+(?P<rest>.+)", re.I | re.S)
_OURS: Final = re.compile(r"(?:add\s+to\s+)?(?:the\s+)?agenda\b|(?:minutes|protocol)\s+(?:for|of)\b", re.I)
_PAGES: Final = re.compile(r"(?:add\s+to\s+)?(?:the\s+)?(?:agenda|minutes)\s(?:[^:\n]|:(?=\d)){2,80}:\s", re.I)
_NAME: Final = re.compile(r"\Ameetings?\b\s*:?\s*", re.I)
_BEHIND: Final = re.compile(r"\s+(?:to|by|until|for)\s+", re.I)
_SORTS: Final = re.compile(r"\b(?:meeting|review|sync|stand-?up|every|weekly|daily|monthly|forecast\s+call)\b", re.I)
_DONE: Final = re.compile(r"\b(?:had|did|held|met|finished|was|went|done)\b", re.I)
DOING: Final[dict[str, Do]] = {
    "move": moving.move,
    "cancel": cancelling.cancel,
    "agenda": agenda.go,
    "minutes": minutes.go,
    "change": editing.change,
}


def handle(request: Request, tx: Transaction) -> Outcome:
    """`/meeting`, `/meeting` and a meeting to be, or what is to be done with one that there is."""
    word = plain(request.text)
    if not word or word in LIST_WORDS:
        return listing.show(request, tx)
    if word in _NEW:
        return making.new_button(request, tx)
    for read_as in (ics_feeds.said, agenda.said, minutes.said, moving.said, cancelling.said, editing.said):
        outcome = read_as(request, tx)
        if outcome is not None:
            return outcome
    return making.said(request, tx)


def prepare(text: str, basis: Basis, company: Company) -> Said | None:
    """Only a one-to-one is read before the transaction, for a customer is hardly met so, whatever the name; and minutes
    and agendas, in which anything may stand."""
    if _PAGES.match(text) or ((match := _CHANGES.match(text)) and ONE_TO_ONE_WORDS.search(match["rest"])):
        return Said(text=text, of_one_there_is=True)
    if ONE_TO_ONE_WORDS.search(text) is None or "?" in text or len(text) > 300 or _DONE.search(text):
        return None
    said = read(text, basis)
    over = said.day is not None and said.at is not None and (
        datetime.combine(said.day, said.at) <= basis.now.replace(tzinfo=None)
    )  # fmt: skip
    return None if over and said.rule is None else said


def surely_meant(said: object) -> bool:
    """A one-to-one that repeats, or is on a day and at a time to come; or what is to be done with one that there is."""
    if isinstance(said, Said) and said.of_one_there_is:
        return True
    if not isinstance(said, Said) or not (said.one_to_one and said.names and said.at):
        return False
    return said.rule is not None or said.day is not None


def recognises(request: Request, tx: Transaction) -> bool:
    """Words that mean it without a slash: a change of a meeting that there is, its agenda or minutes, or a meeting with
    colleagues at some time to come. A meeting with a customer is an activity, which `/log` keeps."""
    text = request.text.strip()
    bare = _NAME.sub("", text)
    if not bare or "?" in text or len(text) > 2000:
        return False
    if match := _CHANGES.match(bare):
        which = _BEHIND.split(match["rest"])[0]
        named = asked(request, which).words or ONE_TO_ONE_WORDS.search(which)
        # “cancel Friday” may be about anything.
        return bool(named) and bool(find(request, tx, which, others=True))
    if _OURS.match(bare) or ics_feeds.recognises(bare) or (bare != text and plain(bare) in LIST_WORDS | _NEW):
        return True
    said = read(text, request.basis)
    if said.at is None or not said.names or not (said.one_to_one or _SORTS.search(text)):
        return False
    found = guests(request, tx, said.names)
    return not isinstance(found, str) and bool(found)


def _opens(text: str) -> bool:
    """Words that nothing but a meeting's begin with."""
    bare = _NAME.sub("", text.strip())
    return bool(_PAGES.match(bare) or _OURS.match(bare) or ONE_TO_ONE_WORDS.match(bare) or ics_feeds.recognises(bare))


COMMAND = Command(
    name=NAME,
    summary="Set up one-to-ones and sales meetings, with agenda, minutes and reminders",
    usage="[when and with whom] | agenda | minutes | move | cancel | feeds",
    examples=(
        "/meeting",
        "/meeting pipeline review Thursday 3pm for 30 min with Max",
        "/meeting one-to-one with Max every Monday 9:30",
        "/meeting agenda pipeline review: bring the Globex renewal",
        "/meeting move Thursday's pipeline review to Friday 14:00",
    ),
    explain=(
        "Say it in one line, in any order: a title, the day or how it repeats (“every other Tuesday”, “first Monday of "
        "the month”, “until 18 Dec”), the time, how long, and “with” people and units. Everybody is reminded 15 "
        "minutes before, or as you say: “remind 1 hour before”, “no reminder”. A series stays at its time on your "
        "clock. “/meeting” alone shows what is ahead. “agenda NAME: …” puts something on the agenda, “minutes NAME: …” "
        "keeps what came of it; lines like “- Dana: send the NDA by Friday” become action items. “cancel tomorrow's "
        "one-to-one with Dana”, “move … to …”, “invite Omar to …”: who organises it and managers of those invited may. "
        "Any participant adds to the agenda. Attach an .ics file and its meetings come in, or give a calendar by its "
        "secret address: “feed https://…”. “feeds” shows those. *Add to calendar* gives a meeting as a file."
    ),
    fresh="/meeting list",
    handle=handle,
    prepare=prepare,
    understands=surely_meant,
    asked_first=True,
    takes_files=ics_file.takes_files,
    file_endings=(ics_file.ENDING,),
    recognises=recognises,
    # “Meeting with Dana on Thursday at 3” may be what comes next week.
    among_answers=lambda text, kind: (kind == "words" and begins_a_report(text)) or _opens(text),
    everyday_name=True,
    shorthands=dict.fromkeys(("my meetings", "my next meetings", "next meetings", "upcoming meetings"), "list"),
    home=home,
    answer=lambda request, tx: pick.answered_in_words(request, tx, DOING),
    actions={
        "answer": partial(pick.answered, doing=DOING),
        "show": listing.show,
        "new": making.new_button,
        "form": making.form_sent,
        "undo": making.undo_button,
        "edit": editing.edit_button,
        "edited": editing.edited,
        "move form": moving.form_button,
        "moved": moving.form_sent,
        "cancel": cancelling.button,
        "agenda": agenda.button,
        "add to agenda": agenda.add_button,
        "added to agenda": agenda.form_sent,
        "item done": agenda.done_button,
        "item off": agenda.off_button,
        "minutes": minutes.button,
        "write minutes": minutes.write_button,
        "minutes written": minutes.form_sent,
        "undo minutes": minutes.undo_button,
        "ask later": minutes.later_button,
        "calendar": ics_write.button,
        **ics_feeds.ACTIONS,
    },
)
