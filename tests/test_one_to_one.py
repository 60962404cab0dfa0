"""One-to-ones from both sides: the agenda of the two, notes that are private until shared, what is carried on, and who
reads what after a change of manager. It begins on Wed 18 Nov 2026."""

from __future__ import annotations

import io
import logging
import sys
import threading
from datetime import timedelta

import pytest
import structlog

from bot import logs
from handlers.conversation.reply import Buttons, Text
from handlers.meetings import reminders
from storage import people, staff, tokens
from storage.database import Transaction
from tests.chat import COMPANY, NOW, Chat, Heard
from tests.quota_team import Team, east_of
from tests.test_checkin_conversations import answer_all, heard_of, latest, new_manager, press, until

SECRET = "worried about the Initech price"


@pytest.fixture
def team(chat: Chat) -> Team:
    made = east_of(chat)
    chat.run(chat.database.write(chat.core.planner.declare))
    return made


# ---------------------------------------------------------------- the agenda


def test_both_add_to_one_agenda_and_tick_it_off(chat: Chat, team: Team) -> None:
    empty = chat.manager("/checkin @Rae Quinn").says(
        "One-to-one with Rae Quinn.", "Nothing stands on the agenda yet", "Only you and Rae Quinn can see this"
    )
    form = empty.press("Add to agenda")
    assert "Only you and Rae Quinn can see this." in form.form.intro
    form.fill(points="- the Globex renewal\n- holidays").says("To talk about: 1. the Globex renewal (you); 2. holidays")
    chat.rep("one-to-one with Max: more leads").says("One-to-one with Max Stone.", "3. more leads (you)", "Max Stone)")
    chat.rep("/checkin 1:1").says("1. the Globex renewal (Max Stone)")
    until(chat, chat.now + timedelta(minutes=6))
    # Rae has seen Max's points by then; Max has not seen hers.
    assert not heard_of(chat, chat.rep, "New to talk about")
    assert "New to talk about: more leads." in latest(chat, chat.manager)
    ticked = press(chat, chat.manager, "Open").says("3. more leads (Rae Quinn)")
    assert ticked.reply is not None
    press(chat, chat.manager, "2").says("Off the agenda: number 2.", "2. more leads").lacks("holidays")
    chat.rep("1:1").says("1. the Globex renewal", "2. more leads").lacks("holidays")


def test_with_whom_it_may_not_be_is_said_and_nothing_is_logged(chat: Chat, team: Team) -> None:
    for line in ("one-to-one with Lee Park", "1:1 with Lee"):
        chat.rep(line).says(
            "between a manager and who reports to them. Yours can be with Max Stone.",
            "Nothing was kept or logged of “one-to-one with Lee Park”",
        )
    chat.rep("one-to-one with Lee: the Green-Plus handover").says(
        "Yours can be with Max Stone.", "Your words were: the Green-Plus handover"
    )
    assert chat.rows("SELECT id FROM activities") == []


def test_a_leader_sees_the_units_number_beside_who_leads_it(chat: Chat, team: Team) -> None:
    def write(tx: Transaction) -> None:
        top, lead = people.person(tx, team.ids["lee"]), people.person(tx, team.ids["max"])
        assert top
        assert lead
        people.give_manager(tx, lead, top, NOW.date() - timedelta(days=30))

    chat.database.submit(write).result()
    chat.leader("one-to-one with Max").says("East: $", " of $").lacks("Number:")


