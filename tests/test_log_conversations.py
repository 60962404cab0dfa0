"""`/log` as people use it. Each conversation runs on both databases; the clock stands at Wed 18 Nov 2026, 10:00."""

from __future__ import annotations

import msgspec
import pytest

from tests.chat import COMPANY, Chat


def kept(chat: Chat) -> list[tuple[str, int, str | None]]:
    """Kind, count and account (or the words for it) of what stands."""
    rows = chat.rows(
        "SELECT activities.kind, activities.count, coalesce(accounts.name, activities.account_text) AS account "
        "FROM activities LEFT JOIN accounts ON accounts.id = activities.account "
        "WHERE replaced_at IS NULL AND voided_at IS NULL ORDER BY entry"
    )
    return [(row["kind"], row["count"], row["account"]) for row in rows]


# ---------------------------------------------------------------- one line


def test_one_line_is_kept_and_shown(chat: Chat) -> None:
    heard = chat.rep("/log call Initech")
    heard.says("Logged: call with Initech, today.")
    assert heard.buttons == ["Undo", "Edit"]
    assert kept(chat) == [("call", 1, "Initech")]


def test_all_that_a_line_holds_comes_back_in_the_sentence(chat: Chat) -> None:
    chat.rep("/log 30 min call with Jane Doe at Initech yesterday 3pm, connected, $50k #hot -> send NDA friday").says(
        "call with Jane Doe at Initech", "yesterday 3:00 pm", "30 min", "connected", "$50,000", "Next: send NDA", "#hot"
    )


@pytest.mark.parametrize("typed", ["/log call Initech", "log call Initech", "/pacer log call Initech", "call Initech"])
def test_in_a_direct_chat_the_slash_and_even_the_command_may_be_left_out(chat: Chat, typed: str) -> None:
    chat.rep(typed).says("Logged: call with Initech")


def test_several_in_one_line_are_several_rows_and_one_undo(chat: Chat) -> None:
    heard = chat.rep("/log call Initech; email Green-Plus; 3 dials")
    heard.says("call with Initech", "email to Green-Plus", "3 calls")
    assert heard.buttons == ["Undo", "Edit 1", "Edit 2", "Edit 3"]
    heard.press("Undo").says("Undone: call with Initech, today; email to Green-Plus, today; 3 calls, today.")
    assert kept(chat) == []


def test_in_a_channel_the_answer_is_the_persons_own(chat: Chat) -> None:
    chat.rep("@Pacer log call Initech", channel=True).says("Logged: call with Initech")
    (answer,) = [shown for shown in chat.shown(chat.rep) if "Logged" in shown.text]
    assert answer.only_to == chat.rep.person.external_id
    assert not [shown for shown in chat.shown(chat.manager) if "Logged" in shown.text]


def test_a_mention_needs_no_command(chat: Chat) -> None:
    chat.rep("@Pacer called Initech, no answer", channel=True).says("Logged: call with Initech, today, no answer.")


def test_what_others_say_in_a_channel_is_not_pacers_business(chat: Chat) -> None:
    chat.rep("call Initech", channel=True).silent()
    assert kept(chat) == []


# ---------------------------------------------------------------- what is not clear is asked


def test_an_account_that_two_names_fit_is_asked_for_and_the_line_goes_on_from_the_answer(chat: Chat) -> None:
    asked = chat.rep("/log 20 min call Woodgrove, no answer")
    asked.says("Woodgrove Bank", "Woodgrove Leasing", "20 min call Woodgrove, no answer", "not stored yet")
    assert kept(chat) == []
    asked.press("Woodgrove Leasing").says("Logged: call with Woodgrove Leasing, today, 20 min, no answer.")
    assert kept(chat) == [("call", 1, "Woodgrove Leasing")]


def test_the_question_can_be_answered_in_words(chat: Chat) -> None:
    chat.rep("/log call Woodgrove")
    chat.rep("the bank").says("Logged: call with Woodgrove Bank")
    chat.rep("the bank").says("I could not tell")


def test_none_of_these_keeps_the_words(chat: Chat) -> None:
    chat.rep("/log call Woodgrove").press("None of these").says("Logged: call with Woodgrove", "no account called")


