"""Calendars over Slack and Teams: anybody's .ics file comes in, and a meeting goes out as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handlers.meetings.ics_read import read
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.test_documents_end_to_end import NORTH, running_teams, shared
from tests.test_ics_reading import event, file
from tests.test_slack_end_to_end import ACME
from tests.test_slack_end_to_end import running as running_slack

SOON = datetime.now(UTC) + timedelta(days=3)
CONTENT = file(event(UID="over@platforms", DTSTART=f"{SOON:%Y%m%d}T100000Z", SUMMARY="Review <!channel> & [x](y)"))


def uid_of(content: bytes) -> str:
    (one,) = read(content, name="x.ics", near=("UTC",), now=datetime.now(UTC)).events
    return one.meeting.uid


async def test_slack(sqlite_url: str) -> None:
    async with FakeSlack(ACME) as slack, running_slack(sqlite_url, slack) as bot:
        await bot.settle()
        await slack.share(slack.attach("team.ics", CONTENT), user="U1")
        said = await slack.until(
            lambda: next((shown for shown in slack.messages if "1 meeting new" in shown.read), None)
        )
        assert "Review <!channel>" not in str(said.text), "nobody is notified by a title"
        await slack.command("/meeting", "")
        listed = await slack.next_message(0, lambda shown: "Add to calendar" in shown.labels)
        await slack.press(listed, "Add to calendar")
        (file_,) = await slack.until(lambda: [one for shown in shared(bot) for one in shown.files])
        assert file_.name.endswith(".ics")
        assert uid_of(file_.data) == "over@platforms"


async def test_teams(sqlite_url: str) -> None:
    async with FakeTeams(NORTH) as teams, running_teams(sqlite_url, teams) as bot:
        await bot.settle()
        await teams.share(teams.attach("team.ics", CONTENT), user="U1")
        await teams.until(lambda: next((shown for shown in teams.messages if "1 meeting new" in shown.read), None))
        await teams.says("/meeting")
        listed = await teams.next_message(0, lambda shown: "Add to calendar" in shown.labels)
        await teams.press(listed, "Add to calendar")
        asked = await teams.until(lambda: next((one for one in teams.privately("U1") if one.asks_for), None))
        await teams.answers_file(asked)
        await bot.idle()
        assert uid_of(teams.drive.held(asked.asks_for["name"])) == "over@platforms"
