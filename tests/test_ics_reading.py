"""Calendar files as Outlook, Google, Apple and hostile people write them: which meetings, on which instants."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import islice
from time import thread_time

import pytest

from handlers.conversation.errors import UserError
from handlers.meetings.ics_lines import CalendarCutOff, CalendarTooLarge, NotACalendar
from handlers.meetings.ics_read import Calendar, Event, read
from handlers.meetings.model import occurrences

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
NEAR = ("America/New_York", "Europe/London")

WINDOWS_ZONE = """\
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


def event(**lines: str) -> str:
    """An event of these lines; a value may begin with its parameters (`;TZID=…:…`)."""
    given = {"UID": "one@calendar", "DTSTART": "20261201T100000Z", "SUMMARY": "Review", **lines}
    body = "".join(
        f"{name.replace('_', '-')}{value if value[:1] == ';' else ':' + value}\n" for name, value in given.items()
    )
    return f"BEGIN:VEVENT\n{body}END:VEVENT\n"


def file(*parts: str, head: str = "") -> bytes:
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n{head}{''.join(parts)}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def calendar(*parts: str, head: str = "") -> Calendar:
    return read(file(*parts, head=head), name="team.ics", near=NEAR, now=NOW)


def only(*parts: str, head: str = "") -> Event:
    found = calendar(*parts, head=head)
    assert found.left_out == ()
    (one,) = found.events
    return one


def starts(one: Event, most: int = 4) -> list[str]:
    """When it takes place from now on, in UTC."""
    return [f"{each.start:%m-%d %H:%M}" for each in islice(occurrences(one.meeting, NOW), most)]


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("start", "zone", "first"),
    [
        ("20261201T100000Z", "America/New_York", "12-01 10:00"),
        (";TZID=Europe/Berlin:20261201T100000", "Europe/Berlin", "12-01 09:00"),
        (";TZID=W. Europe Standard Time:20261201T100000", "Europe/Berlin", "12-01 09:00"),
        (';TZID="Eastern Standard Time":20261201T100000', "America/New_York", "12-01 15:00"),
        (";TZID=/freeassociation.sourceforge.net/Europe/Paris:20261201T100000", "Europe/Paris", "12-01 09:00"),
        (";VALUE=DATE-TIME;TZID=Europe/Paris;X-A=b:20261201T100000", "Europe/Paris", "12-01 09:00"),
        (";TZID=tzone://Microsoft/Utc:20261201T100000", "America/New_York", "12-01 10:00"),
        (";TZID=Europe/Berlin:20261201T100000Z", "America/New_York", "12-01 10:00"),
        ("20261201T100000", "America/New_York", "12-01 15:00"),
    ],
)
def test_a_time_in_the_zone_that_the_file_names(start: str, zone: str, first: str) -> None:
    one = only(event(DTSTART=start))
    assert (one.meeting.zone, starts(one)) == (zone, [first])


def test_a_zone_that_is_only_described() -> None:
    described = WINDOWS_ZONE.format(name="Customized Time Zone")
    summer = event(UID="s", DTSTART=";TZID=Customized Time Zone:20270701T100000")
    winter = event(UID="w", DTSTART=";TZID=Customized Time Zone:20261201T100000")
    found = calendar(described, summer, winter)
    assert [starts(one) for one in found.events] == [["07-01 08:00"], ["12-01 09:00"]]


def test_a_zone_that_nobody_knows_is_said_and_not_guessed() -> None:
    found = calendar(event(DTSTART=";TZID=Middle Earth:20261201T100000"))
    assert found.events == ()
    assert "“Middle Earth” is none that I know" in found.left_out[0].reason


def test_floating_times_are_of_the_calendars_own_zone() -> None:
    assert starts(only(event(DTSTART="20261201T100000"), head="X-WR-TIMEZONE:Asia/Kolkata\n")) == ["12-01 04:30"]


def test_all_day_has_no_reminder() -> None:
    one = only(event(DTSTART=";VALUE=DATE:20261201", DTEND=";VALUE=DATE:20261202"))
    assert (one.meeting.lead, one.meeting.minutes) == (0, 1440)


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        ({"DTEND": "20261201T104500Z"}, 45),
        ({"DURATION": "PT1H30M"}, 90),
        ({"DTEND": ";TZID=Europe/Berlin:20261201T120000"}, 60),
        ({}, 60),
        ({"DTEND": "20261201T090000Z"}, 60),
    ],
)
def test_how_long(lines: dict[str, str], minutes: int) -> None:
    assert only(event(**lines)).meeting.minutes == minutes