def test_a_question_can_be_dropped(chat: Chat) -> None:
    chat.rep("/log call Woodgrove").press("Never mind").says("Dropped", "call Woodgrove")
    assert kept(chat) == []


def test_a_question_waits_a_day_and_no_longer(chat: Chat) -> None:
    asked = chat.rep("/log call Woodgrove")
    chat.later(hours=25)
    asked.press("Woodgrove Bank").says("send the line again")
    assert kept(chat) == []


def test_a_missing_kind_is_asked_by_button_or_in_words(chat: Chat) -> None:
    chat.rep("/log Initech").says("What was it?").press("Demo").says("Logged: demo for Initech")
    chat.rep("/log Green-Plus").says("What was it?")
    chat.rep("a call").says("Logged: call with Green-Plus")


def test_two_open_things_are_asked_one_after_the_other(chat: Chat) -> None:
    chat.rep("/log Woodgrove").press("Woodgrove Bank").says("What was it?").press("Email").says(
        "Logged: email to Woodgrove Bank"
    )


def test_an_unknown_account_is_kept_in_words_and_offered_for_creation(chat: Chat) -> None:
    heard = chat.rep("/log call with Pat at Stark Industries").says("call with Pat at Stark Industries", "no account")
    assert kept(chat) == [("call", 1, "Stark Industries")]
    heard.press("Create account Stark Industries").says("Stark Industries is an account now")
    chat.rep("/log email stark industries").says("email to Stark Industries").never("no account")
    assert chat.rows("SELECT name FROM contacts") == [{"name": "Pat"}]


def test_a_won_deal_is_no_activity(chat: Chat) -> None:
    chat.rep("/log Initech won $50k").says("won deal", "/deal Initech won $50k", "nothing is stored")
    assert kept(chat) == []


@pytest.mark.parametrize(
    "typed", ["didn't call Initech", "cancelled meeting with Initech", "meeting with Initech postponed"]
)
def test_what_did_not_take_place_is_stored_only_if_the_person_says_so(chat: Chat, typed: str) -> None:
    asked = chat.rep(f"/log {typed}").says("did not take place", typed)
    assert kept(chat) == []
    asked.press("Log it anyway").says("with Initech")


def test_words_that_nothing_understands_come_back_with_a_way_on(chat: Chat) -> None:
    heard = chat.rep("the quick brown fox").says("“the quick brown fox”", "help")
    assert heard.buttons == ["Log it"]


# ---------------------------------------------------------------- undo


def test_undo_takes_the_latest_back_once(chat: Chat) -> None:
    chat.rep("/log call Initech")
    chat.rep("/log email Green-Plus")
    chat.rep("undo").says("Undone: email to Green-Plus")
    chat.rep("undo").says("undone already")
    assert kept(chat) == [("call", 1, "Initech")]


def test_undo_has_a_set_time(chat: Chat) -> None:
    heard = chat.rep("/log call Initech")
    chat.later(minutes=61)
    chat.rep("/undo").says("more than 60 minutes ago", "/log list")
    heard.press("Undo").says("good until 11:00 am")
    assert kept(chat) == [("call", 1, "Initech")]


def test_undo_before_anything_was_logged(chat: Chat) -> None:
    chat.rep("undo").says("nothing to undo")


def test_undo_reaches_nobody_elses(chat: Chat) -> None:
    chat.rep("/log call Initech")
    chat.manager("undo").says("nothing to undo")


def test_the_undone_row_is_kept_with_author_and_time(chat: Chat) -> None:
    chat.rep("/log call Initech").press("Undo").says("Undone")
    (row,) = chat.rows("SELECT person, voided_by, voided_at FROM activities")
    assert row["voided_by"] == row["person"]
    assert row["voided_at"] is not None


# ---------------------------------------------------------------- the form


def test_log_alone_opens_a_form(chat: Chat) -> None:
    opened = chat.rep("/log")
    opened.fill(kind="meeting", account="initech", contacts="Jane, Tom and Lisa", minutes="1h15").says(
        "Logged: meeting with Jane, Tom and Lisa at Initech, today, 1 h 15 min."
    ).press("Edit").fill(amount="€12,500", tags="#hot", count="1").says("1 h 15 min, €12,500.")
    assert chat.rows("SELECT amount_minor, currency, minutes FROM activities WHERE version = 2") == [
        {"amount_minor": 1250000, "currency": "EUR", "minutes": 75}
    ]


