"""Files that lie at a platform, to be fetched by the bot: whole, slowly, in part, or something else in their place."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

Answer = Literal["whole", "page", "login", "redirect", "cut", "short", "silent", "endless", "gone"]
LOGIN_PAGE = "<!DOCTYPE html><html><body>Sign in</body></html>"


@dataclass
class Kept:
    """One file, and how it is given out."""

    id: str
    name: str
    content: bytes
    answer: Answer
    elsewhere: str = ""
    """Where `redirect` leads to."""
    open: asyncio.Event | None = None
    """It is given out once this is set."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The headers of each request for it."""


class Shelf:
    """Serves files at /files/{id}. `refused` says why a request is not allowed to have one, empty where it is."""

    def __init__(self, refused: Callable[[web.Request], str]) -> None:
        self._refused = refused
        self._numbers = itertools.count(1)
        self.files: dict[str, Kept] = {}

    def put(
        self,
        name: str,
        content: bytes = b"",
        *,
        answer: Answer = "whole",
        elsewhere: str = "",
        opens: asyncio.Event | None = None,
    ) -> Kept:
        """A file that lies there from now on."""
        kept = Kept(f"F{next(self._numbers):08d}", name, content, answer, elsewhere, opens)
        self.files[kept.id] = kept
        return kept

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A request for one of them."""
        kept = self.files.get(request.match_info["id"])
        if kept is None:
            return web.Response(status=404)
        kept.asked.append(dict(request.headers))
        if kept.open is not None:
            await kept.open.wait()
        if self._refused(request) or kept.answer == "login":
            raise web.HTTPFound("/login")
        return await self._give(request, kept)

    async def _give(self, request: web.Request, kept: Kept) -> web.StreamResponse:
        match kept.answer:
            case "page":
                return web.Response(text=LOGIN_PAGE, content_type="text/html")
            case "redirect":
                raise web.HTTPFound(kept.elsewhere)
            case "gone":
                return web.Response(status=404)
            case "short":  # no length was announced, and the connection ends properly
                return web.Response(body=kept.content[: len(kept.content) // 2])
            case _:
                return await self._stream(request, kept)

    async def _stream(self, request: web.Request, kept: Kept) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
        if kept.answer != "endless":
            response.content_length = len(kept.content)
        await response.prepare(request)
        if kept.answer == "whole":
            await response.write(kept.content)
            return response
        await response.write(kept.content[: len(kept.content) // 2])
        if kept.answer == "cut":
            assert request.transport is not None
            request.transport.abort()
        elif kept.answer == "silent":
            await asyncio.sleep(30)
        else:
            try:
                while True:
                    await response.write(b"more of it\n" * 10_000)
            except ConnectionError:
                pass
        return response

    async def login(self, request: web.Request) -> web.Response:
        """Where a request without the right to a file is led to."""
        return web.Response(text=LOGIN_PAGE, content_type="text/html")
