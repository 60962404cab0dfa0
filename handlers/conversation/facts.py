"""What happened, said by one feature and heard by others (handlers/__init__.py lists who listens)."""

from __future__ import annotations

import msgspec


class PersonArrived(msgspec.Struct, frozen=True):
    """Somebody's first contact. `matched` when an imported person has their e-mail address."""

    person: str
    identity: str
    install: str
    matched: bool
