"""The pump's transaction: it writes down what the last sends came to, marks the next rows and claims more."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf

import msgspec

from scheduled.outgoing.lanes import CLAIM, LANE_LIMIT, Held
from scheduled.outgoing.settling import Pending
from storage import finding, outbox, pace
from storage.database import Transaction
from storage.outbox import Row, Settled

CLOSED_FOR = timedelta(days=7)
"""How long nothing is tried for somebody whose platform lets nobody write to them, unless they write before."""
UNSURE_LIMIT = 50
"""Unsure rows taken over in one transaction."""


class Step(msgspec.Struct):
    """What one transaction writes, and what it gave."""

    pending: Pending
    mark: list[Held]
    renew: list[str]
    lapsed: bool
    """Look at what other processes left behind."""
    claim: bool
    skip_lanes: list[str]
    skip_installs: list[str]
    marked: set[str] = set()
    too_soon: dict[str, float] = {}
    """Installs that other processes have written to as well: in how many seconds one more may go."""
    held_back: list[Held] = []
    """Of what was to be marked, what has to wait for that."""
    unsure: list[Row] = []
    claimed: outbox.Claimed = outbox.Claimed([], False)


def write(tx: Transaction, step: Step, *, owner: str, now: datetime, lease: timedelta) -> None:
    """Do it. It may be run again from its beginning, and so changes nothing but `step`'s end."""
    outbox.beside_others(tx)
    until = now + lease
    pending = step.pending
    if pending.ends:
        outbox.settle(tx, owner=owner, now=now, ends=pending.ends)
    if pending.released:
        again = [Settled(id=row, state="waiting") for row in pending.released]
        outbox.settle(tx, owner=owner, now=now, ends=again)
    for install in pending.withdrawn:
        outbox.withdraw(tx, now=now, install=install)
    for known in pending.direct:
        outbox.know_direct(tx, install=known.install, person=known.person, conversation=known.conversation)
    for one in pending.closed:
        person = finding.close(tx, one.install, one.user, one.closed_as, until=now + CLOSED_FOR)
        if person is not None:
            outbox.withdraw(tx, now=now, install=one.install, person=person)
    if step.renew:
        outbox.renew(tx, owner=owner, ids=step.renew, lease_until=until)
    if step.mark:
        step.held_back, step.too_soon = _together(tx, step.mark) if tx.skip_locked else ([], {})
        waits = {held.operation.id for held in step.held_back}
        ids = [held.operation.id for held in step.mark if held.operation.id not in waits]
        step.marked = outbox.mark_sending(tx, owner=owner, ids=ids) if ids else set()
    if step.lapsed:
        outbox.release_lapsed(tx, now=now)
        step.unsure = outbox.claim_unsure(tx, owner=owner, now=now, lease_until=until, limit=UNSURE_LIMIT)
    if step.claim:
        step.claimed = outbox.claim(
            tx,
            owner=owner,
            now=now,
            lease_until=until,
            limit=CLAIM,
            lane_limit=LANE_LIMIT,
            skip_lanes=step.skip_lanes,
            skip_installs=step.skip_installs,
        )


def _together(tx: Transaction, leaving: list[Held]) -> tuple[list[Held], dict[str, float]]:
    """What would be more than an install may get from all processes together, and when it may have one more."""
    of_install: dict[str, list[Held]] = {}
    for held in leaving:
        if held.lane.install.rate < inf:
            of_install.setdefault(held.lane.install.name, []).append(held)
    back: list[Held] = []
    waits: dict[str, float] = {}
    # In the same order everywhere, for the rows are locked.
    for name, theirs in sorted(of_install.items()):
        install = theirs[0].lane.install
        # One more than the process's own: alone it never waits for this one.
        taken = pace.take(tx, name, len(theirs), size=install.size + 1, rate=install.rate)
        if taken.granted < len(theirs):
            back += theirs[taken.granted :]
            waits[name] = taken.wait
    return back, waits
