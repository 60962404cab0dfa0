"""Who writes to Pacer while its processes are killed, as Slack does: what is not acknowledged is sent again."""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.slack import FakeSlack

CHANNEL = "C1"
LATER = "Not saved yet"
PATIENCE = 4.0
"""Seconds until an acknowledgement is no longer waited for; Slack waits for three."""


class Front(FakeSlack):
    """A Slack whose requests go to any of several processes, as through a proxy."""

    ports: tuple[int, ...] = ()

    @property
    def bot_url(self) -> str:
        """One of those that listen."""
        return f"http://127.0.0.1:{random.choice(self.ports)}"

    @bot_url.setter
    def bot_url(self, _url: str) -> None:
        """It is chosen at each request."""


@dataclass
class Talk:
    """What was said and what of it was acknowledged."""

    slack: Front
    chance: random.Random
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    acknowledged: set[str] = field(default_factory=set)
    unheard: int = 0
    """Commands whose acknowledgement never came: Slack does not send those again."""
    unreached: int = 0
    """Commands for which nobody listened."""
    retries: int = 0
    put_off: int = 0
    """Commands that were answered *not saved yet* in time; the outcome follows, unless the process dies before."""
    refused: list[str] = field(default_factory=list)
    """Answers that were no acknowledgement and no *come again*."""
    exports: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def live(self, user: str, pause: float) -> None:
        """Somebody who says something every `pause` seconds or so."""
        while not self.over.is_set():
            await self.rest(self.chance.expovariate(1 / pause))
            said = f"call Globex number {next(self.numbers)}"
            what = self.chance.random()
            if what < 0.45:
                await self._command(user, said)
            elif what < 0.85:
                await self._event(user, said, {"type": "message", "channel_type": "im"}, self.slack.direct(user))
            else:
                await self._event(user, said, {"type": "app_mention"}, CHANNEL)

    async def exporting(self, user: str, pause: float) -> None:
        """Somebody who has all activities written into a file again and again, which is a job."""
        while not self.over.is_set():
            self.exports += 1
            event = {"type": "message", "channel_type": "im"}
            await self._said(user, "export activities csv", event, self.slack.direct(user))
            await self.rest(pause)

    async def rest(self, seconds: float) -> None:
        """Unless it is over before."""
        try:
            await asyncio.wait_for(self.over.wait(), seconds)
        except TimeoutError:
            return

    async def _command(self, user: str, said: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                answered = await self.slack.send_command("/log", said, user=user, channel=CHANNEL)
        except aiohttp.ClientConnectorError:
            self.unreached += 1
            return
        except (aiohttp.ClientError, OSError, TimeoutError):
            self.unheard += 1
            return
        if answered.status == 200 and answered.body and "Logged" in answered.body["text"]:
            self.acknowledged.add(said)
        elif answered.status == 200 and answered.body and answered.body["text"].startswith(LATER):
            self.put_off += 1
        else:
            self.refused.append(f"{answered.status} {answered.body and answered.body['text']}")

    async def _event(self, user: str, said: str, event: dict[str, Any], channel: str) -> None:
        mention = "<@UBOT> " if channel == CHANNEL else ""
        await self._said(user, f"{mention}log {said}", event, channel)
        self.acknowledged.add(said)

    async def _said(self, user: str, text: str, event: dict[str, Any], channel: str) -> None:
        """Until it is acknowledged."""
        number = next(self.slack._numbers)
        whole = {**event, "channel": channel, "user": user, "text": text, "ts": f"1700000000.{number:06d}"}
        for attempt in itertools.count():
            try:
                async with asyncio.timeout(PATIENCE):
                    answered = await self.slack.event(whole, event_id=f"Ev{number:08d}", retry=attempt)
                if answered.status == 200:
                    return
                if answered.status != 503:
                    self.refused.append(f"{answered.status} {answered.body}")
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass
            self.retries += 1
            await asyncio.sleep(self.chance.uniform(0.1, 1.0))
