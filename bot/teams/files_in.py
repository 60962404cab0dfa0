"""Files that people attach in Teams' one-to-one chat: what their message says of them, and how they are fetched.

Teams puts a file into the person's OneDrive and tells the bot an address of it that is good for some minutes and is
itself the permission: no token goes along. It comes to no bot in channels and group chats.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec
import structlog

from bot.attached import AT_ONCE, Fetch, fetched, listed, of_message
from bot.teams import files_out
from bot.teams.connector import ConnectorApi
from bot.teams.service_urls import ServiceUrls
from handlers.conversation.request import Attached

log = structlog.get_logger(__name__)

DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
"""The type of such an attachment (botbuilder's FileDownloadInfo). Pasted pictures and a message as HTML have others."""


class _Attachment(msgspec.Struct, rename="camel"):
    content_type: str | None = ""
    name: str | None = ""
    content: Any = None


class TeamsFile(msgspec.Struct, frozen=True):
    """One file of a message."""

    name: str
    url: str
    """Whoever knows it may read the file: never logged."""


def files_of(attachments: Iterable[Any] | None) -> tuple[TeamsFile, ...]:
    """A message's files. Raises msgspec.ValidationError for a shape that Teams does not send."""
    read = [msgspec.convert(given, _Attachment) for given in attachments or ()]
    return tuple(
        TeamsFile(one.name or "that file", str(one.content.get("downloadUrl") or ""))
        for one in read
        if one.content_type == DOWNLOAD and isinstance(one.content, dict)
    )


def announced(files: tuple[TeamsFile, ...]) -> tuple[Attached, ...]:
    """The files as the message tells of them, with the problems that show already. Teams does not say how large."""
    return of_message(tuple(listed(file.name) for file in files))


class TeamsFiles:
    """Fetches what messages announce."""

    def __init__(self, api: ConnectorApi, service_urls: ServiceUrls) -> None:
        self._api = api
        self._service_urls = service_urls
        self._turns = asyncio.Semaphore(AT_ONCE)

    def fetch(self, files: tuple[TeamsFile, ...]) -> Fetch | None:
        """What fetches them; None where there is nothing that could be fetched."""
        known = announced(files)
        if all(file.problem for file in known):
            return None

        async def fetch() -> tuple[Attached, ...]:
            async with self._turns:
                pairs = zip(files, known, strict=True)
                return tuple(await asyncio.gather(*(self._one(file, told) for file, told in pairs)))

        return fetch

    async def _one(self, file: TeamsFile, told: Attached) -> Attached:
        if told.problem:
            return told
        name = told.name
        url = files_out.place(file.url, self._service_urls)
        if url is None:
            log.warning("teams_file_elsewhere")
            return Attached(name, problem=f"{name} is not where Microsoft keeps files, so I did not fetch it.")
        page = f"Microsoft gave me a web page instead of {name}: its link has run out. Please attach it again."
        return await fetched(self._api.session, url, name, by="Microsoft", page=page)
