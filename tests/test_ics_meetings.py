"""Meetings from .ics files in chat: who is in them, what moves and cancels them, what the same file does again."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from dateutil import tz
from dateutil.rrule import rrulestr
from icalendar import Calendar

from bot.playground.room import Back
from bot.playground.transcript import direct
from bot.slack import render
from handlers.conversation.reply import Document
from handlers.conversation.request import Attached
from handlers.meetings import rows
from handlers.meetings.ics_read import read
from handlers.meetings.model import Meeting, occurrences
from storage import files
from tests.chat import Chat, Heard, Speaker
from tests.test_ics_reading import event, file

RAE, MAX, LEE = "rae@test.example", "max@test.example", "lee@test.example"
BERLIN = ";TZID=W. Europe Standard Time:"


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    opened = Chat(database_url)
    yield opened
    opened.close()


def attach(chat: Chat, who: Speaker, content: bytes, text: str = "", name: str = "team.ics") -> Heard:
    where = direct(who.person.external_id)
    chat.run(chat.room.say(who.person, where, text, files=(Attached(name, content),), wait=5))
    for _ in range(200):  # the answer of its job takes the place of the first one
        chat.run(chat.core.jobs.idle())
        last = chat.shown(who)[-1]
        if last.reply is not None and not last.reply.text.startswith("Reading "):
            break
        chat.run(asyncio.sleep(0.05))
    return Heard(who, Back(messages=(last,)))


def between(*emails: str, **lines: str) -> str:
    """An event that the first of these has invited the others to."""
    organiser, *others = emails
    people = f"ORGANIZER:mailto:{organiser}\n" + "".join(f"ATTENDEE:mailto:{one}\n" for one in others)
    return event(**lines).replace("END:VEVENT", f"{people}END:VEVENT")


def stored(chat: Chat) -> list[Meeting]:
    found = [row["id"] for row in chat.rows("SELECT id FROM meetings ORDER BY id")]
    return chat.run(chat.database.read(lambda tx: [one for each in found if (one := rows.load(tx, each)) is not None]))


def starts(chat: Chat) -> list[str]:
    """When everything takes place, in UTC."""
    found = [f"{one.start:%m-%d %H:%M}" for each in stored(chat) for one in islice(occurrences(each, chat.now), 9)]
    return sorted(found)


def reminded(chat: Chat) -> list[tuple[str, str]]:
    """Whose reminders wait, and for when."""
    query = (
        "SELECT p.name, n.due_at FROM notices n JOIN people p ON p.id = n.person "
        "WHERE n.topic = 'meeting reminder' AND n.state = 'planned' ORDER BY p.name, n.due_at"
    )
    return [(row["name"], str(row["due_at"])[5:16].replace("T", " ")) for row in chat.rows(query)]


def invited(chat: Chat) -> set[str]:
    query = "SELECT p.name FROM meeting_people m JOIN people p ON p.id = m.person WHERE m.removed_at IS NULL"
    return {row["name"] for row in chat.rows(query)}


def test_a_one_to_one_comes_in_with_its_reminders(chat: Chat) -> None:
    one = between(MAX, MAX, RAE, DTSTART="20261118T200000Z", SUMMARY="Rae and Max")
    heard = attach(chat, chat.rep, file(one)).says("team.ics: 1 meeting new", "Rae and Max", "Nov 18 at 3:00 pm")
    (meeting,) = stored(chat)
    assert (meeting.kind, meeting.source, meeting.uid) == ("one_to_one", "ics", "one@calendar")
    assert reminded(chat) == [("Max Stone", "11-18 19:45"), ("Rae Quinn", "11-18 19:45")]
    heard.lacks("Left out", "Not invited")
    attach(chat, chat.rep, file(one)).says("1 meeting as before")
    assert len(stored(chat)) == 1
    assert [len(chat.shown(who)) for who in (chat.manager, chat.leader)] == [0, 0], "their calendars tell them"


def test_nobody_is_found_by_name_nor_outside_the_company(chat: Chat) -> None:
    lines = (
        "ORGANIZER:mailto:rae@test.example\n"
        'ATTENDEE;CN="Max Stone":mailto:max.stone@customer.example\n'
        'ATTENDEE;CN="Lee Park":mailto:somebody@test.example\n'
    )
    heard = attach(chat, chat.rep, file(event().replace("END:VEVENT", f"{lines}END:VEVENT")))
    heard.says("1 meeting new", "I know nobody of your company", "max.stone@customer.example", "somebody@test.example")
    assert invited(chat) == set()
    assert stored(chat)[0].kind == "sales"


def test_a_series_with_its_single_times_moves_and_ends(chat: Chat) -> None:
    series = between(MAX, MAX, RAE, LEE, DTSTART=f"{BERLIN}20261119T160000", RRULE="FREQ=WEEKLY;COUNT=4")
    attach(chat, chat.manager, file(series)).says("1 meeting new")
    assert starts(chat) == ["11-19 15:00", "11-26 15:00", "12-03 15:00", "12-10 15:00"]
    before = reminded(chat)
    assert [due for _, due in before] == ["11-19 14:45"] * 3
    changed = between(MAX, MAX, RAE, LEE, DTSTART=f"{BERLIN}20261119T160000", RRULE="FREQ=WEEKLY;COUNT=4", SEQUENCE="1")
    moved = event(RECURRENCE_ID="20261119T150000Z", DTSTART="20261119T160000Z", SEQUENCE="1")
    gone = event(RECURRENCE_ID="20261126T150000Z", STATUS="CANCELLED", SEQUENCE="1")
    attach(chat, chat.manager, file(changed, moved, gone)).says("1 meeting changed")
    assert starts(chat) == ["11-19 16:00", "12-03 15:00", "12-10 15:00"]
    assert [due for _, due in reminded(chat)] == ["11-19 15:45"] * 3, "the reminder of before is gone"
    attach(chat, chat.manager, file(series)).says("1 meeting as before")
    assert starts(chat)[0] == "11-19 16:00", "an older file changes nothing"
    attach(chat, chat.manager, file(event(STATUS="CANCELLED", SEQUENCE="2"), head="METHOD:CANCEL\n"))
    assert (starts(chat), reminded(chat)) == ([], [])


def test_one_time_alone_in_a_file(chat: Chat) -> None:
    series = between(MAX, MAX, RAE, DTSTART="20261119T150000Z", RRULE="FREQ=WEEKLY;COUNT=3")
    attach(chat, chat.manager, file(series))
    moved = between(MAX, MAX, RAE, RECURRENCE_ID="20261126T150000Z", DTSTART="20261127T150000Z", SEQUENCE="1")
    attach(chat, chat.manager, file(moved, head="METHOD:REQUEST\n")).says("1 meeting changed")
    assert starts(chat) == ["11-19 15:00", "11-27 15:00", "12-03 15:00"]
    gone = event(RECURRENCE_ID="20261203T150000Z", SEQUENCE="2")
    attach(chat, chat.manager, file(gone, head="METHOD:CANCEL\n"))
    assert starts(chat) == ["11-19 15:00", "11-27 15:00"]


def test_who_only_takes_part_does_not_cancel_it_for_all(chat: Chat) -> None:
    attach(chat, chat.manager, file(between(MAX, MAX, RAE, LEE)))
    forged = between(MAX, MAX, RAE, STATUS="CANCELLED", SEQUENCE="9")
    attach(chat, chat.rep, file(forged)).says("Left out", "only its organiser")
    assert starts(chat) == ["12-01 10:00"]


def test_in_nobodys_name_who_is_not_in_it_with_them(chat: Chat) -> None:
    attach(chat, chat.rep, file(between(LEE, LEE, MAX)))
    (meeting,) = stored(chat)
    names = {row["id"]: row["name"] for row in chat.rows("SELECT id, name FROM people")}
    assert names[meeting.organiser] == "Rae Quinn"


def test_others_are_invited_by_the_words(chat: Chat) -> None:
    attach(chat, chat.manager, file(event()), "/meeting with Rae Quinn").says("1 meeting new", "with Rae Quinn")
    assert invited(chat) == {"Rae Quinn"}
    attach(chat, chat.manager, file(event(UID="two")), "/meeting with Nobody Atall").says("Nobody Atall")
    assert len(stored(chat)) == 1


def test_all_day_comes_in_without_a_reminder(chat: Chat) -> None:
    attach(chat, chat.manager, file(between(MAX, MAX, RAE, DTSTART=";VALUE=DATE:20261119")))
    assert len(stored(chat)) == 1
    assert reminded(chat) == []


def test_what_is_wrong_is_said(chat: Chat) -> None:
    attach(chat, chat.rep, b"no calendar").says("team.ics is no calendar")
    attach(chat, chat.rep, file(event(RRULE="FREQ=HOURLY"))).says(
        "no meetings to come", "“Review”: it repeats more often"
    )
    attach(chat, chat.rep, file(event(DTSTART="20200101T100000Z", RRULE="FREQ=DAILY;COUNT=3"))).says("1 event is over")
    attach(chat, chat.rep, b"a,b\n", "/meeting", name="deals.csv").says("deals.csv is no calendar", "Outlook")
    assert stored(chat) == []


def test_a_title_notifies_nobody_and_links_nowhere(chat: Chat) -> None:
    title = "<!channel> [pay](https://evil.example) @everyone <https://evil.example|here>"
    heard = attach(chat, chat.rep, file(between(RAE, RAE, MAX, SUMMARY=title)))
    heard.says("<!channel> [pay](https://evil.example)")
    sent = render.message(heard.reply)
    marked = [
        part["text"] for part in _all(sent) if part.get("type") != "raw_text" and isinstance(part.get("text"), str)
    ]
    assert any("&lt;!channel&gt;" in text for text in marked)
    assert not any("<!channel>" in text or "<https://evil" in text for text in marked)


def _all(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in it."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _all(inner)


# ---------------------------------------------------------------- out


def taken(chat: Chat, heard: Heard) -> bytes:
    (document,) = [part for part in heard.reply.parts if isinstance(part, Document)]
    kept = chat.run(chat.database.read(lambda tx: files.get(tx, document.file)))
    assert kept is not None
    assert (kept.media, document.name.endswith(".ics")) == ("text/calendar", True)
    return kept.content


def again(content: bytes) -> Meeting:
    now = datetime(2026, 11, 18, 15, tzinfo=UTC)
    (one,) = read(content, name="x.ics", near=("Asia/Tokyo",), now=now).events
    return one.meeting


def test_add_to_calendar_gives_what_another_reader_understands(chat: Chat) -> None:
    chat.manager("/meeting pipeline review every Tuesday 10:00 for 45 min with Rae Quinn until 20 Apr 2027")
    content = taken(chat, chat.manager("/meeting").press("Add to calendar"))
    (meeting,) = stored(chat)
    # Another library than the one that wrote it: its rules for the zone, its expansion of the series.
    text = content.decode()
    zones = tz.tzical(io.StringIO(text))
    there = zones.get("America/New_York")
    (series,) = Calendar.from_ical(content).walk("VEVENT")
    first = series["DTSTART"].dt.replace(tzinfo=None)
    rule = rrulestr(series["RRULE"].to_ical().decode(), dtstart=first.replace(tzinfo=there))
    found = [one.astimezone(UTC) for one in rule]
    assert found == [one.start for one in occurrences(meeting, chat.now)]
    assert {f"{one:%H:%M}" for one in found} == {"15:00", "14:00"}, "summer and winter"
    assert text.count("\r\n") == text.count("\n"), "lines end as RFC 5545 wants them"
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert "METHOD:PUBLISH" in text
    back = again(content)
    assert (back.uid, back.sequence, back.minutes) == (meeting.uid, meeting.sequence, 45)


def test_the_file_of_a_moved_meeting_has_the_same_uid_and_a_higher_sequence(chat: Chat) -> None:
    chat.manager("/meeting pipeline review every Tuesday 10:00 with Rae Quinn")
    first = again(taken(chat, chat.manager("/meeting").press("Add to calendar")))
    chat.manager("/meeting move Tuesday's pipeline review to Wednesday 14:00")
    second = again(taken(chat, chat.rep("/meeting").press("Add to calendar")))
    assert second.uid == first.uid
    assert second.sequence > first.sequence
    (change,) = second.changes
    assert change.start is not None
    assert (str(change.day), f"{change.start:%m-%d %H:%M}") == ("2026-11-24", "11-25 14:00")


def test_our_own_file_back_makes_nothing_new(chat: Chat) -> None:
    chat.manager("/meeting pipeline review Thursday 10:00 with Rae Quinn")
    content = taken(chat, chat.manager("/meeting").press("Add to calendar"))
    attach(chat, chat.rep, content).says("1 meeting as before")
    assert len(stored(chat)) == 1


def test_a_calendars_meeting_goes_out_again_as_it_came(chat: Chat) -> None:
    lines = {"DTSTART": f"{BERLIN}20261119T160000", "RRULE": "FREQ=MONTHLY;BYDAY=3TH;COUNT=6", "SEQUENCE": "4"}
    attach(chat, chat.manager, file(between(MAX, MAX, RAE, EXDATE=f"{BERLIN}20261217T160000", **lines)))
    back = again(taken(chat, chat.manager("/meeting").press("Add to calendar")))
    (meeting,) = stored(chat)
    assert list(occurrences(back, chat.now)) == list(occurrences(meeting, chat.now))
    assert (back.uid, back.sequence) == ("one@calendar", 4)


def test_a_cancelled_meeting_leaves_the_calendar(chat: Chat) -> None:
    chat.manager("/meeting pipeline review Thursday 10:00 with Rae Quinn")
    heard = chat.manager("/meeting")
    chat.manager("/meeting cancel pipeline review").says("Cancelled")
    assert b"STATUS:CANCELLED" in taken(chat, heard.press("Add to calendar"))