def test_a_series_stays_on_its_wall_and_ends_as_its_rule_says() -> None:
    lines = {"DTSTART": ";TZID=Europe/Berlin:20261103T100000", "RRULE": "FREQ=WEEKLY;UNTIL=20261208T085959Z"}
    assert starts(only(event(**lines)), 9) == ["11-24 09:00", "12-01 09:00"], "8 December begins a second too late"
    across = {"DTSTART": ";TZID=Europe/Berlin:20261103T100000", "RRULE": "FREQ=MONTHLY;BYDAY=1TU"}
    assert starts(only(event(**across)), 7)[-3:] == ["04-06 08:00", "05-04 08:00", "06-01 08:00"]


def test_single_times_moved_cancelled_taken_out_and_added() -> None:
    berlin = ";TZID=Europe/Berlin:"
    master = event(
        DTSTART=f"{berlin}20261124T100000",
        RRULE="FREQ=WEEKLY;COUNT=5",
        EXDATE=f"{berlin}20261201T100000",
        RDATE=f"{berlin}20261203T160000",
        SEQUENCE="2",
    )
    moved = event(RECURRENCE_ID="20261208T090000Z", DTSTART=";TZID=America/New_York:20261209T090000", SEQUENCE="3")
    cancelled = event(RECURRENCE_ID=f"{berlin}20261215T100000", STATUS="CANCELLED")
    one = only(moved, master, cancelled)
    assert starts(one, 9) == ["11-24 09:00", "12-03 15:00", "12-09 14:00", "12-22 09:00"]
    assert one.meeting.sequence == 3


def test_of_two_versions_the_later_one_counts() -> None:
    early, late = event(SEQUENCE="1", SUMMARY="Old"), event(SEQUENCE="2", SUMMARY="New", DTSTART="20261202T100000Z")
    for parts in ((early, late), (late, early)):
        one = only(*parts)
        assert (one.meeting.title, starts(one)) == ("New", ["12-02 10:00"])


@pytest.mark.parametrize(("lines", "head"), [({"STATUS": "CANCELLED"}, ""), ({}, "METHOD:CANCEL\n")])
def test_cancelled(lines: dict[str, str], head: str) -> None:
    assert only(event(**lines), head=head).meeting.cancelled


def test_one_time_of_a_series_that_is_not_in_the_file() -> None:
    one = only(event(RECURRENCE_ID=";TZID=Europe/Berlin:20261208T100000", DTSTART="20261209T140000Z"))
    assert one.only == date(2026, 12, 8)


# ---------------------------------------------------------------- what it says


def test_folded_lines_escaped_text_and_letters_cut_in_two() -> None:
    content = file(event(SUMMARY="@@"))
    content = content.replace(
        b"@@", "Ärger\\, Plan\\; \\n<!channel> Zür".encode() + b"\xc3\r\n \xbc" + b"ch\r\n \xe2\x80\xa8x"
    )
    (one,) = read(content, name="team.ics", near=NEAR, now=NOW).events
    assert one.meeting.title == "Ärger, Plan; <!channel> Zürüch x"


