"""Files that are imported on a schedule: one that changed becomes a job, which tells admins only what is wrong."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final

import msgspec

from handlers.conversation.company import Company
from handlers.conversation.job import JobKind, Running
from handlers.conversation.reply import Document, Reply, Text
from handlers.conversation.request import Message
from handlers.imports.apply import Application
from handlers.imports.asked import Asked, around, digest_of, read
from handlers.imports.chat_jobs import LANE, begin, in_pieces
from handlers.imports.chat_preview import Kept, about, data_of
from handlers.imports.errors_file import write_left_out
from handlers.imports.kept import copied
from handlers.imports.telling import counts, left_out, listed
from handlers.imports.text import Refused
from storage import files, imports, jobs, people
from storage.database import Transaction

KIND: Final = "import watched"
WAITS: Final = timedelta(days=2)
FAULT_KEPT: Final = timedelta(days=7)


def came(tx: Transaction, watched: str, name: str, content: bytes, asked: Asked, now: datetime) -> bool:
    """A file was found: a job imports it if it is not what was imported last. Whether one does."""
    digest = digest_of(content)
    last = imports.last_watched(tx, watched, name)
    if last is not None and last.digest == digest and last.state in ("applied", "rolled back"):
        return False
    key = f"{KIND}:{watched}:{name}:{digest}:{last.id if last else ''}"
    if jobs.get(tx, key) is not None:
        return False
    kept = Kept(files.keep(tx, name=name, content=content, person=None, at=now, until=now + WAITS), name, digest)
    given = data_of(kept, asked, watched=watched)
    return jobs.put(tx, kind=KIND, key=key, person=None, data={"given": given, "place": None}, at=now) is not None


def fault(tx: Transaction, company: Company, watched: str, sentence: str) -> list[Message]:
    """What is wrong, to the admins: once, until it was imported again or something else is wrong."""
    last = imports.last_watched(tx, watched)
    what = hashlib.sha256(sentence.encode()).hexdigest()[:16]
    said = f"The scheduled import “{watched}” did not work: {sentence}"
    return _to_admins(tx, company, Reply(said), f"{KIND}:{watched}:{last.id if last else ''}:{what}")


def _to_admins(tx: Transaction, company: Company, reply: Reply, key: str) -> list[Message]:
    found = [
        one for email in sorted(company.admins) if (one := people.by_email(tx, email)) is not None and not one.left
    ]
    return [Message(one.id, reply, "import", f"{key}:{one.id}") for one in found]


def run(job: Running) -> None:
    """Imports the file, or says to the admins why not."""
    kept, asked = about(job.data)
    watched = str(job.data["watched"])
    with copied(job, kept.file) as content:
        if content is not None:
            _run(job, watched, kept, asked, content)


def _run(job: Running, watched: str, kept: Kept, asked: Asked, content: BinaryIO) -> None:
    there = job.read(around)
    try:
        reading = read(content, asked, there, name=kept.name, company=job.company, now=job.now())
        if reading.questions:
            asks = " ".join(question.sentence for question in reading.questions)
            _stop(job, watched, f"{kept.name}: {asks} Say it in app.yaml, as kind, map or date_order of the import.")
            return
        applied = Application(reading, job.company, job.now(), kept.name, kept.digest, None, asked.source)
        applied.watched = watched
        applied.announces = there.announces(reading.kind)
        begin(job, applied)
        in_pieces(job, applied, lambda: None)
    except Refused as error:
        _stop(job, watched, f"{kept.name}: {error}")
        return
    to = io.BytesIO()
    if applied.left_out:
        write_left_out(reading, applied.tally.left_out, to)
    job.write(lambda tx: _applied(job, tx, applied, to.getvalue()))


def _stop(job: Running, watched: str, sentence: str) -> None:
    def tell(tx: Transaction) -> None:
        job.tell(tx, fault(tx, job.company, watched, sentence))
        job.finish(tx)

    job.write(tell)


def _applied(job: Running, tx: Transaction, applied: Application, errors: bytes) -> None:
    """Success is quiet; rows that were left out are told, each admin with the file."""
    applied.finish(tx, job.now())
    if applied.left_out:
        head = f"The scheduled import “{applied.watched}” of {applied.name}: {counts(applied, would=False)}"
        for message in _to_admins(tx, job.company, Reply(head), f"{KIND}:{applied.id}:left"):
            kept = files.keep(
                tx,
                name="left-out.csv",
                content=errors,
                media="text/csv",
                person=message.to,
                at=job.now(),
                until=job.now() + FAULT_KEPT,
            )
            document = Document("left-out.csv", kept, len(errors), "The rows with their reasons.")
            parts = (Text(head), Text("Left out:\n" + listed(left_out(applied))), document)
            job.tell(tx, [msgspec.structs.replace(message, reply=Reply(head, parts))])
    job.finish(tx)


def failed(job: Running, tx: Transaction, number: str) -> None:
    """By a mistake of ours."""
    sentence = f"I made a mistake, and it stands in my log as {number}. The file is tried again when it changes."
    if job.cursor is not None:
        imports.settle(tx, job.cursor["import"], "failed", at=job.now(), report=None)
    data: dict[str, Any] = job.data
    job.tell(tx, fault(tx, job.company, str(data["watched"]), sentence))


JOB: Final = JobKind(KIND, run, failed, lane=LANE)
