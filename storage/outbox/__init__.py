"""The rows of what goes out: put, claimed by a process for a while, sent, settled.

A row waits, is *claimed* by one process under a lease, and is marked *sending* by a commit before any byte of it
leaves. A lease that runs out therefore says what may have happened: a row that was only claimed waits again, one that
was being sent is *unsure* and is looked for on its platform before anything else is done with it. Rows of one lane (a
conversation, as far as it is visible to the same people) go out in the order of `due_at`, then of making, and never in
two processes at once.

Every function takes the transaction first; all instants are aware.
"""

from __future__ import annotations

from storage.outbox.claiming import claim, claim_unsure, own
from storage.outbox.clearing import prune, withdraw
from storage.outbox.putting import put
from storage.outbox.rows import (
    FINAL_STATES,
    NEW_MESSAGES,
    OPEN_STATES,
    Claimed,
    Ending,
    Row,
    Settled,
    beside_others,
    counts,
    install_of,
    sent_address,
)
from storage.outbox.settling import know_direct, mark_sending, release, release_lapsed, renew, settle

__all__ = [
    "FINAL_STATES",
    "NEW_MESSAGES",
    "OPEN_STATES",
    "Claimed",
    "Ending",
    "Row",
    "Settled",
    "beside_others",
    "claim",
    "claim_unsure",
    "counts",
    "install_of",
    "know_direct",
    "mark_sending",
    "own",
    "prune",
    "put",
    "release",
    "release_lapsed",
    "renew",
    "sent_address",
    "settle",
    "withdraw",
]
