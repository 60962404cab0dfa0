"""`settings`: what comes unasked, snoozed and turned off, leave, *Why this?*, and schedules that leaders change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.deliveries import NobodyMeant, report
from handlers import COMMANDS
from handlers import TOPICS as DECLARED
from handlers.conversation.access import Allowed, LeaveOf, ScheduleOf, may
from handlers.conversation.company import WinRoute, Wins
from handlers.conversation.reply import Reply
from handlers.conversation.request import Actor, Basis
from handlers.language.names import NameIndex
from handlers.reach.topic import Topic
from handlers.settings.command import settings_command
from handlers.settings.read import read
from handlers.settings.topics import Topics
from scheduled.planning import Planner
from scheduled.speaking import Speaker as Voice
from storage import people, units
from storage.database import Transaction, open_database
from storage.notices import Notice
from storage.units import Unit
from tests.chat import COMPANY, INSTALL, NOW, Chat, Heard


def hello(request: Any, tx: Transaction, notice: Notice) -> Reply:
    return Reply(f"Your {notice.topic}.")


def topic(name: str, title: str, called: str, **more: Any) -> Topic:
    given = {"why": "you sell and it is Monday", "audience": "sellers", "rule": "every Monday 09:00"} | more
    return Topic(name=name, title=title, called=(called,), compose=hello, **given)


TOPICS = (
    topic("week", "Your week", "weekly nudge"),
    topic("midweek", "Your activity so far", "midweek nudge", why="your week is behind", rule=None),
    topic("digest", "Your team's week", "team digest", why="you lead a team", audience="managers"),
    topic("units", "Your units", "leader digest", why="you lead a unit of units", audience="leaders"),
    topic(
        "day",
        "Your day",
        "morning message",
        why="something is due today",
        plain="what is due today",
        rule="every working day 08:30",
    ),
    topic("meeting", "Meetings", "meeting reminders", why="you are in that meeting", audience=None, rule=None),
    topic("old", "Old data", "old data", why="you are an admin", audience=None, rule=None, roles=frozenset({"admin"})),
)
SETTINGS = tuple(settings_command(TOPICS) if one.name == "settings" else one for one in COMMANDS)


@pytest.fixture
def team(database_url: str) -> Iterator[Chat]:
    """East, which Max leads and Rae sells in, in the region North, which Lee leads; West is nobody's of them."""
    chat = Chat(database_url, commands=SETTINGS)

    def place(tx: Transaction) -> None:
        since = chat.now.date() - timedelta(days=300)
        ids = {one.name.split()[0]: one.id for one in people.everybody(tx)}
        north = units.add(tx, "North", kind="region", parent=None, at=chat.now)
        east = units.add(tx, "East", kind="team", parent=north, at=chat.now)
        units.add(tx, "West", kind="team", parent=None, at=chat.now)
        units.join(tx, east, ids["Rae"], since=since)
        units.join(tx, east, ids["Max"], since=since, leads=True)
        units.join(tx, north, ids["Lee"], since=since, leads=True)

    chat.database.submit(place).result()
    planner = Planner(chat.database, COMPANY, TOPICS, clock=lambda: chat.now, owner="test")
    chat.run(chat.database.write(planner.declare))
    yield chat
    chat.close()


class Spoken:
    """The planner and the speaker of a chat, whose clock is moved."""

    def __init__(self, chat: Chat) -> None:
        self.chat, database = chat, chat.database
        self.planner = Planner(database, COMPANY, TOPICS, clock=lambda: chat.now, owner="test")
        self.voice = Voice(database, COMPANY, TOPICS, out=self, clock=lambda: chat.now)

    def message(self, tx: Transaction, message: Any, now: datetime) -> list[str]:
        return self.chat.core._outbound.put_message(tx, message, now)

    def kick(self, keys: Any) -> None:
        self.chat.core.delivery.kick(keys)

    def until(self, when: datetime) -> None:
        self.chat.now = max(self.chat.now, when - timedelta(hours=3))
        while self.chat.now < when:
            self.chat.now = min(self.chat.now + timedelta(minutes=30), when)
            self.chat.run(self.planner.tick())
            self.chat.run(self.voice.tick())
        self.chat.run(self.chat.core.delivery.idle())


