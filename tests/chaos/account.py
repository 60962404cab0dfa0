"""The account of a run: what was acknowledged, what is stored, what was sent; and whether these agree."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa

from storage import outbox
from storage.database import Transaction
from storage.tables import activities, jobs, notices
from storage.tables import outbox as rows
from tests.chaos.people import Talk
from tests.fakes.slack import Shown


@dataclass
class Account:
    """What there is in the end. `wrong` is empty where all is as it must be."""

    kills: int
    seconds: float
    acknowledged: int
    stored: int
    lost: list[str]
    doubled_turns: list[str]
    notices: Counter[str]
    rows: Counter[str]
    jobs: Counter[str]
    shown: int
    doubled: list[str]
    half_planned: list[str]
    claimed_sent: int
    """Rows that say that they were sent, and whose message is nowhere."""
    violations: list[str]
    unheard: int
    unreached: int
    put_off: int
    retries: int
    refused: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What breaks the promise, in words."""
        open_rows = sum(count for state, count in self.rows.items() if state not in outbox.FINAL_STATES)
        found = {
            "acknowledged and not stored": self.lost,
            "stored twice": self.doubled_turns,
            "sent twice": self.doubled,
            "planned for some only": self.half_planned,
            "refused by the far end": self.violations,
            "answered otherwise": self.refused,
        }
        wrong = [f"{what}: {len(which)} ({', '.join(which[:3])})" for what, which in found.items() if which]
        wrong += [f"{open_rows} outbox rows without an end"] if open_rows else []
        wrong += [f"{self.claimed_sent} rows say sent, and nothing is there"] if self.claimed_sent else []
        wrong += [f"{self.notices['planned']} notices without an end"] if self.notices["planned"] else []
        left = self.jobs["waiting"] + self.jobs["running"]
        return wrong + ([f"{left} jobs without an end"] if left else [])

    def told(self, of: str) -> str:
        """For a page or a terminal."""
        states = ", ".join(f"{self.rows[state]:,} {state}" for state in outbox.FINAL_STATES)
        ends = ", ".join(f"{count:,} {state}" for state, count in sorted(self.notices.items()))
        done = ", ".join(f"{count:,} {state}" for state, count in sorted(self.jobs.items()))
        return (
            f"{of}: {self.kills} kills in {self.seconds:.0f} s\n"
            f"  turns: {self.acknowledged:,} acknowledged, {self.stored:,} stored, {len(self.lost)} lost, "
            f"{len(self.doubled_turns)} doubled; {self.retries:,} came again; of commands {self.unheard:,} were "
            f"cut off, {self.put_off:,} put off and {self.unreached:,} found nobody listening\n"
            f"  unasked: {sum(self.notices.values()):,} planned: {ends}\n"
            f"  outbox: {sum(self.rows.values()):,} rows: {states}\n"
            f"  Slack: {self.shown:,} messages, {len(self.doubled)} doubled\n"
            f"  jobs: {done}"
        )


_NUMBER = re.compile(r"number (\d+)")
_ROUND = re.compile(r"\Around \d\d\Z")


def account(tx: Transaction, talk: Talk, *, kills: int, seconds: float, people: int) -> Account:
    """Read the rows, and compare them with what people and Slack know."""
    said = sa.select(activities.c.said).where(activities.c.voided_at.is_(None), activities.c.said.like("%number %"))
    stored = Counter(line.removeprefix("log ") for line in tx.execute(said).scalars())
    messages = [one for one in talk.slack.messages if not one.deleted]
    ids = Counter(one.metadata["event_payload"]["id"] for one in messages if one.metadata)
    posts = sa.select(rows.c.id).where(rows.c.state == "sent", rows.c.operation == "post")
    sent = set(tx.execute(posts).scalars())
    ephemeral = {one.payload.get("text", "") for one in messages if not one.metadata}
    words = {row.id: row.body for row in tx.execute(sa.select(rows.c.id, rows.c.body).where(rows.c.id.in_(sent)))}
    nowhere = [one for one in sent if one not in ids and not any(text and text in words[one] for text in ephemeral)]
    planned: Counter[str] = Counter()
    for topic, count in tx.execute(sa.select(notices.c.topic, sa.func.count()).group_by(notices.c.topic)):
        planned[topic] = count
    whole = {topic: count for topic, count in planned.items() if _ROUND.match(topic)}
    return Account(
        kills=kills,
        seconds=seconds,
        acknowledged=len(talk.acknowledged),
        stored=sum(stored.values()),
        lost=sorted(talk.acknowledged - set(stored)),
        doubled_turns=sorted(line for line, count in stored.items() if count > 1),
        notices=_by(tx, notices.c.state),
        rows=_by(tx, rows.c.state),
        jobs=_by(tx, jobs.c.state),
        shown=len(messages),
        doubled=[one for one, count in (ids + _twice_said(messages)).items() if count > 1],
        half_planned=[f"{topic}: {count} of {people}" for topic, count in whole.items() if count != people],
        claimed_sent=len(nowhere),
        violations=talk.slack.violations,
        unheard=talk.unheard,
        unreached=talk.unreached,
        put_off=talk.put_off,
        retries=talk.retries,
        refused=talk.refused,
    )


def _by(tx: Transaction, column: sa.Column[str]) -> Counter[str]:
    query = sa.select(column, sa.func.count()).group_by(column)
    return Counter({row[0]: row[1] for row in tx.execute(query)})


def _twice_said(messages: list[Shown]) -> Counter[str]:
    """By their words, whatever ids they have: what one turn or one round says to somebody."""
    found: Counter[str] = Counter()
    for one in messages:
        number = _NUMBER.search(one.text)
        if one.text.startswith("Logged") and number:
            found[f"{one.channel} {number[0]}"] += 1
        elif one.text.startswith("This is round"):
            found[f"{one.channel} {one.text}"] += 1
    return found