def test_a_form_reads_as_people_say_it_when_it_is_given_back(chat: Chat) -> None:
    opened = chat.rep("/log call Initech $12,500").press("Edit")
    assert {field.name: field.value for field in opened.form.fields}["amount"] == "12,500 USD"
    opened.fill().says("$12,500")
    fields = {
        "kind": "meeting",
        "account": "Initech",
        "time": "09:30",
        "outcome": "no_answer",
        "next_day": "2026-11-20",
    }
    logged = chat.rep("/log").fill(**fields, next="send NDA")
    words = "Your words were: meeting · Initech · Wed, Nov 18 · 9:30 am · no answer · send NDA · Fri, Nov 20"
    logged.press("Undo").shows(words)


def test_what_is_wrong_in_the_form_stands_beside_the_field_and_nothing_is_lost(chat: Chat) -> None:
    opened = chat.rep("/log")
    sent = opened.fill(kind="call", account="Woodgrove", minutes="a while")
    sent.problem("account", "Woodgrove Bank or Woodgrove Leasing").problem("minutes", "a while")
    assert kept(chat) == []
    logged = opened.fill(kind="call", account="Woodgrove Bank").says("Logged: call with Woodgrove Bank")
    logged.press("Edit").fill(amount="lots", count="many").problem("amount", "lots").problem("count", "1 to 999")


def test_edit_opens_the_form_as_it_stands_and_makes_a_version(chat: Chat) -> None:
    opened = chat.rep("/log call Initech 2pm yesterday -> send NDA friday").press("Edit")
    values = {field.name: field.value for field in opened.form.fields}
    assert (values["kind"], values["account"], values["day"], values["time"]) == (
        "call",
        "Initech",
        "2026-11-17",
        "14:00",
    )
    assert (values["next"], values["next_day"]) == ("send NDA", "2026-11-20")
    opened.fill(kind="meeting", note="they like it").says("Changed: meeting with Initech, yesterday 2:00 pm.")
    versions = chat.rows("SELECT version, kind, replaced_at IS NULL AS holds FROM activities ORDER BY version")
    assert [(row["version"], row["kind"], bool(row["holds"])) for row in versions] == [
        (1, "call", False),
        (2, "meeting", True),
    ]


def test_the_message_shortcut_fills_the_form_from_the_message(chat: Chat) -> None:
    chat.manager("Had a great call with Initech yesterday, 30 min", channel=True)
    (message,) = [s for s in chat.room.transcript.seen_by(chat.rep.person.external_id) if "great call" in s.text]
    opened = chat.rep.shortcut(message.id)
    values = {field.name: field.value for field in opened.form.fields}
    assert (values["kind"], values["account"], values["day"]) == ("call", "Initech", "2026-11-17")
    opened.fill().says("Logged: call with Initech, yesterday, 30 min")


# ---------------------------------------------------------------- planned


def test_what_lies_ahead_is_planned_and_counts_once_confirmed(chat: Chat) -> None:
    heard = chat.rep("/log visit Initech tomorrow 11am").says(
        "Planned: visit at Initech, tomorrow 11:00 am", "counts once"
    )
    chat.rep("/log list").says("Planned: visit at Initech").never("1 visit")
    heard.press("It happened").says("planned for Thu, Nov 19")
    chat.later(days=1, hours=4)
    heard.press("It happened").says("Confirmed: visit at Initech, today 11:00 am")
    assert chat.rows("SELECT planned FROM activities WHERE replaced_at IS NULL")[0]["planned"] in (0, False)


# ---------------------------------------------------------------- list and home


def test_the_list_shows_my_week_against_the_expectation(chat: Chat) -> None:
    chat.rep("/log 12 dials")
    chat.rep("/log meeting Initech monday")
    heard = chat.rep("/log list").says("12 of 40 calls (16 expected by now)", "1 of 8 meetings (3 expected by now)")
    heard.shows("Calls | 12 | 16 | 40", "Meetings | 1 | 3 | 8").says("meeting with Initech, Mon, Nov 16")


