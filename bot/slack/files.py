"""Files that people attach in Slack: what their message says of them, and how they are fetched.

A file lies at an address that wants the bot's token. The token goes to Slack's own host for files and nowhere else,
whatever a payload says: an address elsewhere is not asked, and no redirect is followed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
import structlog
from yarl import URL

from bot.attached import AT_ONCE, Fetch, fetched, listed, of_message
from bot.slack.api import SlackApi
from bot.slack.install import SlackInstall
from handlers.conversation.request import Attached

log = structlog.get_logger(__name__)

HOST = "files.slack.com"


class SlackFile(msgspec.Struct, frozen=True):
    """One of a message's `files`, as far as it is read."""

    name: str | None = ""
    title: str | None = ""
    size: int | None = None
    mode: str | None = ""
    """hosted, snippet, external, tombstone, hidden_by_limit …"""
    is_external: bool = False
    file_access: str | None = ""
    """`check_file_info` for a file of another company's, in a conversation shared with it."""
    user_team: str | None = ""
    url_private_download: str | None = ""

    @property
    def called(self) -> str:
        """Its name; one that Slack keeps to itself has none."""
        return self.name or self.title or "that file"


def files_of(given: Iterable[dict[str, Any]] | None) -> tuple[SlackFile, ...]:
    """A message's files. Raises msgspec.ValidationError for a shape that Slack does not send."""
    return tuple(msgspec.convert(file, SlackFile) for file in given or ())


def announced(install: SlackInstall, files: tuple[SlackFile, ...]) -> tuple[Attached, ...]:
    """The files as the message tells of them, with the problems that show already."""
    return of_message(tuple(_announced(install, file) for file in files))


def _announced(install: SlackInstall, file: SlackFile) -> Attached:
    elsewhere = bool(file.user_team) and not install.enterprise_id and file.user_team != install.team_id
    if file.is_external or file.mode == "external" or file.file_access == "check_file_info" or elsewhere:
        name = listed(file.called).name
        return Attached(
            name,
            problem=f"{name} is kept outside this Slack, by another service or company, so I did not fetch it. "
            "Please attach the file itself.",
        )
    if file.mode in ("tombstone", "hidden_by_limit"):
        name = listed(file.called).name
        return Attached(name, problem=f"Slack no longer has {name}. Please attach it again.")
    return listed(file.called, file.size)


class SlackFiles:
    """Fetches what messages announce."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._turns = asyncio.Semaphore(AT_ONCE)

    def fetch(self, install: SlackInstall, files: tuple[SlackFile, ...]) -> Fetch | None:
        """What fetches them; None where there is nothing that could be fetched."""
        known = announced(install, files)
        if all(file.problem for file in known):
            return None

        async def fetch() -> tuple[Attached, ...]:
            async with self._turns:
                return tuple(
                    await asyncio.gather(
                        *(self._one(install, file, told) for file, told in zip(files, known, strict=True))
                    )
                )

        return fetch

    async def _one(self, install: SlackInstall, file: SlackFile, told: Attached) -> Attached:
        if told.problem:
            return told
        name = told.name
        try:
            url = URL(file.url_private_download or "", encoded=True)
            own = self._own(url)
        except ValueError:
            own = False
        if not own:
            log.warning("slack_file_elsewhere", install=install.name)
            return Attached(name, problem=f"{name} is not where Slack keeps files, so I did not fetch it.")
        page = (
            f"Slack did not let me read {name}: this app may not read files yet (scope files:read). Whoever runs Pacer "
            "puts the manifest of “pacer manifest slack” into the app's settings and installs it again."
        )
        return await fetched(
            self._api.session,
            url,
            name,
            by="Slack",
            page=page,
            size=file.size,
            headers={"Authorization": f"Bearer {install.bot_token}"},
        )

    def _own(self, url: URL) -> bool:
        """Whether the token may go there: Slack's host for files, or the place that SLACK_API_URL names."""
        if url.user is not None or url.password is not None:
            return False
        if (url.scheme, url.host, url.port) == ("https", HOST, 443):
            return True
        base = URL(self._api.base_url)
        return base.host != "slack.com" and (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
