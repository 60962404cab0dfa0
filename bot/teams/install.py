"""The Teams tenants that this deployment serves, and which of them an activity belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TeamsInstall:
    """One entry of app.yaml's `installs`: one bot in one tenant. Its secret comes from the environment, never shown."""

    name: str
    tenant_id: str
    """The Entra tenant's id, a GUID."""
    app_id: str
    """The bot's Microsoft app id, a GUID. A multi-tenant bot has one entry for each tenant that it serves."""
    app_password: str = field(default="", repr=False)
    """The client secret's value."""

    platform = "teams"

    @property
    def external_id(self) -> str:
        """What it is installed on."""
        return self.tenant_id

    @property
    def credential(self) -> str:
        """The secret that a new installation changes."""
        return self.app_password


class Installs:
    """The listed installs, found by the ids that a token and an activity carry. Anything else is a stranger."""

    def __init__(self, installs: Iterable[TeamsInstall]) -> None:
        self._by_name: dict[str, TeamsInstall] = {}
        self._by_ids: dict[tuple[str, str], TeamsInstall] = {}
        for install in installs:
            if not install.tenant_id or not install.app_id:
                raise ValueError(f"Teams install {install.name}: give both its tenant id and its app id")
            ids = _ids(install.app_id, install.tenant_id)
            if install.name in self._by_name or ids in self._by_ids:
                raise ValueError(f"Teams install {install.name}: its name or its tenant and app are listed twice")
            self._by_name[install.name] = self._by_ids[ids] = install

    def __iter__(self) -> Iterator[TeamsInstall]:
        return iter(tuple(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)

    def named(self, name: str) -> TeamsInstall | None:
        """The install of that name in app.yaml."""
        return self._by_name.get(name)

    def find(self, app_id: str, tenant_id: str) -> TeamsInstall | None:
        """The install that an activity for this bot from this tenant belongs to, or None for one that is not listed."""
        return self._by_ids.get(_ids(app_id, tenant_id))

    def app_ids(self) -> frozenset[str]:
        """The bots' app ids in lower case: the audiences that a token may have."""
        return frozenset(app_id for app_id, _ in self._by_ids)

    def remove(self, name: str) -> None:
        """Forget an install that was uninstalled, its secret with it, until the process starts anew."""
        install = self._by_name.pop(name, None)
        if install is not None:
            del self._by_ids[_ids(install.app_id, install.tenant_id)]


def _ids(app_id: str, tenant_id: str) -> tuple[str, str]:
    # GUIDs mean the same in either case, and people copy them from pages that show either.
    return app_id.lower(), tenant_id.lower()
