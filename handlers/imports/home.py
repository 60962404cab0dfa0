"""Imports that left rows out, on an admin's own page."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers.conversation.reply import Buttons, Part, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, plural
from handlers.imports.chat_preview import ISSUER
from storage import imports
from storage.database import Transaction

SHOWN_FOR: Final = timedelta(days=7)
LAST: Final = 5
"""Imports looked at; a watched folder may bring several a day."""


def home(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """A line each."""
    since, zone = request.now - SHOWN_FOR, request.basis.zone
    days = Days.of(request.basis)
    lines = [
        f"{one.name}, {days.day(one.at.astimezone(zone).date())}: {plural(one.report['bad'], 'row')} left out"
        for one in imports.last(tx, LAST)
        if one.state == "applied" and one.at >= since and one.report.get("bad")
    ]
    if not lines:
        return ()
    show = ISSUER.lasting(request, tx, [("Imports", "", {"text": ""})])
    return Text("Imports that left rows out", style="strong"), Text("\n".join(lines)), Buttons(tuple(show))
