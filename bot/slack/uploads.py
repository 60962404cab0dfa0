"""Pictures as files of Slack, each in the three steps that Slack asks for: an address, the bytes, and done.

A file that was shared nowhere can be uploaded again without anybody seeing two, so each step may be repeated. What
was uploaded is remembered while its message is being tried: Slack works on a file for some seconds before a message
may show it, and one uploaded anew at each try would never be ready.
"""

from __future__ import annotations

from collections import OrderedDict

from bot.charts.pictures import charts_of, picture
from bot.shorten import clean
from bot.slack.api import Ended, Failed, Ok, SlackApi
from bot.slack.install import SlackInstall
from handlers.conversation.reply import Chart
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

    def forget(self, operation: Operation) -> None:
        """Its message is there, or never will be."""
        self._known.pop(operation.id, None)

    async def _file(self, install: SlackInstall, chart: Chart) -> str | Ended:
        drawn = await picture(chart)
        if drawn is None:
            return Failed(NOT_DRAWN)
        asked = {"filename": NAME, "length": str(len(drawn)), "alt_txt": clean(chart.alt, ALT_TEXT)}
        where = await self._api.ask("files.getUploadURLExternal", install.bot_token, asked)
        if not isinstance(where, Ok):
            return where
        sent = await self._api.upload(str(where.data.get("upload_url", "")), drawn)
        if not isinstance(sent, Ok):
            return sent
        file = str(where.data.get("file_id", ""))
        # Without a channel: it is shared by the message that shows it, to those who read that.
        done = {"files": [{"id": file, "title": clean(chart.title, TITLE)}]}
        ended = await self._api.call("files.completeUploadExternal", install.bot_token, done)
        return file if isinstance(ended, Ok) else ended
