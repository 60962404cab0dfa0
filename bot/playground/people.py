"""Whom one can be in the playground."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """A colleague of the demo company, as the playground's own "platform" knows them."""

    external_id: str
    """The playground's user id, as Slack has `U…`."""
    name: str
    email: str
    title: str
    """As on a business card, e.g. "Account executive, East"."""
    role: str
    """rep, manager, leader or admin: shown beside the name. What they may do is decided by the rows."""
    zone: str
    """IANA name."""
    chips: tuple[str, ...] = ()
    """Lines that the page offers them to try; without any, examples of the commands."""
