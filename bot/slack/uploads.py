"""Pictures and documents as files of Slack, each in the three steps that Slack asks for: an address, the bytes, done.

A file that was shared nowhere can be uploaded again without anybody seeing two, so each step may be repeated, but for
the last one of a document, which shares it. What was uploaded is remembered while its message is being tried: Slack
works on a file for some seconds before a message may show it, and one uploaded anew at each try would never be ready.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec

from bot.charts.pictures import charts_of, picture
from bot.shorten import clean
from bot.slack.api import Ended, Failed, Lost, Ok, SlackApi, Unreached
from bot.slack.install import SlackInstall
from handlers.conversation.reply import Chart, Document
from scheduled.sending import Operation

KEPT = 1000
"""Messages whose files are remembered."""
ALT_TEXT = 1000
TITLE = 250
NAME = "chart.png"
NOT_DRAWN = "chart_not_drawn"


class Uploads:
    """The files of messages with pictures."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._known: OrderedDict[str, dict[Chart, str]] = OrderedDict()
        self._documents: OrderedDict[str, str] = OrderedDict()

    async def files(self, install: SlackInstall, operation: Operation) -> dict[Chart, str] | Ended:
        """The id of each chart's file; else how the first step that failed ended."""
        known = self._known.setdefault(operation.id, {})
        self._known.move_to_end(operation.id)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        for chart in charts_of(operation.body):
            if chart not in known:
                file = await self._file(install, chart)
                if not isinstance(file, str):
                    return file
                known[chart] = file
        return dict(known)

    def known(self, operation: Operation) -> str:
        """The id of the operation's document, where this process has uploaded it."""
        return self._documents.get(operation.id, "")

    async def share(
        self, install: SlackInstall, operation: Operation, part: Document, channel: str, thread: str, said: str
    ) -> Ended:
        """A document, put into a conversation with a sentence (as Slack reads it) above it."""
        file = self._documents.get(operation.id)
        if file is None:
            sent = await self._sent(install, part.name, operation.contents[part.file])
            if not isinstance(sent, str):
                # Nothing was shared yet, so a lost answer is as good as none.
                return Unreached(sent.reason) if isinstance(sent, Lost) else sent
            file = self._documents[operation.id] = sent
            while len(self._documents) > KEPT:
                self._documents.popitem(last=False)
        done: dict[str, Any] = {"files": [{"id": file, "title": clean(part.name, TITLE)}], "channel_id": channel}
        if said:
            done["initial_comment"] = said
        if thread:
            done["thread_ts"] = thread
        return await self._api.call("files.completeUploadExternal", install.bot_token, done)

    def forget(self, operation: Operation) -> None:
        """Its message is there, or never will be."""
        self._known.pop(operation.id, None)
        self._documents.pop(operation.id, None)

    async def _sent(self, install: SlackInstall, name: str, content: bytes, alt: str = "") -> str | Ended:
        """The id of a file whose bytes are there, not completed yet."""
        asked = {"filename": name, "length": str(len(content))} | ({"alt_txt": clean(alt, ALT_TEXT)} if alt else {})
        where = await self._api.ask("files.getUploadURLExternal", install.bot_token, asked)
        if not isinstance(where, Ok):
            return where
        sent = await self._api.upload(str(where.data.get("upload_url", "")), content)
        return str(where.data.get("file_id", "")) if isinstance(sent, Ok) else sent

    async def _file(self, install: SlackInstall, chart: Chart) -> str | Ended:
        # In a message of its own it needs its title.
        drawn = await picture(msgspec.structs.replace(chart, said_above=False))
        if drawn is None:
            return Failed(NOT_DRAWN)
        file = await self._sent(install, NAME, drawn, chart.alt)
        if not isinstance(file, str):
            return file
        # Without a channel: it is shared by the message that shows it, to those who read that.
        done = {"files": [{"id": file, "title": clean(chart.title, TITLE)}]}
        ended = await self._api.call("files.completeUploadExternal", install.bot_token, done)
        return file if isinstance(ended, Ok) else ended
