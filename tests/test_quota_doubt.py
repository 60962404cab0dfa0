"""*Not right?*: a doubt reaches every admin, one of them answers, the asker hears it, and nobody answers twice."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from storage import inquiries, people, tokens
from storage.database import Transaction
from tests.chat import COMPANY, Chat, Speaker
from tests.test_quota_conversations import Team, team

__all__ = ["team"]


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    """With a second admin, who is the leader too."""
    made = Chat(database_url, msgspec.structs.replace(COMPANY, admins=COMPANY.admins | {"lee@test.example"}))
    yield made
    made.close()


def _doubted(team: Team) -> None:
    heard = team.chat.rep("/quota").press("Not right?")
    assert "$120,000 of $300,000" in heard.form.intro
    heard.fill(words="Initech is missing").says("Asked Ada Wu and Lee Park", "Initech is missing")


def _answer_button(team: Team, admin: Speaker) -> tuple[str, str]:
    """The message that asks them, and its button's token."""
    shown = [one for one in team.chat.shown(admin) if "doubts a figure" in one.text]
    assert shown, admin.inbox()
    reply = shown[-1].reply
    assert reply is not None
    (button,) = reply.parts[-1].buttons  # type: ignore[union-attr]
    assert button.label == "Answer"
    assert button.opens_form
    return shown[-1].id, button.token


def test_a_doubt_is_answered_once(team: Team) -> None:
    _doubted(team)
    for admin in (team.chat.admin, team.chat.leader):
        assert any(
            "Rae Quinn doubts a figure: “Initech is missing”" in said and "$120,000 of $300,000" in said
            for said in admin.inbox()
        )
    message, token = _answer_button(team, team.chat.admin)
    there, other = _answer_button(team, team.chat.leader)
    form = team.chat.admin.press(message, token)
    form.fill(answer=" ").problem("answer", "Say what you found")
    team.chat.admin.press(message, token).fill(answer="It was imported today").says("Sent to Rae Quinn")
    assert any(
        "Ada Wu on your question “Initech is missing”: It was imported today" in s for s in team.chat.rep.inbox()
    )
    team.chat.leader.press(there, other).says("Ada Wu answered that today: “It was imported today”")
    team.chat.admin("/quota inquiries").says("Nobody waits")
    team.chat.rep("/quota inquiries").says("“Initech is missing” – Ada Wu: It was imported today")
    (row,) = team.chat.rows("SELECT about, words, answer FROM inquiries")
    assert row["about"].startswith("You: $120,000 of $300,000")
    assert (row["words"], row["answer"]) == ("Initech is missing", "It was imported today")


def test_two_admins_with_the_form_open_are_one_answer(team: Team) -> None:
    _doubted(team)
    message, token = _answer_button(team, team.chat.admin)
    there, other = _answer_button(team, team.chat.leader)
    first, second = team.chat.admin.press(message, token), team.chat.leader.press(there, other)
    first.fill(answer="Yes").says("Sent to Rae Quinn")
    second.fill(answer="No").says("Ada Wu answered that today")
    assert len([said for said in team.chat.rep.inbox() if "on your question" in said]) == 1


def test_open_ones_are_listed_to_admins(team: Team) -> None:
    team.chat.rep("/quota inquiries").says("You have asked about no figure yet")
    _doubted(team)
    team.chat.rep("/quota inquiries").says("“Initech is missing” – not answered yet")
    team.chat.manager("/quota inquiries").says("You have asked about no figure yet").lacks("Initech")
    heard = team.chat.admin("/quota inquiries").says("1 open question", "Rae Quinn, today: “Initech is missing”")
    heard.press("Answer").fill(answer="Found").says("Sent to Rae Quinn")


def test_words_are_needed(team: Team) -> None:
    team.chat.rep("/quota").press("Not right?").fill(words="  ").problem("words", "what looks wrong")
    assert team.chat.rows("SELECT id FROM inquiries") == []


def test_only_admins_answer(team: Team) -> None:
    """Even with a token of one's own for it."""
    _doubted(team)
    (row,) = team.chat.rows("SELECT id FROM inquiries")

    def issue(tx: Transaction) -> str:
        (token,) = tokens.issue(
            tx,
            ("answer doubt", {"inquiry": row["id"]}),
            person=team.ids["max"],
            command="quota",
            at=team.chat.now,
            expires_at=team.chat.now.replace(year=2027),
        )
        return token

    token = team.chat.database.submit(issue).result()
    message = team.chat.manager("/quota").back.messages[-1].id
    team.chat.manager.press(message, token).says("Only an admin answers")


def test_refusals_have_nothing_to_doubt(team: Team) -> None:
    assert team.chat.rep("how is Dana doing").buttons == []


def test_a_newcomers_doubt_goes_along_when_they_are_linked(team: Team) -> None:
    team.chat.newcomer("/quota")

    def ask(tx: Transaction) -> None:
        person = people.by_email(tx, "new@test.example")
        assert person is not None
        inquiries.keep(tx, person=person.id, about="0", words="Where am I?", at=team.chat.now)

    team.chat.database.submit(ask).result()
    shown = [one for one in team.chat.shown(team.chat.admin) if "for the first time" in one.text]
    reply = shown[-1].reply
    assert reply is not None
    link = reply.parts[-1].buttons[0].token  # type: ignore[union-attr]
    team.chat.admin.press(shown[-1].id, link).press("Nia Vail").says("is Nia Vail")
    team.chat.admin("/quota inquiries").says("Nia Vail, today: “Where am I?”")
