"""Every rule of handlers/conversation/access.py has somebody who may, somebody who may not, and an admin; and nothing
else in handlers/ decides who may do what."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from handlers import FEATURES
from handlers.conversation.access import (
    RULES,
    ActionOf,
    AdjustmentOf,
    AgendaItemOf,
    Allowed,
    DealOf,
    KudosOf,
    LeaveOf,
    MeetingOf,
    ScheduleOf,
    TargetOf,
    UnitOf,
    WinOf,
    may,
)
from handlers.conversation.request import Actor
from tests import test_checkin_access
from tests.test_checkin_access import ADMIN, ADMIN_WHO_MANAGES, FORMER, LEADER, MAX, NEW, PEER, RAE

HANDLERS = Path(__file__).parent.parent / "handlers"

_COMMANDS = {command.name: command for command in FEATURES}
LOG, ERASE = _COMMANDS["log"], _COMMANDS["erase"]

OVER_RAE = frozenset({"max", "lee"})
OVER_RAE_SINCE = frozenset({"wes", "lee"})
"""After a change of manager."""
DEAL = DealOf("rae", OVER_RAE, frozenset({"dana"}))
DEAL_SINCE = DealOf("rae", OVER_RAE_SINCE)
NOBODYS = DealOf(None, frozenset())
TARGET = TargetOf(frozenset({"rae"}), OVER_RAE)
TARGET_SINCE = TargetOf(frozenset({"rae"}), OVER_RAE_SINCE)
OF_ADA = TargetOf(frozenset({"ada"}), frozenset({"lee"}))
BY_MAX = AdjustmentOf("max", frozenset({"rae"}))
OF_ADAS_TARGET = AdjustmentOf("lee", frozenset({"ada"}))
LEAVE = LeaveOf("rae", OVER_RAE)
LEAVE_SINCE = LeaveOf("rae", OVER_RAE_SINCE)
EAST, COMPANY = ScheduleOf(frozenset({"max", "lee"})), ScheduleOf(frozenset())
MEETING = MeetingOf("rae", frozenset({"rae", "dana"}), OVER_RAE)
MEETING_SINCE = MeetingOf("rae", frozenset({"rae", "dana"}), OVER_RAE_SINCE)
ORPHANED = MeetingOf("gone", frozenset({"rae", "dana"}), frozenset(), orphaned=True)
DANAS_POINT = AgendaItemOf(MEETING, "dana")
RAES_POINT = AgendaItemOf(MEETING, "rae")
WIN = WinOf("rae", None, OVER_RAE)
WIN_SINCE = WinOf("rae", None, OVER_RAE_SINCE)
TOLD_BY_DANA = WinOf("rae", "dana", OVER_RAE)
KUDOS, PRIVATE_KUDOS = (KudosOf("rae", frozenset({"dana"}), private=one) for one in (False, True))
OWED = ActionOf("max", "rae", shared=True)
"""Max owes it to Rae."""
OWN, SHOWN = (ActionOf("rae", "rae", shared=one) for one in (False, True))
OF_BOTH = ActionOf("rae", "rae", shared=True, of_both=True)
"""It came of a check-in."""

ROWS: list[tuple[Actor, str, object, bool]] = [
    # who, does what, to what, and may they
    (RAE, "use a command", LOG, True),
    (ADMIN, "use a command", ERASE, True),
    (RAE, "use a command", ERASE, False),
    (LEADER, "use a command", ERASE, False),
    (RAE, "press a button", "rae", True),
    (RAE, "press a button", None, True),
    (MAX, "press a button", "rae", False),
    (ADMIN, "press a button", "rae", False),
    # activities are their author's own
    (RAE, "change an activity", "rae", True),
    (MAX, "change an activity", "rae", False),
    (ADMIN, "change an activity", "rae", False),
    # deals and wins
    (RAE, "change a deal", DEAL, True),
    (MAX, "change a deal", DEAL, True),
    (LEADER, "change a deal", DEAL, True),
    (ADMIN, "change a deal", DEAL, True),
    (ADMIN, "change a deal", NOBODYS, True),
    (PEER, "change a deal", DEAL, False),
    (RAE, "change a deal", NOBODYS, False),
    (FORMER, "change a deal", DEAL_SINCE, False),
    (NEW, "change a deal", DEAL_SINCE, True),
    (RAE, "change a win that counts", DEAL, False),
    (PEER, "change a win that counts", DEAL, False),
    (MAX, "change a win that counts", DEAL, True),
    (ADMIN, "change a win that counts", DEAL, True),
    (RAE, "confirm a win", DEAL, False),
    (PEER, "confirm a win", DEAL, False),
    (MAX, "confirm a win", DEAL, True),
    (FORMER, "confirm a win", DEAL_SINCE, False),
    (NEW, "confirm a win", DEAL_SINCE, True),
    (ADMIN, "confirm a win", DEAL, True),
    (RAE, "make a win known", WIN, True),
    (MAX, "make a win known", WIN, True),
    (ADMIN, "make a win known", WIN, True),
    (PEER, "make a win known", WIN, False),
    (PEER, "make a win known", TOLD_BY_DANA, True),
    (FORMER, "make a win known", WIN_SINCE, False),
    (NEW, "make a win known", WIN_SINCE, True),
    (RAE, "tell of a target reached", WIN, True),
    (MAX, "tell of a target reached", WIN, False),
    (PEER, "tell of a target reached", TOLD_BY_DANA, False),
    (ADMIN, "tell of a target reached", WIN, False),
    # what admins do
    (ADMIN, "answer an inquiry", None, True),
    (LEADER, "answer an inquiry", None, False),
    (ADMIN, "link a newcomer", None, True),
    (LEADER, "link a newcomer", None, False),
    (ADMIN, "change people", None, True),
    (LEADER, "change people", None, False),
    # targets
    (RAE, "set a target", TARGET, False),
    (MAX, "set a target", TARGET, True),
    (LEADER, "set a target", TARGET, True),
    (PEER, "set a target", TARGET, False),
    (FORMER, "set a target", TARGET_SINCE, False),
    (NEW, "set a target", TARGET_SINCE, True),
    (ADMIN, "set a target", TARGET, True),
    (ADMIN, "set a target", OF_ADA, False),
    (MAX, "withdraw an adjustment", BY_MAX, True),
    (RAE, "withdraw an adjustment", BY_MAX, False),
    (LEADER, "withdraw an adjustment", BY_MAX, False),
    (ADMIN, "withdraw an adjustment", BY_MAX, True),
    (ADMIN, "withdraw an adjustment", OF_ADAS_TARGET, False),
    (RAE, "answer for a target", frozenset({"rae"}), True),
    (MAX, "answer for a target", frozenset({"rae"}), False),
    (ADMIN, "answer for a target", frozenset({"rae"}), False),
    # leave and schedules
    (RAE, "enter leave", LEAVE, True),
    (MAX, "enter leave", LEAVE, True),
    (PEER, "enter leave", LEAVE, False),
    (FORMER, "enter leave", LEAVE_SINCE, False),
    (NEW, "enter leave", LEAVE_SINCE, True),
    (ADMIN, "enter leave", LEAVE, True),
    (MAX, "change a schedule", EAST, True),
    (RAE, "change a schedule", EAST, False),
    (NEW, "change a schedule", EAST, False),
    (LEADER, "change a schedule", COMPANY, False),
    (ADMIN, "change a schedule", COMPANY, True),
    # meetings
    (RAE, "change a meeting", MEETING, True),
    (MAX, "change a meeting", MEETING, True),
    (PEER, "change a meeting", MEETING, False),
    (PEER, "change a meeting", ORPHANED, True),
    (FORMER, "change a meeting", MEETING_SINCE, False),
    (NEW, "change a meeting", MEETING_SINCE, True),
    (ADMIN, "change a meeting", MEETING, False),
    (PEER, "take part in a meeting", MEETING, True),
    (MAX, "take part in a meeting", MEETING, False),
    (ADMIN, "take part in a meeting", MEETING, False),
    (PEER, "take off an agenda", DANAS_POINT, True),
    (RAE, "take off an agenda", DANAS_POINT, True),
    (PEER, "take off an agenda", RAES_POINT, False),
    (MAX, "take off an agenda", RAES_POINT, False),
    (ADMIN, "take off an agenda", RAES_POINT, False),
    (RAE, "invite a unit", UnitOf("east", frozenset({"east"})), True),
    (RAE, "invite a unit", UnitOf("west", frozenset({"east"})), False),
    (MAX, "invite a unit", UnitOf("west", frozenset({"east"})), True),
    (ADMIN, "invite a unit", UnitOf("west", frozenset()), True),
    # action items: what test_checkin_access.py does not have
    (NEW, "take over an action item", OWED, True),
    (FORMER, "take over an action item", OWED, False),
    (RAE, "take over an action item", OWED, False),
    (NEW, "take over an action item", SHOWN, False),
    (ADMIN, "take over an action item", OWED, False),
    (ADMIN_WHO_MANAGES, "take over an action item", OWED, True),
    (RAE, "share an action item", OWN, True),
    (RAE, "share an action item", SHOWN, True),
    (RAE, "share an action item", OF_BOTH, False),
    (MAX, "share an action item", SHOWN, False),
    (NEW, "share an action item", SHOWN, False),
    (ADMIN, "share an action item", SHOWN, False),
    # kudos
    (PEER, "see kudos", PRIVATE_KUDOS, True),
    (RAE, "see kudos", PRIVATE_KUDOS, True),
    (MAX, "see kudos", PRIVATE_KUDOS, False),
    (ADMIN, "see kudos", PRIVATE_KUDOS, False),
    (ADMIN, "see kudos", KUDOS, True),
    (RAE, "take kudos back", KUDOS, True),
    (PEER, "take kudos back", KUDOS, False),
    (ADMIN, "take kudos back", KUDOS, False),
]


@pytest.mark.parametrize(("actor", "action", "subject", "allowed"), ROWS)
def test_the_access_table(actor: Actor, action: str, subject: object, allowed: bool) -> None:
    assert isinstance(may(actor, action, subject), Allowed) is allowed


def test_every_rule_has_somebody_who_may_and_who_may_not_and_an_admin() -> None:
    rows = [*ROWS, *test_checkin_access.ROWS]
    for action in RULES:
        theirs = [(actor, allowed) for actor, one, _, allowed in rows if one == action]
        assert {allowed for _, allowed in theirs} == {True, False}, action
        assert any("admin" in actor.roles for actor, _ in theirs), action
    assert {action for _, action, _, _ in rows} == set(RULES)


# What is read out of a person's roles elsewhere: what they are shown, not what they may do. Whose figures somebody sees
# is figures/sight.py's, one function as well.
SHOWN_BY_ROLE = {
    "export/scope.py": "the rows of an export, by figures/sight.py's rules for all people at once",
    "figures/sight.py": "whose figures somebody sees",
    "first_steps.py": "which lines somebody is told to try first",
    "help.py": "which commands help names",
    "home.py": "which commands the page has",
    "log/home.py": "what the page has for a rep",
    "log/listing.py": "what is expected of the role",
    "plan/command.py": "whose target “/target” alone is about",
    "quota/home.py": "what the page has for an admin",
    "settings/command.py": "which examples settings name",
    "settings/schedules.py": "which schedule is meant where no unit is named",
    "settings/standing.py": "which topics somebody gets",
}


def test_no_rule_is_decided_elsewhere() -> None:
    by_role, by_hand, asked = set(), [], set()
    for path in sorted(HANDLERS.rglob("*.py")):
        name = path.relative_to(HANDLERS).as_posix()
        if name in ("conversation/access.py", "conversation/exchanges.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(attr="roles", value=ast.Name(id="actor") | ast.Attribute(attr="actor")):
                    by_role.add(name)
                case ast.Constant(value=str(word)) if word in RULES:
                    asked.add(word)
                case ast.Call(func=ast.Name(id="NotAllowed"), keywords=[ast.keyword(value=ast.Constant())]):
                    by_hand.append(f"{name}:{node.lineno}")
    # These two are asked by bot/turn.py, for all commands and buttons at once.
    assert set(RULES) - asked == {"use a command", "press a button"}
    assert by_hand == []
    assert by_role == set(SHOWN_BY_ROLE)
