"""The words in which a platform declares what it does: bot/slack/ways.py, bot/teams/ways.py."""

from __future__ import annotations

from typing import NamedTuple


class Way(NamedTuple):
    """How a platform does something."""

    by: str
    """In the platform's own words."""
    test: str
    """The test that shows it, in the platform's end-to-end or sending tests."""
    instead: bool = False
    """A substitute: the platform itself cannot do it."""


class Shown(NamedTuple):
    """How a platform shows a kind of part."""

    by: str
    element: str
    """The `type` that is found in what the renderer makes of it."""