def mutes(chat: Chat) -> list[tuple[str, bool]]:
    rows = chat.rows("SELECT topic, until FROM mutes WHERE lifted_at IS NULL ORDER BY topic")
    return [(row["topic"], row["until"] is not None) for row in rows]


def leave(chat: Chat) -> list[str]:
    rows = chat.rows("SELECT first, last FROM absences WHERE cancelled_at IS NULL ORDER BY first")
    return [f"{row['first']} {row['last']}" for row in rows]


# ---------------------------------------------------------------- what is shown


def test_settings_show_what_comes_to_me_and_why_then(team: Chat) -> None:
    team.rep("settings").says(
        "Your week: every Monday at 9:00 am, on",
        "Your activity so far: not scheduled, off for everybody",
        "Meetings: as it happens, on",
        "Quiet hours: 6:00 pm to 8:00 am",
        "Messages a day: 1, and the rest in one digest at 4:00 pm",
        "Time zone: America/New_York (from your chat profile)",
        "Leave ahead: none",
    ).lacks("Your team's week", "Old data")
    team.admin("settings").says("Old data: as it happens, on").lacks("Your week")
    team.manager("/pacer settings").says("Your team's week: every Monday at 9:00 am, on").lacks("Your activity so far")


def test_the_form_changes_all_of_it(team: Chat) -> None:
    form = team.rep("settings").press("Change")
    names = {field.name: field.label for field in form.form.fields}
    assert names["topic_0"] == "Your week"
    wrong = form.fill(quiet_from="19:30", quiet_to="7", zone="Europe/Atlantis")
    wrong.problem("zone", "I know no time zone “Europe/Atlantis”").problem("quiet_to", "19:00")
    saved = form.fill(quiet_from="19:30", quiet_to="07:00", cap="3", zone="Europe/Berlin", topic_0="off")
    saved.says(
        "Quiet hours: 7:30 pm to 7:00 am", "Messages a day: 3", "Time zone: Europe/Berlin", "Off or snoozed: Your week"
    )
    team.rep("settings").says(
        "Your week: every Monday at 9:00 am, off", "Europe/Berlin (set in Pacer)", "7:30 pm to 7:00 am"
    )
    team.rep("settings").press("Change").fill(zone="", topic_0="on").says(
        "as your chat profile says", "All topics are on"
    )
    assert mutes(team) == []


def test_what_others_see_of_me_is_shown_and_changed_with_the_rest(database_url: str) -> None:
    """Whoever chose it elsewhere, at a win or by `/leaderboard off`, finds it here."""
    routed = msgspec.structs.replace(COMPANY, wins=Wins((WinRoute("room", INSTALL, "room"),)))
    chat = Chat(database_url, company=routed)
    try:
        chat.rep("settings").says("My wins: for everybody in their channels", "Leaderboards: you are on them")
        chat.rep("/leaderboard off")
        form = chat.rep("settings").says("Leaderboards: you are on nobody else's").press("What others see")
        form.fill(wins="all").problem("wins", "Choose one")
        form.fill(wins="private", boards="shown").says(
            "Saved. My wins: for your manager and who helped; Leaderboards: you are on them."
        )
        chat.rep("won Initech 60k")
        assert chat.rows("SELECT state, visibility FROM wins") == [{"state": "kept", "visibility": "private"}]
        chat.rep("never announce my wins").says("My wins: for nobody")
        chat.rep("leave me off the leaderboards").says("Leaderboards: you are on nobody else's")
        chat.rep("please put me back on leaderboards").says("Leaderboards: you are on them")
        chat.rep("make my wins public").says("My wins: for everybody in their channels")
        assert chat.rows("SELECT wins, boards FROM preferences") == [{"wins": "public", "boards": 1}]
        chat.manager("settings").says("My wins: for everybody", "Leaderboards: you are on them")
        for words in (
            "I don't want to be on the leaderboard", "stop leaderboard", "hide me from the leaderboards",
            "leave me off the leaderboard", "remove me from the leaderboard please",
        ):  # fmt: skip
            chat.rep(words).says(
                "Saved. Leaderboards: you are on nobody else's. Your own place is still shown to you; “put me back on"
            ).lacks("wins")
            chat.rep("I want to be on the leaderboard again").says("Saved. Leaderboards: you are on them.")
        for words in ("hide my wins from others", "I don't want my colleagues to see my wins"):
            chat.rep(words).says("Saved. My wins: for nobody. “keep my wins private” lets your").lacks("Leaderboards")
            chat.rep("keep my wins private").says("Saved. My wins: for your manager and who helped.").lacks("nobody")
        chat.rep("why am I on the leaderboard").lacks("Saved")
    finally:
        chat.close()