def test_the_facts_stand_beside_it_and_what_a_check_in_was_flagged_for(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    until(chat, chat.now + timedelta(minutes=10))
    press(chat, chat.manager, "To talk about").fill(text="Legal").says("You keep it for the one-to-one")
    shown = chat.manager("one-to-one with Rae").says(
        "1. Legal (check-in of Wed, Nov 18; you)", "Number: $120,000 of $300,000, 40 %"
    )
    chat.rep("one-to-one").says("1. Legal (check-in of Wed, Nov 18; Max Stone)", "You since")
    assert shown.reply is not None
    press(chat, chat.manager, "1").says("Off the agenda: number 1.", "Nothing stands on the agenda yet")
    press(chat, chat.manager, "Check-in").says("Went well: Acme moved on.").lacks("You keep it for the one-to-one")


def test_a_time_makes_it_a_meeting_and_a_stranger_is_no_pair(chat: Chat, team: Team) -> None:
    chat.manager("one-to-one with Rae tomorrow 3pm").says(
        "Set up: One-to-one with Rae Quinn, Thu, Nov 19 at 3:00 pm"
    ).lacks("To talk about")
    chat.rep("/checkin 1:1 with Dana").says("A one-to-one is between a manager and who reports to them.")
    chat.admin("checkin Rae").says("A check-in is between the person and the manager")
    chat.leader("/checkin 1:1 Rae").says("A one-to-one is between a manager and who reports to them.")
    chat.admin("one-to-one").says("The plan names no manager of yours")


def test_an_action_item_is_carried_until_it_is_done(chat: Chat, team: Team) -> None:
    chat.manager("checkin Rae").press("Action item").fill(text="Send the NDA", owner="them", due="2026-11-25").says(
        "carried on until it is done or dropped", "Open actions: Send the NDA, due Wed, Nov 25."
    )
    until(chat, chat.now + timedelta(minutes=6))
    assert "Max Stone made an action item for you: Send the NDA, due Wed, Nov 25." in latest(chat, chat.rep)
    chat.later(days=14)
    chat.manager("checkin Rae").says("Open actions: Send the NDA, due Wed, Nov 25, overdue.")
    chat.rep("one-to-one").press("Open items").says("Send the NDA").press("Done").says("Done, well kept: Send")
    chat.manager("checkin Rae").lacks("Send the NDA")


def test_what_came_of_a_one_to_one_or_a_check_in_stays_with_both(chat: Chat, team: Team) -> None:
    """An older message has the button still."""
    chat.manager("checkin Rae").press("Action item").fill(text="Send the NDA", owner="them", due="2026-11-25")
    chat.rep("checkin")
    answer_all(chat)
    until(chat, chat.now + timedelta(minutes=10))
    chat.manager("checkin of Rae").press("Action item").fill(text="Call Legal", owner="them", due="2026-11-25")
    own = chat.rep("remind me to call Globex").press("Show my manager").says("You and your manager can see it.")
    assert "Keep it to myself" in own.buttons
    for _ in range(2):
        changed = chat.rep("todo").press("Change").fill(due="2026-11-26").says("You and your manager can see it.")
        assert changed.buttons == ["Done", "Change", "Drop"]
    old = chat.rows("SELECT action FROM actions WHERE text = 'Send the NDA'")[0]["action"]
    chat.database.submit(
        lambda tx: tokens.issue(
            tx, ("unshare", {"action": old}), person=team.ids["rae"], command="todo", at=chat.now,
            expires_at=chat.now + timedelta(days=1),
        )
    ).result()  # fmt: skip
    token = chat.rows("SELECT token FROM tokens WHERE action = 'unshare' ORDER BY created_at")[-1]["token"]
    chat.rep.press(changed.back.messages[-1].id, token).says("one that came of a check-in or one-to-one stays with")
    chat.manager("one-to-one with Rae").press("Open items").says("Send the NDA", "Call Legal", "Call Globex")


def test_an_owner_hears_what_the_manager_does_with_their_item(chat: Chat, team: Team) -> None:
    for what in ("send the NDA", "call Globex", "ask Legal"):
        chat.rep(f"remind me to {what} on Friday").press("Show my manager")

    def item(words: str, label: str) -> Heard:
        """The manager presses that below that item."""
        parts = chat.manager("one-to-one with Rae").press("Open items")
        at = [words in part.text for part in parts.reply.parts if isinstance(part, Text)].index(True) - 1
        below = [part.buttons for part in parts.reply.parts if isinstance(part, Buttons)]
        token = next(button.token for button in below[at] if button.label == label)
        return chat.manager.press(parts.back.messages[-1].id, token)

    # What is taken back at once, and what its owner ends, is told to nobody.
    item("Send the NDA", "Drop").says("Dropped").press("Open it again")
    chat.rep("todo").press("Done")
    until(chat, chat.now + timedelta(minutes=6))
    assert not heard_of(chat, chat.rep, "your action item")
    # Two at once are one message, each as it was and as it stands.
    item("Call Globex", "Change").fill(due="2026-11-25").says("Changed")
    item("Call Globex", "Change").fill(text="call Globex again").says("Changed")
    item("Ask Legal", "Drop").says("Dropped")
    assert len(heard_of(chat, chat.rep, "your action item")) == 0
    until(chat, chat.now + timedelta(minutes=6))
    (said,) = heard_of(chat, chat.rep, "your action item")
    assert "Max Stone changed your action item: call Globex again, due Wed, Nov 25; it read “Call Globex” and" in said
    assert "it was due Fri, Nov 20. Max Stone dropped your action item: Ask Legal. Only you and Max Stone" in said
    item("call Globex again", "Done")
    until(chat, chat.now + timedelta(minutes=6))
    assert "Max Stone marked your action item as done: call Globex again." in latest(chat, chat.rep)
    assert not heard_of(chat, chat.manager, "your action item")


# ---------------------------------------------------------------- notes


def test_a_note_is_private_until_it_is_shared_and_taken_back_unread(chat: Chat, team: Team) -> None:
    kept = chat.manager(f"note about Rae: {SECRET}").says("only for you", "Admins never read notes.")
    chat.rep("one-to-one").never(SECRET)
    chat.rep("note about Max").never(SECRET)
    shared = kept.press("Share").says("Rae Quinn can read it in 5 minutes")
    chat.later(minutes=4)
    chat.rep("one-to-one").never(SECRET)
    again = shared.press("Take back").says("only for you", "Nobody has read it.")
    until(chat, chat.now + timedelta(hours=1))
    chat.rep("one-to-one").never(SECRET)
    late = again.press("Share")
    until(chat, chat.now + timedelta(minutes=6))
    assert f"A note shared with you: {SECRET}." in latest(chat, chat.rep)
    late.press("Take back").says("Rae Quinn can read it already, so it cannot be taken back.")
    chat.rep("one-to-one").says(f"Max Stone's note of Wed, Nov 18: {SECRET}").press("All notes").says(SECRET)
    chat.manager("my notes").press("Delete").says("Deleted.")
    chat.rep("one-to-one").lacks(SECRET)


def test_a_note_is_changed_by_its_author_and_whoever_read_it_hears_so(chat: Chat, team: Team) -> None:
    kept = chat.manager("note about Rae: Ask for holidays")
    form = kept.press("Edit")
    assert form.form.intro == "Nobody but you has seen it."
    form.fill(text=" ").problem("text", "Write a few words.")
    form.fill(text="Ask about holidays").says(
        "only for you: Ask about holidays.", "Changed. Nobody but you has seen it."
    )
    kept.press("Share")
    until(chat, chat.now + timedelta(hours=1))
    assert "A note shared with you: Ask about holidays." in latest(chat, chat.rep)
    again = chat.manager("my notes").press("Edit")
    assert again.form.intro == "Rae Quinn has read it as it was, and hears of a change."
    again.fill(text="Ask about holidays").says("It read like that already.")
    chat.manager("my notes").press("Edit").fill(text="Ask about December").says(
        "Changed. Rae Quinn has read it as it was, and hears of a change."
    )
    until(chat, chat.now + timedelta(hours=1))
    assert "A note was changed: Ask about December." in latest(chat, chat.rep)
    theirs = chat.rep("one-to-one").press("All notes").says("Ask about December")
    assert "Edit" not in theirs.buttons


def test_a_reports_note_is_their_own_too(chat: Chat, team: Team) -> None:
    form = chat.rep("one-to-one").press("Write a note")
    assert "A private note is for you alone." in form.form.intro
    form.fill(text="", who="me").problem("text", "Write a few words.")
    form.fill(text="ask for a raise", who="me").says("only for you: ask for a raise")
    for speaker in (chat.manager, chat.leader, chat.admin):
        speaker("checkin Rae").never("raise")
        speaker("my notes").never("raise")
    chat.manager("note about Rae").never("raise")


def test_asked_for_in_a_channel_it_is_answered_privately(chat: Chat, team: Team) -> None:
    """FAULTS 45."""
    chat.manager(f"note about Rae: {SECRET}")
    for words in ("@Pacer my notes", "@Pacer note about Rae", "@Pacer checkin Rae", "@Pacer one-to-one with Rae"):
        heard = chat.manager(words, channel=True).says(SECRET)
        assert heard.reply.private
    typed = chat.manager("@Pacer note about Rae: needs rest", channel=True)
    typed.says("only for you", "Others here could read what you typed: you may want to delete that message.")
    for who in ("new", "ada"):
        assert SECRET not in "".join(said.text for said in chat.room.transcript.seen_by(who))


def test_after_a_change_of_manager_the_former_one_keeps_their_own_notes_alone(chat: Chat, team: Team) -> None:
    """FAULTS 46."""
    page = chat.manager("checkin Rae: the Globex renewal").says("1. the Globex renewal")
    chat.manager(f"note about Rae: {SECRET}")
    chat.rep("one-to-one").press("Write a note").fill(text="I would like to lead", who="both")
    chat.rep("one-to-one with Max: a secret plan")
    chat.later(minutes=6)
    chat.manager("checkin Rae").says("I would like to lead", "a secret plan")
    chat.manager("checkin Rae").press("Action item").fill(text="Free Legal", owner="me", due="2026-11-25")
    waiting = chat.manager("checkin Rae").press("Write a note").fill(text="told too late", who="both")
    waiting.says("Rae Quinn can read it in 5 minutes")
    chat.later(days=1)
    new_manager(chat, team, chat.now.date())

    # The former manager: by name, by an old button, in what still waited; their own notes stay.
    chat.manager("checkin Rae").lacks("secret plan", "Globex", "lead", SECRET)
    chat.manager("one-to-one with Rae").lacks("secret plan", "Globex", "lead")
    page.press("Add to agenda").says("A one-to-one is between a manager and who reports to them.")
    page.press("Write a note").lacks("lead").says("A one-to-one is between a manager and who reports to them.")
    notes = chat.manager("my notes").says(f"Rae Quinn: Your note of Wed, Nov 18, only for you: {SECRET}")
    notes.lacks("I would like to lead")
    assert "Share" not in notes.buttons
    chat.manager("todo").lacks("Free Legal")
    # The new one: the open action, to be taken over; nothing of what the two said.
    until(chat, chat.now + timedelta(hours=1))
    mine = (
        chat.leader("checkin Rae")
        .says("Open actions: Max Stone: Free Legal")
        .never("secret plan", "Globex", SECRET, "I would like to lead")
    )
    over = mine.press("Open items").says("Max Stone: Free Legal")
    over.press("Take over").says("Yours now: Free Legal")
    over.press("Take over").says("Yours already: Free Legal")
    chat.leader("todo").says("Free Legal")
    # Rae hears of it once.
    until(chat, chat.now + timedelta(hours=1))
    told = [text for text in chat.rep.inbox() if "takes over" in text]
    assert len(told) == 1
    assert "Lee Park takes over what Max Stone had promised you: Free Legal" in told[0]
    # What was shared with Rae is hers to read; what was meant for another manager is not shown to this one.
    chat.rep("one-to-one").says("One-to-one with Lee Park.").lacks("Globex", "secret plan")


def test_who_reported_to_somebody_before_reads_what_is_theirs_still(chat: Chat, team: Team) -> None:
    chat.manager("note about Rae: ready to lead").press("Share")
    chat.manager(f"note about Rae: {SECRET}")
    chat.manager("one-to-one with Rae: what Max wants")
    chat.rep("one-to-one with Max: more leads")
    chat.rep("note about Max: he listens")
    until(chat, chat.now + timedelta(minutes=6))
    old = chat.rep("one-to-one")
    new_manager(chat, team, chat.now.date())
    page = chat.rep("/checkin 1:1 with Max").says(
        "Your one-to-ones with Max Stone, who is not your manager any more.",
        "Max Stone's note of Wed, Nov 18: ready",
        "Your point of Wed, Nov 18: more leads.",
        "Your note of Wed, Nov 18, only for you: he listens.",
        "To read only. Max Stone can see their own notes still, and nothing of yours.",
    )
    page.never(SECRET, "what Max wants")
    assert page.buttons == []
    for words in ("one-to-one with Max", "note about Max", "/checkin Max"):
        assert chat.rep(words).text == page.text
    assert old.press("All notes").text == page.text
    chat.rep("my notes").says("he listens").press("With Max Stone").says("more leads")
    # Words for one who is the manager no more are kept by nobody, and given back.
    chat.rep("one-to-one with Max: too late").says("Nothing was kept. Your words were: too late")
    old.press("Add to agenda").says("Max Stone is not your manager any more.")
    # The former manager reads nothing of it, and neither does the new one.
    chat.manager("one-to-one with Rae").never("more leads", "he listens", "ready to lead")
    chat.leader("one-to-one with Rae").says("One-to-one with Rae Quinn").never("more leads", "he listens", "ready")
    assert "With Max Stone" not in chat.leader("my notes").buttons
    # So it is when Max has left.
    chat.database.submit(lambda tx: staff.leave(tx, team.ids["max"], chat.now)).result()
    chat.later(days=1)
    for words in ("one-to-one with Max", "note about Max", "/checkin Max"):
        chat.rep(words).says("more leads", "ready to lead", "To read only.").lacks("can see their own notes")


def test_no_word_of_a_note_is_logged_when_something_breaks(
    chat: Chat, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 48: a database's error carries the row, and it is not written down."""
    chat.manager(f"note about Rae: {SECRET}")
    same = chat.rows("SELECT id FROM one_to_one_items")[0]["id"]
    monkeypatch.setattr("storage.one_to_ones.new_id", lambda: same)
    stream, before, root = io.StringIO(), structlog.get_config(), logging.getLogger()
    handlers, level, hook, lost = root.handlers[:], root.level, sys.excepthook, threading.excepthook
    logs.set_up("console", stream=stream)
    try:
        chat.manager(f"note about Rae: {SECRET} again").lacks("Traceback", "UNIQUE")
    finally:
        structlog.configure(**before)
        root.handlers, sys.excepthook, threading.excepthook = handlers, hook, lost
        root.setLevel(level)
    assert "talk_notes.py" in stream.getvalue()
    assert "turn_failed" in stream.getvalue()
    assert SECRET not in stream.getvalue()


# ---------------------------------------------------------------- what was typed comes back


def test_words_of_a_form_come_back_where_the_manager_has_changed(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    until(chat, chat.now + timedelta(minutes=10))
    forms = {label: chat.rep("one-to-one").press(label) for label in ("Write a note", "Add to agenda", "Action item")}
    comment = chat.manager("checkin of Rae").press("Comment")
    made = chat.manager("checkin of Rae").press("Action item")
    chat.later(days=1)
    new_manager(chat, team, chat.now.date())
    refused = "Max Stone is not your manager any more."
    kept = "Nothing was kept. Your words were: a long story of mine"
    note = forms["Write a note"].fill(text="a long story of mine", who="me").says(refused, kept)
    note.shows("a long story of mine")
    note.lacks("Note:")
    forms["Add to agenda"].fill(points="a long story of mine\nand more").says(refused, f"{kept}\nand more")
    forms["Action item"].fill(text="a long story of mine").says(refused, kept)
    comment.fill(text="a long story of mine").says("Rae Quinn reports to somebody else now.", kept)
    made.fill(owner="them").says("Rae Quinn reports to somebody else now.").lacks("Your words")
    assert not chat.rows("SELECT id FROM one_to_one_items") + chat.rows("SELECT id FROM actions")


def test_words_behind_a_name_come_back(chat: Chat, team: Team) -> None:
    kept = "Nothing was kept. Your words were: a long story of mine"
    chat.rep("/checkin Dana: a long story of mine").says("A check-in is between", kept)
    chat.rep("/checkin Zebedee: a long story of mine").says("Zebedee", kept)
    chat.rep("/checkin Rae: a long story of mine").says(kept)
    chat.rep("/checkin Dana").lacks("Your words")
    chat.rep("note about Zebedee: a long story of mine").says(kept)
    chat.database.submit(lambda tx: staff.manage(tx, team.ids["rae"], None, since=chat.now.date())).result()
    chat.rep("note about my manager: a long story of mine").says("The plan names no manager of yours.", kept)
    chat.rep("one-to-one with my boss: a long story of mine").says("The plan names no manager of yours.", kept)
    assert not chat.rows("SELECT id FROM one_to_one_items")


# ---------------------------------------------------------------- whom to see


def test_a_one_to_one_that_took_place_is_a_conversation(chat: Chat, team: Team) -> None:
    chat.rep("checkin")
    answer_all(chat)
    until(chat, NOW.replace(month=12, day=7))
    chat.manager("checkin whom").says("Rae Quinn", "no conversation since")
    chat.manager("one-to-one with Rae today 3pm").says("3:00 pm")
    until(chat, NOW.replace(month=12, day=7, hour=17))
    # What the clock asks for every hour.
    chat.database.submit(lambda tx: reminders.due(tx, COMPANY, chat.now)).result()
    chat.manager("checkin whom").lacks("no conversation since")
    until(chat, NOW.replace(month=12, day=22, hour=9))
    chat.manager("checkin whom").says("no conversation since Mon, Dec 7")
    chat.manager("checkin Rae").press("We have talked").says("Kept that you have talked today.")
    chat.manager("checkin whom").lacks("no conversation since")


# ---------------------------------------------------------------- with a meeting


def test_the_reminder_shows_this_agenda_and_afterwards_only_what_stays_open(chat: Chat, team: Team) -> None:
    chat.manager("one-to-one with Rae today 3pm")
    chat.rep("agenda one-to-one with Max: the Globex renewal").says("On the agenda", "the Globex renewal")
    chat.manager("one-to-one with Rae: holidays").says("1. the Globex renewal (Rae Quinn)", "2. holidays (you)")
    until(chat, NOW.replace(hour=14, minute=50))
    for speaker in (chat.rep, chat.manager):
        (said,) = heard_of(chat, speaker, "in 15 min")
        assert "Agenda: the Globex renewal; holidays." in said
    press(chat, chat.rep, "Our agenda").says("1. the Globex renewal (you)")
    press(chat, chat.rep, "1")
    until(chat, NOW.replace(hour=15, minute=45))
    (after,) = heard_of(chat, chat.manager, "is over")
    assert "1 point stays open: holidays." in after
    press(chat, chat.manager, "Our agenda").says("1. holidays (you)")
    press(chat, chat.manager, "1")
    chat.manager("one-to-one with Rae tomorrow 3pm")
    until(chat, NOW.replace(day=19, hour=18))
    assert len(heard_of(chat, chat.manager, "is over")) == 1


def test_on_the_day_of_a_change_the_former_managers_words_are_not_logged(chat: Chat, team: Team) -> None:
    new_manager(chat, team, chat.now.date())
    for line in ("one-to-one with Rae: her divorce", "/pacer one-to-one with Rae: her divorce"):
        chat.manager(line).says("between a manager and who reports to them", "Your words were: her divorce")
    assert not chat.rows("SELECT id FROM activities")
