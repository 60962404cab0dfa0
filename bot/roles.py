"""What one `pacer run` does of all there is to do: any number of processes may share one PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import make_url

from bot.config import Settings


@dataclass(frozen=True, slots=True)
class Roles:
    """A process does one of the two, or both."""

    serves: bool = True
    """Answers people: listens, runs turns, and sends what its own turns have put into the outbox."""
    works: bool = True
    """Does what waits in the rows: plans, sends what is due and what other processes left, runs jobs."""


BOTH = Roles()


def chosen(*, serve: bool, work: bool) -> Roles:
    """What `--serve` and `--work` ask for: neither is both, and so are both."""
    return BOTH if serve == work else Roles(serves=serve, works=work)


def why_not(settings: Settings, roles: Roles) -> str:
    """Why these settings cannot be run by a process that does one part only, as a sentence; empty when they can."""
    if roles == BOTH:
        return ""
    part = "--serve" if roles.serves else "--work"
    if not settings.installs:
        return (
            f"The playground answers and works in one process, so {part} does not go with it. Leave it out, or list a "
            f"workspace or tenant under installs in {settings.path}."
        )
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        # Two processes of one machine do not hurt the file: writers wait for one another. But they wait by looking
        # again and again, so that people would wait for jobs; and on a file that two machines share it would be lost.
        return (
            f"With SQLite one process does everything, so {part} is not for it: processes that share its file would "
            "wait for one another, and machines that share it would damage it. Leave it out, or use PostgreSQL "
            f"(`database` in {settings.path}; docs/operations.md)."
        )
    return ""
