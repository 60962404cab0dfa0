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

    topic: str
    said: str
    seen: str


KEPT: Final = (
    Kept("notes", "notes and next steps", ONLY_YOU),
    Kept("check-ins", "check-ins not given yet", ONLY_YOU),
    Kept("action items", "action items not shared", ONLY_YOU),
    Kept("notes", "what you keep for a one-to-one", ONLY_YOU),
    Kept("messages", "what I say to you", ONLY_YOU),
    Kept("check-ins", "check-ins given to them and what they answered", MANAGER),
    Kept("action items", "shared action items", MANAGER),
    Kept("notes", "what you share for a one-to-one", MANAGER),
    Kept(
        "activities",
        "activities (kind, day, time, account, contact, minutes, amount, outcome, tags, without your notes)",
        ABOVE,
    ),
    Kept("figures", "deals, targets and figures", ABOVE),
    Kept("rank", "your rank without amounts", EVERYBODY),
    Kept("wins", "wins and thanks as you chose", EVERYBODY),
)
NEVER: Final = "No admin, and nobody above your manager, reads a check-in or a note."


def rows() -> list[tuple[str, str]]:
    """(group, what it sees), from the fewest who see it to the most."""
    return [(group, ", ".join(one.said for one in KEPT if one.seen == group)) for group in GROUPS]
