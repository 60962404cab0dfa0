"""The jobs behind `import` in chat: a file is looked through, applied, rolled back, and the chat says how far it is."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import BinaryIO, Final

from handlers.conversation.job import JobKind, Running
from handlers.conversation.reply import Buttons, Document, Part, Reply, Text
from handlers.conversation.wording import Days
from handlers.imports import chat_plan, chat_preview, undo
from handlers.imports.apply import Application, Work
from handlers.imports.applying import Tally
from handlers.imports.asked import Asked, around, read
from handlers.imports.chat_preview import WAITS, Kept
from handlers.imports.errors_file import write_left_out
from handlers.imports.kept import copied
from handlers.imports.plan_apply import is_plan_file
from handlers.imports.rehearse import rehearse
from handlers.imports.resuming import restored, saved
from handlers.imports.telling import counts, rows
from handlers.imports.text import Refused
from storage import files, imports, people
from storage.database import Transaction

EVERY: Final = 4.0
"""Seconds between two edits that say how far a job is: platforms take one a second at most, and people need fewer."""
LANE: Final = "imports"


class Progress:
    """Says now and then how far it is, as an edit of the message."""

    def __init__(self, doing: str, of: int) -> None:
        self._doing = doing
        self._of = of
        self._said = time.monotonic()

    def reply(self, number: int) -> Reply | None:
        """What is to be said now; None while the last word is fresh."""
        if time.monotonic() - self._said < EVERY:
            return None
        self._said = time.monotonic()
        return Reply(f"{self._doing}: {min(number, self._of):,} of {rows(self._of)} …")


def _gone(name: str) -> Reply:
    return Reply(f"{name} is not kept any more: a file waits for {WAITS.days} days. Please attach it again.")


# ---------------------------------------------------------------- preview


def run_preview(job: Running) -> None:
    """Reads the file, tries it on copies of the rows, and shows what it would do."""
    kept, asked = chat_preview.about(job.data)
    if is_plan_file(kept.name):
        file = job.read(lambda tx: files.get(tx, kept.file))
        if file is not None:
            chat_plan.preview(job, kept, asked, file)
            return
    with copied(job, kept.file) as content:
        if content is None:
            job.write(lambda tx: _end(job, tx, _gone(kept.name)))
        else:
            _preview(job, kept, asked, content)


def _preview(job: Running, kept: Kept, asked: Asked, content: BinaryIO) -> None:
    name = kept.name
    there, before = job.read(lambda tx: (around(tx), _before(tx, job)))
    try:
        reading = read(content, asked, there, name=name, company=job.company, now=job.now())
        if reading.questions:
            job.write(lambda tx: _end(job, tx, chat_preview.question(job.request(tx), tx, kept, asked, reading)))
            return
        plan = Application(reading, job.company, job.now(), name, kept.digest, job.person, asked.source)
        progress = Progress(f"Trying {name} out", reading.expected)

        def moved(number: int) -> None:
            if (reply := progress.reply(number)) is not None:
                job.write(lambda tx: job.say(tx, reply))

        done = rehearse(job.database, plan, moved)
    except Refused as error:
        sentence = str(error)
        job.write(lambda tx: _end(job, tx, chat_preview.refused(job.request(tx), tx, kept, asked, sentence)))
        return
    job.write(lambda tx: _end(job, tx, chat_preview.preview(job.request(tx), tx, kept, asked, reading, done, before)))


def _before(tx: Transaction, job: Running) -> list[str]:
    """That the very same file is in already."""
    same = imports.same_file(tx, job.data["digest"])
    if same is None:
        return []
    basis = job.request(tx).basis
    who = people.person(tx, same.by) if same.by else None
    by = f" by {who.name}" if who else ""
    return [f"The very same file was imported on {Days.of(basis).on(same.at.astimezone(basis.zone).date())}{by}."]


def _end(job: Running, tx: Transaction, reply: Reply) -> None:
    job.say(tx, reply)
    job.finish(tx)


# ---------------------------------------------------------------- apply


def run_apply(job: Running) -> None:
    """Applies the file piece by piece. Killed, it goes on behind the last piece that was committed."""
    kept, asked = chat_preview.about(job.data)
    if is_plan_file(kept.name):
        file = job.read(lambda tx: files.get(tx, kept.file))
        if file is not None:
            chat_plan.apply(job, kept, file)
            return
    with copied(job, kept.file) as content:
        if content is None:
            job.write(lambda tx: _forgotten(job, tx, kept.name))
        else:
            _apply(job, kept, asked, content)


def _apply(job: Running, kept: Kept, asked: Asked, content: BinaryIO) -> None:
    name, there = kept.name, job.read(around)
    reading = read(content, asked, there, name=name, company=job.company, now=job.now())
    applied = Application(reading, job.company, job.now(), name, kept.digest, job.person, asked.source)
    applied.announces = there.announces(reading.kind)
    begin(job, applied)
    progress = Progress(f"Importing {name}", reading.expected)
    in_pieces(job, applied, lambda: progress.reply(applied.read))
    errors = _left_out(applied)
    job.write(lambda tx: _applied(job, tx, applied, errors))


def begin(job: Running, applied: Application) -> None:
    """The import's own row; or, in a later life of the job, what it had come to."""
    if job.cursor is not None:
        restored(job.cursor, applied)
        return

    def first(tx: Transaction) -> str:
        made = applied.begin(tx)
        job.save(tx, {"import": made, "announces": applied.announces})
        return made

    applied.id = job.write(first)


