"""Check-ins that go another way than they began: taken back, put off, changed in two places, under another manager."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from storage import reach, staff
from tests.chat import COMPANY, NOW, Chat, Heard
from tests.quota_team import Team, east_of
from tests.test_checkin_conversations import FRIDAY, answer_all, heard_of, new_manager, press, until


@pytest.fixture
def team(chat: Chat) -> Team:
    made = east_of(chat)
    chat.run(chat.database.write(chat.core.planner.declare))
    return made


def send(form: Heard, mood: str = "4", **more: str) -> Heard:
    """Rae's form with an answer to everything that has to be answered."""
    return form.fill(**{"well": "W", "next": "N", "commit": "$200k", "best": "$220k", "mood": mood} | more)


def is_given(chat: Chat) -> bool:
    (row,) = chat.rows("SELECT submitted_at FROM checkins")
    return row["submitted_at"] is not None


# ---------------------------------------------------------------- taken back


def test_taken_back_it_is_given_by_no_words_that_are_typed_next(chat: Chat, team: Team) -> None:
    send(chat.rep("checkin").press("All as a form"), mood="2").says("What would help?")
    press(chat, chat.rep, "Take back").says("Taken back")
    chat.rep("lunch with Sam later today").lacks("Thank you")
    assert not is_given(chat)
    # Nor by the answer to what is asked of it still, or by looking at it.
    chat.rep("checkin").says("One more · What would help?")
    held = "All is answered. You took this one back, so I give it to nobody before you send it."
    chat.rep("A day off").says(held, "Would help: A day off.", "Only you can see this.").lacks("Thank you")
    chat.rep("checkin").says(held)
    assert not is_given(chat)
    press(chat, chat.rep, "Change and send").fill().says("Thank you. Max Stone can read it in 5 minutes")
    assert is_given(chat)


