"""My next meetings, on my own page."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from handlers.conversation.reply import Buttons, Part, Text
from handlers.conversation.request import Request
from handlers.meetings.buttons import ISSUER
from handlers.meetings.listing import ahead
from handlers.meetings.say import View
from storage.database import Transaction

FIRST: Final = 2
SOON: Final = timedelta(days=7)


def home(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """The next two within a week, in a line; nothing for who has none."""
    found = [(one, each) for one, each in ahead(request, tx) if one.start <= request.now + SOON][:FIRST]
    if not found:
        return ()
    view = View.of(request, tx, [meeting for _, meeting in found])
    said = "; ".join(f"{view.when(one)} {view.title(meeting)}" for one, meeting in found)
    buttons = ISSUER.lasting(request, tx, [("My meetings", "show", {})])
    return Text(f"Next meetings: {said}."), Buttons(tuple(buttons))
