"""What to write first: a rep what they did, a manager whom to see, a leader a question, an admin the plan."""

from __future__ import annotations

from handlers.conversation.request import Request
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster
from storage import people, staff, units
from storage.database import Transaction

_LOG = "“/log call Acme”"
_HELP = "“help” shows the rest."


def steps(request: Request, tx: Transaction) -> str:
    """Two or three sentences with lines that this person can write as they stand, and no more than a phone shows."""
    roles, today = request.actor.roles, request.basis.now.date()
    if "leader" in roles:
        return _of_leader(request, rosters.load(tx), tx)
    if "manager" in roles:
        return _of_manager(request, rosters.load(tx))
    held = staff.role_of(tx, request.actor.person, today)
    if "admin" in roles and (held is None or held.what == "admin"):
        return (
            "Send me a file with the word “import”: it brings people, targets and deals. “people” shows who is here, "
            f"“/target” the plan, “/settings” what I say to you unasked. {_HELP}"
        )
    known = people.person(tx, request.actor.person)
    number = "“my number” shows where you stand" if known and known.imported else "“/log list” shows your week"
    return (
        f"Tell me what you did in one line, between two calls: {_LOG}. {number}, “undo” takes the latest back, {_HELP}"
    )


def _of_manager(request: Request, roster: Roster) -> str:
    report = next((name for name in sorted(_called(roster, one) for one in request.actor.reports) if name), "")
    talk = f"“/checkin @{report}” opens your one-to-one, " if report else ""
    return f"“whom should I see” says who needs you this week and why, {talk}“/quota” is your team's number. {_mine()}"


def _of_leader(request: Request, roster: Roster, tx: Transaction) -> str:
    unit = _below(request, roster, tx)
    ask = f"“how is {unit} doing”, “who is behind”" if unit else "“who is behind”, “/leaderboard”"
    return f"Ask me in your own words: {ask}. “/quota” is the number of all whom you lead. {_mine()}"


def _mine() -> str:
    return f"What you did yourself is one line, {_LOG}. {_HELP}"


def _called(roster: Roster, person: str) -> str:
    """The first name, or the whole one where it is another's too."""
    found = roster.person(person)
    if found is None or found.left:
        return ""
    first = next(iter(found.name.split()), "")
    return first if roster.whose(first) == [found] else found.name


def _below(request: Request, roster: Roster, tx: Transaction) -> str:
    """A unit in what they lead, or that itself where it is a single one."""
    today = request.basis.now.date()
    led = {
        one.unit
        for one in units.memberships_of(tx, persons=[request.actor.person])
        if one.leads and one.since <= today and (one.until is None or one.until > today)
    }
    parts = sorted(one.name for one in roster.units if one.parent in led)
    return next(iter(parts or sorted(one.name for one in roster.units if one.id in led)), "")