def test_nor_by_a_form_that_was_opened_to_change_it(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    edit = answer_all(chat).press("Edit")
    press(chat, chat.rep, "Take back").says("Taken back")
    edit.fill(next="Rest").says("I give it to nobody before you send it.", "Next week: Rest.")
    until(chat, chat.now + timedelta(hours=1))
    chat.manager("checkin of Rae").never("Rest", "Acme moved on")


# ---------------------------------------------------------------- under another manager

ASKED_FIRST = (
    "All is answered, and nobody has read it. When you began Max Stone was your manager; now it is Lee Park.",
    "Only you can see this.",
)


def test_a_form_that_named_one_manager_gives_nothing_to_another_unasked(chat: Chat, team: Team) -> None:
    form = chat.rep("checkin").press("All as a form")
    assert "Only you and Max Stone can see this" in form.form.intro
    new_manager(chat, team, chat.now.date())
    asked = send(form).says(*ASKED_FIRST, "Went well: W.")
    assert asked.buttons == ["Give it to Lee Park", "Change and send", "Keep it for me"]
    until(chat, chat.now + timedelta(minutes=10))
    chat.leader("checkin of Rae").never("Went well: W")
    chat.rep("checkin").says(*ASKED_FIRST)
    asked.press("Give it to Lee Park").says("Thank you. Lee Park can read it in 5 minutes")
    chat.later(minutes=10)
    chat.leader("checkin of Rae").says("Went well: W")


def test_nor_do_words_that_were_typed_under_the_name_of_one(chat: Chat, team: Team) -> None:
    chat.rep("checkin").says("Only you and Max Stone can see this.")
    chat.rep("Max is hard on me").says("Only you and Max Stone can see this.")
    new_manager(chat, team, chat.now.date())
    chat.rep("later")
    chat.rep("checkin").says("2 of 6", "Only you and Lee Park can see this.")
    for words in ("skip", "Call ten", "$200k", "250k"):
        chat.rep(words)
    chat.rep("4").says(*ASKED_FIRST).press("Keep it for me").says("Kept for you alone")
    # It is asked for no more, on its day either.
    heard = len(chat.rep.inbox())
    until(chat, FRIDAY + timedelta(days=6))
    assert not any("check-in" in said for said in chat.rep.inbox()[heard:])
    chat.leader("checkin of Rae").never("hard on me")


def test_what_is_begun_under_the_new_manager_is_given_without_a_question(chat: Chat, team: Team) -> None:
    chat.rep("checkin").says("Only you and Max Stone can see this.")
    new_manager(chat, team, chat.now.date())
    chat.rep("checkin").says("1 of 6", "Only you and Lee Park can see this.")
    answer_all(chat).says("Thank you. Lee Park can read it in 5 minutes")


# ---------------------------------------------------------------- put off


def test_after_later_and_not_this_time_words_are_no_answer(chat: Chat, team: Team) -> None:
    chat.rep("checkin").press("Later").says("I ask again")
    chat.rep("called Acme about pricing").says("Logged")
    until(chat, FRIDAY)
    press(chat, chat.rep, "Tomorrow")
    until(chat, FRIDAY + timedelta(days=3))
    press(chat, chat.rep, "Answer here").says("1 of 6")
    press(chat, chat.rep, "Not this time")
    chat.rep("called Initech about pricing").says("Logged")
    assert not chat.rows("SELECT id FROM checkin_answers")


def test_later_asks_again_however_often_it_is_pressed_and_after_not_this_time(chat: Chat, team: Team) -> None:
    chat.manager("checkin ask Rae")
    until(chat, chat.now + timedelta(minutes=10))
    until(chat, chat.now + timedelta(hours=25))
    press(chat, chat.rep, "Not this time")
    for _ in range(2):
        chat.rep("checkin").press("Later").says("I ask again tomorrow at 9:00 am.")
    heard = len(chat.rep.inbox())
    until(chat, NOW.replace(day=20, hour=10))
    assert sum("waits for you" in said for said in chat.rep.inbox()[heard:]) == 1
    # Where nothing would come, nothing is promised.
    chat.rep("turn off everything")
    chat.rep("checkin").press("Later").says("So I do not ask again.", "“checkin” opens it at any time.")
    chat.rep("turn on everything")
    new_manager(chat, team, chat.now.date())
    chat.database.submit(lambda tx: staff.manage(tx, team.ids["rae"], None, since=chat.now.date())).result()
    chat.rep("checkin").press("Later").says("The plan names no manager of yours, so I do not ask again.")


def test_later_on_an_older_one_is_not_promised_after_a_newer_one_was_begun(chat: Chat, team: Team) -> None:
    older = chat.rep("checkin")
    chat.now = NOW + timedelta(days=14, hours=-1)
    chat.rep("checkin").says("1 of 6")
    older.press("Later").says("“checkin” opens the newer one.").lacks("I ask again")


def test_asked_again_in_the_same_week_it_is_not_promised(chat: Chat, team: Team) -> None:
    chat.manager("checkin ask Rae").says("gets the questions at their next open hour")
    until(chat, chat.now + timedelta(minutes=10))
    chat.manager("checkin ask Rae").says("Rae Quinn has the questions since Wed, Nov 18, and is reminded of them.")
    until(chat, chat.now + timedelta(hours=25))
    press(chat, chat.rep, "Not this time")
    chat.manager("checkin ask Rae").says("Rae Quinn has said “not this time” this week, so nothing comes by itself")
    chat.rep("checkin")
    answer_all(chat)
    # Before the five minutes are over nobody learns that it was given.
    chat.manager("checkin ask Rae").says("gets the questions at their next open hour, unless they check in before that")
    chat.later(minutes=10)
    chat.manager("checkin ask Rae").says("Rae Quinn has checked in this week already: “checkin of Rae Quinn” shows it.")
    # On Friday evening it is next week's that would come.
    chat.now = FRIDAY.replace(hour=20)
    chat.manager("checkin ask Rae").says("gets the questions at their next open hour")
    heard = len(chat.rep.inbox())
    until(chat, FRIDAY + timedelta(days=3))
    assert any("Max Stone asks how it goes." in said for said in chat.rep.inbox()[heard:])


# ---------------------------------------------------------------- changed by form


def test_another_answer_can_be_changed_after_a_win_went_past_the_commit(chat: Chat, team: Team) -> None:
    send(chat.rep("checkin").press("All as a form"))
    team.win("rae", date(2026, 11, 18), 15_000_000, "after the check-in")
    edit = chat.rep("checkin").press("Edit")
    edit.fill(next="Rest").says("Changed", "Next week: Rest.", "Commit: $200,000. Best case: $220,000.")
    # A new amount holds what is closed, and the best case the new commit.
    edit = chat.rep("checkin").press("Edit")
    edit.fill(commit="$210k").problem("commit", "$270,000 is closed already")
    edit.fill(commit="$300k").problem("best", "$270,000 is closed already, and a best case holds that")
    edit.fill(commit="$300k", best="$290k").problem("best", "A best case holds your commit of $300,000")
    edit.fill(commit="$300k", best="$310k").says("Changed", "Commit: $300,000. Best case: $310,000.")
    chat.rep("checkin").press("Edit").fill().says("Nothing was changed.")


def test_a_form_that_stood_open_leaves_what_was_typed_meanwhile(chat: Chat, team: Team) -> None:
    form = chat.rep("checkin").press("All as a form")
    chat.rep("Acme moved on")
    chat.rep("Legal takes two weeks")
    problem = "While the form was open, you answered “Acme moved on” here. Send it again to put this in its place."
    send(form, well="Acme").problem("well", problem)
    assert len(chat.rows("SELECT id FROM checkin_answers")) == 2
    send(form, well="Acme").says("Went well: Acme.", "In the way: Legal takes two weeks.", "Next week: N.")


def test_it_leaves_what_was_left_empty_in_it_too(chat: Chat, team: Team) -> None:
    form = chat.rep("checkin").press("All as a form")
    answer_all(chat, mood="1")
    form.fill(next="Rest").problem("next", "you answered “Call ten new accounts” here")
    form.fill(next="Rest").says(
        "Went well: Acme moved on.", "Next week: Rest.", "Commit: $200,000.", "How are you: 1 of 5.", "What would help?"
    )


def test_what_would_help_is_read_while_the_rating_is_low_alone(chat: Chat, team: Team) -> None:
    send(chat.rep("checkin").press("All as a form"), mood="1")
    chat.rep("I hate my job").says("Added, thank you.", "Would help: I hate my job.")
    press(chat, chat.rep, "Edit").fill(mood="5").says("How are you: 5 of 5.").never("I hate my job")
    until(chat, chat.now + timedelta(minutes=10))
    chat.manager("checkin of Rae").says("How are you: 5 of 5.").never("I hate my job", "Would help")
    edit = chat.rep("checkin").press("Edit")
    assert "help" not in [field.name for field in edit.form.fields]
    # Kept all the same, and back with the low rating.
    edit.fill(mood="2").says("Would help: I hate my job.")
    chat.manager("checkin of Rae").says("Would help: I hate my job.", "how are you")


# ---------------------------------------------------------------- changed after it was read


def test_reached_nobody_is_not_said_of_what_the_former_manager_read(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    chat.later(minutes=5)
    chat.manager("checkin of Rae").says("Acme moved on")
    chat.now = chat.now.replace(hour=21)
    chat.rep("checkin").press("Edit").fill(next="Something else")
    chat.now = NOW.replace(day=19, hour=7)
    new_manager(chat, team, date(2026, 11, 19))
    chat.run(chat.core.settle_due())
    until(chat, NOW.replace(day=19, hour=15))
    assert not any("reached nobody" in said for said in chat.rep.inbox())
    chat.rep("checkin").lacks("Give it to").says("Only you can see this: Max Stone manages you no more.")
    assert not any("Something else" in said for said in [*chat.manager.inbox(), *chat.leader.inbox()])


def test_a_change_of_what_was_read_unasked_comes_once(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    chat.later(minutes=5)
    chat.manager("checkin of Rae").says("Acme moved on")
    # Not what they have read since.
    chat.rep("checkin").press("Edit").fill(next="Something else")
    chat.manager("checkin of Rae").says("Something else")
    heard = len(chat.manager.inbox())
    until(chat, chat.now + timedelta(hours=1))
    assert len(chat.manager.inbox()) == heard
    for words in ("Sleep", "Rest"):
        chat.rep("checkin").press("Edit").fill(next=words)
        chat.later(minutes=1)
    until(chat, chat.now + timedelta(hours=7))
    (came,) = chat.manager.inbox()[heard:]
    assert "Next week: Rest." in came


def test_whom_it_was_shared_with_reads_the_new_words_too(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    until(chat, chat.now + timedelta(minutes=10))
    chat.later(days=1)
    new_manager(chat, team, chat.now.date())
    chat.rep("checkin list").press("Share older ones with Lee Park")
    chat.leader("checkin of Rae").says("Next week: Call ten")
    heard = len(chat.leader.inbox())
    for words in ("New words", "Newer words"):
        chat.rep("checkin").press("Edit").fill(next=words)
        chat.later(minutes=1)
    until(chat, chat.now + timedelta(hours=7))
    (came,) = chat.leader.inbox()[heard:]
    assert "Next week: Newer words." in came
    assert not any("ewer words" in said for said in chat.manager.inbox())
    # Not after it is shared no more.
    chat.rep("checkin").press("Edit").fill(next="Private words")
    chat.rep("checkin list").press("Stop sharing older ones")
    until(chat, chat.now + timedelta(days=1))
    assert not any("Private words" in said for said in chat.leader.inbox())


# ---------------------------------------------------------------- a commit that was missed


def test_each_missed_commit_is_followed_by_what_happened_once(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, company=msgspec.structs.replace(COMPANY, quota_period="month"))
    try:
        east_of(chat)
        asked = []
        for month, day in ((10, 14), (11, 16), (11, 25), (12, 16)):
            chat.now = NOW.replace(month=month, day=day)
            form = chat.rep("checkin").press("All as a form")
            labels = {field.name: field.label for field in form.form.fields}
            form.fill(**dict.fromkeys(labels, "$500k") | {"mood": "4"}).says("Thank you")
            asked.append(labels.get("happened", ""))
        for label, month in zip(asked, ("", "October 2026", "", "November 2026"), strict=True):
            assert bool(label) is bool(month)
            assert month in label
    finally:
        chat.close()


def test_one_that_reached_nobody_is_said_on_the_day_of_who_gave_it(sqlite_url: str) -> None:
    """The company's day comes nine hours before the rep's: until then the former manager reads what is given."""
    berlin = ZoneInfo("Europe/Berlin")
    chat = Chat(sqlite_url, msgspec.structs.replace(COMPANY, zone="Europe/Berlin"))
    try:
        team = east_of(chat)
        chat.run(chat.database.write(chat.core.planner.declare))
        chat.run(chat.database.write(lambda tx: reach.live_in(tx, team.ids["rae"], "America/Los_Angeles")))
        chat.now = datetime(2026, 11, 18, 19, 0, tzinfo=berlin)
        chat.rep("checkin")
        answer_all(chat)
        new_manager(chat, team, date(2026, 11, 19))
        # In Los Angeles it is the afternoon of the day before.
        until(chat, datetime(2026, 11, 19, 0, 30, tzinfo=berlin))
        for hours in (0, 1, 10, 12):
            chat.run(chat.core.settle_due())
            until(chat, chat.now + timedelta(hours=hours, minutes=10))
        assert not heard_of(chat, chat.manager, "Acme moved on")
        assert len(heard_of(chat, chat.rep, "reached nobody")) == 1
    finally:
        chat.close()


def test_handed_on_it_is_as_late_as_it_was(chat: Chat, team: Team) -> None:
    until(chat, FRIDAY)
    chat.now = FRIDAY + timedelta(days=4)
    press(chat, chat.rep, "As a form").fill(
        well="Acme moved on", next="Call", commit="$200k", best="250k", mood="4"
    ).says("late")
    chat.later(minutes=2)
    new_manager(chat, team, chat.now.date())
    chat.run(chat.core.settle_due())
    until(chat, chat.now + timedelta(days=7))
    press(chat, chat.rep, "Give it to Lee Park")
    until(chat, chat.now + timedelta(hours=20))
    (heard,) = [one for one in chat.leader.inbox() if "late" in one]
    assert "It came 1 day late" in heard
