"""What is said of meetings unasked: the reminder before, the question for minutes after, and what others changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import length, plural
from handlers.meetings import agenda, pairs, reminders, rows, who
from handlers.meetings.buttons import ISSUER
from handlers.meetings.model import Meeting, Occurrence, next_one, occurrence_on
from handlers.meetings.say import View
from handlers.reach.topic import Topic
from storage import actions, meetings, people
from storage.database import Transaction
from storage.notices import Notice


def _of(tx: Transaction, notice: Notice) -> tuple[Meeting, Occurrence] | None:
    """The meeting and its time that a notice is about, if it still takes place then."""
    meeting = rows.load(tx, str(notice.data["meeting"]))
    if meeting is None or meeting.cancelled:
        return None
    one = occurrence_on(meeting, date.fromisoformat(str(notice.data["day"])))
    if one is None or one.start != datetime.fromisoformat(str(notice.data["start"])):
        return None
    return meeting, one


def reminder(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """`“Pipeline review” at 15:00, in 15 min, with Dana Reyes. Agenda: …`; nothing for who takes no part any more."""
    found = _of(tx, notice)
    if found is None:
        return None
    meeting, one = found
    if notice.person not in who.participants(tx, meeting, one.local.date()):
        return None
    view = View.of(request, tx, [meeting])
    left = max(round((one.start - request.now).total_seconds() / 60), 1)
    whom = view.with_whom(meeting)
    named = f"{view.title(meeting)}{f', {whom}' if whom else ''}"
    head = f"{view.title(meeting)}: {view.when(one)}, in {length(left)}{f', {whom}' if whom else ''}."
    if left > meeting.lead + 1:
        # In the last open moment before quiet hours: how long it is till then says nothing.
        when = view.when(one)
        head = f"{when[0].upper()}{when[1:]}: {named}."
    items = agenda.plain(tx, meeting, one) + pairs.points(tx, meeting, view.days)
    said = f"Agenda: {'; '.join(items)}." if items else "Nothing stands on the agenda."
    parts: list[Part] = [Text(head)]
    if items:
        parts.append(Text("\n".join(f"{at}. {item}" for at, item in enumerate(items, 1))))
    else:
        parts.append(Text(said, style="quiet"))
    data = {"meeting": meeting.id, "day": one.day.isoformat()}
    wanted = [
        ("Add to agenda", "add to agenda", data),
        ("Agenda", "agenda", data),
        ("Add to calendar", "calendar", data),
    ]
    parts.append(Buttons((*_buttons(request, tx, wanted).buttons, *agenda.our_agenda(request, tx, meeting))))
    return Reply(f"{head} {said}", tuple(parts))


def ask_for_minutes(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """`“Pipeline review” is over. What came of it?`; nothing where somebody has written it down."""
    found = _of(tx, notice)
    if found is None:
        return None
    meeting, one = found
    if meeting.organiser != notice.person or meetings.minutes_of(tx, meeting.id, one.day):
        return None
    view = View.of(request, tx, [meeting])
    if pairs.pair_of(tx, meeting, request.basis.now.date()) is not None:
        return _stays_open(request, tx, meeting, one, view)
    sentence = f"{view.title(meeting)}, {view.when(one)}, is over. What came of it, and who does what by when?"
    data = {"meeting": meeting.id, "day": one.day.isoformat()}
    wanted: list[Wanted] = [("Write minutes", "write minutes", data)]
    if ".later." not in notice.slot:
        wanted.append(("Ask me tomorrow", "ask later", {**data, "start": one.start.isoformat()}))
    return Reply(sentence, (Text(sentence), _buttons(request, tx, wanted)))


def _stays_open(request: Request, tx: Transaction, meeting: Meeting, one: Occurrence, view: View) -> Reply | None:
    """After a one-to-one of a manager and their report: what is not talked about yet; nothing where all is."""
    points = agenda.plain(tx, meeting, one) + pairs.points(tx, meeting, view.days)
    if not points:
        return None
    stays = plural(len(points), "point stays open", "points stay open")
    sentence = f"{view.title(meeting)}, {view.when(one)}, is over, and {stays}: {'; '.join(points)}."
    small = "Tick off what you have talked about; the rest waits for the next time."
    data = {"meeting": meeting.id, "day": one.day.isoformat()}
    buttons = _buttons(request, tx, [("Write minutes", "write minutes", data)]).buttons
    parts = (Text(sentence), Text(small, style="quiet"))
    return Reply(f"{sentence} {small}", (*parts, Buttons((*agenda.our_agenda(request, tx, meeting), *buttons))))


def news(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """What somebody else did with a meeting, as it stands now; who was on leave reads of what still lies ahead."""
    meeting = rows.load(tx, str(notice.data["meeting"]))
    if meeting is None:
        return None
    by = people.person(tx, str(notice.data["by"])) if notice.data.get("by") else None
    name, view = by.name if by else "Somebody", View.of(request, tx, [meeting])
    match notice.data["what"]:
        case "action":
            return _promised(request, tx, notice, meeting, view, name)
        case "cancelled":
            if next_one(replace(meeting, cancelled=False), request.now) is None:
                # It would be over: they were on leave.
                return None
            if not meeting.cancelled and notice.person in who.participants(tx, meeting, request.now.date()):
                # It was taken back before they heard of it.
                return None
            if not meeting.cancelled:
                return Reply(f"{name} has taken you off {view.in_title(meeting)}: you are not expected there.")
            return Reply(f"{name} has cancelled {view.in_title(meeting)}: it does not take place.")
        case what:
            return _stands(request, tx, notice, meeting, view, name, invited=what == "invited")


def _stands(
    request: Request, tx: Transaction, notice: Notice, meeting: Meeting, view: View, name: str, *, invited: bool
) -> Reply | None:
    """`Max Stone invites you: …`, `Max Stone has moved …`."""
    if meeting.cancelled or notice.person not in who.participants(tx, meeting, request.now.date()):
        return None
    day = date.fromisoformat(str(notice.data["day"])) if notice.data.get("day") else None
    changed = occurrence_on(meeting, day) if day else None
    following = next_one(meeting, request.now)
    if day is not None and (day < request.basis.now.date() if changed is None else changed.end <= request.now):
        # Over before they were back.
        return None
    if invited:
        if following is None:
            return None
        sentence = f"{name} invites you: {view.whole(meeting, following)}."
    elif day is not None and changed is None:
        behind = f" The next one is {view.when(following, near=False)}." if following else ""
        sentence = f"{name} has cancelled {view.in_title(meeting)} of {view.days.on(day)}.{behind}"
    elif day is not None and changed is not None:
        sentence = (
            f"{name} has moved {view.in_title(meeting)} of {view.days.on(day)}: now {view.when(changed, near=False)}."
        )
    elif following is not None:
        sentence = f"{name} has changed when it is: {view.whole(meeting, following)}."
    else:
        return None
    data = {"meeting": meeting.id}
    buttons = _buttons(request, tx, [("Agenda", "agenda", data), ("Add to calendar", "calendar", data)])
    return Reply(sentence, (Text(sentence), buttons))


def _promised(
    request: Request, tx: Transaction, notice: Notice, meeting: Meeting, view: View, name: str
) -> Reply | None:
    mine = [
        action
        for action in actions.of_source(tx, "meeting", str(notice.data["minutes"]))
        if action.owner == request.actor.person and action.state == "open"
    ]
    if not mine:
        return None
    lines = [f"{one.text}{f', by {view.days.on(one.due)}' if one.due else ''}" for one in mine]
    sentence = f"{name} has written down for you in the minutes of {view.in_title(meeting)}: {'; '.join(lines)}."
    data = {"meeting": meeting.id}
    return Reply(sentence, (Text(sentence), _buttons(request, tx, [("Minutes", "minutes", data)])))


def _buttons(request: Request, tx: Transaction, wanted: list[Wanted]) -> Buttons:
    """The message stays when one of them is pressed."""
    return Buttons(tuple(ISSUER.lasting(msgspec.structs.replace(request, listing=True), tx, wanted)))


REMINDER: Final = Topic(
    name=reminders.REMINDER,
    title="Meeting reminders",
    why="you take part in that meeting, and it begins soon",
    compose=reminder,
    worth=timedelta(minutes=15),
    counts=False,
    called=("meeting reminder", "reminders of meetings", "reminders"),
)
MINUTES: Final = Topic(
    name=reminders.MINUTES,
    title="Minutes of meetings",
    why="you organise that meeting, it is over, and nobody has written its minutes",
    compose=ask_for_minutes,
    worth=reminders.WORTH_ASKING,
    called=("minutes", "meeting minutes"),
)
NEWS: Final = Topic(
    name=reminders.NEWS,
    title="Changes of meetings",
    why="somebody invited you to a meeting, changed one that you take part in, or wrote down what you will do",
    compose=news,
    counts=False,
    said=True,
    called=("meeting news", "meeting changes", "invitations"),
)
ALL: Final = (REMINDER, MINUTES, NEWS)