def test_people_by_their_addresses_without_rooms_and_who_declined() -> None:
    lines = (
        "ORGANIZER;CN=Max:MAILTO:Max@Test.example\n"
        "ATTENDEE;CN=Rae Quinn;PARTSTAT=ACCEPTED:mailto:rae@test.example\n"
        'ATTENDEE;CN="Lee; Park":mailto:lee@test.example\n'
        "ATTENDEE;CUTYPE=ROOM:mailto:room@test.example\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@test.example\n"
        "ATTENDEE;EMAIL=max@test.example:urn:uuid:1\n"
        "ATTENDEE:invalid:nomail\n"
    )
    one = only(event().replace("END:VEVENT", lines + "END:VEVENT"))
    assert one.organiser == "max@test.example"
    assert one.invited == ("rae@test.example", "lee@test.example", "max@test.example")
    assert one.declined == ("ada@test.example",)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ({"RRULE": "FREQ=SECONDLY"}, "more often than daily"),
        ({"RRULE": "FREQ=DAILY;BYHOUR=8,12"}, "several times a day"),
        ({"RRULE": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "no day fits"),
        ({"RRULE": "FREQ=WEEKLY;BYWEEKNO=3"}, "BYWEEKNO"),
        ({"RRULE": "FREQ=NEVER"}, "rule that I cannot read"),
        ({"DTSTART": "tomorrow"}, "its start is missing"),
        ({"DTSTART": "00011201T100000Z", "RRULE": "FREQ=WEEKLY"}, "in the year 1"),
        ({"DURATION": "P60D"}, "longer than 14 days"),
        ({"UID": ""}, "no UID"),
        ({"RECURRENCE_ID": ";RANGE=THISANDFUTURE:20261208T100000Z"}, "all later times"),
        ({"EXDATE": ",".join(["20261208T100000Z"] * 2000), "RRULE": "FREQ=DAILY"}, "more days than I read"),
    ],
)
def test_what_cannot_be_followed_is_left_out_with_its_reason(lines: dict[str, str], reason: str) -> None:
    found = calendar(event(**lines), event(UID="two"))
    assert [one.meeting.uid for one in found.events] == ["two"], "the others of the file are taken"
    assert reason in found.left_out[0].reason


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NotACalendar),
        (b"Opportunity ID,Account\nD-1,Initech\n", NotACalendar),
        (b"<html>BEGIN</html>", NotACalendar),
        (bytes(range(256)) * 3000, NotACalendar),
        (b"BEGIN:VCALENDAR\n" + b"X" * 1_000_000, CalendarTooLarge),
        (file(event())[:-40], CalendarCutOff),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(content: bytes, error: type[UserError]) -> None:
    with pytest.raises(error, match=r"team\.ics .{20,}\."):
        read(content, name="team.ics", near=NEAR, now=NOW)


def test_utf_16_is_read() -> None:
    (one,) = read(file(event()).decode().encode("utf-16"), name="team.ics", near=NEAR, now=NOW).events
    assert one.meeting.title == "Review"


# ---------------------------------------------------------------- hostile files


def small(number: int, *lines: str) -> str:
    body = "".join(f"{line}\n" for line in lines)
    return f"BEGIN:VEVENT\nUID:{number}\nDTSTART:20261201T100000Z\n{body}END:VEVENT\n"


NTH = ",".join(f"{sign}53{day}" for day in ("MO", "TU", "WE", "TH", "FR", "SA", "SU") for sign in ("", "-"))
HOSTILE = {
    "a billion times": small(1, "RRULE:FREQ=DAILY;COUNT=1000000000"),
    "every second": small(1, "RRULE:FREQ=SECONDLY;COUNT=1000000000"),
    "rules that never fit": "".join(small(each, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30") for each in range(9000)),
    "dear rules": "".join(small(each, f"RRULE:FREQ=YEARLY;BYDAY={NTH[:27]};BYSETPOS=366") for each in range(8000)),
    "one line": small(1, "SUMMARY:" + "a" * 980_000),
    "one line of parameters": small(1, "SUMMARY" + ";A=b" * 240_000 + ":x"),
    "one line of days": small(1, "RRULE:FREQ=DAILY", "EXDATE:" + ",".join(["20261201T100000Z"] * 57_000)),
    "folded at each letter": small(1, "SUMMARY:" + "\n a" * 240_000),
    "many guests": small(1, *["ATTENDEE:mailto:a@b.example"] * 30_000),
    "deep": "BEGIN:VEVENT\n" * 30_000 + "END:VEVENT\n" * 30_000,
    "deep nonsense": "BEGIN:X\n" * 50_000 + "END:X\n" * 50_000,
    "many events": "".join(small(each) for each in range(14_000)),
    "many zones": "".join(
        WINDOWS_ZONE.format(name=f"Z{each}").replace("+0200", f"+02{each % 60:02}") for each in range(2500)
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_file_takes_more_than_a_moment(name: str) -> None:
    content = file(HOSTILE[name])[:1_000_000]
    calendar(event())  # the library is read in
    began = thread_time()
    try:
        found = read(content, name="team.ics", near=NEAR, now=NOW)
        for one in found.events[:20]:
            list(islice(occurrences(one.meeting, NOW), 3))
    except (CalendarCutOff, NotACalendar):
        pass
    assert thread_time() - began < 4, "seconds of this machine's work"
