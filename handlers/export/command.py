"""`export`: what somebody may see, as a file for them alone. Small ones at once, large ones by a job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from handlers.conversation.audited import audited
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.job import JobKind, Running
from handlers.conversation.reply import Document, Part, Reply, Text
from handlers.conversation.request import Basis, JobWanted, Outcome, Request
from handlers.conversation.wording import plural
from handlers.export.make import Made, make
from handlers.export.rows import size
from handlers.export.scope import Asker, Extent, extent
from handlers.export.wanted import Wanted, read
from storage import files
from storage.database import Transaction

NAME: Final = "export"
AT_ONCE: Final = 1000
"""Rows that a turn makes by itself: about 100 ms."""
MOST: Final = 300_000
"""Rows of one export in a chat; what is more comes from the command line, which holds nothing in memory."""
KEPT_FOR: Final = timedelta(hours=48)
"""How long a file can be fetched: in Teams the person is asked first, and may answer tomorrow."""

TOO_MUCH: Final = (
    "That is about {rows:,} rows, more than I hand over in a chat. Name a shorter period, or one unit; or whoever runs "
    "me makes it with `pacer export`."
)
NOTHING: Final = (
    "I have nothing to export for {name}, {period}: no target, no deal and no activity that is yours to see."
)


def prepare(text: str, basis: Basis, company: Company) -> Wanted:
    """What is exported and as what; whose and when is read in the transaction."""
    return read(text)


def handle(request: Request, tx: Transaction) -> Outcome:
    """`export [of whom] [when] [csv or xlsx]`."""
    wanted = request.prepared if isinstance(request.prepared, Wanted) else read(request.text)
    asker = _asker(request)
    found = extent(tx, asker, wanted)
    if isinstance(found, str):
        return Outcome(reply=Reply(text=found))
    rows = size(tx, asker, found, wanted.what)
    if rows > MOST:
        return Outcome(reply=Reply(text=TOO_MUCH.format(rows=rows)))
    if rows > AT_ONCE:
        key = f"{NAME}:{request.incoming.install}:{request.incoming.key}"
        said = f"{found.name}, {found.period}: about {rows:,} rows. I am making the file, and send it when it is ready."
        return Outcome(reply=Reply(text=said), jobs=(JobWanted(NAME, key, wanted.as_data()),))
    return Outcome(reply=_handed_over(tx, request, found, make(tx, asker, found, wanted)))


def run(job: Running) -> None:
    """The job: made beside everybody, from one state of the rows; kept and said in one transaction. Where it is broken
    off nothing is kept, and it begins anew."""
    wanted = msgspec.convert(job.data, Wanted)

    def making(tx: Transaction) -> tuple[Extent, list[Made]] | str:
        asker = _asker(job.request(tx))
        found = extent(tx, asker, wanted)
        return found if isinstance(found, str) else (found, make(tx, asker, found, wanted))

    made = job.read(making)

    def telling(tx: Transaction) -> None:
        reply = Reply(made) if isinstance(made, str) else _handed_over(tx, job.request(tx), *made)
        job.say(tx, reply)
        job.finish(tx)

    job.write(telling)


def _asker(request: Request) -> Asker:
    return Asker(
        request.actor, request.company, request.now, request.basis.now.date(), date_order=request.basis.date_order
    )


def _handed_over(tx: Transaction, request: Request, found: Extent, made: Sequence[Made]) -> Reply:
    """The files are kept for who asked, and are named in the answer; who took what stands in the audit log."""
    if not any(rows for one in made for _, rows in one.counts):
        return Reply(text=NOTHING.format(name=found.name, period=found.period))
    documents = [_document(tx, request, found, one) for one in made]
    audited(request, tx, "export", of=found.name, period=found.period, files=[one.name for one in made])
    lead = f"{found.name}, {found.period}"
    named = ", ".join(f"{one.name} ({one.size_in_words})" for one in documents)
    parts: list[Part] = [Text(lead, style="strong"), *documents]
    counted = " ".join(one.in_words for one in made)
    sentences = [f"{lead}: {named}.", counted]
    notes = [counted]
    if found.left_out:
        people = plural(found.left_out, "person", "people")
        notes.append(f"{people} of {found.name} left out: their rows are not yours to see.")
        sentences.append(notes[-1])
    parts.append(Text(" ".join(notes), style="quiet"))
    return Reply(text=" ".join(sentences), parts=tuple(parts))


def _document(tx: Transaction, request: Request, found: Extent, made: Made) -> Document:
    kept = files.keep(
        tx,
        name=made.name,
        content=made.content,
        media=made.media,
        person=request.actor.person,
        at=request.now,
        until=request.now + KEPT_FOR,
    )
    return Document(made.name, kept, len(made.content), f"{found.name}, {found.period}. {made.in_words}")


COMMAND = Command(
    name=NAME,
    summary="Get figures, deals or activities as an Excel or CSV file",
    usage="[figures, deals, activities or leaderboard] [of whom] [when] [csv]",
    examples=("export", "export my deals as csv", "export East this quarter to excel", "/quota export last quarter"),
    explain=(
        "The file has what you may see: your own rows, for a manager those of their reports, for a leader those of "
        "their units. Without further words it is everything of this fiscal year, as an Excel file with a sheet each "
        "for figures, months, deals and activities. “csv” gives plain text files, one a sheet. The file comes in our "
        "own chat wherever you ask. Notes and next steps stand beside your own activities only."
    ),
    handle=handle,
    prepare=prepare,
    understands=lambda prepared: isinstance(prepared, Wanted) and prepared.sure,
    asked_first=True,
    aliases=("download", "quota export"),
    slash=False,
)

JOB = JobKind(NAME, run)