def test_anything_in_the_list_can_be_edited_or_removed_however_old(chat: Chat) -> None:
    chat.rep("/log call Initech")
    chat.later(days=3)
    listed = chat.rep("/log list")
    listed.press("Remove").says("Removed: call with Initech, Wed, Nov 18")
    listed.press("Remove").says("taken back already")
    chat.rep("/log list").says("logged nothing yet")


def test_home_is_my_week_and_what_is_done_there_shows_there(chat: Chat) -> None:
    chat.rep("/log call Initech")
    page = chat.rep.home()
    assert "call with initech" in str(page.home.parts).lower()
    after = page.press("Remove")
    assert "logged nothing yet" in str(after.home.parts)
    page.press("Log an activity").fill(kind="email", account="Initech").says("Logged: email to Initech")


def test_mine_are_mine(chat: Chat) -> None:
    chat.rep("/log call Initech")
    chat.manager("/log list").never("Initech")


# ---------------------------------------------------------------- hello and help


def test_first_contact_is_a_welcome(chat: Chat) -> None:
    chat.newcomer("hello").says("Welcome to Pacer, Nia", "Hello Nia")
    chat.newcomer("hi").says("Hello Nia").lacks("Welcome")


@pytest.mark.parametrize("typed", ["help", "/pacer", "/pacer help", "Help"])
def test_help_lists_what_one_may_use(chat: Chat, typed: str) -> None:
    chat.rep(typed).shows("/log", "/undo").never("people")
    chat.admin(typed).shows("people")


def test_help_of_one_command(chat: Chat) -> None:
    chat.rep("help log").says("/log 30 min call with Jane Doe at Initech")
    chat.rep("help /log").says("/log 30 min call")
    chat.rep("help list").says("/log list")
    chat.rep("help oops").says("/undo")
    chat.rep("help dance").says("no command “dance”").shows("/log")


def test_a_line_of_its_own_does_not_vanish_in_an_open_question(chat: Chat) -> None:
    chat.rep("/log Initech").says("What was it?")
    chat.rep("emailed Tom at Green-Plus").says("Logged: email to Tom at Green-Plus")
    chat.rep("12 dials").says("Logged: 12 calls")
    chat.rep("call").says("Logged: call with Initech")
    assert chat.rows("SELECT said FROM activities ORDER BY entry DESC LIMIT 1") == [{"said": "Initech (call)"}]


def test_words_answer_the_latest_question_and_only_for_a_while(chat: Chat) -> None:
    asked = chat.rep("/log Initech")
    chat.rep("/log Green-Plus").says("What was it?")
    chat.rep("demo").says("Logged: demo for Green-Plus")
    chat.rep("demo").never("Logged")
    asked.press("Demo").says("Logged: demo for Initech")
    asked = chat.rep("/log Initech")
    chat.later(minutes=16)
    chat.rep("demo").never("Logged")
    chat.later(hours=24)
    asked.press("Demo").says("waited too long", "send the line again: Initech")


def test_an_older_question_keeps_its_buttons_and_a_settled_one_gives_the_words_back(chat: Chat) -> None:
    first = chat.rep("/log call Woodgrove")
    chat.rep("/win Woodgrove $50k").says("Which Woodgrove")
    chat.rep("never mind").says("Dropped", "Woodgrove $50k")
    # Typed words are for the newest alone: the older one is not dropped after it.
    chat.rep("never mind").lacks("Dropped")
    first.press("Woodgrove Bank").says("Logged: call with Woodgrove Bank")
    typed = chat.rep("/log Initech")
    chat.rep("demo").says("Logged: demo for Initech")
    typed.press("Demo").says("answered or dropped since, so nothing more was stored", "Your words were: Initech")


# ---------------------------------------------------------------- as people say it


@pytest.mark.parametrize("typed", ["list", "List.", "my week", "/log lst", "/log lits"])
def test_list_needs_no_command_and_may_be_misspelt(chat: Chat, typed: str) -> None:
    chat.rep("/log call Initech")
    chat.rep(typed).says("Your week", "call with Initech")
    assert len(kept(chat)) == 1


@pytest.mark.parametrize("typed", ["oops", "Oops!", "take that back", "undo that", "undo the last one"])
def test_undo_in_other_words(chat: Chat, typed: str) -> None:
    chat.rep("/log call Initech")
    chat.rep(typed).says("Undone: call with Initech, today.")
    assert kept(chat) == []


