"""`/meeting` with an .ics file: kept in the turn, read and taken by a job, which says what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from handlers.conversation.errors import UserError
from handlers.conversation.job import JobKind, Running
from handlers.conversation.reply import Reply
from handlers.conversation.request import JobWanted, Outcome, Request, Said
from handlers.conversation.wording import listed
from handlers.meetings import ics_said
from handlers.meetings.ics_read import Calendar, LeftOut, read
from handlers.meetings.ics_take import Giver, Taken, gone, take
from handlers.meetings.invite import Guests, guests
from storage import files
from storage.database import Transaction

KIND: Final = "calendar file"
ENDING: Final = ".ics"
_WAITS: Final = timedelta(hours=12)
_WITH: Final = re.compile(r"(?:.*\s)?with\s+(?P<names>.+)", re.I | re.S)
_AND: Final = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", re.I)
_AT_ONCE: Final = 10
"""Events of one transaction: others' turns come between two."""


class OtherFile(UserError):
    """{name} is no calendar. For meetings I read .ics files, as Outlook, Google and Apple give them."""


class UnknownGuests(UserError):
    """{sentence}"""


def takes_files(request: Request, tx: Transaction) -> Outcome:
    """Keeps the files, and has each read. `with East` in the words invites these to all that they hold."""
    what = request.incoming.what
    attached = what.files if isinstance(what, Said) else ()
    for file in attached:
        if not file.name.lower().endswith(ENDING):
            raise OtherFile(name=file.name)
    invited = named_guests(request, tx, request.text)
    wanted = []
    for number, file in enumerate(attached):
        kept = keep(request, tx, file.name, file.content)
        data = {"file": kept, "name": file.name, "persons": list(invited.persons), "units": list(invited.units)}
        wanted.append(JobWanted(KIND, f"{KIND}:{kept}", data, edits=number == 0))
    return Outcome(reply=Reply(f"Reading {listed([file.name for file in attached])} …"), jobs=tuple(wanted))


def named_guests(request: Request, tx: Transaction, text: str) -> Guests:
    """Whom `with …` names; nobody where there is none. Raises UnknownGuests."""
    match = _WITH.fullmatch(text.strip())
    if match is None:
        return Guests()
    found = guests(request, tx, [name for name in _AND.split(match["names"]) if name])
    if isinstance(found, str):
        raise UnknownGuests(sentence=found)
    return found


def keep(request: Request, tx: Transaction, name: str, content: bytes) -> str:
    """The file until its job has used it; its id."""
    until = request.now + _WAITS
    return files.keep(
        tx, name=name, content=content, media="text/calendar", person=request.actor.person, at=request.now, until=until
    )


def run(job: Running) -> None:
    """Reads the file and takes what is in it."""
    name = str(job.data["name"])

    def begin(tx: Transaction) -> tuple[bytes | None, Request]:
        file = files.get(tx, job.data["file"])
        return None if file is None else file.content, job.request(tx)

    content, request = job.read(begin)
    if content is None:
        job.write(lambda tx: _end(job, tx, Reply(f"{name} is not kept any more. Please attach it again.")))
        return
    try:
        calendar = read(content, name=name, near=near(request), now=job.now())
    except UserError as error:
        refused = error.as_reply()
        job.write(lambda tx: _end(job, tx, refused))
        return
    giver = giver_of(job, request, persons=job.data["persons"], units=job.data["units"])
    taken = taken_all(job, calendar, giver)

    def tell(tx: Transaction) -> None:
        report = ics_said.report_of(taken, whole=calendar.whole)
        files.drop(tx, job.data["file"])
        _end(job, tx, ics_said.reply(job.request(tx), tx, name, taken, report))

    job.write(tell)


def _end(job: Running, tx: Transaction, reply: Reply) -> None:
    job.say(tx, reply)
    job.finish(tx)


def near(request: Request) -> tuple[str, ...]:
    """Zones that a calendar's own are looked for in first: the giver's, then the company's."""
    return request.basis.zone.key, request.company.zone


def giver_of(
    job: Running, request: Request, *, persons: Sequence[str], units: Sequence[str], feed: str | None = None
) -> Giver:
    """Who gave the calendar that the job is about."""
    return Giver(
        actor=request.actor, company=job.company, now=job.now(), feed=feed, persons=tuple(persons), units=tuple(units)
    )


def taken_all(job: Running, calendar: Calendar, giver: Giver) -> Taken:
    """Every event of it, some at a time; of a feed, then what it does not hold any more."""
    taken = Taken()
    taken.left_out += calendar.left_out
    standing: set[str] = set()
    for some in _pieces(calendar):

        def piece(tx: Transaction, some: Any = some) -> tuple[Taken, set[str]]:
            # Begun anew where the database asks for it to be run again.
            of_piece, uids = Taken(), set()
            for event in some:
                if (uid := take(tx, event, giver, of_piece)) is not None:
                    uids.add(uid)
                of_piece.left_out += [LeftOut(event.meeting.title, remark) for remark in event.remarks]
            return of_piece, uids

        of_piece, uids = job.write(piece)
        _add(taken, of_piece)
        standing |= uids
    if giver.feed is not None and calendar.whole:
        feed = giver.feed

        def last(tx: Transaction) -> Taken:
            of_piece = Taken()
            gone(tx, feed, standing, giver, of_piece)
            return of_piece

        _add(taken, job.write(last))
    return taken


def _pieces(calendar: Calendar) -> Iterator[Any]:
    for start in range(0, len(calendar.events), _AT_ONCE):
        yield calendar.events[start : start + _AT_ONCE]


def _add(taken: Taken, more: Taken) -> None:
    taken.made += more.made
    taken.changed += more.changed
    taken.cancelled += more.cancelled
    taken.left_out += more.left_out
    taken.same += more.same
    taken.over += more.over
    taken.private += more.private
    taken.alone += more.alone
    taken.declined += more.declined
    taken.strangers.update(more.strangers)


def failed(job: Running, tx: Transaction, number: str) -> None:
    """By a mistake of ours."""
    files.drop(tx, job.data["file"])
    name = job.data["name"]
    job.say(tx, Reply(f"I made a mistake with {name}, and it stands in my log as {number}. Please tell an admin."))


JOB: Final = JobKind(KIND, run, failed, lane="calendars")
