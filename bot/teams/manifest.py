"""The Teams app's package: what Teams must be told of this bot, derived from the commands and app.yaml."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bot.teams.install import TeamsInstall
from handlers.conversation.command import EVERYONE, Command
from handlers.conversation.company import Company

SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v1.22/MicrosoftTeams.schema.json"
LOG_COMMAND = "log"
"""Command of the message extension: the form of an activity, empty or with a message's words."""
ACCOUNTS_COMMAND = "accounts"
"""Command of the message extension: accounts by their name."""
ACCOUNT_PARAMETER = "name"
"""What the person typed into the search, in a query for ACCOUNTS_COMMAND."""

PERMISSIONS = {
    "identity": "the roster's e-mail address, which links somebody to the plan",
    "messageTeamMembers": "messages in the one-to-one chat that Pacer begins",
}
"""What people are told that the app may do -> what Pacer does with it."""
COMMANDS_A_SCOPE = 10
"""Teams takes no more in one list."""
COMMAND_TITLE, COMMAND_DESCRIPTION, DEVELOPER = 32, 128, 32
"""Characters that Teams has room for."""

SUMMARY = "Log what you did in one line, and see where you stand."
DETAILS = (
    "Pacer keeps what a sales team does in one line each: write “log call Acme” between two calls and it is kept, with "
    "the account, the people, the time, the outcome and the next step. It shows your week against what is expected, "
    "asks when it is not sure, and runs on your own company's machine.\n\n"
    "Write to it in its own chat, mention it in a channel or a group chat, or take “Log activity” beside the box where "
    "you write and in the menu of a message."
)
ACCENT = "#0f766e"
ICONS = Path(__file__).parent / "icons"
COLOUR, OUTLINE = "color.png", "outline.png"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip knows. Each file has it, so that the same manifest is the same file, byte for byte."""


def manifest(commands: Iterable[Command], company: Company, install: TeamsInstall, version: str) -> dict[str, Any]:
    """The manifest of the app of one install. `version` (semantic) must rise for Teams to take it as an update."""
    known = tuple(commands)
    # Shown as the app's publisher, with its web pages: whoever runs Pacer is that, and its own site the place to ask.
    site = f"https://{min(company.domains, default='example.com')}"
    return {
        "$schema": SCHEMA,
        "manifestVersion": "1.22",
        "version": version,
        "id": install.app_id,
        "developer": {
            "name": company.name[:DEVELOPER],
            "websiteUrl": site,
            "privacyUrl": site,
            "termsOfUseUrl": site,
        },
        "name": {"short": "Pacer", "full": "Pacer, the sales team's running mate"},
        "description": {"short": SUMMARY, "full": DETAILS},
        "icons": {"color": COLOUR, "outline": OUTLINE},
        "accentColor": ACCENT,
        "bots": [
            {
                "botId": install.app_id,
                "scopes": ["personal", "team", "groupChat"],
                "isNotificationOnly": False,
                # Files that people attach, and documents that Pacer hands over, one-to-one.
                "supportsFiles": True,
                "commandLists": [
                    {"scopes": ["personal"], "commands": _listed(known)},
                    {"scopes": ["team", "groupChat"], "commands": _listed(_shared(known))},
                ],
            }
        ],
        "composeExtensions": [{"botId": install.app_id, "commands": _extension(known)}],
        "permissions": list(PERMISSIONS),
        "defaultInstallScope": "personal",
    }


def _listed(commands: Iterable[Command]) -> list[dict[str, str]]:
    """Those that are said most first: the ones with a slash command, then help, which always has its place, then the
    rest.

    A title is what Teams writes into the box when it is chosen; the words that may follow it stand in the description.
    """
    ordered = sorted(
        (command for command in commands if command.roles >= EVERYONE),
        key=lambda command: 0 if command.slash else 1 if command.name == "help" else 2,
    )
    there = ordered[:COMMANDS_A_SCOPE]
    there[-1:] = [command for command in ordered[len(there) :] if command.name == "help"] or there[-1:]
    return [
        {"title": command.name[:COMMAND_TITLE], "description": command.summary[:COMMAND_DESCRIPTION]}
        for command in there
    ]


def _shared(commands: Iterable[Command]) -> Iterable[Command]:
    """Those for where others read along; the rest is understood there too."""
    return (command for command in commands if command.slash or command.name == "help")


def _extension(commands: Iterable[Command]) -> list[dict[str, Any]]:
    """Logging and finding an account, and what else stands in a message's menu: each command's own shortcut."""
    return [
        {
            "id": LOG_COMMAND,
            "type": "action",
            "title": "Log activity",
            "description": "Log a call, email, meeting or visit",
            "context": ["compose", "commandBox", "message"],
            "fetchTask": True,
        },
        {
            "id": ACCOUNTS_COMMAND,
            "type": "query",
            "title": "Find an account",
            "description": "Find an account and log an activity there",
            "context": ["compose", "commandBox"],
            # The accounts of late, before anything is typed.
            "initialRun": True,
            "parameters": [
                {
                    "name": ACCOUNT_PARAMETER,
                    "title": "Account",
                    "description": "The account's name, or how it begins",
                    "inputType": "text",
                }
            ],
        },
        *(
            {
                "id": command.name,
                "type": "action",
                "title": command.shortcut.label[:COMMAND_TITLE],
                "description": command.shortcut.summary[:COMMAND_DESCRIPTION],
                "context": ["message"],
                "fetchTask": True,
            }
            for command in commands
            if command.shortcut is not None and command.name != LOG_COMMAND
        ),
    ]


def package(made: dict[str, Any]) -> bytes:
    """The zip that a tenant takes: the manifest and both icons, with no folder around them."""
    files = {
        "manifest.json": (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode(),
        COLOUR: (ICONS / COLOUR).read_bytes(),
        OUTLINE: (ICONS / OUTLINE).read_bytes(),
    }
    content = io.BytesIO()
    # Stored as they are: how well a zip is packed depends on the machine's zlib.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    return content.getvalue()
