"""What somebody of a demo company may try first, as the page offers it in their empty conversation."""

from __future__ import annotations

from collections.abc import Sequence


def chips_of(
    role: str, *, reports: Sequence[str] = (), colleagues: Sequence[str] = (), teams: Sequence[str] = ()
) -> tuple[str, ...]:
    """Lines that this person can send as they stand; `reports` and `colleagues` by first name."""
    match role:
        case "admin":
            return ("import", "people", "/target", "/settings", "/export")
        case "leader":
            one, other = (*teams, "", "")[:2]
            asked = (f"how is {one} doing",) if one else ()
            both = (f"compare {one} and {other}",) if other else ()
            return (*asked, *both, "who is behind", "/quota", "/leaderboard")
        case "manager":
            talk = (f"/checkin @{reports[0]}",) if reports else ()
            return ("whom should I see", *talk, "/quota", "who is behind", "/leaderboard", "/log call Initech")
        case _:
            thanks = (f"/kudos @{colleagues[0]} for the demo rescue #customer-first",) if colleagues else ()
            mine = ("/log call Initech -> send the NDA on Friday", "my number", "/win Initech $50k")
            return (*mine, "/checkin", "remind me to call Zoomit on Friday", *thanks)
