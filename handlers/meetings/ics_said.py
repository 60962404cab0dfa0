"""What became of a calendar, as its giver reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from handlers.conversation.reply import Part, Reply, Table, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import listed, plural
from handlers.meetings import rows
from handlers.meetings.ics_take import Taken
from handlers.meetings.model import next_one
from handlers.meetings.say import View
from storage import meetings
from storage.database import Transaction

_NAMED: Final = 8
_TITLE: Final = 60


def report_of(taken: Taken, *, whole: bool) -> dict[str, Any]:
    """Kept with a feed, so that its owner can be told at any time what it holds."""
    return {
        "made": len(taken.made),
        "changed": len(taken.changed),
        "cancelled": len(taken.cancelled),
        "same": taken.same,
        "over": taken.over,
        "private": taken.private,
        "alone": taken.alone,
        "declined": taken.declined,
        "left_out": [[one.title[:_TITLE], one.reason] for one in taken.left_out[:_NAMED]],
        "left_out_count": len(taken.left_out),
        "strangers": [email for email, _ in taken.strangers.most_common(_NAMED)],
        "strangers_count": len(taken.strangers),
        "whole": whole,
    }


def sentence(name: str, report: Mapping[str, Any]) -> str:
    """`team.ics: 3 meetings new, 1 changed, 2 as they were.`"""
    counts = [
        (report["made"], "new"),
        (report["changed"], "changed"),
        (report["cancelled"], "cancelled"),
        (report["same"], "as before"),
    ]
    some = [f"{count:,} {word}" for count, word in counts if count]
    if not some:
        return f"{name}: no meetings to come that are for me to remind of."
    first, *rest = some
    number, _, word = first.partition(" ")
    meeting = "meeting" if number == "1" else "meetings"
    return f"{name}: {listed([f'{number} {meeting} {word}', *rest])}."


def remarks(report: Mapping[str, Any]) -> list[str]:
    """What was not taken, and why, a sentence each."""
    said = []
    left_out = [f"“{title}”: {reason}" for title, reason in report["left_out"]]
    if left_out:
        more = report["left_out_count"] - len(left_out)
        said.append("Left out: " + "; ".join(left_out) + (f"; and {more:,} more" if more else "") + ".")
    for count, what in (
        (report["over"], "over already"),
        (report["private"], "private"),
        (report["alone"], "with nobody but you"),
        (report["declined"], "declined by you"),
    ):
        if count:
            said.append(f"{plural(count, 'event is', 'events are')} {what}, and left out.")
    strangers = list(report["strangers"])
    if strangers:
        more = report["strangers_count"] - len(strangers)
        named = ", ".join(strangers) + (f" and {more:,} more" if more else "")
        said.append(f"Not invited by me, because I know nobody of your company with that address: {named}.")
    if not report["whole"]:
        said.append("There are more events than I read at once; those at the end were left aside.")
    return said


def reply(request: Request, tx: Transaction, name: str, taken: Taken, report: Mapping[str, Any]) -> Reply:
    """All of it, with the meetings that are new or different."""
    head = sentence(name, report)
    different = [*taken.made, *taken.changed, *taken.cancelled]
    table = _table(request, tx, taken, different[:_NAMED])
    parts: list[Part] = [Text(head, style="strong")]
    said = remarks(report)
    if table is not None:
        parts.append(table)
        if len(different) > _NAMED:
            parts.append(Text(f"And {len(different) - _NAMED:,} more: type “/meeting” to see what is ahead.", "quiet"))
    parts += [Text(one, style="quiet") for one in said]
    rows_said = [": ".join(row) + "." for row in table.rows] if table is not None else []
    return Reply(" ".join([head, *rows_said, *said]), tuple(parts))


def _table(request: Request, tx: Transaction, taken: Taken, ids: Sequence[str]) -> Table | None:
    found = [row for one in ids if (row := meetings.get(tx, one)) is not None]
    if not found:
        return None
    some = rows.models(tx, found)
    view = View.of(request, tx, some)
    lines = []
    for meeting in some:
        what = "new" if meeting.id in taken.made else "cancelled" if meeting.cancelled else "changed"
        lines.append((what, view.whole(meeting, next_one(meeting, request.now))))
    return Table(("", "Meeting"), tuple(lines))
