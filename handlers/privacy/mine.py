"""A person's own data as one ZIP: a CSV for each kind of rows, all of it as JSON, and a page that says what it is."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from handlers.conversation.job import JobKind, Running
from handlers.conversation.reply import Document, Part, Reply, Text
from handlers.conversation.request import JobWanted, Request
from handlers.conversation.wording import plural
from handlers.language.formulas import safe
from storage import audit, files, own_data
from storage.database import Transaction
from storage.own_data import Kind

KIND: Final = "own data"
KEPT_FOR: Final = timedelta(hours=48)
MEDIA: Final = "application/zip"
NOT_IN_IT: Final = (
    "Not in it: what others wrote privately (a manager's own notes, action items that were not shared with you), other "
    "people's data, and the tokens behind buttons."
)
READ_ME: Final = """What {company} keeps about {name} in Pacer, as of {when}.

Each file is one kind of rows, as CSV (UTF-8); everything.json holds all of them for other programs. Amounts called
“minor units” are in the currency's smallest coin: 4500000 in USD is $45,000.00. Times are UTC.

{counts}

{without}

To correct something, say so to Pacer (“log list”, “settings”), or to an admin. Who may see what, how long it is kept
and how it is erased stands in docs/privacy.md of Pacer.
"""


def wanted(request: Request) -> JobWanted:
    """Make it for who asks, and for nobody else."""
    return JobWanted(KIND, f"{KIND}:{request.incoming.install}:{request.incoming.key}")


def run(job: Running) -> None:
    """Made from one state of the rows, kept and said in one transaction: where it is broken off, nothing is kept."""
    person = job.person
    if person is None:
        return
    request = job.read(job.request)
    found = job.read(lambda tx: tuple(own_data.kinds(tx, person, request.basis.now.date())))
    content = packed(found, company=request.company.name, name=request.actor.name, now=job.now())

    def tell(tx: Transaction) -> None:
        now = job.now()
        title = f"My data {now:%Y-%m-%d}.zip"
        kept = files.keep(tx, name=title, content=content, media=MEDIA, person=person, at=now, until=now + KEPT_FOR)
        audit.write(tx, KIND, at=now, person=person, install=None, details={"bytes": len(content)})
        rows = sum(len(kind.rows) for kind in found)
        said = f"Everything that I keep about you: {plural(len(found), 'kind')} of rows, {plural(rows, 'row')} in all."
        parts: tuple[Part, ...] = (
            Text(said),
            Document(title, kept, len(content), f"Your data: {plural(rows, 'row')}."),
            Text(NOT_IN_IT, style="quiet"),
        )
        job.say(tx, Reply(f"{said} {title}. {NOT_IN_IT}", parts))
        job.finish(tx)

    job.write(tell)


def packed(found: Sequence[Kind], *, company: str, name: str, now: datetime) -> bytes:
    """The ZIP's bytes."""
    to = io.BytesIO()
    counts = "\n".join(f"{file_of(kind)}: {plural(len(kind.rows), 'row')}" for kind in found)
    told = READ_ME.format(
        company=company, name=name, when=f"{now:%Y-%m-%d %H:%M} UTC", counts=counts, without=NOT_IN_IT
    )
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("READ ME.txt", told)
        for kind in found:
            pack.writestr(file_of(kind), _csv(kind))
        everything = {kind.title: [dict(zip(kind.columns, row, strict=True)) for row in kind.rows] for kind in found}
        pack.writestr("everything.json", json.dumps(everything, ensure_ascii=False, indent=1))
    return to.getvalue()


def file_of(kind: Kind) -> str:
    """`Check-in answers.csv`."""
    return f"{kind.title}.csv"


def _csv(kind: Kind) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(kind.columns)
    for row in kind.rows:
        # What somebody wrote is text in a spreadsheet, whatever it begins with.
        writer.writerow([safe(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    return "\ufeff" + text.getvalue()


JOB = JobKind(KIND, run)