# ---------------------------------------------------------------- snooze, off, on


def test_nudges_are_snoozed_until_a_day_and_speak_again(team: Chat) -> None:
    heard = team.rep("snooze nudges until Monday")
    heard.says("Snoozed until Mon, Nov 23: Your week and Your activity so far.", "Still on: Your day and Meetings.")
    assert mutes(team) == [("midweek", True), ("week", True)]
    team.rep("settings").says("Your week: every Monday at 9:00 am, snoozed until Mon, Nov 23")
    heard.press("Speak again").says("On again: Your week and Your activity so far")
    assert mutes(team) == []
    heard.press("Snooze everything until then").says("Snoozed until Mon, Nov 23: everything that I say unasked.")
    assert mutes(team) == [("*", True)]
    team.rep("settings").says("Everything is snoozed until Mon, Nov 23.").press("Speak again").says("On again")
    assert mutes(team) == []


def test_everything_is_snoozed(team: Chat) -> None:
    for words, end in (
        ("mute everything today", "Thu, Nov 19"),
        ("snooze for 2 weeks", "Wed, Dec 2"),
        ("pause all messages until tomorrow 3pm", "Thu, Nov 19 at 3:00 pm"),
        ("be quiet until Friday", "Fri, Nov 20"),
        ("stop everything this week", "Mon, Nov 23"),
        ("don't send me anything for 3 days", "Sat, Nov 21"),
    ):
        team.rep(words).says(f"Snoozed until {end}: everything that I say unasked.")
    assert mutes(team) == [("*", True)]


def test_a_snooze_without_an_end_asks_how_long(team: Chat) -> None:
    team.rep("snooze the weekly nudge").says("How long").press("Two weeks").says("Snoozed until Wed, Dec 2: Your week")
    team.rep("settings").press("Until Monday").says("Snoozed until Mon, Nov 23: everything")


def test_a_topic_is_turned_off_and_on_again(team: Chat) -> None:
    team.rep("stop the weekly nudge").says("Turned off for you: Your week.").press("Turn on again").says(
        "Your week: every"
    )
    team.rep("turn off the morning message").says("Turned off for you: Your day.")
    assert mutes(team) == [("day", False)]
    team.rep("turn the morning message on again").says("On again: Your day.", "every working day at 8:30 am")
    team.rep("settings").press("Your week: turn off").says("Turned off for you: Your week.")
    team.rep("settings").press("Your week: turn on").says("On again: Your week.")
    team.rep("mute everything")
    team.rep("turn the weekly nudge on").says("Everything is off still, though").press("Speak again")
    assert mutes(team) == []


def test_what_does_not_come_to_me_is_said(team: Chat) -> None:
    team.rep("stop the team digest").says("Your team's week does not come to you")
    team.rep("turn the midweek nudge on").says("Your activity so far is off for your team", "Who leads your unit")


