"""The OneDrive at the far end: where Teams' client lets a bot put a file that somebody has allowed.

A session takes pieces in order, each with its Content-Range, and no token; once it has all its bytes it is over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web

CONSENT_CARD = "application/vnd.microsoft.teams.card.file.consent"
INFO_CARD = "application/vnd.microsoft.teams.card.file.info"
STEP = 320 * 1024
"""Pieces but the last are multiples of this."""
MOST = 60 * 1024 * 1024
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass
class Session:
    """One file on its way."""

    name: str
    owner: str
    announced: int
    """Bytes, as the consent card said."""
    data: bytes = b""
    done: bool = False
    puts: int = 0


class Drive:
    """All upload sessions; `port` is the fake's own."""

    def __init__(self, violations: list[str]) -> None:
        self.port = 0
        self.sessions: dict[str, Session] = {}
        self.fail_with: list[int] = []
        """Statuses of the next answers, the bytes not taken."""
        self._violations = violations

    def add_to(self, application: web.Application) -> None:
        """Serve the sessions."""
        application.router.add_put("/onedrive/{session}", self._put)

    def offer(self, name: str, owner: str, announced: int) -> dict[str, str]:
        """uploadInfo of a new session."""
        number = f"s{len(self.sessions) + 1}"
        self.sessions[number] = Session(name, owner, announced)
        return {
            "name": name,
            "uploadUrl": f"http://127.0.0.1:{self.port}/onedrive/{number}?guid='{number}'&overwrite=True&tempauth=v1.ey%2Bx",
            "contentUrl": f"https://contoso-my.sharepoint.com/personal/{owner}/Documents/Applications/{name}",
            "uniqueId": f"id-{number}",
            "fileType": name.rpartition(".")[2],
        }

    def held(self, name: str) -> bytes:
        """The whole file of that name."""
        (found,) = [one.data for one in self.sessions.values() if one.name == name and one.done]
        return found

    async def _put(self, request: web.Request) -> web.Response:
        session = self.sessions.get(request.match_info["session"])
        # Not request.read(), which takes a megabyte at most.
        data = b"".join([piece async for piece in request.content.iter_any()])
        if "Authorization" in request.headers:
            self._violations.append("a token was sent to an upload's address")
        if request.query.get("tempauth") != "v1.ey+x" or "%2B" not in request.raw_path:
            self._violations.append(f"an upload's address was changed: {request.raw_path}")
        if session is None or session.done:
            return web.json_response({"error": {"code": "itemNotFound"}}, status=404)
        session.puts += 1
        if self.fail_with:
            return web.Response(status=self.fail_with.pop(0))
        said = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
        if said is None:
            self._violations.append(f"an upload with Content-Range {request.headers.get('Content-Range')!r}")
            return web.json_response({"error": {"code": "invalidRange"}}, status=400)
        first, last, whole = (int(part) for part in said.groups())
        end = last + 1 == whole
        if (
            last - first + 1 != len(data)
            or whole != session.announced
            or len(data) > MOST
            or (not end and len(data) % STEP)
        ):
            self._violations.append(f"an upload of {len(data)} bytes as {said[0]}, announced with {session.announced}")
            return web.json_response({"error": {"code": "invalidRange"}}, status=400)
        if first != len(session.data):
            return web.json_response({"error": {"code": "fragmentOverlap"}}, status=416)
        session.data += data
        session.done = end
        return web.json_response({"id": "item", "name": session.name} if end else {}, status=201 if end else 202)


def problems_of_file(attachment: dict[str, object]) -> list[str] | None:
    """What Teams would refuse in a card about a file; None for another kind of attachment."""
    content = attachment.get("content")
    name = attachment.get("name")
    match attachment.get("contentType"):
        case "application/vnd.microsoft.teams.card.file.consent":
            good = (
                isinstance(content, dict)
                and set(content) == {"description", "sizeInBytes", "acceptContext", "declineContext"}
                and isinstance(content["sizeInBytes"], int)
                and content["sizeInBytes"] > 0
                and all(isinstance(content[one], dict) for one in ("acceptContext", "declineContext"))
            )
        case "application/vnd.microsoft.teams.card.file.info":
            good = (
                isinstance(content, dict)
                and set(content) == {"uniqueId", "fileType"}
                and str(attachment.get("contentUrl", "")).startswith("https://")
            )
        case _:
            return None
    return [] if good and isinstance(name, str) and name else [f"a card about a file: {attachment}"]
