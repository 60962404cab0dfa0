"""A meeting moves, or one time of a series does: in words, by the form, by the button."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from handlers.conversation.reply import Buttons, ChoiceField, DateField, Field, Form, Option, Reply, Text, TimeField
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days
from handlers.language.dates import WEEKDAYS
from handlers.language.durations import duration_at
from handlers.meetings import record, snapshot, who
from handlers.meetings.buttons import ISSUER
from handlers.meetings.errors import CancelledAlready, CannotMove, OfACalendar
from handlers.meetings.find import asked as words_asked
from handlers.meetings.making import UNDO_FOR
from handlers.meetings.model import Change, Meeting, Occurrence, current_or_next, instant_of, on_the_wall
from handlers.meetings.pick import Picked, ask_scope, pick, pressed
from handlers.meetings.recurrence import NthDay, Often, days
from handlers.meetings.say import View
from handlers.meetings.words import read
from storage.database import Transaction

VERBS: Final = r"(?:move|reschedule|re-schedule|shift|postpone|push(?:\s+back)?|bring\s+forward)"
_MOVE: Final = re.compile(rf"{VERBS}\s+(?P<rest>.+)", re.I | re.S)
_TO: Final = re.compile(r"\s+(?:to|until|till|for)\s+", re.I)
_BY: Final = re.compile(r"\s+by\s+(?P<length>.+)\Z", re.I)
_PLAIN_DAY: Final = re.compile(r"(?:on\s+)?([^\W\d_]+)\b", re.I)


def said(request: Request, tx: Transaction) -> Outcome | None:
    """`move Thursday's pipeline review to Friday 14:00`; None where the words are nothing of this kind."""
    match = _MOVE.fullmatch(request.text.strip())
    if match is None:
        return None
    rest = " ".join(match["rest"].split())
    if (
        (by := _BY.search(rest))
        and (length := duration_at(by["length"], 0))
        and length[1] == len(by["length"].rstrip())
    ):
        back = request.text.strip().casefold().startswith("bring")
        return _pick(request, tx, rest[: by.start()], {"by": -length[0] if back else length[0]})
    # “one-to-one” and titles hold the word too: the last one that a time stands behind is meant.
    for joint in reversed(list(_TO.finditer(rest))):
        when = read(rest[joint.end() :], request.basis)
        timed = when.day is not None or when.at is not None
        if timed and not (when.title or when.names or when.rule or when.one_to_one):
            return _pick(request, tx, rest[: joint.start()], {"to": rest[joint.end() :]})
    raise CannotMove(sentence="To when? Say it like “move Thursday's review to Friday 14:00”.", text=request.text)


def _pick(request: Request, tx: Transaction, which: str, extra: dict[str, Any]) -> Outcome:
    extra["dated"] = words_asked(request, which).day is not None
    picked = pick(request, tx, which, "move", extra, others=True)
    return picked if isinstance(picked, Outcome) else move(request, tx, picked)


def move(request: Request, tx: Transaction, picked: Picked) -> Outcome:
    """The meeting is known: now when to, and of a series which times."""
    meeting, one = changeable(request, tx, picked.meeting), picked.one or current_or_next(picked.meeting, request.now)
    if one is None:
        raise CancelledAlready
    scope = picked.scope
    if meeting.recurrence is not None and not scope:
        if not picked.extra.get("dated"):
            return ask_scope(request, tx, replace(picked, one=one), "move", "Move")
        scope = "one"
    start = _new_start(request, one, picked.extra)
    if isinstance(start, str):
        raise CannotMove(sentence=start, text=request.text or str(picked.extra.get("to", "")))
    return moved(request, tx, meeting, one, start, whole=meeting.recurrence is None or scope == "all")


def changeable(request: Request, tx: Transaction, meeting: Meeting) -> Meeting:
    """The meeting, if the person may change it. Raises NotAllowed, OfACalendar."""
    who.check(request, tx, meeting, "change a meeting")
    if meeting.source == "ics":
        raise OfACalendar(title=View.of(request, tx, [meeting]).title(meeting))
    return meeting


def _new_start(request: Request, one: Occurrence, extra: dict[str, Any]) -> datetime | str:
    """On the person's own wall, or the sentence that says why not."""
    here = one.start.astimezone(request.basis.zone).replace(tzinfo=None)
    if "by" in extra:
        start = here + timedelta(minutes=int(extra["by"]))
    else:
        text = str(extra["to"])
        when = read(text, request.basis)
        if when.no_day is not None:
            return f"No calendar has “{when.no_day[0]}”. Please give another day."
        day = when.day or here.date()
        plain = _PLAIN_DAY.match(text.strip())
        if plain is not None and plain[1].casefold() in WEEKDAYS and when.day is not None:
            at, now = when.at or here.time(), request.basis.now.replace(tzinfo=None)
            day = _near(WEEKDAYS[plain[1].casefold()], here.date(), at, now)
        start = datetime.combine(day, when.at or here.time())
    return over(request, start) or start


def _near(weekday: int, day: date, at: time, now: datetime) -> date:
    """That weekday in the week of the meeting, or the first to come where that is over."""
    there = day + timedelta(days=weekday - day.weekday())
    while datetime.combine(there, at) <= now:
        there += timedelta(days=7)
    return there


def over(request: Request, start: datetime) -> str | None:
    """The sentence for a time that is over, of the person's own wall."""
    if instant_of(start, request.basis.zone.key) > request.now:
        return None
    said = Days.of(request.basis).moment(start.date(), start.time())
    return f"{said[0].upper()}{said[1:]} is over, so nothing was moved. Please give a time that is still to come."


