"""What `imports` of app.yaml lists."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Watched:
    """A file, a folder or an address that is imported on a schedule; exactly one of `path` and `url`."""

    name: str
    every: str = "1 hour"
    """`30 minutes`, `2 hours`, or `06:30` of the company's day."""
    path: Path | None = None
    url: str = ""
    private: bool = False
    """The address may be in the company's own network, and then without TLS."""
    kind: str = ""
    mapping: tuple[str, ...] = ()
    date_order: str = ""
    source: str = "import"
