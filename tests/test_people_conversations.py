"""Who is it: newcomers, the admins who say who they are, and who may use what."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bot.playground import demo
from bot.playground.large import company as large
from bot.playground.people import DemoPerson
from handlers import COMMANDS
from handlers.conversation.company import Company
from handlers.conversation.route import Router
from storage import tokens
from tests.chat import COMPANY, PEOPLE, Chat, Speaker
from tests.quota_team import east_of


def speakers(chat: Chat) -> dict[str, Speaker]:
    return {
        role: speaker
        for (_, _, role), speaker in zip(
            PEOPLE, (chat.rep, chat.manager, chat.leader, chat.admin, chat.newcomer), strict=True
        )
    }


def waiting(chat: Chat, speaker: Speaker) -> str:
    return "\n".join(speaker.inbox())


# ---------------------------------------------------------------- newcomers


def test_a_newcomer_is_greeted_can_log_and_the_admins_are_told(chat: Chat) -> None:
    chat.admin("hello")
    first = chat.newcomer("/log call Initech")
    first.says("Welcome to Pacer, Nia. You can log right away", "Logged: call with Initech")
    assert first.buttons == ["Undo", "Edit"]
    assert len(chat.newcomer.inbox()) == 1, "one message, not a welcome behind the answer"
    assert "Nia Vale (new@test.example) has written to me for the first time" in waiting(chat, chat.admin)
    assert "Nia" not in waiting(chat, chat.manager)


def test_the_welcome_comes_by_itself_where_nothing_else_is_said_in_the_direct_chat(chat: Chat) -> None:
    chat.newcomer("@Pacer log call Initech", channel=True).says("Logged: call with Initech")
    (welcome,) = chat.newcomer.inbox()
    assert welcome.startswith("Welcome to Pacer, Nia.")
    assert "between two calls" in welcome


def test_hello_as_the_first_word_is_one_greeting(chat: Chat) -> None:
    chat.newcomer("hello").says("Welcome to Pacer, Nia.", "Hello Nia, I am Pacer.")
    chat.newcomer("hello").says("Hello Nia, I am Pacer.").never("Welcome")
    assert len([text for text in chat.newcomer.inbox() if "Welcome" in text]) == 1


def test_hello_says_what_each_role_may_write_first(chat: Chat) -> None:
    """Every line in it can be written as it stands."""

    def lines(who: Speaker, *pieces: str) -> list[str]:
        said = who("hello").says(*pieces).text
        assert len(said) < 260, "one screen of a phone"
        return [line for line in re.findall("“([^”]+)”", said) if line not in ("import", "undo", "help")]

    east_of(chat)
    for who, pieces in (
        (chat.rep, ("between two calls: “/log call Acme”", "“my number”")),
        (chat.manager, ("“whom should I see”", "“/checkin @Rae”", "“/quota” is your team's number")),
        (chat.leader, ("“how is East doing”", "“who is behind”")),
        (chat.admin, ("Send me a file with the word “import”", "“/settings”")),
    ):
        for line in lines(who, *pieces):
            who(line).lacks("I could not tell", "I know no", "may not")
    chat.newcomer("hello").says("“/log call Acme”", "“/log list” shows your week").lacks("my number")


@pytest.mark.parametrize("people_of", [demo.people_of, large.people_of])
def test_the_playground_offers_each_person_lines_of_their_own(
    people_of: Callable[[Company], tuple[DemoPerson, ...]],
) -> None:
    offered = {person.name.split()[0]: person.chips for person in people_of(COMPANY)}
    assert {"import", "people"} <= set(offered["Dana"])
    assert "how is East doing" in offered["Helen"]
    assert {"whom should I see", "/checkin @Sam"} <= set(offered["Omar"])
    assert {"my number", "/kudos @Priya for the demo rescue #customer-first"} <= set(offered["Sam"])
    assert "/kudos @Sam for the demo rescue #customer-first" in offered["Priya"], "nobody thanks themselves"


def test_an_admin_links_a_newcomer_and_what_they_logged_comes_along(chat: Chat) -> None:
    chat.newcomer("/log call Initech")
    asked = chat.admin("people").says("Nia Vale").press("Link to a person").says("Who is Nia Vale")
    asked.press("Nia Vail").says("is Nia Vail")
    (row,) = chat.rows("SELECT people.name FROM activities JOIN people ON people.id = activities.person")
    assert row["name"] == "Nia Vail"
    chat.newcomer("/log list").says("call with Initech")
    assert [line["event"] for line in chat.rows("SELECT event FROM audit_log")] == ["linked"]


def test_a_refused_newcomer_is_served_no_more(chat: Chat) -> None:
    chat.newcomer("/log call Initech")
    chat.admin("people").press("Refuse").says("serve Nia Vale")
    chat.newcomer("/log call Initech").says("not for this account", "ada@test.example")
    assert len(chat.rows("SELECT id FROM activities")) == 1
    chat.admin("people").says("No one is waiting")


def test_a_newcomers_button_is_the_admins(chat: Chat) -> None:
    chat.admin("hello")
    chat.newcomer("hello")
    told = next(shown for shown in chat.shown(chat.admin) if "first time" in shown.text)
    token = told.reply.parts[1].buttons[0].token
    for other in (chat.rep, chat.manager, chat.leader, chat.newcomer):
        own = other("help").back.messages[-1].id
        other.press(own, token).says("for the person it was shown to")
    assert {line["event"] for line in chat.rows("SELECT event FROM audit_log")} == {"foreign_token"}


# ---------------------------------------------------------------- access


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_with_every_role(chat: Chat, command: object) -> None:
    """Who may not use a command is told so; who may is answered to every example that its help shows."""
    for role, speaker in speakers(chat).items():
        held = {"newcomer": "rep"}.get(role, role)
        for example in command.examples:  # type: ignore[attr-defined]
            heard = speaker(example)
            if held in command.roles:  # type: ignore[attr-defined]
                heard.never("not yours to use")
                assert heard.back.replies or heard.back.form, f"{role} heard nothing to {example!r}"
            else:
                heard.says("not yours to use")


@pytest.mark.parametrize("label", ["Undo", "Edit"])
def test_nobody_presses_somebody_elses_buttons(chat: Chat, label: str) -> None:
    heard = chat.rep("/log call Initech")
    (button,) = [b for part in heard.reply.parts if hasattr(part, "buttons") for b in part.buttons if b.label == label]
    for other in (chat.manager, chat.leader, chat.admin):
        own = other("help").back.messages[-1].id
        other.press(own, button.token).says("for the person it was shown to")
    assert chat.rows("SELECT voided_at FROM activities") == [{"voided_at": None}]
    assert len(chat.rows("SELECT id FROM audit_log WHERE event = 'foreign_token'")) == 3


def test_an_old_button_says_its_day_and_what_brings_a_fresh_one(chat: Chat) -> None:
    logged, item, help_ = chat.rep("/log call Initech"), chat.rep("/todo call Globex"), chat.rep("help")
    chat.later(days=20)
    logged.press("Edit").says("That button was good until Wed, Dec 2. Type “/log list” for fresh ones.")
    item.press("Done").says("That button was good until Wed, Dec 2. Type “/todo” for fresh ones.").lacks("/log")
    assert [one["state"] for one in chat.rows("SELECT state FROM actions")] == ["open"]
    # Where no line of the command has buttons, none is named.
    token = chat.database.submit(
        lambda tx: tokens.issue(
            tx, ("", {"text": ""}), person=None, command="help", at=chat.now, expires_at=chat.now
        )
    ).result()[0]  # fmt: skip
    chat.rep.press(help_.back.messages[-1].id, token).lacks("Type").says("good until 10:00 am.")


def test_each_line_that_is_to_bring_fresh_buttons_is_of_its_command(chat: Chat) -> None:
    """A line that another command takes would send people astray."""
    router, named = Router(COMMANDS, ""), [one for one in COMMANDS if one.fresh]
    assert len(named) > 10
    for command in named:
        routed = router.route(command.fresh, "")
        assert routed is not None
        assert routed[0].name == command.name
        chat.admin(command.fresh).lacks("is for")


def test_a_made_up_token_is_no_button(chat: Chat) -> None:
    message = chat.rep("/log call Initech").back.messages[-1].id
    chat.rep.press(message, "made-up").says("no longer known")
    assert [line["event"] for line in chat.rows("SELECT event FROM audit_log")] == ["unknown_token"]


# ---------------------------------------------------------------- once


def test_the_same_event_four_times_is_one_row_and_the_same_answer(chat: Chat) -> None:
    answers = {chat.rep("/log call Initech", key="e1").text for _ in range(4)}
    assert len(answers) == 1
    assert len(chat.rows("SELECT id FROM activities")) == 1


def test_a_double_click_is_one_undo(chat: Chat) -> None:
    heard = chat.rep("/log call Initech")
    heard.press("Undo").says("Undone")
    heard_again = chat.rep("help")
    (undo,) = [b for part in heard.reply.parts if hasattr(part, "buttons") for b in part.buttons if b.label == "Undo"]
    chat.rep.press(heard_again.back.messages[-1].id, undo.token).says("done already", "Undone: call with Initech")


def test_a_form_sent_twice_is_one_row(chat: Chat) -> None:
    opened = chat.rep("/log")
    opened.fill(kind="call", account="Initech").says("Logged")
    opened.fill(kind="call", account="Initech").says("done already")
    assert len(chat.rows("SELECT id FROM activities")) == 1


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "note",
    [
        "<!channel> <@U1> <https://x.example|text>",
        "Robert'); DROP TABLE activities;--",
        "\u202eright to left\u202c and \u200bzero width",
        "[link](https://x.example) *bold* `code`",
        "${jndi:ldap://x} {{7*7}}",
    ],
)
def test_what_is_typed_comes_back_as_typed(chat: Chat, note: str) -> None:
    chat.rep("/log").fill(kind="call", account="Initech", note=note).shows(note)
    assert chat.rows("SELECT note FROM activities") == [{"note": note}]
    chat.rep(f"/log call Initech {note}")
    assert chat.rows("SELECT said FROM activities ORDER BY entry DESC LIMIT 1") == [{"said": f"call Initech {note}"}]


def test_a_text_over_2000_characters_is_refused_and_given_back(chat: Chat) -> None:
    text = "/log call Initech " + "x" * 2001
    chat.rep(text).says("2,014 characters", "nothing was kept").shows("x" * 2001)
    assert chat.rows("SELECT id FROM activities") == []


def test_nul_is_no_reason_to_lose_a_line(chat: Chat) -> None:
    chat.rep("/log call Initech about\x00pricing").says("Logged: call with Initech")


def test_an_older_refuse_button_does_not_refuse_whom_another_admin_has_linked(chat: Chat) -> None:
    chat.newcomer("hello")
    listed = chat.admin("people")
    again = chat.admin("people")
    listed.press("Link to a person").press("Nia Vail").says("is Nia Vail")
    again.press("Refuse").says("linked to somebody in the plan meanwhile")
    chat.newcomer("/log call Initech").says("Logged")
