"""What a person answers when they are asked whether they want a file."""

from __future__ import annotations

from datetime import datetime

from bot.outbound import Outbound
from handlers.conversation.reply import Document, Reply
from handlers.conversation.request import Incoming
from storage import audit, files, people
from storage.database import Transaction

FORGOTTEN = Reply("I kept that file for a while only, and it is gone now. Ask me for it again and I make a new one.")


def answered(
    tx: Transaction, outbound: Outbound, incoming: Incoming, file: str, upload: str, now: datetime
) -> list[str]:
    """The keys of what goes out for it. Nothing does to anybody but the person for whom the file was made."""
    known = people.identity(tx, incoming.install, incoming.profile.external_id)
    kept = files.get(tx, file)
    if known is None or (kept is not None and kept.person != known.person.id):
        audit.write(
            tx,
            "file of somebody else",
            at=now,
            person=known.person.id if known else None,
            install=incoming.install,
            details={"user": incoming.profile.external_id, "file": file},
        )
        return []
    if kept is None:
        key = f"{incoming.install}:{incoming.key}:gone"
        return [outbound.put_reply(tx, incoming, FORGOTTEN, key, now)] if upload else []
    part = Document(kept.name, kept.id, len(kept.content))
    return outbound.put_taken(tx, incoming, part, upload, now, taken=bool(upload))
