"""A calendar that is read from its address again and again: what it gave is taken by a job, quietly.

Its owner hears what the first reading brought, and once when it stops working. The address itself is never here, but
sealed in its row: who reads it (bot/feeds.py) opens it.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Final

from handlers.conversation.errors import UserError
from handlers.conversation.job import JobKind, Running
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Message, Request
from handlers.conversation.wording import plural
from handlers.meetings import ics_said
from handlers.meetings.ics_file import giver_of, near, taken_all
from handlers.meetings.ics_read import read
from handlers.reach.topic import Topic
from storage import feeds, files, jobs, notices
from storage.database import Transaction
from storage.feeds import Feed
from storage.notices import Notice
from storage.tables import new_id

KIND: Final = "calendar feed"
TROUBLE: Final = "calendar trouble"
"""A topic; kept in rows."""
EVERY: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=24)
"""Between two tries of one that fails."""
_PATIENCE: Final = 3
"""Failures in a row, of one that worked before, until its owner is told; the third comes within an hour."""
_WAITS: Final = timedelta(hours=12)
_WORTH: Final = timedelta(days=3)
_REFUSED: Final = "refused "
"""Before the digest of content that could not be taken."""
_VOLATILE: Final = re.compile(rb"(?im)^(?:DTSTAMP|LAST-MODIFIED|CREATED|X-CALENDARSERVER-ACCESS)[:;][^\r\n]*\r?\n?")
"""Lines that some calendars write anew for every reader."""


def came(tx: Transaction, feed: Feed, content: bytes, etag: str, modified: str, now: datetime) -> bool:
    """Its address gave this: a job takes it where it is not what was taken last. Whether one does."""
    marks = {"etag": etag[:200], "modified": modified[:100], "looked_at": now, "look_at": now + EVERY}
    digest = hashlib.sha256(_VOLATILE.sub(b"", content)).hexdigest()
    feeds.note(tx, feed.id, **marks)
    if feed.digest in (digest, _REFUSED + digest):
        unchanged(tx, feed, now)
        return False
    kept = files.keep(
        tx, name="calendar.ics", content=content, media="text/calendar", person=feed.person, at=now, until=now + _WAITS
    )
    data = {"given": {"feed": feed.id, "file": kept, "digest": digest}, "place": None}
    return jobs.put(tx, kind=KIND, key=f"{KIND}:{new_id()}", person=feed.person, data=data, at=now) is not None


def unchanged(tx: Transaction, feed: Feed, now: datetime) -> None:
    """It was read, and nothing is new: what could be taken stands, what could not be is as wrong as before."""
    well: dict[str, object] = {"looked_at": now, "look_at": now + EVERY}
    if not feed.digest.startswith(_REFUSED):
        well |= {"read_at": now, "failures": 0, "problem": None, "told_at": None}
    feeds.note(tx, feed.id, **well)


def failed_to_read(tx: Transaction, feed: Feed, sentence: str, *, gone: bool, now: datetime) -> None:
    """It could not be read, and why; `gone`: the address says so itself. Its owner is told once, when the gate lets it
    through."""
    failures = feed.failures + 1
    wait = min(EVERY * 2 ** min(failures - 1, 10), LONGEST)
    values = {"failures": failures, "problem": sentence, "looked_at": now, "look_at": now + wait}
    told = feed.told_at is None and (gone or feed.read_at is None or failures >= _PATIENCE)
    feeds.note(tx, feed.id, **values, **({"told_at": now} if told else {}))
    if told:
        wanted = notices.Wanted(
            topic=TROUBLE, subject=feed.id, person=feed.person, slot=f"{now:%Y%m%dT%H%M%SZ}", due_at=now,
            until=now + _WORTH, data={"feed": feed.id},
        )  # fmt: skip
        notices.plan(tx, [wanted], at=now)


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """What is wrong with it; nothing where it was removed or works again."""
    feed = feeds.get(tx, notice.data["feed"])
    if feed is None or not feed.problem:
        return None
    head = f"Your calendar at {feed.host} cannot be read: {feed.problem}"
    more = (
        "I keep trying, less and less often; the meetings that it gave stay as they are. “/meeting feeds” shows it, "
        "with a button to remove it."
    )
    return Reply(f"{head} {more}", (Text(head, style="strong"), Text(more)))


TOPIC: Final = Topic(
    name=TROUBLE,
    title="Calendar trouble",
    why="a calendar that you gave me by its address cannot be read any more",
    compose=compose,
    worth=_WORTH,
    counts=False,
)


def run(job: Running) -> None:
    """Takes what the address gave."""

    def begin(tx: Transaction) -> tuple[Feed | None, bytes | None, Request]:
        file = files.get(tx, job.data["file"])
        return feeds.get(tx, job.data["feed"]), None if file is None else file.content, job.request(tx)

    feed, content, request = job.read(begin)
    if feed is None or content is None:
        job.write(lambda tx: files.drop(tx, job.data["file"]))
        return
    name = f"The calendar at {feed.host}"
    try:
        calendar = read(content, name=name, near=near(request), now=job.now())
    except UserError as error:
        sentence = error.as_reply().text
        job.write(lambda tx: _refused(job, tx, sentence))
        return
    giver = giver_of(job, request, persons=feed.persons, units=feed.units, feed=feed.id)
    taken = taken_all(job, calendar, giver)
    report = ics_said.report_of(taken, whole=calendar.whole)

    def settle(tx: Transaction) -> None:
        now = job.now()
        before = feeds.get(tx, feed.id)
        well = {"read_at": now, "failures": 0, "problem": None, "told_at": None, "digest": job.data["digest"]}
        feeds.note(tx, feed.id, **well, report=report, name=calendar.name[:100])
        files.drop(tx, job.data["file"])
        if taken.cancelled:
            feeds.forget_contents(tx, feed.id, now)
        if before is not None and before.read_at is None:
            called = f"“{calendar.name[:100]}” at {feed.host}" if calendar.name else f"Your calendar at {feed.host}"
            first = ics_said.reply(job.request(tx), tx, called, taken, report)
            job.tell(tx, [Message(feed.person, first, "meetings", f"{KIND}:{feed.id}:first")])
        job.finish(tx)

    job.write(settle)


def _refused(job: Running, tx: Transaction, sentence: str) -> None:
    """What came is no calendar that can be read."""
    files.drop(tx, job.data["file"])
    feed = feeds.get(tx, job.data["feed"])
    if feed is not None:
        # Not tried again before it gives something else.
        feeds.note(tx, feed.id, digest=_REFUSED + job.data["digest"])
        failed_to_read(tx, feed, sentence, gone=True, now=job.now())
    job.finish(tx)


def failed(job: Running, tx: Transaction, number: str) -> None:
    """By a mistake of ours."""
    files.drop(tx, job.data["file"])
    feed = feeds.get(tx, job.data["feed"])
    if feed is not None:
        sentence = f"I made a mistake with it, which stands in my log as {number}."
        failed_to_read(tx, feed, sentence, gone=True, now=job.now())


def state_of(feed: Feed, ago: timedelta | None) -> str:
    """How it is, in a few words: `read 5 min ago, 12 meetings`. `ago`: since it was read well last."""
    if feed.problem:
        return feed.problem
    if feed.read_at is None or ago is None:
        return "not read yet"
    report = feed.report
    count = sum(int(report.get(one, 0)) for one in ("made", "changed", "same"))
    return f"read {_ago(ago)}, {plural(count, 'meeting')}"


def _ago(ago: timedelta) -> str:
    minutes = max(0, round(ago / timedelta(minutes=1)))
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"


JOB: Final = JobKind(KIND, run, failed, lane="calendars")
