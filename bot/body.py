"""The body of a request from outside, read within limits."""

from __future__ import annotations

import asyncio

from aiohttp import web

READ_PATIENCE = 10.0
"""Seconds for a request's body to arrive."""


async def read_body(request: web.Request, limit: int) -> bytes | None:
    """The body, or None when it is longer than `limit` bytes. Raises TimeoutError when it does not arrive."""
    if (request.content_length or 0) > limit:
        return None
    if request.content.is_eof():
        # It came whole, with the head: nothing to wait for.
        whole = request.content.read_nowait()
        return whole if len(whole) <= limit else None
    body = bytearray()
    async with asyncio.timeout(READ_PATIENCE):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > limit:
                return None
    return bytes(body)
