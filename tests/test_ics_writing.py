"""Meetings as .ics documents: another library reads the same instants out of them, in zones with all kinds of rules."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz

from handlers.meetings.ics_read import read
from handlers.meetings.ics_write import document
from handlers.meetings.model import Change, Meeting, occurrences
from handlers.meetings.recurrence import Often, Recurrence

NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
ZONES = (
    "America/New_York", "Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kolkata", "Europe/Dublin",
    "America/Santiago", "Asia/Jerusalem", "Africa/Casablanca",
)  # fmt: skip


def series(zone: str) -> Meeting:
    return Meeting(
        title="Review",
        start=datetime(2026, 10, 20, 10, 0),  # noqa: DTZ001 - on the wall
        zone=zone,
        recurrence=Recurrence(often=Often.WEEKLY, until=date(2027, 12, 1)),
        changes=(
            Change(day=date(2026, 12, 1), start=None),
            Change(day=date(2026, 12, 8), start=datetime(2026, 12, 9, 15, 0), minutes=30),  # noqa: DTZ001
        ),
        uid="a@pacer",
        sequence=3,
    )


@pytest.mark.parametrize("zone", ZONES)
def test_the_zones_rules_say_what_the_zone_does(zone: str) -> None:
    content = document(series(zone), title="Review", organiser=("", ""), now=NOW).decode()
    theirs, ours = tz.tzical(io.StringIO(content)).get(zone), ZoneInfo(zone)
    noons = [datetime(2026, 10, 1, 12) + timedelta(days=each) for each in range(3000)]  # noqa: DTZ001
    differ = [one for one in noons if one.replace(tzinfo=theirs).utcoffset() != one.replace(tzinfo=ours).utcoffset()]
    assert differ == []


@pytest.mark.parametrize("zone", [*ZONES, "UTC"])
def test_what_goes_out_comes_back(zone: str) -> None:
    meeting = series(zone)
    content = document(meeting, title="Über; alles, <!channel>\nx", organiser=('Max "S"', "max@test.example"), now=NOW)
    # A reader that does not know the zone's name has its rules.
    unnamed = content.replace(f"TZID:{zone}".encode(), b"TZID:Somewhere").replace(f"={zone}".encode(), b"=Somewhere")
    for each in (content, unnamed):
        (one,) = read(each, name="x.ics", near=("Asia/Tokyo",), now=NOW).events
        assert list(occurrences(one.meeting, NOW)) == list(occurrences(meeting, NOW))
        assert (one.meeting.uid, one.meeting.sequence, one.organiser) == ("a@pacer", 3, "max@test.example")
        assert one.meeting.title == "Über; alles, <!channel> x"


def test_start_up_does_not_read_the_library_in() -> None:
    seen = "import sys, bot.app; print('icalendar' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "False"