@pytest.mark.parametrize("typed", ["undo the call with Green-Plus", "/log udno", "/undo Initech"])
def test_what_may_be_meant_as_undo_is_asked(chat: Chat, typed: str) -> None:
    chat.rep("/log call Initech")
    asked = chat.rep(typed).says("Shall I take back your latest: call with Initech, today?")
    assert len(kept(chat)) == 1
    asked.press("Undo").says("Undone: call with Initech, today.")
    assert kept(chat) == []


def test_a_word_that_nearly_says_a_command_is_asked(chat: Chat) -> None:
    chat.rep("/log call Initech")
    chat.rep("lsit").says("Did you mean “list”?").press("Yes, list").says("Your week")
    asked = chat.rep("unod").says("Did you mean “undo”?")
    assert asked.buttons == ["Yes, undo", "Log it"]
    asked.press("Yes, undo").says("Undone: call with Initech")
    chat.rep("halp").says("Did you mean “help”?")
    chat.rep("mist").never("Did you mean")


def test_undo_while_a_question_is_open_drops_the_question_alone(chat: Chat) -> None:
    chat.rep("/log call Initech")
    for typed in ("oops", "undo", "never mind", "cancel"):
        chat.rep("call Woodgrove").says("Which Woodgrove")
        chat.rep(typed).says("Dropped, and nothing was stored. Your words were: call Woodgrove")
    assert kept(chat) == [("call", 1, "Initech")]
    chat.rep("oops").says("Undone: call with Initech")


@pytest.mark.parametrize("typed", ["call Fizzbuzz", "quick call with Fizzbuzz", "yesterday called fizzbuzz"])
def test_a_line_that_begins_with_a_kind_is_one_though_nobody_knows_the_account(chat: Chat, typed: str) -> None:
    heard = chat.rep(typed).says("Logged: call with", "so I kept the words")
    assert any(label.lower() == "create account fizzbuzz" for label in heard.buttons)


@pytest.mark.parametrize("typed", ["call me", "call Fizzbuzz?", "how do I call Fizzbuzz", "call"])
def test_a_sentence_that_only_speaks_of_a_kind_is_asked(chat: Chat, typed: str) -> None:
    assert "Log it" in chat.rep(typed).says("I could not tell").buttons
    assert kept(chat) == []


def test_a_day_that_does_not_exist_is_asked_for(chat: Chat) -> None:
    asked = chat.rep("/log call Initech 31 feb").says(
        "“31 feb” is no date. Which day do you mean: Sat, Feb 28, 2026 or today?"
    )
    assert kept(chat) == []
    asked.press("Sat, Feb 28, 2026").says("Logged: call with Initech, Sat, Feb 28.")
    chat.rep("/log called Initech and emailed Green-Plus on June 31st").says("“June 31st” is no date")
    chat.rep("july 1").says("Logged: call with Initech, Wed, Jul 1.", "email to Green-Plus, Wed, Jul 1.")


def test_a_bare_kind_is_one_activity_with_nobody(chat: Chat) -> None:
    chat.rep("/log call").says("Logged: call, today.")
    assert kept(chat) == [("call", 1, None)]


def test_who_writes_the_day_first_reads_it_so(database_url: str) -> None:
    chat = Chat(database_url, msgspec.structs.replace(COMPANY, date_order="dmy", country="GB"))
    try:
        chat.rep("/log call Initech monday 3pm -> send NDA friday 9am").says(
            "Logged: call with Initech, Mon 16 Nov 15:00.", "Next: send NDA, Fri 20 Nov 09:00."
        )
        chat.rep("/log list").says("Your week, Mon 16 to Sun 22 Nov")
    finally:
        chat.close()


def test_who_writes_the_month_first_reads_it_so(chat: Chat) -> None:
    chat.rep("/log call Initech monday 3pm -> send NDA friday 9am").says(
        "Logged: call with Initech, Mon, Nov 16 at 3:00 pm.", "Next: send NDA, Fri, Nov 20 at 9:00 am."
    )
    chat.rep("/log list").says("Your week, Mon, Nov 16 to Sun, Nov 22")
