"""The job that erases a person, piece by piece; who goes on after a process died begins where it stood."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from handlers.conversation.job import JobKind, Running
from handlers.conversation.reply import Reply
from handlers.conversation.request import JobWanted
from storage import audit, erasure
from storage.database import Transaction
from storage.erasure import STEPS, Found, Step
from storage.words import Marks, Texts

KIND: Final = "erasure"
DONE: Final = (
    "Done: nothing is left of them but “{former}”, under which deals, amounts and dates stand as before. {outside}"
)
OUTSIDE: Final = "What was posted in Slack or Teams stays there until it is deleted there, and backups age out."


def wanted(person: str, asked: str) -> JobWanted:
    """Erase that person; `asked`: the same for what is asked for once."""
    return JobWanted(KIND, f"{KIND}:{person}:{asked}", {"person": person})


def run(job: Running) -> None:
    """See storage/erasure.py. The cursor: the former colleague's number, the step, and after which key to look on."""
    person: str = job.data["person"]
    if not job.cursor and job.read(lambda tx: erasure.is_erased(tx, person)):
        return
    at: dict[str, Any] = job.cursor or job.write(lambda tx: _begin(job, tx))
    number: int = at["number"]
    if at["step"] < len(STEPS):
        marks = job.read(lambda tx: erasure.marks_of(tx, person, number))
        texts = job.read(lambda tx: erasure.texts_of(tx, person)) if STEPS[at["step"]].what == "repeated" else Texts(())
        while at["step"] < len(STEPS):
            at = _piece(job, person, at, marks, texts)
    erasure.scrub(job.database)

    def finish(tx: Transaction) -> None:
        former = erasure.former(number)
        audit.write(tx, KIND, at=job.now(), person=job.person, install=None, details={"person": person})
        job.say(tx, Reply(DONE.format(former=former, outside=OUTSIDE)))
        job.finish(tx)

    job.write(finish)


def _begin(job: Running, tx: Transaction) -> dict[str, Any]:
    at = {"number": erasure.number_of(tx), "step": 0, "after": None}
    job.save(tx, at)
    return at


def _piece(job: Running, person: str, at: dict[str, Any], marks: Marks, texts: Texts) -> dict[str, Any]:
    """Look, act, and save how far it is; where the job stands then."""
    step, after = STEPS[at["step"]], at["after"]
    found = job.read(lambda tx: erasure.look(tx, step, after, person, marks, texts))
    further = {**at, "after": found.after} if found.after is not None else {**at, "step": at["step"] + 1, "after": None}
    if not found.keys and found.after is None and not _last(at):
        # Nothing was there: not worth a commit of its own.
        return further
    job.write(lambda tx: _act(job, tx, step, found, person, marks, at["number"], job.now(), further))
    return further


def _last(at: dict[str, Any]) -> bool:
    return bool(at["step"] == len(STEPS) - 1)


def _act(
    job: Running,
    tx: Transaction,
    step: Step,
    found: Found,
    person: str,
    marks: Marks,
    number: int,
    now: datetime,
    further: dict[str, Any],
) -> None:
    erasure.act(tx, step, found, person, marks, number, now)
    job.save(tx, further)


JOB = JobKind(KIND, run, lane=KIND)