def test_quiet_hours_and_messages_a_day_in_words(team: Chat) -> None:
    team.rep("quiet hours 19:00 to 7:30").says("Quiet hours: 7:00 pm to 7:30 am, in America/New_York")
    team.rep("at most 3 messages a day").says("3, and the rest in one digest")
    team.rep("settings").says("Quiet hours: 7:00 pm to 7:30 am", "Messages a day: 3")
    team.rep("no quiet hours").says("No quiet hours")
    team.rep("at most 50 messages a day").says("from 1 to 10")
    team.rep("settings").says("Quiet hours: none", "Messages a day: 3")


def test_what_cannot_be_read_is_said_with_examples(team: Chat) -> None:
    team.rep("settings gibberish").says("could not read “gibberish” as a setting", "quiet hours 19:00")


# ---------------------------------------------------------------- leave


def test_leave_says_what_it_means_and_is_undone(team: Chat) -> None:
    heard = team.rep("I'm on leave 21 Dec – 2 Jan")
    heard.says(
        "Your leave: Mon, Dec 21 to Sat, Jan 2, 2027, both days included (8 working days), back Mon, Jan 4, 2027.",
        "I send you nothing unasked on those days, they are taken out of your pace, and your target stays as it is.",
    )
    assert leave(team) == ["2026-12-21 2027-01-02"]
    heard.press("Undo").says("Undone. No leave is ahead.")
    assert leave(team) == []


def test_leave_of_one_day_is_said_so(team: Chat) -> None:
    team.rep("I'm sick today").says(
        "I send you nothing unasked on that day, it is taken out of your pace, and your target"
    )


def test_leave_that_overlaps_is_one_and_undo_parts_it_again(team: Chat) -> None:
    team.rep("on vacation next week")
    heard = team.rep("off Nov 27 to Dec 4").says("It is one with the leave that was there.")
    assert leave(team) == ["2026-11-23 2026-12-04"]
    heard.press("Undo").says("Leave ahead: Mon, Nov 23 to Sun, Nov 29")
    assert leave(team) == ["2026-11-23 2026-11-29"]
    team.rep("sick today").says("Your leave: Wed, Nov 18 (1 working day), back Thu, Nov 19.")
    assert leave(team) == ["2026-11-18 2026-11-18", "2026-11-23 2026-11-29"]


def test_an_undo_after_a_later_change_does_nothing(team: Chat) -> None:
    first = team.rep("on vacation next week")
    team.rep("off Nov 27 to Dec 4")
    first.press("Undo").says("changed again since")
    assert leave(team) == ["2026-11-23 2026-12-04"]


def test_coming_back_cuts_leave_short_or_makes_it_till_then(team: Chat) -> None:
    team.rep("on leave 16 Nov - 27 Nov")
    team.rep("back on Monday").says("Mon, Nov 16 to Sun, Nov 22", "back Mon, Nov 23")
    assert leave(team) == ["2026-11-16 2026-11-22"]
    team.rep("I'm back").says("Welcome back")
    assert leave(team) == ["2026-11-16 2026-11-17"]
    team.rep("I'll be back on Friday").says("Mon, Nov 16 to Thu, Nov 19", "It is one with the leave that was there.")


def test_leave_is_cancelled_which_one_is_asked(team: Chat) -> None:
    team.rep("cancel my leave").says("You have no leave ahead")
    team.rep("on vacation next week")
    team.rep("pto Dec 21-24")
    team.rep("cancel my leave").says("Which leave").press("Mon, Dec 21 to Thu, Dec 24").says(
        "Cancelled: your leave Mon, Dec 21"
    )
    assert leave(team) == ["2026-11-23 2026-11-29"]
    team.rep("cancel my leave").says("Cancelled: your leave Mon, Nov 23").press("Undo").says("Undone")
    assert leave(team) == ["2026-11-23 2026-11-29"]


