"""What “privacy” says of who sees what is what the access rules let happen: a probe for each line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

import pytest

from handlers.conversation.access import Allowed, may
from handlers.conversation.request import Actor
from handlers.export.rows import ACTIVITIES
from handlers.figures.plan import Plan, load
from handlers.figures.sight import refusal
from handlers.figures.standing import Subject
from handlers.numbers.spans import Span
from handlers.privacy.asked import prepare
from handlers.privacy.kept import ABOVE, EVERYBODY, KEPT, MANAGER, ONLY_YOU
from tests.chat import COMPANY, Chat
from tests.quota_team import Team, east_of
from tests.test_checkin_access import DRAFT, GIVEN, OPEN, OWN, PRIVATE_OF_RAE, SHARED_BY_RAE
from tests.test_export_chat import exported

TODAY = date(2026, 11, 18)
AUDIENCE = {ONLY_YOU: "rae", MANAGER: "rae max", ABOVE: "rae max lee ada", EVERYBODY: "rae max lee ada dana"}


@pytest.fixture(scope="module")
def team(module_chat: Chat) -> Team:
    return east_of(module_chat)


@pytest.fixture(scope="module")
def module_chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    made = Chat(f"sqlite:///{tmp_path_factory.mktemp('privacy') / 'pacer.db'}")
    yield made
    made.close()


def actors(team: Team) -> dict[str, Actor]:
    """Max leads East, Lee the company; Dana is a peer."""
    roles = {"rae": "rep", "dana": "rep", "max": "manager", "lee": "leader", "ada": "admin"}
    reports = {"max": frozenset({"rae", "dana"})}
    return {
        name: Actor(name, name, "", frozenset({role}), reports.get(name, frozenset())) for name, role in roles.items()
    }


def rule(action: str, subject: object) -> Callable[[Actor, Team, Plan], bool]:
    return lambda actor, team, plan: isinstance(may(actor, action, subject), Allowed)


def sees_figures(actor: Actor, team: Team, plan: Plan) -> bool:
    """The rule of figures, with the ids of the rows."""
    known = Actor(
        team.ids[actor.person], actor.name, "", actor.roles, frozenset(team.ids[one] for one in actor.reports)
    )
    return refusal(known, plan, Subject("Rae Quinn", person=team.ids["rae"]), TODAY) is None


RULE_OF = {
    "notes and next steps": None,
    "what I say to you": None,
    "check-ins not given yet": rule("see a check-in", DRAFT),
    "action items not shared": rule("see an action item", OWN),
    "what you keep for a one-to-one": rule("see a note", PRIVATE_OF_RAE),
    "check-ins given to them and what they answered": rule("see a check-in", GIVEN),
    "shared action items": rule("see an action item", OPEN),
    "what you share for a one-to-one": rule("see a note", SHARED_BY_RAE),
    "activities": sees_figures,
    "deals, targets and figures": sees_figures,
    "your rank without amounts": None,
    "wins and thanks as you chose": None,
}
"""None: no rule of access, but of what is sent, listed or chosen; tests of their own."""


@pytest.mark.parametrize("one", KEPT, ids=lambda one: one.said)
def test_each_line_stands_with_those_whom_the_rule_lets_see_it(team: Team, one: object) -> None:
    assert one in KEPT
    said, group = one.said.split(" (")[0], one.seen  # type: ignore[attr-defined]
    sees = RULE_OF[said]
    if sees is None:
        return
    span = Span(TODAY, TODAY)
    plan = team.chat.database.submit(partial(load, company=COMPANY, span=span)).result()
    seen = {name for name, actor in actors(team).items() if sees(actor, team, plan)}
    assert seen == set(AUDIENCE[group].split())


def test_activities_are_read_by_those_above_without_the_notes_and_every_column_is_named(team: Team) -> None:
    """Who may export them reads each of their columns but the author's own."""
    team.chat.rep("/log 30 min call with Jane Doe at Initech yesterday 3pm, connected, note: secret -> send NDA friday")
    (line,) = [one for one in KEPT if one.topics == ("activities",)]
    own = {"Note", "Next step", "Next day"}
    named = {"Day": "day", "People": "contact", "Currency": "amount", "Number": "kind", "Who": "", "Planned": "kind"}
    for column in ACTIVITIES:
        if column.title not in own:
            assert named.get(column.title, column.title.lower()) in line.said
    for who in (team.chat.manager, team.chat.leader, team.chat.admin):
        (row,) = [row for row in exported(who, "export activities")["Activities"] if row["Who"] == "Rae Quinn"]
        assert (row["Account"], row["People"], row["Outcome"], row["Minutes"]) == (
            "Initech",
            "Jane Doe",
            "connected",
            30,
        )
        assert row["Time"] == "15:00"
        assert not any(row[column] for column in own)


def test_privacy_says_it_and_names_each_thing_once(team: Team) -> None:
    heard = team.chat.rep("privacy").says(
        "You and your manager: check-ins given to them and what they answered, shared action items",
        "You, everybody above you, and admins: activities (kind, day, time, account, contact",
        "No admin, and nobody above your manager, reads a check-in or a note.",
    )
    assert heard.text.count("figures") == 1


ASKED = {
    "who can read my check-in?": "Who sees your check-ins. Only you: check-ins not given yet. You and your manager:",
    "is my check-in private?": "Who sees your check-ins.",
    "Who sees my check-ins": "No admin, and nobody above your manager, reads a check-in or a note.",
    "can my boss's boss read my check-ins": "Who sees your check-ins.",
    "can admins read my check-in answers?": "Who sees your check-ins.",
    "are check-ins private?": "Who sees your check-ins.",
    "what will my manager see about me?": "What your manager sees of you. Your manager sees: check-ins you give them",
    "what does my manager see": "Only you: notes and next steps",
    "who can see my activities?": "Only you: notes and next steps. You, everybody above you, and",
    "who can see my calls": "Who sees your activities.",
    "who can see my numbers?": "Who sees your numbers. You, everybody above you, and admins: deals,",
    "are my notes private?": "Who sees your notes.",
    "are my wins public?": "“settings” shows and changes how you chose.",
    "who can see what I write?": "What I keep about you, and who sees it.",
    "is this private?": "What I keep about you, and who sees it.",
}
NOT_ASKED = (
    "who checked in last week",
    "who is behind",
    "who gets commission",
    "what is my number",
    "show my activities this week",
    "what does Acme get",
    "who called Acme",
    "my check-in",
    "note about Max: is this private",
)


def test_the_part_that_is_asked_about_is_answered(team: Team) -> None:
    """What people ask before they type the first private word."""
    for words, answer in ASKED.items():
        team.chat.rep(words).says(answer)
    for words in NOT_ASKED:
        assert prepare(words) is None, words
    team.chat.rep("checkin").says("What went well?")
    team.chat.rep("who can read my check-in?").says("Who sees your check-ins.").lacks("2 of")
    team.chat.rep("never mind")
