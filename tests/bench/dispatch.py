"""What a turn costs with 100 commands registered, against the same turn with 1.

    python -m tests.bench.dispatch

The turn is whole, from the text to the rows, on SQLite in memory; only its command does nothing. The processor's time
is measured, and rounds alternate, so that a machine whose speed drifts is fair to both.
"""

from __future__ import annotations

import itertools
import statistics
import time
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from bot.outbound import Outbound
from bot.turn import Turn
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.reply import Reply
from handlers.conversation.request import Address, Incoming, Outcome, Profile, Request, Said
from storage.database import Transaction
from storage.tables import metadata
from storage.vault import Vault

MANY = 100
ROUNDS = 41
PER_ROUND = 150
PROFILE = Profile("U1", "Rep", "rep@bench.example", "America/New_York")
WAYS = {"a slash command": Said("anything", "nothing"), "a direct message": Said("nothing: anything")}


def nothing(_request: Request, _tx: Transaction) -> Outcome:
    """The command's handler."""
    return Outcome(reply=Reply(text="Done"))


def turn_with(count: int) -> Turn:
    """A turn that knows so many commands; the one that is used was registered last."""
    names = [*(f"command {number}" for number in range(count - 1)), "nothing"]
    commands = tuple(
        Command(name=name, summary=name, usage="", examples=(f"/{name}",), handle=nothing) for name in names
    )
    return Turn(
        company=Company(domains=frozenset({"bench.example"})),
        commands=commands,
        listeners=(),
        outbound=Outbound(Vault("0123456789abcdef"), "bench"),
        clock=lambda: datetime.now(UTC),
    )


_serial = itertools.count()


def round_of(turn: Turn, tx: Transaction, said: Said) -> float:
    """Microseconds of one turn."""
    things = [
        Incoming(
            install="main",
            key=str(next(_serial)),
            profile=PROFILE,
            what=said,
            place="direct",
            reply_to=Address("D1"),
            inline=True,
        )
        for _ in range(PER_ROUND)
    ]
    begin = time.process_time()
    for incoming in things:
        turn.run(tx, incoming, turn.prepare(incoming), late=False)
    return (time.process_time() - begin) / PER_ROUND * 1e6


def main() -> None:
    """Alternate between the two and print what they cost."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    turns = {1: turn_with(1), MANY: turn_with(MANY)}
    with engine.connect() as connection:
        tx = Transaction(connection)
        for way, said in WAYS.items():
            took: dict[int, list[float]] = {count: [] for count in turns}
            for number in range(ROUNDS + 1):
                for count in turns if number % 2 else reversed(turns):
                    cost = round_of(turns[count], tx, said)
                    if number:  # the first one warms up
                        took[count].append(cost)
            ratio = statistics.median(many / one for one, many in zip(took[1], took[MANY], strict=True))
            one, many = statistics.median(took[1]), statistics.median(took[MANY])
            print(
                f"{way:<17} 1 command {one:6.1f} us a turn   {MANY} commands {many:6.1f} us"
                f"   ratio {ratio:.2f} (aim: 1.1 or less)"
            )
    engine.dispose()


if __name__ == "__main__":
    main()