def test_leave_without_days_is_a_form(team: Chat) -> None:
    form = team.rep("I'm on leave")
    form.fill(first="2026-12-24", last="2026-12-20").problem("last", "before the first day")
    form.fill(first="2026-12-21", last="2026-12-24").says("Mon, Dec 21 to Thu, Dec 24")
    team.rep("settings").says("Leave ahead: Mon, Dec 21 to Thu, Dec 24").press("Add leave").fill(
        first="2026-11-18", last="2027-12-31"
    ).problem("last", "at most a year")


def test_a_manager_says_it_for_their_people_and_they_are_told(team: Chat) -> None:
    heard = team.manager("Rae is on leave until Friday")
    heard.says("Rae Quinn's leave: Wed, Nov 18 to Fri, Nov 20", "back Mon, Nov 23", "Rae Quinn is told.")
    assert "Max Stone has entered leave for you: Wed, Nov 18 to Fri, Nov 20." in "".join(team.rep.inbox())
    heard.press("Undo").says("Undone")
    assert leave(team) == []
    team.rep("Max is on vacation next week").says("Leave is entered by whose it is, by somebody above them")
    team.rep("Acme is closed until Friday").lacks("leave")
    assert leave(team) == []


# ---------------------------------------------------------------- schedules


def test_a_leader_changes_a_schedule_after_a_confirmation(team: Chat) -> None:
    asked = team.manager("weekly nudge every Tuesday at 10:00 for East")
    asked.says(
        "Your week for East: every Tuesday at 10:00 am, instead of every Monday at 9:00 am?",
        "Tue, Nov 24 at 10:00 am, Tue, Dec 1 at 10:00 am and Tue, Dec 8 at 10:00 am",
        "who sells in East and below",
        "Nothing is changed yet.",
    )
    team.rep("settings").says("Your week: every Monday at 9:00 am")
    asked.press("Set it").says(
        "Set: Your week comes every Tuesday at 10:00 am for East. The next one is due Tue, Nov 24"
    )
    team.rep("settings").says("Your week: every Tuesday at 10:00 am, on")
    team.rep("settings schedules").says(
        "Your week (Everybody): every Monday at 9:00 am, as it comes with Pacer",
        "Your week (East): every Tuesday at 10:00 am, set by Max Stone on Wed, Nov 18",
    )
    team.manager("weekly nudge every Tuesday at 10:00 for East").says("every Tuesday at 10:00 am already")


def test_a_day_off_is_not_announced(team: Chat) -> None:
    """Thanksgiving, 26 November: what comes up then is worth nothing on the day after."""
    team.manager("weekly nudge every Thursday at 10:00 for East").says("Thu, Dec 3 at 10:00 am").lacks("Nov 26")


def test_the_digest_of_units_is_for_who_leads_a_unit_of_units(team: Chat) -> None:
    team.leader("settings").says("Your units: every Monday at 9:00 am, on")
    team.manager("settings").lacks("Your units")
    team.admin("leader digest every Tuesday at 10:00 for West").says(
        "Your units is for who leads a unit of several units, and West has none below it. Nothing was changed."
    )
    team.admin("leader digest every Tuesday at 10:00 for North").says("who leads a unit of units in North and below")


def test_what_was_due_this_week_already_does_not_come_again(team: Chat) -> None:
    team.later(days=7)
    # Monday's has come up; the Friday of the same week would be the same slot once more.
    asked = team.manager("move the weekly nudge to every Friday at 9")
    asked.says("Fri, Dec 4 at 9:00 am").lacks("Nov 27")
    asked.press("Set it").says("The next one is due Fri, Dec 4")
    assert len(team.rows("SELECT id FROM schedules WHERE topic = 'week' AND unit IS NOT NULL")) == 2


