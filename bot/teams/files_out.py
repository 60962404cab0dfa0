"""Documents in Teams. A bot cannot post a file: it asks the person, whose client then names a place in their OneDrive.

    file consent card -> invoke fileConsent/invoke with uploadInfo -> the bytes are PUT there -> file info card

Only one-to-one, and only where the app's manifest says `supportsFiles`. The shapes are those of botbuilder's
FileConsentCard, FileConsentCardResponse, FileUploadInfo and FileInfoCard, as plain dicts like everything else here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from yarl import URL

from bot.shorten import clean
from bot.teams.service_urls import ServiceUrls
from handlers.conversation.reply import Document

CONSENT_CARD = "application/vnd.microsoft.teams.card.file.consent"
INFO_CARD = "application/vnd.microsoft.teams.card.file.info"
INVOKE = "fileConsent/invoke"

PIECE = 16 * 320 * 1024
"""Bytes of one request: upload sessions take multiples of 320 KiB, of at most 60 MiB."""
NOT_OF_MICROSOFT = "upload_url_not_of_microsoft"
_HOSTS = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)*\.sharepoint\.com")
"""Where OneDrive and SharePoint of the public cloud keep files."""
_DESCRIPTION = 300
_NAME = 200


class UploadInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Where a file that was allowed goes, and how it is shown from then on."""

    upload_url: str
    """The permission to write there, so it is kept like a secret."""
    content_url: str = ""
    name: str = ""
    unique_id: str = ""
    file_type: str = ""


class ConsentResponse(msgspec.Struct, frozen=True, rename="camel"):
    """What the person answered."""

    action: str
    context: dict[str, Any] = {}
    upload_info: UploadInfo | None = None

    @property
    def file(self) -> str:
        """The `Document.file` that was asked about."""
        return str(self.context.get("file") or "")


def kept(info: UploadInfo) -> str:
    """As it waits in the outbox, in an address's `response_url`, where it is sealed."""
    return msgspec.json.encode(info).decode()


def read(text: str) -> UploadInfo:
    """What `kept` made."""
    return msgspec.json.decode(text, type=UploadInfo)


def consent(part: Document) -> dict[str, Any]:
    """The question whether the file may be saved."""
    name, context = clean(part.name, _NAME), {"file": part.file}
    content = {
        "description": clean(part.about or name, _DESCRIPTION),
        "sizeInBytes": part.size,
        "acceptContext": context,
        "declineContext": context,
    }
    attachment = {"contentType": CONSENT_CARD, "name": name, "content": content}
    return {
        "type": "message",
        "summary": f"{name}: allow it, and it is saved in your OneDrive",
        "attachments": [attachment],
    }


def saved(part: Document, info: UploadInfo) -> dict[str, Any]:
    """The file in the conversation, once it is where the person wanted it."""
    name = clean(info.name or part.name, _NAME)
    content = {"uniqueId": info.unique_id, "fileType": info.file_type}
    attachment = {"contentType": INFO_CARD, "contentUrl": info.content_url, "name": name, "content": content}
    return {"type": "message", "summary": f"{name} is in your OneDrive", "attachments": [attachment]}


def pieces(content: bytes) -> Iterator[tuple[str, bytes]]:
    """What goes into each request, with its Content-Range."""
    for first in range(0, len(content), PIECE):
        piece = content[first : first + PIECE]
        yield f"bytes {first}-{first + len(piece) - 1}/{len(content)}", piece


def place(upload_url: str, service_urls: ServiceUrls) -> URL | None:
    """The address as it is then called, or None for one that is not Microsoft's over https. An activity names it, and
    what is sent there is the company's figures. A server on this machine that TEAMS_SERVICE_URLS names is one too."""
    try:
        url = URL(upload_url, encoded=True)
        host, port = url.raw_host or "", url.port
    except ValueError:
        return None
    if url.user is not None or url.password is not None or not upload_url.isascii():
        return None
    if url.scheme == "https" and port == 443 and _HOSTS.fullmatch(host.lower()):
        return url
    return url if service_urls.on_this_machine(url.scheme, host, port or 0) else None
