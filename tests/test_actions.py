"""Action items as people keep them; it is Wed 18 Nov 2026, 10:00, with the month first."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from handlers.actions.parse import parse
from handlers.conversation.request import Basis
from handlers.language.names import NameIndex
from storage import actions, people
from storage.database import Transaction
from tests.chat import NOW, Chat

BASIS = Basis(NOW, "mdy", NameIndex(), 0)
THURSDAY, FRIDAY, MONTH_END = date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 30)


@pytest.mark.parametrize(
    ("words", "text", "due"),
    [
        ("to send the NDA to Acme on Friday", "Send the NDA to Acme", FRIDAY),
        ("send the NDA by Friday", "Send the NDA", FRIDAY),
        ("send the NDA to Acme", "Send the NDA to Acme", None),
        ("call Globex tomorrow", "Call Globex", date(2026, 11, 19)),
        ("tomorrow call Globex", "Call Globex", date(2026, 11, 19)),
        ("on Friday to call Globex", "Call Globex", FRIDAY),
        ("me to ask Legal next Monday", "Ask Legal", date(2026, 11, 23)),
        ("renew the Initech contract 12/15", "Renew the Initech contract", date(2026, 12, 15)),
        ("that I should call mom in 2 weeks", "Call mom", date(2026, 12, 2)),
        ("Friday report for Max", "Report for Max", FRIDAY),
        ("tomorrow", "Tomorrow", None),
        ("send the NDA to Acme on Friday.", "Send the NDA to Acme", FRIDAY),
        ("send the NDA to Acme by Friday, please? Thanks!", "Send the NDA to Acme", FRIDAY),
        ("find out who owns Acme?", "Find out who owns Acme?", None),
        ("call at the end of the month", "Call", MONTH_END),
        ("at the end of the month call Acme", "Call Acme", MONTH_END),
        ("call Acme by the end of next week", "Call Acme", date(2026, 11, 27)),
        ("send it by EOD", "Send it", date(2026, 11, 18)),
        ("look at 3 offers tomorrow", "Look at 3 offers", date(2026, 11, 19)),
        ("tomorrow 3 calls with Acme", "3 calls with Acme", date(2026, 11, 19)),
        ("on Friday at 9", "", FRIDAY),
        ("send the report every Monday", "Send the report every Monday", None),
        ("call Dana on 31/02", "Call Dana on 31/02", None),
        ("on Feb 30 to call Dana", "On Feb 30 to call Dana", None),
    ],
)
def test_the_day_stands_at_the_end_or_the_beginning(words: str, text: str, due: date | None) -> None:
    found = parse(words, BASIS)
    assert (found.text, found.due, found.timed) == (text, due, False)


@pytest.mark.parametrize(
    ("words", "text", "due"),
    [
        ("to call Globex tomorrow at 3pm", "Call Globex at 3pm", THURSDAY),
        ("send the NDA to Acme on Friday at 3pm, please", "Send the NDA to Acme at 3pm", FRIDAY),
        ("call Globex on Friday, 3pm", "Call Globex at 3pm", FRIDAY),
        ("call Globex tomorrow 15:00 CET", "Call Globex at 15:00 CET", THURSDAY),
        ("call Globex 11/20 at 9", "Call Globex at 9", FRIDAY),
        ("call Globex tomorrow between 3 and 4", "Call Globex between 3 and 4", THURSDAY),
        ("call Globex at 3pm on Friday", "Call Globex at 3pm", FRIDAY),
        ("send it by Friday before noon", "Send it before noon", FRIDAY),
        ("on Friday at 9 to send the NDA", "Send the NDA at 9", FRIDAY),
        ("on Friday to send the NDA at 9", "Send the NDA at 9", FRIDAY),
        ("at 3pm tomorrow call Globex", "Call Globex at 3pm", THURSDAY),
        ("tomorrow at 3 in the afternoon call Globex", "Call Globex at 3 in the afternoon", THURSDAY),
        ("at the end of the month at 3pm to call Acme", "Call Acme at 3pm", MONTH_END),
        ("tomorrow afternoon call Globex", "Call Globex in the afternoon", THURSDAY),
        ("call mom in 2 hours", "Call mom at 12:00 pm", date(2026, 11, 18)),
        ("call Globex at 3pm", "Call Globex at 3pm", None),
    ],
)
def test_a_day_with_a_time_is_a_day_and_the_time_stays_in_the_words(words: str, text: str, due: date | None) -> None:
    found = parse(words, BASIS)
    assert (found.text, found.due, found.timed) == (text, due, True)


def test_what_is_not_kept_of_a_time_or_a_day_is_said(chat: Chat) -> None:
    chat.rep("remind me to call Globex tomorrow at 3pm").says(
        "On your list: Call Globex at 3pm, due tomorrow.",
        "An item has a day and no time: the morning message of that day brings it.",
    )
    chat.rep("remind me to call Globex on Friday").lacks("no time", "no day")
    chat.rep("remind me to call Initech in 2 hours").says("at 12:00 pm, due today", "no time: “todo” shows it today.")
    chat.rep("remind me to call Initech at 3pm").says("It has no day, so no message brings it: Change sets one.")
    chat.rep("remind me to call Acme on 31/02").says(
        "On your list: Call Acme on 31/02.", "No calendar has “31/02”; the nearest day is Sun, Feb 28, 2027."
    ).press("Change").fill(due="2027-02-28").says("Changed: Call Acme on 31/02, due Sun, Feb 28, 2027.")


def test_kept_listed_changed_and_done(chat: Chat) -> None:
    kept = chat.rep("remind me to send the NDA to Acme on Friday")
    kept.says("On your list: Send the NDA to Acme, due Fri, Nov 20.", "Only you can see it.")
    chat.rep("/todo call Globex tomorrow").says("due tomorrow")
    chat.rep("todo think about the plan for spring")
    listed = chat.rep("todo").says(
        "3 open action items: Call Globex, due tomorrow; Send the NDA to Acme, due Fri, Nov 20; Think about the plan"
    )
    listed.press("Change").fill(due="2026-11-24").says("Changed: Call Globex, due Tue, Nov 24.")
    done = chat.rep("todo").press("Done").says("Done, well kept: Send the NDA to Acme.")
    chat.rep("my action items").lacks("NDA").says("2 open action items")
    done.press("Open it again").says("Open again: Send the NDA").press("Drop").says("Dropped: Send the NDA")
    days = chat.rows("SELECT due, state FROM actions WHERE text = 'Call Globex' ORDER BY version")
    assert [str(row["due"]) for row in days] == ["2026-11-19", "2026-11-24"]


def test_undo_takes_it_back_where_it_was_the_latest(chat: Chat) -> None:
    chat.rep("/log call Initech")
    chat.later(minutes=1)
    chat.rep("remind me to call Bob next Monday").says("due Mon, Nov 23")
    undone = chat.rep("undo").says("Undone, off your list: Call Bob.")
    chat.rep("undo").says("Your latest action item is dropped already: Call Bob.")
    undone.press("Open it again").says("Open again: Call Bob, due Mon, Nov 23.")
    chat.later(minutes=61)
    chat.rep("undo").says("more than 60 minutes ago: Call Bob, due Mon, Nov 23.")
    chat.rep("/log demo Initech")
    chat.rep("undo").says("Undone: demo for Initech")


def test_the_same_again_is_one_item_and_next_steps_are_named(chat: Chat) -> None:
    chat.rep("/log call Initech -> send NDA friday")
    chat.rep("/todo").says("Nothing is on your list.", "Next steps of what you logged: Initech: send NDA, Fri, Nov 20.")
    chat.rep("remind me to call Bob tomorrow").says("On your list: Call Bob")
    chat.rep("remind me to Call bob tomorrow").says("That is on your list already: Call Bob, due tomorrow.")
    chat.rep("remind me to call Bob on Friday").says("On your list: Call Bob, due Fri, Nov 20.")
    chat.rep("/todo").says("2 open action items", "Next steps of what you logged: Initech: send NDA, Fri, Nov 20.")


def test_what_cannot_be_kept_is_said(chat: Chat) -> None:
    chat.rep("todo call Globex on November 3, 2026").says("Tue, Nov 3 is over, so nothing was kept.")
    chat.rep(f"todo {'x' * 301}").says("That is 301 characters")
    form = chat.rep("todo call Globex").press("Change")
    form.fill(text=" ").problem("text", "Say what is to be done.")
    form.fill(due="2026-11-01").problem("due", "That day is over.")
    assert len(chat.rows("SELECT id FROM actions")) == 1


def test_words_for_an_item_that_has_ended_meanwhile_come_back(chat: Chat) -> None:
    kept = chat.rep("todo call Globex")
    form, unchanged = kept.press("Change"), kept.press("Change")
    kept.press("Done")
    form.fill(text="Call Globex about the renewal").says(
        "It is done already: Call Globex.", "Nothing was kept. Your words were: Call Globex about the renewal"
    )
    unchanged.fill(due="2026-11-27").says("It is done already: Call Globex.").lacks("Your words")


def test_it_is_private_until_it_is_shown(chat: Chat) -> None:
    kept = chat.rep("todo ask for a raise")
    chat.manager("checkin Rae").never("raise")
    kept.press("Show my manager").says("You and your manager can see it.")
    chat.manager("checkin Rae").says("Open actions: Ask for a raise")
    chat.admin("checkin Rae").never("raise")


def test_due_ones_come_in_the_morning_once_and_again_on_monday(chat: Chat) -> None:
    chat.run(chat.database.write(chat.core.planner.declare))
    chat.rep("todo send the NDA on Friday")
    said: dict[str, str] = {}
    for day in range(19, 31):
        chat.now = datetime(2026, 11, day, 8, 30, tzinfo=NOW.tzinfo)
        before = len(chat.rep.inbox())
        chat.run(chat.core.say_what_is_due())
        new = [text for text in chat.rep.inbox()[before:] if "NDA" in text]
        if new:
            said[f"{chat.now:%a %d}"] = new[-1]
    assert said == {
        "Fri 20": "Action items due: Send the NDA.",
        "Mon 23": "Action items due: Send the NDA, was due Fri, Nov 20.",
        "Mon 30": "Action items due: Send the NDA, was due Fri, Nov 20.",
    }
    shown = next(each for each in reversed(chat.shown(chat.rep)) if "NDA" in each.text)
    assert shown.reply is not None
    token = next(b.token for part in shown.reply.parts for b in getattr(part, "buttons", ()) if b.label == "Done")
    chat.rep.press(shown.id, token).says("Done, well kept: Send the NDA")
    chat.rep.home()
    assert "NDA" not in chat.rep.page.text


def test_somebody_elses_button_is_refused_after_a_change_of_manager(chat: Chat) -> None:
    ids = {one.name.split()[0]: one.id for one in chat.database.submit(people.everybody).result()}
    made = chat.database.submit(
        lambda tx: actions.add(
            tx, owner=ids["Max"], author=ids["Max"], about=ids["Rae"], text="Free Legal", due=FRIDAY,
            source="checkin", source_id="c", shared=True, at=NOW,
        )
    ).result()  # fmt: skip
    listed = chat.manager("todo").says("Free Legal, due Fri, Nov 20")
    chat.later(days=1)

    def change(tx: Transaction) -> None:
        rae, lee = people.person(tx, ids["Rae"]), people.person(tx, ids["Lee"])
        assert rae
        assert lee
        people.give_manager(tx, rae, lee, chat.now.date())

    chat.database.submit(change).result()
    listed.press("Done").says("That action item is changed by who promised it, or by their manager")
    chat.manager("todo").never("Legal")
    chat.leader("checkin Rae").says("Max Stone: Free Legal, due tomorrow")
    assert [row["state"] for row in chat.rows("SELECT state FROM actions")] == ["open"]
    assert made


def test_reminded_of_a_message_from_its_menu(chat: Chat) -> None:
    chat.manager("Could you please send the NDA to Acme on Friday", channel=True)
    (message,) = [one for one in chat.room.transcript.seen_by(chat.rep.person.external_id) if "the NDA" in one.text]
    form = chat.rep.shortcut(message.id, "todo")
    assert "Only you can see this." in form.form.intro
    form.fill(due="2026-11-17").problem("due", "That day is over.")
    form.fill(due="2026-11-20").says("On your list: Send the NDA to Acme, due Fri, Nov 20.", "Only you can see it.")
    assert [row["source"] for row in chat.rows("SELECT source FROM actions")] == ["message"]
    chat.rep.shortcut(message.id, "todo").fill(due="").says("It has no day, so no message brings it: Change sets one.")
