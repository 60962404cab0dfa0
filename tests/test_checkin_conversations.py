"""Check-ins from both sides: Rae answers, Max reads beside the facts and answers. It begins on Wed 18 Nov 2026."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest

from bot.playground.room import HOME
from handlers.conversation.company import Question
from handlers.conversation.reply import Buttons, Choice
from storage import absences, activities, checkins, notices, people, units
from storage.activities import Activity
from storage.database import Transaction
from storage.tables import new_id
from tests.chat import COMPANY, NOW, Chat, Heard, Speaker
from tests.quota_team import Team, east_of

FRIDAY = NOW.replace(day=20, hour=14)
MONDAY = NOW.replace(day=23)
PRIVATE = "Only you and Max Stone can see this."


@pytest.fixture
def team(chat: Chat) -> Team:
    made = east_of(chat)
    chat.run(chat.database.write(chat.core.planner.declare))
    return made


def until(chat: Chat, when: datetime) -> None:
    """Move the clock there; what is due on the way is said when it is due."""
    while (following := chat.run(chat.core.planner.next(when))) is not None and following > chat.now:
        chat.now = following.astimezone(NOW.tzinfo)
        chat.run(chat.core.say_what_is_due())
    chat.now = when
    chat.run(chat.core.say_what_is_due())
    chat.run(chat.core.delivery.idle())


def press(chat: Chat, who: Speaker, label: str) -> Heard:
    """Press what is labelled so on the latest message that has it."""
    for shown in reversed(chat.shown(who)):
        assert shown.reply is not None
        for part in shown.reply.parts:
            if isinstance(part, Buttons):
                for button in part.buttons:
                    if button.label == label:
                        return who.press(shown.id, button.token)
            elif isinstance(part, Choice):
                for option in part.options:
                    if option.label == label:
                        return who.press(shown.id, part.token, option.value)
    raise AssertionError(f"nothing is labelled {label!r}")


def test_commit_and_best_case_in_one_line_are_both_taken(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    for words in ("Initech signed", "skip", "Call ten new accounts"):
        asked = chat.rep(words)
    asked.says("What do you commit to for Q4 2026?")
    taken = chat.rep("240k, best case 300k").says("Commit: “$240,000”. Best case: “$300,000”.", "6 of 6 · How are you")
    taken.press("4").says("Thank you")


def test_a_best_case_below_the_commit_is_asked_for_again(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    for words in ("Initech signed", "skip", "Call ten new accounts"):
        chat.rep(words)
    chat.rep("commit 240k and best 200k").says("Commit: “$240,000”.", "A best case holds your commit", "5 of 6")
    chat.rep("$300k").says("Best case: “$300,000”", "6 of 6")


def test_who_takes_part_is_answered_for_ones_own_and_ones_reports_alone(chat: Chat, team: Team) -> None:
    chat.rep("how many check-ins did I miss").says("You were not asked for a check-in in the last 8 weeks.")
    chat.rep("checkin")
    chat.rep("how many check-ins did I miss").lacks("Q4")
    until(chat, FRIDAY + timedelta(minutes=10))
    chat.rep("how many check-ins did I miss?").says("Of 1 check-in in the last 8 weeks you gave 0; 1 is not given.")
    for words in ("who checked in last week?", "who checked in with me last week", "who checked in on Friday?"):
        chat.manager(words).says("No check-in since", "None from Rae Quinn.")
    for words in ("who checked in with Acme last week", "how many times did I check in with Acme"):
        chat.rep(words).lacks("check-in in the last", "is for the person's manager alone")
    for speaker in (chat.rep, chat.admin, chat.leader):
        for words in ("who checked in last week", "how many reps check in"):
            speaker(words).says("is for the person's manager alone", "“checkin list” shows your own").lacks(
                "Rae", "Log it"
            )


def test_only_who_was_asked_and_did_not_answer_is_named_as_missing(chat: Chat, team: Team) -> None:
    """Managers are asked once somebody turns it on, and a newcomer was not asked last week."""

    def report(name: str, to: str) -> None:
        def write(tx: Transaction) -> None:
            one, above = (people.person(tx, team.ids[key]) for key in (name, to))
            assert one is not None
            assert above is not None
            people.give_manager(tx, one, above, chat.now.date())

        chat.database.submit(write).result()

    report("max", "lee")
    chat.manager("who should I talk to this week?").says(chat.manager("whom should i see").text).lacks("could not tell")
    asks = "who has not checked in?"
    chat.leader(asks).says(
        "Nobody was asked for a check-in since Mon, Nov 9.",
        "Your managers are not asked for check-ins; “manager check-ins every Friday at 14:00” turns them on.",
    ).lacks("None from", "Max", "not asked for check-ins; an admin")
    chat.manager(asks).says("Nobody was asked for a check-in since Mon, Nov 9.").lacks("None from", "turns them on")
    until(chat, FRIDAY + timedelta(minutes=10))
    report("sam", "max")
    chat.manager(asks).says(
        "No check-in since Mon, Nov 9. None from Rae Quinn. Not asked in that time: Sam Okafor."
    ).lacks("turns them on")
    chat.leader("manager check-ins every Friday at 14:00").press("Set it").says("Set:")
    chat.leader(asks).says("Nobody was asked for a check-in since Mon, Nov 9.").lacks("turns them on", "not asked for")
    chat.manager("turn off weekly check-in for East").press("Turn it off")
    chat.manager(asks).says(
        "None from Rae Quinn. Sam Okafor is not asked for check-ins; “weekly check-in every Friday at 14:00” turns them"
    )


def latest(chat: Chat, who: Speaker) -> str:
    return who.inbox()[-1]


def heard_of(chat: Chat, who: Speaker, word: str) -> list[str]:
    return [said for said in who.inbox() if word in said]


def answer_all(chat: Chat, mood: str = "4", way: str = "Legal takes two weeks") -> Heard:
    """Rae answers a check-in that is open, typing."""
    for words in ("Acme moved on", way, "Call ten new accounts", "$200k", "250k"):
        chat.rep(words)
    return chat.rep(mood)


def log(chat: Chat, person: str, day: date, kind: str = "call", count: int = 5) -> None:
    entry = new_id()

    def write(tx: Transaction) -> None:
        fields = dict.fromkeys(("account", "account_name", "account_text", "time", "minutes", "amount_minor"))
        fields |= dict.fromkeys(("currency", "outcome", "note", "next_text", "next_day", "next_time"))
        said = Activity(
            entry=entry, line=entry, person=person, kind=kind, count=count, contacts=(), day=day, tags=(), said=kind,
            zone="America/New_York", planned=False, **fields,
        )  # fmt: skip
        activities.record(tx, [said], author=person, at=chat.now)

    chat.database.submit(write).result()


def new_manager(chat: Chat, team: Team, since: date) -> None:
    """Lee manages Rae from that day on."""

    def write(tx: Transaction) -> None:
        rae, lee = (people.person(tx, team.ids[name]) for name in ("rae", "lee"))
        assert rae
        assert lee
        people.give_manager(tx, rae, lee, since)

    chat.database.submit(write).result()


# ---------------------------------------------------------------- a week, both sides


def test_a_week_of_a_rep_and_a_manager(chat: Chat, team: Team) -> None:
    log(chat, team.ids["rae"], date(2026, 11, 17))
    until(chat, FRIDAY)
    assert latest(chat, chat.rep).startswith(
        "Time for your check-in: how did the week go? 6 short questions, about two minutes; Max Stone reads your "
        "answers. A late answer counts too."
    )
    assert PRIVATE in latest(chat, chat.rep)
    assert "Admins never read check-ins." in latest(chat, chat.rep)

    asked = press(chat, chat.rep, "Answer here").says("1 of 6 · What went well?", PRIVATE)
    assert asked.buttons == ["All as a form", "Later"]
    way = chat.rep("Acme moved to proposal").says("2 of 6 · What is in the way?", PRIVATE)
    assert "Skip" in way.buttons
    chat.rep("Legal takes two weeks").says("3 of 6 · What will you do next week?")
    chat.rep("Call ten new accounts").says("4 of 6 · What do you commit to for Q4 2026?")
    chat.rep("lots").says("I cannot read “lots” as an amount.", "4 of 6")
    chat.rep("$90k").says("$120,000 is closed already, and a commit holds that", "4 of 6")
    chat.rep("$200k").says("5 of 6 · And your best case for Q4 2026?")
    chat.rep("150k").says("A best case holds your commit of $200,000")
    chat.rep("250k").says("6 of 6 · How are you, from 1 (low) to 5 (great)?")
    done = press(chat, chat.rep, "4")
    done.says("Thank you. Max Stone can read it in 5 minutes", "Commit: $200,000.", "How are you: 4 of 5.", PRIVATE)
    assert done.buttons == ["Edit", "Take back"]

    # Not before the five minutes, then with the facts beside it.
    until(chat, FRIDAY + timedelta(minutes=4))
    assert not heard_of(chat, chat.manager, "Rae Quinn's check-in")
    until(chat, FRIDAY + timedelta(minutes=6))
    (read,) = heard_of(chat, chat.manager, "Rae Quinn's check-in")
    for piece in (
        "Went well: Acme moved to proposal.",
        "In the way: Legal takes two weeks.",
        "Commit: $200,000. Best case: $250,000.",
        "Number: $120,000 of $300,000, 40 %",
        "Activity: 5 of",
        "Only you and Rae Quinn can see this.",
    ):
        assert piece in read

    press(chat, chat.manager, "Comment").fill(text="Shall I call Legal?").says(
        "Sent to Rae Quinn.", "You wrote: Shall I"
    )
    until(chat, FRIDAY + timedelta(minutes=10))
    assert "Max Stone wrote: Shall I call Legal?" in latest(chat, chat.rep)
    form = press(chat, chat.manager, "Action item")
    assert next(field.value for field in form.form.fields if field.name == "text") == "Legal takes two weeks"
    assert "Only you and Rae Quinn can see this." in form.form.intro
    form.fill(owner="me", due="2026-11-25").says("Action item, yours: Legal takes two weeks, due Wed, Nov 25")
    press(chat, chat.manager, "Thank").says("Rae Quinn hears your thanks.")
    press(chat, chat.manager, "To talk about").fill(text="Legal").says("You keep it for the one-to-one: Legal.")
    until(chat, FRIDAY + timedelta(minutes=20))
    told = "\n".join(chat.rep.inbox()[-3:])
    assert "Max Stone made an action item for Max Stone: Legal takes two weeks, due Wed, Nov 25." in told
    assert "Max Stone says thank you." in told
    assert "Max Stone keeps it for the one-to-one: Legal." in told

    # An edit is a further version, and is said to the manager.
    edit = chat.rep("checkin").says("Your check-in of Fri, Nov 20.").press("Edit")
    edit.fill(next="Call twenty new accounts").says("Changed")
    assert [row["text"] for row in chat.rows(
        "SELECT text FROM checkin_answers WHERE question = 'next' ORDER BY version"
    )] == ["Call ten new accounts", "Call twenty new accounts"]  # fmt: skip
    chat.manager("checkin of Rae").says(
        "Next week: Call twenty new accounts.", "Changed Fri, Nov 20 at 2:20 pm: next week."
    )

    # No reminder follows, and on Monday the manager reads whom to see.
    until(chat, MONDAY.replace(hour=18))
    assert not heard_of(chat, chat.rep, "waits for you")
    (whom,) = [said for said in chat.manager.inbox() if "Whom to see this week" in said]
    assert "Rae Quinn: you kept something for the one-to-one" in whom
    assert "1 of 1 checked in last week." in whom
    press(chat, chat.manager, "Rae Quinn").says("Rae Quinn's check-in of Fri, Nov 20")
    press(chat, chat.manager, "Talked about it").says("Off your list for the one-to-one.")


def test_a_change_is_shown_where_it_was_read_or_comes_anew(chat: Chat, team: Team) -> None:
    until(chat, FRIDAY.replace(hour=19))
    chat.rep("checkin")
    answer_all(chat)
    until(chat, MONDAY.replace(hour=9))
    # Over the weekend it waited, and came with Monday's message.
    (read,) = heard_of(chat, chat.manager, "Rae Quinn's check-in")
    assert "Whom to see this week" in read
    press(chat, chat.rep, "Edit").fill(next="Rest")
    until(chat, MONDAY.replace(hour=17))
    first, again = heard_of(chat, chat.manager, "Rae Quinn's check-in")
    assert first == read
    assert "Next week: Rest." in again
    assert "Changed Mon, Nov 23 at 9:00 am: next week." in again
    press(chat, chat.rep, "Edit").fill(next="Rest", way="Nothing")
    until(chat, MONDAY.replace(day=24, hour=17))
    first, again = heard_of(chat, chat.manager, "Rae Quinn's check-in")
    assert first == read
    assert "In the way: Nothing." in again
    # Nothing is said again where nothing was changed.
    press(chat, chat.rep, "Edit").fill(next="Rest")
    until(chat, MONDAY.replace(day=25, hour=17))
    assert heard_of(chat, chat.manager, "Rae Quinn's check-in") == [first, again]


def test_a_late_answer_counts_and_says_so_and_reminders_come_twice(chat: Chat, team: Team) -> None:
    until(chat, FRIDAY.replace(day=27))
    # Thanksgiving and the day after it: a Friday like others in this calendar, and nobody was asked twice.
    until(chat, datetime(2026, 12, 4, 9, tzinfo=FRIDAY.tzinfo))
    asked = heard_of(chat, chat.rep, "Time for your check-in")
    waits = heard_of(chat, chat.rep, "waits for you")
    assert len(asked) == 2
    assert len(waits) == 4
    assert sum("This is the last reminder" in said for said in waits) == 2
    days = chat.rows("SELECT slot FROM notices WHERE topic = 'check-in reminder' AND state = 'said' ORDER BY due_at")
    # On Monday with the weekly nudge, which would else put it off to 16:00; on Wednesday at the time of the question.
    assert [row["slot"][:16] for row in days] == [
        "2026-11-23T13:30", "2026-11-25T19:00", "2026-11-30T13:30", "2026-12-02T19:00"
    ]  # fmt: skip
    press(chat, chat.rep, "As a form").fill(
        well="Initech signed", next="Rest", commit="$200k", best="$220k", mood="5"
    ).says("Thank you. It came 4 days late, and counts all the same.")
    until(chat, chat.now + timedelta(hours=1))
    (read,) = heard_of(chat, chat.manager, "Rae Quinn's check-in")
    assert "It came 4 days late, and counts all the same." in read
    chat.manager("checkin team").says(
        "Rae Quinn (late): feels 5 of 5; commit $200,000.", "1 of 1 checked in last week; the week before: 0 of 1."
    )


def test_no_reminder_of_an_older_one_after_a_newer_one_was_given(chat: Chat, team: Team) -> None:
    until(chat, FRIDAY + timedelta(minutes=10))

    def held_back(tx: Transaction) -> None:
        tx.connection.exec_driver_sql(
            "UPDATE notices SET due_at = '2026-11-30 15:00:00.000000', look_at = '2026-11-30 15:00:00.000000', "
            "until = '2026-12-01 15:00:00.000000' WHERE topic = 'check-in reminder'"
        )

    chat.database.submit(held_back).result()
    until(chat, FRIDAY.replace(day=27) + timedelta(minutes=10))
    chat.rep("checkin")
    answer_all(chat).says("Thank you")
    until(chat, MONDAY.replace(day=30, hour=18))
    assert not heard_of(chat, chat.rep, "waits for you")


def test_nobody_is_asked_on_leave(chat: Chat, team: Team) -> None:
    chat.database.submit(
        lambda tx: absences.add(tx, team.ids["rae"], date(2026, 11, 20), date(2026, 11, 24), at=chat.now)
    ).result()
    until(chat, FRIDAY.replace(day=26))
    assert not heard_of(chat, chat.rep, "check-in")
    # Asked before the leave, reminded after it.
    chat.database.submit(
        lambda tx: absences.add(tx, team.ids["rae"], date(2026, 11, 28), date(2026, 12, 2), at=chat.now)
    ).result()
    until(chat, datetime(2026, 12, 9, 9, tzinfo=FRIDAY.tzinfo))
    days = chat.rows("SELECT slot FROM notices WHERE topic = 'check-in reminder' AND state = 'said' ORDER BY due_at")
    assert [row["slot"][:10] for row in days] == ["2026-12-03", "2026-12-07"]


def test_put_off_until_tomorrow_and_not_this_time(chat: Chat, team: Team) -> None:
    until(chat, FRIDAY)
    press(chat, chat.rep, "Tomorrow").says("I ask again Mon, Nov 23 at 9:00 am.")
    until(chat, MONDAY.replace(hour=9))
    # With the week's number, in one message.
    assert "Your check-in of Fri, Nov 20 waits for you." in latest(chat, chat.rep)
    press(chat, chat.rep, "Not this time").says("Fine, not this time.")
    until(chat, NOW.replace(day=26))
    assert len(heard_of(chat, chat.rep, "waits for you")) == 1


def test_what_was_begun_by_oneself_goes_on_when_it_is_asked_for(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    chat.rep("Acme moved on").says("2 of 6")
    until(chat, FRIDAY)
    press(chat, chat.rep, "Answer here").says("2 of 6 · What is in the way?")
    assert len(chat.rows("SELECT id FROM checkins WHERE asked_at IS NOT NULL AND due_at IS NOT NULL")) == 1


# ---------------------------------------------------------------- who reads it


def test_after_a_change_of_manager(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    until(chat, chat.now + timedelta(minutes=10))
    press(chat, chat.manager, "Comment").fill(text="Between us two")
    form = press(chat, chat.manager, "Action item")
    form.fill(text="Free Legal", owner="them", due="2026-11-25")
    chat.later(days=1)
    new_manager(chat, team, chat.now.date())

    # The former manager loses all at once, by button, by name, in the team and on Monday.
    denied = "A check-in is between the person and the manager whom it was given to."
    chat.manager("checkin of Rae").says(denied).lacks("Legal")
    for label in ("Thank", "Comment", "To talk about", "Action item"):
        press(chat, chat.manager, label).says("Rae Quinn reports to somebody else now.", "not yours").lacks("Legal")
    chat.manager("checkin team").says("You manage nobody").lacks("Rae")
    # The new one gets the open actions, and no older check-in.
    chat.leader("checkin of Rae").says("Free Legal, due Wed, Nov 25", "No check-in with you yet.").never(
        "Acme moved on", "Between us two"
    )
    # Until Rae shares them; what Max said stays Rae's.
    chat.rep("checkin list").says("given to Max Stone: you alone can see it").press(
        "Share older ones with Lee Park"
    ).says("Lee Park can read 1 older check-in of yours now.")
    chat.leader("checkin of Rae").says("Went well: Acme moved on.").never("Between us two")
    chat.manager("checkin of Rae").says(denied)
    chat.rep("checkin list").press("Stop sharing older ones").says("no more")
    chat.leader("checkin of Rae").never("Acme moved on")
    chat.rep("checkin list").press("Wed, Nov 18").says("Max Stone wrote: Between us two")


def test_its_author_hears_of_one_that_reached_nobody_and_gives_it_to_the_new_manager(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat).says("Max Stone can read it in 5 minutes")
    chat.later(minutes=2)
    new_manager(chat, team, chat.now.date())
    until(chat, chat.now + timedelta(minutes=10))
    said = "Your check-in of Wed, Nov 18 reached nobody. Max Stone stopped being your manager before they were told"
    assert said in latest(chat, chat.rep)
    chat.run(chat.core.settle_due())
    until(chat, chat.now + timedelta(days=1))
    assert len(heard_of(chat, chat.rep, "reached nobody")) == 1
    assert not heard_of(chat, chat.manager, "check-in")
    assert not heard_of(chat, chat.leader, "check-in")
    chat.leader("checkin of Rae").never("Acme moved on")
    chat.rep("checkin").says("Only you can see this: Max Stone manages you no more.")
    done = press(chat, chat.rep, "Give it to Lee Park").says("Given to Lee Park, who can read it in 5 minutes")
    done.press("Take back").says("Taken back, and nobody has read it.")
    chat.later(minutes=1)
    press(chat, chat.rep, "Change and send").fill(well="Initech too").says("Lee Park can read it in 5 minutes")
    until(chat, chat.now + timedelta(hours=7))
    assert "Initech too" in latest(chat, chat.leader)
    chat.manager("checkin of Rae").says("A check-in is between the person and the manager").never("Initech too")


def test_so_it_is_where_the_former_manager_hears_nothing(chat: Chat, team: Team) -> None:
    until(chat, FRIDAY)
    press(chat, chat.rep, "As a form").fill(
        well="Acme moved on", next="Call", commit="$200k", best="250k", mood="4"
    ).says("Max Stone can read it in 5 minutes")
    chat.manager("turn off check-ins of my team")
    new_manager(chat, team, date(2026, 11, 21))
    chat.now = MONDAY
    until(chat, chat.now)
    assert not heard_of(chat, chat.rep, "reached nobody")
    chat.run(chat.core.settle_due())
    until(chat, chat.now + timedelta(minutes=1))
    assert len(heard_of(chat, chat.rep, "reached nobody")) == 1
    press(chat, chat.rep, "Give it to Lee Park").says("Given to Lee Park")
    until(chat, chat.now + timedelta(hours=7))
    assert "Acme moved on" in latest(chat, chat.leader)
    press(chat, chat.rep, "Give it to Lee Park").says("Lee Park has it already.")


def test_admins_leaders_and_peers_read_nothing(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    chat.later(minutes=10)
    for speaker in (chat.admin, chat.leader):
        speaker("checkin of Rae").says("Admins never read check-ins.").never("Acme moved on", "Legal")
        speaker("checkin whom").says("You manage nobody")
    assert chat.rows("SELECT event FROM audit_log WHERE event = 'denied'")
    # Somebody else's button does nothing.
    until(chat, chat.now + timedelta(minutes=10))
    message = chat.shown(chat.manager)[-1]
    assert message.reply is not None
    token = next(b.token for part in message.reply.parts if isinstance(part, Buttons) for b in part.buttons)
    chat.admin.press(HOME, token).says("That button is for the person it was shown to")


def test_asked_for_in_a_channel_it_is_answered_privately_and_by_form_alone(chat: Chat, team: Team) -> None:
    heard = chat.rep("@Pacer checkin", channel=True)
    if heard.back.form is None:
        heard.says("as a form: what is typed here others would read", PRIVATE)
        assert heard.reply.private
        heard = heard.press("As a form")
    heard.fill(well="Secret words", next="Rest", commit="$200k", best="$200k", mood="3").says("Thank you.")
    assert "Secret words" not in "".join(said.text for said in chat.room.transcript.seen_by("new"))
    chat.later(minutes=10)
    read = chat.manager("@Pacer checkin of Rae", channel=True).says("Secret words")
    assert read.reply.private
    assert "Secret words" not in "".join(said.text for said in chat.room.transcript.seen_by("ada"))


def test_taken_back_within_five_minutes_nobody_has_read_it(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    done = answer_all(chat)
    chat.later(minutes=4)
    chat.manager("checkin of Rae").says("No check-in with you yet").never("Acme moved on")
    done.press("Take back").says("Taken back, and nobody has read it.")
    until(chat, chat.now + timedelta(hours=2))
    assert not heard_of(chat, chat.manager, "Rae Quinn's check-in")
    again = press(chat, chat.rep, "Change and send").fill(well="Nothing much").says("Thank you.")
    chat.later(minutes=6)
    again.press("Take back").says("It is with Max Stone already.")


# ---------------------------------------------------------------- what is asked


def test_a_low_mood_is_followed_by_what_would_help(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat, mood="2").says("One more · What would help?")
    chat.rep("Fewer meetings").says("Thank you.", "Would help: Fewer meetings.")
    chat.later(minutes=10)
    chat.manager("checkin whom").says("Rae Quinn: felt 2 of 5 in the last check-in")


def test_in_a_form_it_is_asked_after_the_form(chat: Chat, team: Team) -> None:
    form = chat.rep("checkin").press("All as a form")
    assert [field.name for field in form.form.fields] == ["well", "way", "next", "commit", "best", "mood"]
    assert PRIVATE in form.form.intro
    form.fill(well="", next="Rest", commit="50k", best="1k", mood="1").problem("well", "Write a few words").problem(
        "commit", "$120,000 is closed already"
    )
    assert not chat.rows("SELECT id FROM checkin_answers")
    sent = form.fill(well="Little", next="Rest", commit="130k", best="140k", mood="1")
    sent.says("Thank you.", "What would help?")
    chat.rep("A day off").says("Added, thank you.", "Would help: A day off.")


def test_a_commit_that_was_missed_is_asked_about_once(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    chat.now = datetime(2027, 1, 6, 10, tzinfo=NOW.tzinfo)
    chat.rep("checkin").says("You committed to $200,000 for Q4 2026, and it came to $120,000. What happened?")
    chat.rep("Acme slipped").says("What went well?")
    for words in ("New year", "skip", "Deals with Acme and Initech"):
        heard = chat.rep(words)
    # Nobody has a target in 2027 yet, so there is nothing to commit to.
    heard.says("How are you")
    chat.rep("4").says("Thank you.", "What happened: Acme slipped.")
    chat.later(days=7)
    chat.rep("checkin").lacks("What happened").says("What went well?")


def test_question_sets_are_by_team_and_versioned(sqlite_url: str) -> None:
    mine = {"East": (Question("proud", "What are you proud of?"), Question("mood", "How is it?", "rating"))}
    chat = Chat(sqlite_url, msgspec.structs.replace(COMPANY, checkins=mine))
    try:
        team = east_of(chat)
        chat.rep("checkin").says("1 of 2 · What are you proud of?")
        chat.rep("The Acme demo")
        chat.rep("5").says("What are you proud of: The Acme demo.")
        sets = chat.rows("SELECT version, replaced_at FROM question_sets")
        assert [(row["version"], row["replaced_at"]) for row in sets] == [(1, None)]

        def other(tx: Transaction) -> None:
            unit = units.named(tx, "East")
            assert unit is not None
            changed = [{"name": "proud", "ask": "Of what?", "kind": "text", "optional": False, "when": ""}]
            assert checkins.question_set(tx, unit.id, changed, at=chat.now).version == 2

        chat.database.submit(other).result()
        # An answer keeps the version that it was given to.
        chat.later(minutes=10)
        chat.manager("checkin of Rae").says("What are you proud of: The Acme demo.", "How are you: 5 of 5.")
        assert team.ids["rae"]
    finally:
        chat.close()


def test_typed_words_answer_or_go_elsewhere(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    chat.rep("how am I doing?").says("$120,000")
    chat.rep("later").says("Put aside. What you have answered is kept")
    chat.rep("checkin").says("1 of 6")
    chat.later(hours=3)
    chat.rep("lorem ipsum dolor").says("could not tell")
    assert not chat.rows("SELECT id FROM checkin_answers")
    chat.rep("checkin").press("Later").says("I ask again tomorrow at 9:00 am.")
    chat.rep("checkin every Thursday at 16:00").says("say “weekly check-in every Thursday at 16:00”")
    chat.rep("checkin Nobody").says("I know no person called “Nobody”", "“checkin” alone begins your own.")


# ---------------------------------------------------------------- whom to see


def test_whom_to_see_and_one_click_to_ask(chat: Chat, team: Team) -> None:
    def write(tx: Transaction) -> None:
        for name in ("dana", "sam"):
            one, boss = people.person(tx, team.ids[name]), people.person(tx, team.ids["max"])
            assert one
            assert boss
            people.give_manager(tx, one, boss, date(2026, 1, 1))

    chat.database.submit(write).result()
    log(chat, team.ids["dana"], date(2026, 11, 10))
    log(chat, team.ids["sam"], date(2026, 11, 10))
    said = chat.manager("checkin whom")
    said.says(
        "Rae Quinn: pace fell from 88 % to 76 %; nothing was logged last week.",
        "Dana Reyes: a win to praise: a deal without an account",
    )
    shown = press(chat, chat.manager, "Rae Quinn").says("Rae Quinn since Wed, Nov 11.", "No check-in with you yet.")
    # What would not come is not promised, and no more is said of why than who asks in person would see.
    chat.manager("checkin ask Dana").says("Dana Reyes cannot be written to yet, so nothing comes by itself")
    off = "Rae Quinn has turned messages off, so nothing comes by itself; ask in person."
    for words in ("turn off everything", "turn off my check-in", "snooze everything until 30 November"):
        chat.rep(words)
        assert chat.manager("checkin ask Rae").text == off
        chat.rep("turn on everything")
        chat.rep("turn on my check-in")
    leave = chat.rep("I'm on leave 18 Nov – 25 Nov")
    chat.manager("checkin ask Rae").says("Rae Quinn is away, so nothing comes by itself; ask when they are back.")
    leave.press("Undo")
    shown.press("Ask for a check-in").says("Rae Quinn gets the questions at their next open hour")
    until(chat, chat.now + timedelta(minutes=10))
    assert "Max Stone asks how it goes." in latest(chat, chat.rep)
    # On Friday she is not asked again.
    until(chat, FRIDAY.replace(hour=18))
    assert not heard_of(chat, chat.rep, "Time for your check-in")
    rows = chat.rows("SELECT reason FROM notices WHERE topic = 'check-in' AND state = 'nothing'")
    assert "was asked this week" in {row["reason"] for row in rows}


def test_several_check_ins_that_meet_are_a_line_each(chat: Chat, team: Team) -> None:
    def write(tx: Transaction) -> None:
        one, boss = people.person(tx, team.ids["dana"]), people.person(tx, team.ids["max"])
        assert one
        assert boss
        people.give_manager(tx, one, boss, date(2026, 1, 1))
        given = checkins.question_set(tx, None, [{"name": "mood", "ask": "How?", "kind": "rating"}], at=chat.now)
        made = checkins.begin(tx, {
            "person": one.id, "day": chat.now.date(), "question_set": given.id, "created_at": chat.now,
            "asked_at": None, "due_at": None, "measure": None, "period_first": None, "period_last": None,
            "missed": None,
        })  # fmt: skip
        checkins.answer(tx, made.id, "mood", "3", 3, at=chat.now)
        checkins.change(tx, made.id, {"submitted_at": chat.now, "late": False, "manager": boss.id})

    chat.database.submit(write).result()
    chat.rep("checkin")
    answer_all(chat)
    until(chat, chat.now + timedelta(minutes=10))
    assert (
        "2 check-ins have come. Dana Reyes: feels 3 of 5. Rae Quinn: feels 4 of 5; commit $200,000; in the way: Legal"
        in latest(chat, chat.manager)
    )
    press(chat, chat.manager, "Read Rae Quinn").says("Rae Quinn's check-in of Wed, Nov 18")
    told = chat.database.submit(lambda tx: notices.of_person(tx, team.ids["max"])).result()
    assert [one.state for one in told if one.topic == "check-ins"] == ["said"]


def test_managers_are_asked_once_somebody_schedules_it(chat: Chat, team: Team) -> None:
    def write(tx: Transaction) -> None:
        boss, lee = (people.person(tx, team.ids[name]) for name in ("max", "lee"))
        assert boss
        assert lee
        people.give_manager(tx, boss, lee, date(2026, 1, 1))

    chat.database.submit(write).result()
    until(chat, FRIDAY + timedelta(hours=1))
    assert not heard_of(chat, chat.manager, "Time for your check-in")
    wanted = chat.admin("manager check-ins every Friday at 14:00").says("every Friday at 2:00 pm, instead of off?")
    wanted.press(wanted.buttons[0])
    until(chat, FRIDAY.replace(day=27) + timedelta(hours=1))
    (asked,) = heard_of(chat, chat.manager, "Time for your check-in")
    assert "Only you and Lee Park can see this." in asked
    press(chat, chat.manager, "As a form").fill(well="East is on pace", next="Rest", mood="4")
    until(chat, FRIDAY.replace(day=27) + timedelta(hours=2))
    assert heard_of(chat, chat.leader, "East is on pace")
    assert not heard_of(chat, chat.rep, "East is on pace")
