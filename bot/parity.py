"""What each platform does, side by side: docs/parity.md, from what the platforms declare.

`python -m bot.parity docs/parity.md` writes the page. Each platform's ways.py says for every kind of part, every field
and everything in DOES how it is done there; tests/test_parity.py holds that to the renderers and to the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from bot.ways import Shown, Way
from handlers.conversation.reply import Field, Form, Part

KINDS: tuple[type, ...] = (*get_args(Part), Form, *get_args(Field))
"""Everything that a Reply or a Form is made of."""

DOES = {
    "command": "a command by name",
    "words": "the same in plain words, one-to-one",
    "mention": "asked in a channel",
    "group": "asked in a group chat",
    "private": "a private answer where others read",
    "button": "a button or a choice",
    "replace": "the answer takes the message's place",
    "picture": "a chart as a picture",
    "file": "a file for the person",
    "attached": "a file from the person, one-to-one or beside a mention",
    "form": "a form opened by a button",
    "form by words": "a form asked for in words",
    "problems": "what is wrong in a form",
    "message": "a message logged from its menu",
    "compose": "logging from any chat",
    "search": "accounts found while typing",
    "own page": "a page of Pacer's own",
    "first": "a first message to somebody",
    "added": "a greeting when the app is added",
    "removed": "the app removed",
    "unsure": "a message of which it is not known whether it arrived",
}
"""What people can do and what happens, in the order of the page."""


def page(
    shows: Mapping[str, Mapping[type, Shown]], does: Mapping[str, Mapping[str, Way]], names: Mapping[str, str]
) -> str:
    """The whole page in Markdown; `names` are the platforms' own, by their keys, in the order of the columns."""
    head = f"| | {' | '.join(names.values())} |\n| --- |{' --- |' * len(names)}"
    lines = [
        "# The same on both platforms",
        "",
        "Made by `python -m bot.parity docs/parity.md` from what the platforms declare (bot/slack/ways.py, "
        "bot/teams/ways.py). *Instead* marks a substitute for what the platform cannot do.",
        "",
        "## What people can do",
        "",
        head,
    ]
    for key, what in DOES.items():
        ways = [does[platform][key] for platform in names]
        lines.append(f"| {what} | {' | '.join(f'*instead:* {way.by}' if way.instead else way.by for way in ways)} |")
    lines += ["", "## What answers and forms are made of", "", head]
    for kind in KINDS:
        lines.append(f"| {kind.__name__} | {' | '.join(shows[platform][kind].by for platform in names)} |")
    return "\n".join(lines) + "\n"


def declared() -> str:
    """The page as the platforms declare it now."""
    from bot.slack import ways as slack
    from bot.teams import ways as teams

    return page(
        {"slack": slack.SHOWS, "teams": teams.SHOWS},
        {"slack": slack.DOES, "teams": teams.DOES},
        {"slack": "Slack", "teams": "Microsoft Teams"},
    )


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else "docs/parity.md").write_text(declared(), "utf-8")
