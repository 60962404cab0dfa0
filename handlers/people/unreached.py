"""Whose chat is closed to Pacer: the admins hear of each once, and after a week it is tried again."""

from __future__ import annotations

from datetime import datetime

from handlers.conversation.company import Company
from handlers.conversation.reply import Reply, Text
from handlers.conversation.request import Message
from handlers.conversation.wording import plural
from handlers.reach import reachable
from storage import finding, people
from storage.database import Transaction


def due(tx: Transaction, company: Company, now: datetime) -> list[Message]:
    """Try those again whose time is over; of whom nobody has heard yet, the admins are told."""
    finding.reopen(tx, now)
    closed = finding.newly_closed(tx)
    if not closed:
        return []
    finding.told(tx, closed, now)
    count = plural(len({one.person for one in closed}), "person", "people")
    sentence = (
        f"I cannot write to {count} of the plan: {reachable.names(closed)}. In Teams I am not there for them, or they "
        "have removed me. They add me under Apps, or an admin sets me up for everybody in the Teams admin center. "
        "Until then I try again once a week, and say no more about it."
    )
    return [
        Message(
            to=admin.id,
            reply=Reply(text=sentence, parts=(Text(sentence),)),
            topic="unreached",
            key=f"unreached:{closed[0].identity}:{now:%Y%m%d}:{admin.id}",
        )
        for admin in people.by_emails(tx, company.admins)
    ]
