"""What is kept about somebody and who sees it: a line for each thing, held to the access rules by
tests/test_privacy_rules.py."""

from __future__ import annotations

from typing import Final, NamedTuple

ONLY_YOU: Final = "Only you"
MANAGER: Final = "You and your manager"
ABOVE: Final = "You, everybody above you, and admins"
EVERYBODY: Final = "Everybody"
GROUPS: Final = (ONLY_YOU, MANAGER, ABOVE, EVERYBODY)
"""From the fewest who see it to the most."""


class Kept(NamedTuple):
    """One thing, in the words that stand behind its group."""

    topics: tuple[str, ...]
    said: str
    seen: str


KEPT: Final = (
    Kept(("notes", "activities"), "notes and next steps", ONLY_YOU),
    Kept(("check-ins",), "check-ins not given yet", ONLY_YOU),
    Kept(("action items",), "action items not shared", ONLY_YOU),
    Kept(("notes",), "what you keep for a one-to-one", ONLY_YOU),
    Kept(("messages",), "what I say to you", ONLY_YOU),
    Kept(("check-ins",), "check-ins given to them and what they answered", MANAGER),
    Kept(("action items",), "shared action items", MANAGER),
    Kept(("notes",), "what you share for a one-to-one", MANAGER),
    Kept(
        ("activities",),
        "activities (kind, day, time, account, contact, minutes, amount, outcome, tags, without your notes)",
        ABOVE,
    ),
    Kept(("figures",), "deals, targets and figures", ABOVE),
    Kept(("rank",), "your rank without amounts", EVERYBODY),
    Kept(("wins",), "wins and thanks as you chose", EVERYBODY),
)
NEVER: Final = "No admin, and nobody above your manager, reads a check-in or a note."


NEW_MANAGER: Final = "After a change of manager the new one reads an older one only if you share it."
_MORE: Final = {
    "check-ins": f"{NEVER} {NEW_MANAGER}",
    "notes": NEVER,
    "wins": "“settings” shows and changes how you chose.",
    "rank": "“leaderboard off” leaves you off everybody else's board.",
}
CALLED: Final = {
    "check-ins": "your check-ins",
    "activities": "your activities",
    "notes": "your notes",
    "action items": "your action items",
    "figures": "your numbers",
    "rank": "your place on leaderboards",
    "wins": "your wins and thanks",
    "messages": "what I say to you",
}
"""What each topic is called in the lead of its answer."""


def rows(topic: str = "") -> list[tuple[str, str]]:
    """(group, what it sees), from the fewest who see it to the most; of a topic, or of all."""
    kept = [one for one in KEPT if not topic or topic in one.topics]
    seen = ((group, ", ".join(one.said for one in kept if one.seen == group)) for group in GROUPS)
    return [(group, said) for group, said in seen if said]


def of_manager() -> list[tuple[str, str]]:
    """What a manager sees, and what not."""
    sees = ", ".join(one.said for one in KEPT if one.seen in (MANAGER, ABOVE)).replace("given to them", "you give them")
    return [
        ("Your manager sees", sees),
        ("As everybody does", ", ".join(one.said for one in KEPT if one.seen == EVERYBODY)),
        ("Only you", ", ".join(one.said for one in KEPT if one.seen == ONLY_YOU)),
    ]


def more(topic: str) -> str:
    """What holds for the topic besides."""
    return _MORE.get(topic, "")