def moved(
    request: Request, tx: Transaction, meeting: Meeting, one: Occurrence, start: datetime, *, whole: bool
) -> Outcome:
    """It is then; `start` on the person's own wall. Raises CannotMove."""
    asked = who.invited(tx, meeting.id)
    local = on_the_wall(instant_of(start, request.basis.zone.key), meeting.zone)
    before_view = View.of(request, tx, [meeting])
    was = before_view.when(one, near=False)
    if local == one.local:
        sentence = f"{before_view.title(meeting)} is {was} already, so nothing was moved."
        return Outcome(reply=Reply(sentence))
    by = request.actor.person
    if whole:
        wanted = from_then_on(meeting, one, local)
        if wanted is None:
            sentence = (
                "I cannot move that series to another day by itself. Please press “Change” and say how it repeats."
            )
            raise CannotMove(sentence=sentence, text=request.text)
        after = record.bring(
            tx, request.company, wanted, persons=asked.persons, units=asked.units, by=by, now=request.now
        )
    else:
        change = Change(day=one.day, start=local, minutes=_own_length(meeting, one))
        after = record.change_one(tx, request.company, meeting, change, by=by, now=request.now)
    view = View.of(request, tx, [after])
    now = view.days.moment(start.date(), start.time(), near=False)
    series = "the whole series " if whole and meeting.recurrence is not None else ""
    sentence = f"Moved: {view.in_title(after)}, {series}from {was} to {now}."
    more = "Its reminders move with it, and everybody invited is told."
    undo = snapshot.taken(meeting, asked, after)
    data = {"meeting": after.id}
    further = [("Agenda", "agenda", data), ("Add to calendar", "calendar", data)]
    buttons = ISSUER.once_and_lasting(request, tx, ("Undo", "undo", undo), UNDO_FOR, further)
    return Outcome(
        reply=Reply(f"{sentence} {more}", (Text(sentence), Text(more, style="quiet"), Buttons(tuple(buttons))))
    )


def _own_length(meeting: Meeting, one: Occurrence) -> int | None:
    minutes = int((one.end - one.start).total_seconds()) // 60
    return None if minutes == meeting.minutes else minutes


def from_then_on(meeting: Meeting, one: Occurrence, local: datetime) -> Meeting | None:
    """The series from that time of it on, beginning at `local`; None where its rule cannot be turned to that day."""
    rule = meeting.recurrence
    if rule is None:
        return replace(meeting, start=local, changes=(), sequence=meeting.sequence + 1)
    if local.date() != one.day:
        if rule.often is not Often.WEEKLY:
            return None
        old, new = one.day.weekday(), local.weekday()
        plain = {each.weekday for each in rule.weekdays} or {old}
        rule = replace(rule, weekdays=tuple(NthDay(each) for each in sorted((plain - {old}) | {new})))
    if rule.count is not None:
        gone = sum(1 for day in days(meeting.recurrence or rule, meeting.start.date()) if day < one.day)
        rule = replace(rule, count=max(rule.count - gone, 1))
    return replace(meeting, start=local, recurrence=rule, changes=(), sequence=meeting.sequence + 1)


# ---------------------------------------------------------------- the form


def form_button(request: Request, tx: Transaction) -> Outcome:
    """*Move*: when to, and of a series which times."""
    picked = pressed(request, tx)
    meeting = changeable(request, tx, picked.meeting)
    one = picked.one or current_or_next(meeting, request.now)
    if one is None:
        raise CancelledAlready
    here = one.start.astimezone(request.basis.zone)
    data = {"meeting": meeting.id, "day": one.day.isoformat()}
    fields: list[Field] = [
        DateField("day", "Day", here.date().isoformat()),
        TimeField("at", "Time", f"{here:%H:%M}", hint="On your own clock"),
    ]
    if meeting.recurrence is not None:
        view = View.of(request, tx, [meeting])
        options = (Option(f"Only {view.when(one, near=False)}", "one"), Option("The whole series from then on", "all"))
        fields.append(ChoiceField("scope", "Which", options, "one"))
    return Outcome(form=Form("Move a meeting", ISSUER.token_for(request, tx, "moved", data), tuple(fields), "Move"))


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """The new time was given."""
    picked = pressed(request, tx)
    meeting = changeable(request, tx, picked.meeting)
    if picked.one is None:
        raise CancelledAlready
    problems: dict[str, str] = {}
    day, at = picked.one.local.date(), time()
    try:
        day = date.fromisoformat(request.values.get("day", "").strip())
    except ValueError:
        problems["day"] = "Write it like 2026-12-15."
    try:
        at = time.fromisoformat(request.values.get("at", "").strip().zfill(5))
    except ValueError:
        problems["at"] = "Write a time like 15:00."
    if not problems and (gone := over(request, datetime.combine(day, at))):
        problems["day"] = gone
    whole = meeting.recurrence is None or request.values.get("scope", "one") == "all"
    start = datetime.combine(day, at)
    if not problems and whole:
        local = on_the_wall(instant_of(start, request.basis.zone.key), meeting.zone)
        if from_then_on(meeting, picked.one, local) is None:
            problems["scope"] = "That series cannot move to another day by itself. Use “Change”, or move this one only."
    if problems:
        return Outcome(problems=problems)
    return moved(request, tx, meeting, picked.one, start, whole=whole)
