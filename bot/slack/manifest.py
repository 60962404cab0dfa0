"""The Slack app's manifest: what Slack must be told of this bot, derived from the commands and app.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.slack.install import SlackInstall
from bot.slack.receive import PATH
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.route import OWN_NAME

SCOPES = {
    "commands": ("slash commands", "message shortcuts"),
    "chat:write": ("chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete"),
    "app_mentions:read": ("app_mention",),
    "im:history": ("message.im", "conversations.history"),
    "im:write": ("conversations.open",),
    "channels:history": ("conversations.history", "conversations.replies"),
    "groups:history": ("conversations.history", "conversations.replies"),
    "mpim:history": ("conversations.history", "conversations.replies"),
    "files:read": ("url_private_download",),
    "files:write": ("files.getUploadURLExternal", "files.completeUploadExternal"),
    "users:read": ("users.info",),
    "dnd:read": ("dnd.teamInfo",),
    "users:read.email": ("users.info",),
}
"""Bot scope -> what Pacer uses it for. Nothing else is asked for; a test calls each of these.

The four `history` scopes serve one end: where Slack's answer to a post was lost, Pacer looks for its own message
rather than risk to say it twice.
"""

EVENTS = {
    "app_mention": "`@Pacer log call Acme` in a channel, and in threads, where slash commands do not work",
    "message.im": "words and files in the one-to-one chat",
    "app_home_opened": "the Home tab with the person's week",
    "app_uninstalled": "tokens dropped, what waits withdrawn",
    "tokens_revoked": "the same",
}
"""Event -> what Pacer does with it."""

SUMMARY = "The sales team's running mate: log what you did in one line, see where you stand."
DETAILS = (
    "Pacer keeps what a sales team does in one line each: type `/log call Acme` between two calls and it is kept, with "
    "the account, the people, the time, the outcome and the next step. It shows your week against what is expected, "
    "asks when it is not sure, and runs on your own company's machine."
)
EXAMPLE_URL = f"https://pacer.example.com{PATH}"
"""Stands where nobody said under which address Slack reaches Pacer."""


def manifest(
    commands: Iterable[Command], company: Company, installs: Iterable[SlackInstall], request_url: str = EXAMPLE_URL
) -> dict[str, Any]:
    """The manifest, for Slack's page App Manifest.

    Socket Mode where an install has an app token and where there is no install yet (it needs no address); else signed
    HTTP at `request_url`.
    """
    known, listed = tuple(commands), tuple(installs)
    by_socket = not listed or any(install.app_token for install in listed)
    where = {} if by_socket else {"request_url": request_url}
    url = {} if by_socket else {"url": request_url}
    return {
        "display_information": {
            "name": "Pacer",
            "description": SUMMARY,
            "long_description": DETAILS,
            "background_color": "#14532d",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                # Read-only is Slack's default, and then nobody can write to the bot.
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Pacer", "always_online": True},
            "slash_commands": [{**command, **url} for command in _slash_commands(known, company)],
            "shortcuts": [
                {
                    "name": command.shortcut.label[:24],
                    "type": "message",
                    "callback_id": command.name,
                    "description": command.shortcut.summary[:150],
                }
                for command in known
                if command.shortcut is not None
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**where, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **where},
            "org_deploy_enabled": any(install.org_wide for install in listed),
            "socket_mode_enabled": by_socket,
            "token_rotation_enabled": False,
        },
    }


def _slash_commands(commands: tuple[Command, ...], company: Company) -> list[dict[str, Any]]:
    """Each command that has one of its own, with the company's prefix, and `/pacer` for everything."""
    made = [
        _slash(f"{company.command_prefix}{command.name}", command.summary, command.usage)
        for command in commands
        if command.slash
    ]
    return [*made, _slash(OWN_NAME, "Everything that Pacer understands", "[command] [what you say to it]")]


def _slash(name: str, summary: str, usage: str) -> dict[str, Any]:
    # `should_escape`: people and channels that are mentioned arrive with their ids and names.
    command = {"command": f"/{name}", "description": summary, "usage_hint": usage, "should_escape": True}
    return {key: value for key, value in command.items() if value != ""}