def test_schedules_are_changed_by_who_leads_and_by_admins_alone(team: Chat) -> None:
    line = "weekly nudge every Tuesday at 10:00 for"
    team.rep(f"{line} East").says("changed by who leads it")
    team.rep("weekly nudge every Tuesday at 10:00").says("changed by who leads it")
    team.manager(f"{line} West").says("changed by who leads it")
    team.manager(f"{line} everybody").says("changed by who leads it")
    team.leader(f"{line} East").says("Your week for East")
    team.admin(f"{line} everybody").says("Your week for everybody").press("Set it").says("Set:")
    team.admin("weekly nudge every Wednesday at 9:00").says("Your week for everybody", "set by Ada Wu")
    team.admin(f"{line} Eats").says("I know no unit called “Eats”")
    team.admin("meeting reminders every Tuesday").says("Meetings goes by what happens")


def test_the_right_to_change_is_asked_again_when_the_button_is_pressed(team: Chat) -> None:
    asked = team.manager("weekly nudge every Tuesday at 10:00")

    def step_down(tx: Transaction) -> None:
        (max_id,) = (one.id for one in people.everybody(tx) if one.name == "Max Stone")
        units.lead(tx, list[Unit](), max_id, since=team.now.date())

    team.database.submit(step_down).result()
    asked.press("Set it").says("changed by who leads it")
    assert len(team.rows("SELECT id FROM schedules WHERE set_by IS NOT NULL")) == 0


def test_a_topic_that_is_off_is_turned_on_with_a_schedule(team: Chat) -> None:
    team.manager("turn the midweek nudge on").says("Say when it shall come", "midweek nudge every Wednesday at 2:00 pm")
    team.manager("midweek nudge every Wednesday at 14:00").press("Set it").says(
        "comes every Wednesday at 2:00 pm for East"
    )
    team.rep("settings").says("Your activity so far: every Wednesday at 2:00 pm, on")
    team.manager("turn the midweek nudge off for East").says("Turn Your activity so far off for East?").press(
        "Turn it off"
    )
    team.rep("settings").says("Your activity so far: not scheduled, off for everybody")
    team.manager("turn the midweek nudge on").says("every Wednesday at 2:00 pm, instead of off")
    team.manager("digest last Friday of the month").says("Your team's week for East", "Fri, Nov 27 at 9:00 am")


def test_rules_as_a_table() -> None:
    def who(person: str, *roles: str) -> Actor:
        return Actor(person, person, "", frozenset(roles))

    of_rae, of_east, of_all = (
        LeaveOf("rae", frozenset({"max", "lee"})),
        ScheduleOf(frozenset({"max"})),
        ScheduleOf(frozenset()),
    )
    cases = [
        ("enter leave", of_rae, {"rae", "max", "lee", "ada"}),
        ("change a schedule", of_east, {"max", "ada"}),
        ("change a schedule", of_all, {"ada"}),
    ]
    actors = [
        who("rae", "rep"),
        who("max", "manager"),
        who("lee", "leader"),
        who("tom", "manager"),
        who("ada", "admin"),
    ]
    for action, subject, allowed in cases:
        found = {actor.person for actor in actors if isinstance(may(actor, action, subject), Allowed)}
        assert found == allowed, action


# ---------------------------------------------------------------- why


def unprompted(chat: Chat) -> tuple[Heard, str]:
    """Rae's Monday message, as it stands in her chat."""
    Spoken(chat).until(datetime(2026, 11, 23, 14, 30, tzinfo=UTC))
    found = [
        (shown, button)
        for shown in chat.shown(chat.rep)
        for part in (shown.reply.parts if shown.reply else ())
        for button in getattr(part, "buttons", ())
        if button.label == "Why this?"
    ]
    shown, button = found[-1]
    return chat.rep.press(shown.id, button.token), shown.id


