"""One's own page: the number, the tree of who leads, what waits for an answer; `home` says the same in a chat."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from bot.playground.room import HOME
from bot.slack import render as slack
from bot.teams import render as teams
from handlers.conversation.reply import Buttons, Choice, Reply, Table, Text
from storage import people
from storage.database import Transaction
from tests.chat import Chat, Heard
from tests.test_quota_conversations import Team, team

__all__ = ["team"]
"""The fixture: East with Rae, Dana and Sam, led by Max; Lee leads the company above it."""


def read(page: Reply) -> str:
    """All texts, a row of a table a line."""
    said = []
    for part in page.parts:
        if isinstance(part, Text):
            said.append(part.text)
        elif isinstance(part, Table):
            said += [" | ".join(row) for row in part.rows]
        elif isinstance(part, Choice):
            said.append(part.prompt)
    return "\n".join(said)


def labels(page: Reply) -> list[str]:
    """Of its buttons, top to bottom."""
    return [button.label for part in page.parts if isinstance(part, Buttons) for button in part.buttons]


# ---------------------------------------------------------------- the number


def test_my_number_stands_first_in_the_words_of_the_answer(team: Team) -> None:
    page = team.chat.rep.home().home
    answer = team.chat.rep("/quota")
    assert page.parts[:3] == answer.reply.parts[:3]
    assert page.parts[0] == Text("You: $120,000 of $300,000, 40 %", style="strong")
    assert labels(page)[:3] == ["Forecast", "By month", "Chart"]


def test_the_page_is_in_whole_units_and_the_answer_to_the_cent(team: Team) -> None:
    """Sam: $12,345.65 of $150,000 is 8.23 %; 137,654.35 ÷ 30 working days = $4,588.48."""
    team.win("sam", date(2026, 11, 5), 1_234_565, "odd")
    page = read(team.chat.leader.home().home)
    assert "Testing & Co: $462,346 of $750,000, 62 %" in page
    team.chat.leader("/quota East").says("East: $462,345.65 of $750,000, 62 %", "$287,654.35 to go")
    rows = str(team.chat.leader.home().home)
    assert "$287,654" in rows
    assert ".65" not in rows.replace("Dana", "")
    assert ".35" not in rows


def test_nobody_elses_number_is_on_a_reps_page(team: Team) -> None:
    everything = str(team.chat.rep.home().home)
    assert "Dana" not in everything
    assert "$330,000" not in everything
    assert "$330k" not in everything


def test_a_manager_sees_the_team_and_who_is_furthest_behind_first(team: Team) -> None:
    """Expected by now of a quarter's 300,000: 157,895 (Rae 120,000: 37,895 short; Dana 330,000: ahead); of Sam's
    150,000: 78,947, all of it short."""
    said = read(team.chat.manager.home().home)
    assert said.startswith("East: $450,000 of $750,000, 60 %")
    rows = [line for line in said.splitlines() if " | " in line]
    assert rows[:3] == [
        "Sam Okafor | $0 | $150k | 0 % | at risk",
        "Rae Quinn | $120k | $300k | 40 % | behind",
        "Dana Reyes | $330k | $300k | 110 % | ahead",
    ]


def test_a_leader_sees_units_with_their_people_below(team: Team) -> None:
    said = read(team.chat.leader.home().home)
    assert said.startswith("Testing & Co: $450,000 of $750,000, 60 %")
    rows = [line.split(" | ")[0] for line in said.splitlines() if " | " in line]
    # West has neither target nor credit, so nothing is expected of it; East is ahead of what is expected.
    assert rows[:5] == ["West", "East", "· Sam Okafor", "· Rae Quinn", "· Dana Reyes"]


def test_an_admin_without_a_unit_sees_the_company(team: Team) -> None:
    assert read(team.chat.admin.home().home).startswith("Testing & Co: $450,000 of $750,000")


def test_who_manages_people_without_leading_a_unit_sees_those_people(chat: Chat) -> None:
    def fill(tx: Transaction) -> None:
        from storage import targets

        rae = people.by_email(tx, "rae@test.example")
        assert rae is not None
        targets.put(
            tx,
            targets.Target(person=rae.id, unit=None, measure="bookings", fiscal_year=2026, amount=120_000_000),
            by=None,
            at=chat.now,
        )

    chat.database.submit(fill).result()
    said = read(chat.manager.home().home)
    assert said.startswith("Your reports\nQ4 2026")
    assert "Rae Quinn | $0 | $300k | 0 % | at risk" in said


def test_a_tree_too_large_for_a_page_shows_its_units_alone(team: Team) -> None:
    def hire(tx: Transaction) -> None:
        from storage import targets, units

        east = units.named(tx, "East")
        assert east is not None
        for number in range(30):
            one = people.add(tx, name=f"Seller {number}", email=f"s{number}@test.example", at=team.chat.now)
            units.join(tx, east, one.id, since=date(2026, 1, 1))
            target = targets.Target(person=one.id, unit=None, measure="bookings", fiscal_year=2026, amount=120_000_00)
            targets.put(tx, target, by=None, at=team.chat.now)

    team.chat.database.submit(hire).result()
    rows = [line.split(" | ")[0] for line in read(team.chat.leader.home().home).splitlines() if " | " in line]
    assert rows[:2] == ["East", "West"]
    assert not [row for row in rows if row.startswith("·")]
    said = read(team.chat.manager.home().home)
    assert "And 13 more." in said


def test_a_rep_without_a_target_reads_that_there_is_none(chat: Chat) -> None:
    assert "No target is set for you yet" in read(chat.rep.home().home)


# ---------------------------------------------------------------- what waits


def test_a_question_left_open_is_answered_on_the_page(chat: Chat) -> None:
    chat.rep("/log Initech").says("What was it?")
    page = chat.rep.home()
    assert "“Initech” is not stored yet." in read(page.home)
    after = page.press("Call")
    after.says("Logged: call with Initech")
    assert "not stored yet" not in read(after.home)
    assert read(after.home).startswith("Logged: call with Initech")
    assert len(chat.rows("SELECT entry FROM activities")) == 1


def test_a_question_dropped_on_the_page_is_gone(chat: Chat) -> None:
    chat.rep("/deal Acme lost")
    page = chat.rep.home()
    assert "Waiting for your word" in read(page.home)
    page.press("Never mind").says("nothing was stored")
    assert "Waiting for your word" not in read(chat.rep.home().home)


def test_claimed_wins_are_confirmed_by_the_manager_on_their_page(team: Team) -> None:
    team.chat.rep("/deal Acme proposal $60k closes 15 Dec")
    team.chat.rep("/deal won Acme")
    assert "waiting for a manager's word: Acme Corporation" in read(team.chat.rep.home().home)
    page = team.chat.manager.home()
    assert "1 claimed win to confirm" in read(page.home)
    after = page.press("Confirm")
    after.says("Confirmed: Acme Corporation")
    assert "claimed win" not in read(after.home)
    assert read(team.chat.rep.home().home).startswith("You: $180,000 of $300,000, 60 %")


def test_deals_past_their_close_date_and_of_this_week_can_be_edited(team: Team) -> None:
    team.open("rae", date(2026, 11, 10), 1_000_000, "proposal", "Late one")
    team.open("rae", date(2026, 11, 20), 2_000_000, "proposal", "Friday one")
    team.open("rae", date(2026, 11, 23), 2_000_000, "proposal", "Next week")
    team.open("dana", date(2026, 11, 20), 2_000_000, "proposal", "Not mine")
    page = team.chat.rep.home()
    said = read(page.home)
    assert said.index("1 deal past the close date") < said.index("Late one") < said.index("1 deal closing this week")
    assert said.index("1 deal closing this week") < said.index("Friday one")
    assert "Next week" not in said
    assert "Not mine" not in said
    opened = page.press("Edit")
    team.chat.rep.submit(opened.form, HOME, closes="2026-11-30").says("Changed: Late one")
    assert "past the close date" not in read(team.chat.rep.page)


def test_what_was_planned_is_asked_for_on_its_day(chat: Chat) -> None:
    chat.rep("/log visit Initech tomorrow 11am")
    assert "Did it happen?" not in read(chat.rep.home().home)
    chat.later(days=1, hours=4)
    page = chat.rep.home()
    assert "Did it happen?\nVisit at Initech, today 11:00 am" in read(page.home)
    after = page.press("It happened").says("Confirmed: visit at Initech")
    assert "Did it happen?" not in read(after.home)


def test_a_next_step_is_due_until_something_is_logged_with_the_account(chat: Chat) -> None:
    chat.rep("/log call with Jane Doe at Initech -> send NDA friday")
    assert "Next steps due" not in read(chat.rep.home().home)
    chat.later(days=2)
    page = chat.rep.home()
    assert "Next steps due\nInitech: send NDA, Fri, Nov 20" in read(page.home)
    opened = page.press("Log it")
    shown = {field.name: field.value for field in opened.form.fields}
    assert (shown["account"], shown["contacts"], shown["note"]) == ("Initech", "Jane Doe", "send NDA")
    chat.rep.submit(opened.form, HOME, kind="email").says("Logged: email to Jane Doe at Initech")
    assert "Next steps due" not in read(chat.rep.page)


# ---------------------------------------------------------------- the page as a message


def test_home_says_the_page_in_a_chat_and_stays_when_pressed(team: Team) -> None:
    page = team.chat.rep.home().home
    team.chat.manager("home").says("Rae Quinn: won $120k, target $300k, 40 %, status behind.")
    heard = team.chat.rep("home").says("You: $120,000 of $300,000, 40 %", "Q4 2026")
    assert [type(part) for part in heard.reply.parts] == [type(part) for part in page.parts]
    assert labels(heard.reply) == labels(page)
    before = len(team.chat.shown(team.chat.rep))
    heard.press("Forecast").says("weighted forecast")
    assert len(team.chat.shown(team.chat.rep)) == before + 1


def test_the_page_read_out_says_nothing_of_empty_cells(chat: Chat) -> None:
    """A demo is expected of nobody, so there is nothing to say but how many."""
    chat.rep("/log demo Initech")
    chat.rep("home").says("Demos: done 1.", "Calls: done 0, expected by now").lacks("–,", "–.")


def test_what_is_saved_from_a_list_does_not_take_its_place(chat: Chat) -> None:
    chat.rep("/log call Initech")
    listed = chat.rep("/log list")
    listed.press("Edit").fill(kind="email").says("Changed: email to Initech")
    texts = [shown.text for shown in chat.shown(chat.rep)]
    assert any("Your last ones: call with Initech" in text for text in texts)


def test_the_fullest_page_keeps_to_slacks_and_teams_limits(team: Team) -> None:
    page = _full(team).home
    view = slack.home(page)
    assert len(view["blocks"]) <= 100
    assert slack.LEFT_OUT not in str(view)
    assert slack.LEFT_OUT not in str(slack.message(page)["blocks"][:-1])
    assert len(slack.message(page)["blocks"]) <= 50
    card = teams.message(page)
    assert len(str(card)) < 28_000


def _full(team: Team) -> Heard:
    chat = team.chat
    for number in range(6):
        team.open("rae", date(2026, 11, 10), 1_000_000, "proposal", f"Late {number}")
        team.open("rae", date(2026, 11, 20), 1_000_000, "proposal", f"Soon {number}")
        chat.rep(f"/log visit Initech tomorrow {9 + number}:00")
        chat.rep(f"/log call with Jane Doe at Account{number} -> send NDA friday")
    chat.rep("/log Initech")
    chat.later(days=2)
    return chat.rep.home()


def test_it_takes_few_queries(team: Team) -> None:
    """As many for thirty people as for three."""
    asked: list[str] = []
    engine = team.chat.database.engine

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    team.chat.rep.home()
    mine, asked[:] = len([one for one in asked if one.startswith("SELECT")]), []
    team.chat.leader.home()
    leaders = len([one for one in asked if one.startswith("SELECT")])
    sa.event.remove(engine, "before_cursor_execute", note)
    assert mine < 40
    assert leaders < 50
