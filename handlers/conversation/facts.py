"""What happened, said by one feature and heard by others (handlers/__init__.py lists who listens)."""

from __future__ import annotations

import msgspec

from storage.deals import Deal


class PersonArrived(msgspec.Struct, frozen=True):
    """Somebody's first contact. `matched` when an imported person has their e-mail address."""

    person: str
    identity: str
    install: str
    matched: bool


class DealMoved(msgspec.Struct, frozen=True):
    """An open deal changed (stage, amount, close date …), or a new one was added: then there is no `before`."""

    before: Deal | None
    after: Deal
    by: str | None
    """A person's id; None: an import."""
    reason: str | None = None


class DealWon(msgspec.Struct, frozen=True):
    """A deal is won. Heard twice of a win that was claimed first (`deal.claimed`): once more when it is confirmed."""

    deal: Deal
    by: str | None
    confirmed: bool = False
    """It was claimed before, and now it counts."""


class WinTold(msgspec.Struct, frozen=True):
    """Somebody spoke of a win with `/win`, whether or not it was known: what they told besides is kept with it."""

    deal: Deal
    by: str
    helpers: tuple[str, ...] = ()
    """Ids of people."""
    story: str = ""


class WinChanged(msgspec.Struct, frozen=True):
    """A won deal stays won, and its amount, owner, account or day is another one."""

    before: Deal
    after: Deal
    by: str | None


class DealLost(msgspec.Struct, frozen=True):
    """A deal is lost; the reason stands in `deal.loss_reason`."""

    deal: Deal
    by: str | None


class TargetsImported(msgspec.Struct, frozen=True):
    """An import set targets of this fiscal year or later ones: not a company's first import of targets."""

    versions: tuple[tuple[str, str | None], ...]
    """Each target's version that holds now, and the one that held before, by their ids."""
    by: str | None
    """A person's id; None: no person, but a schedule or the command line."""


class DealReversed(msgspec.Struct, frozen=True):
    """A won deal is won no more: undone, reopened, or lost after all. `deal` is as it was when it was won."""

    deal: Deal
    by: str | None