def test_why_this_says_why_by_whom_and_how_to_stop_it(team: Chat) -> None:
    team.rep("stop the morning message")
    heard, message = unprompted(team)
    heard.says(
        "You got this because you sell and it is Monday. It comes every Monday at 9:00 am. Snooze it, turn it off,"
    )
    assert heard.buttons == ["Snooze a week", "Turn off", "Settings"]
    assert message in [one.id for one in team.shown(team.rep)], "the message itself stays"
    heard.press("Settings").says("This is what I say to you unasked.")
    heard.press("Turn off").says("Turned off for you: Your week.")
    assert mutes(team) == [("day", False), ("week", False)]


def test_why_this_of_several_tells_each(team: Chat) -> None:
    team.admin("weekly nudge every Monday at 8:30").press("Set it")
    heard, _ = unprompted(team)
    heard.says(
        "You got this because several things came together: your week (every Monday at 8:30 am, set by Ada Wu on Wed, "
        "Nov 18), and what is due today (every working day at 8:30 am). Snooze them, turn one off, or change when it "
        "comes."
    )
    heard.lacks("as it comes with Pacer")
    heard.press("What is due today").says("Turned off for you: Your day.")


def test_why_did_i_get_this_is_answered_in_words_too(team: Chat) -> None:
    team.rep("why did I get this?").says("I have sent you nothing unasked lately")
    team.rep("stop the morning message")
    unprompted(team)
    team.rep("Why am I getting this message?").says(
        "The last that I sent you unasked came today 9:00 am: Your week.",
        "You got this because you sell and it is Monday.",
    ).press("Turn off").says("Turned off for you: Your week.")
    team.manager("why did you send me this").lacks("Your week:")


@pytest.mark.parametrize(
    "line",
    ["quiet hours 7 to 26", "I'm on leave 32 Dec", "turn off the mroning message", "stop", "snooze the frobnicator"],
)
def test_words_about_settings_that_cannot_be_read_are_answered_with_some_that_can(team: Chat, line: str) -> None:
    said = team.rep(line).says(f"I could not read “{line}” as a setting.", "turn off the weekly nudge").text
    assert "\n" not in said
    team.rep("am I on leave?").says("Leave ahead: none")


def test_a_schedule_that_is_none_is_said_to_be_none(team: Chat) -> None:
    said = team.admin("weekly nudge every blursday at 25:00").says("could not read “every blursday at 25:00”").text
    assert "“last Friday of the month”" in said
    assert "\n" not in said
    team.rep("Your week every customer was out").lacks("Set it")


def test_a_snooze_that_ends_early_lets_what_waits_come(team: Chat) -> None:
    team.rep("stop the weekly nudge")
    team.rep("snooze everything until Nov 23 at 3pm")
    spoken = Spoken(team)
    spoken.until(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))
    before = len(team.rep.inbox())
    team.rep("turn everything on")
    spoken.until(team.now + timedelta(minutes=30))
    assert any("Your day" in text or "Your week" in text for text in team.rep.inbox()[before + 1 :])


# ---------------------------------------------------------------- what is not for settings

OTHERS = (
    "call Acme",
    "stop by Acme tomorrow",
    "turn off Acme",
    "back to back calls today",
    "called back Acme Monday",
    "out of office reply from Acme",
    "snooze call with Acme",
    "holiday inn visit today",
    "sick note from Acme",
    "next steps Friday",
    "who is on leave",
    "every monday call Acme",
    "2 messages to Acme",
    "5 messages today",
    "back from Acme, good talk",
    "start deal Acme",
    "resume talks with Acme",
    "weekly nudge",
    "off to Acme",
    "leave a message for Dana tomorrow",
    "meeting with Dana next week",
    "on holiday call with Acme",
)


CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("name", ["log_lines", "log_styles", "deal_lines", "ask_lines"])
def test_no_line_of_the_other_grammars_is_taken(name: str) -> None:
    basis, topics = Basis(NOW, "mdy", NameIndex(), 0), Topics(DECLARED)
    lines = [json.loads(line) for line in (CASES / f"{name}.jsonl").read_text("utf-8").splitlines() if line]
    texts = [case["text"] for case in lines]
    taken = [text for text in texts if (wish := read(text, basis, topics)) is not None and wish.sure]
    assert len(texts) > 50
    assert taken == []