def in_pieces(job: Running, applied: Application, word: Callable[[], Reply | None]) -> None:
    """Each piece with its facts, how far it is and, now and then, a word about that, in one transaction."""

    def piece(tx: Transaction, work: Work, reply: Reply | None) -> Tally:
        begun = time.perf_counter()
        done = work(tx)
        job.tell(tx, facts=done.facts)
        job.save(tx, saved(applied, done))
        if reply is not None:
            job.say(tx, reply)
        applied.pace.took(time.perf_counter() - begun)
        return done

    for work in applied.works():
        applied.add(job.write(partial(piece, work=work, reply=word())))


def _forgotten(job: Running, tx: Transaction, name: str) -> None:
    """The file is gone; what of it was applied before stays, and can be rolled back."""
    if job.cursor is not None:
        imports.settle(tx, job.cursor["import"], "failed", at=job.now(), report=None)
    _end(job, tx, _gone(name))


def _left_out(applied: Application) -> tuple[str, bytes] | None:
    """A file with the rows that were left out and the reasons."""
    if not applied.left_out:
        return None
    to = io.BytesIO()
    write_left_out(applied.reading, applied.tally.left_out, to)
    return f"{PurePath(applied.name).stem}-left-out.csv", to.getvalue()


def _applied(job: Running, tx: Transaction, applied: Application, errors: tuple[str, bytes] | None) -> None:
    applied.finish(tx, job.now())
    did = counts(applied, would=False)
    head = f"{applied.name} is imported. {did}"
    parts: list[Part] = [Text(f"{applied.name} is imported.", style="strong"), Text(did), *chat_preview.said(applied)]
    if errors is not None:
        name, content = errors
        kept = files.keep(
            tx,
            name=name,
            content=content,
            media="text/csv",
            person=job.person,
            at=job.now(),
            until=job.now() + WAITS,
        )
        about = f"{rows(applied.left_out)} with the reasons. Mend them there, and attach that file."
        parts.append(Document(name, kept, len(content), about))
    if imports.did_anything(tx, applied.id):
        parts.append(Buttons((chat_preview.roll_back_button(job.request(tx), tx, applied.id),)))
    _end(job, tx, Reply(head, tuple(parts)))


def apply_failed(job: Running, tx: Transaction, number: str) -> None:
    """What is in can be taken back."""
    name = job.data["name"]
    said = (
        f"{name} was not imported to its end: I made a mistake, and it stands in my log as {number}. "
        "The same file again goes on from there, and nothing is in twice."
    )
    found = imports.get(tx, job.cursor["import"]) if job.cursor else None
    if found is None:
        job.say(tx, Reply(said))
        return
    imports.settle(tx, found.id, "failed", at=job.now(), report=None)
    button = chat_preview.roll_back_button(job.request(tx), tx, found.id)
    job.say(tx, Reply(said, (Text(said), Buttons((button,)))))


# ---------------------------------------------------------------- roll back


def run_undo(job: Running) -> None:
    """Rolls an import back, piece by piece."""
    identifier = job.data["import"]
    done: undo.Counts = Counter({(what, table): number for what, table, number in job.cursor or ()})
    last = time.monotonic()
    while True:
        speak = time.monotonic() - last > EVERY
        step = job.write(lambda tx, speak=speak: _undo_step(job, tx, identifier, done, speak))  # type: ignore[misc]
        if step is None:
            return
        done.update(step)
        if speak:
            last = time.monotonic()


def _undo_step(job: Running, tx: Transaction, identifier: str, done: undo.Counts, speak: bool) -> undo.Counts | None:
    found = imports.get(tx, identifier)
    assert found is not None
    facts: list[object] = []
    step = undo.step(tx, job.company, identifier, now=job.now(), facts=facts)
    job.tell(tx, facts=facts)
    if step is None:
        said = undo.sentences(done) or ["It had changed nothing."]
        head = f"{found.name} is rolled back."
        _end(job, tx, Reply(f"{head} {' '.join(said)}", (Text(head, style="strong"), *map(Text, said))))
        return None
    total = done + step
    job.save(tx, [[what, str(table), number] for (what, table), number in total.items()])
    if speak:
        job.say(tx, Reply(f"Rolling {found.name} back: {sum(total.values()):,} changes taken back …"))
    return step


JOBS: Final = (
    JobKind("import preview", run_preview),
    JobKind("import apply", run_apply, apply_failed, lane=LANE),
    JobKind("import undo", run_undo, lane=LANE),
)