@pytest.mark.parametrize("line", OTHERS)
def test_lines_for_other_commands_are_left_to_them(line: str) -> None:
    basis = Basis(NOW, "mdy", NameIndex(), 0)
    wish = read(line, basis, Topics(TOPICS))
    assert wish is None or not wish.sure


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        ("I'm on leave 21 Dec – 2 Jan", "2026-12-21", "2027-01-02"),
        ("on vacation next week", "2026-11-23", "2026-11-29"),
        ("pto 12/21-12/24", "2026-12-21", "2026-12-24"),
        ("vacation 21-24 Dec", "2026-12-21", "2026-12-24"),
        ("I was sick yesterday", "2026-11-17", "2026-11-17"),
        ("out of office Monday to Wednesday", "2026-11-23", "2026-11-25"),
        ("on leave for 2 weeks from 21 Dec", "2026-12-21", "2027-01-03"),
        ("on leave until 2 Jan", "2026-11-18", "2027-01-02"),
        ("I'm off until Wednesday", "2026-11-18", "2026-11-18"),
        ("sick since Monday", "2026-11-16", "2026-11-18"),
        ("I'm taking Friday off", "2026-11-20", "2026-11-20"),
        ("maternity leave 1 Dec to 1 Jun", "2026-12-01", "2027-06-01"),
        ("on leave 16 Nov - 27 Nov", "2026-11-16", "2026-11-27"),
        ("holiday today and tomorrow", "2026-11-18", "2026-11-19"),
        ("on leave in December", "2026-12-01", "2026-12-31"),
    ],
)
def test_days_of_leave(line: str, first: str, last: str) -> None:
    wish = read(line, Basis(NOW, "mdy", NameIndex(), 0), Topics(TOPICS))
    assert wish is not None
    assert wish.kind == "leave"
    assert wish.days is not None
    assert (wish.days.first.isoformat(), wish.days.last.isoformat()) == (first, last)
    assert wish.sure


# ---------------------------------------------------------------- why did I not get it


def lines(chat: Chat, person: str | None, days: int = 14) -> str:
    # The report reads in a loop of its own, as the command line does.
    opened = open_database(chat.database.engine.url.render_as_string(hide_password=False))
    try:
        return "\n".join(report(opened, COMPANY, person=person, days=days, now=chat.now))
    finally:
        opened.close()


def test_an_operator_reads_why_somebody_did_not_get_something(team: Chat) -> None:
    team.rep("stop the morning message")
    team.rep("snooze meeting reminders until Friday Dec 4")
    Spoken(team).until(datetime(2026, 11, 23, 14, 30, tzinfo=UTC))
    team.rep("on leave Nov 23-27")
    told = lines(team, "rae")
    assert "Rae Quinn (rae@test.example), times in America/New_York" in told
    assert "Reached on: playground" in told
    assert "Turned off: day" in told
    assert "Snoozed until Fri 2026-12-04 00:00: meeting" in told
    assert "Leave: 2026-11-23 to 2026-11-27" in told
    (week,) = [line for line in told.splitlines() if "2026-11-23 09:00" in line]
    assert "said" in week
    assert "sent 2026-11-23 09:" in week
    (day,) = [line for line in told.splitlines() if "2026-11-23 08:30" in line]
    assert "withheld" in day
    assert day.endswith("this topic is turned off")
    assert "Nothing was planned for them" in lines(team, "Nia Vail")
    assert "Reached nowhere" in lines(team, "Nia Vail")
    counts = lines(team, None)
    assert "        4  said       became a message" in counts
    assert "        0  planned" in counts
    with pytest.raises(NobodyMeant, match="I know no person called “Zoe”"):
        lines(team, "Zoe")
