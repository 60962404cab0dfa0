"""The Slack workspaces and organisations that this deployment serves, and which of them an event belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SlackInstall:
    """One entry of app.yaml's `installs`. Its secrets come from the environment and are never shown."""

    name: str
    team_id: str = ""
    """`T…` of the workspace; empty for an installation on a whole Enterprise Grid organisation."""
    enterprise_id: str = ""
    """`E…` of the organisation, for an org-wide installation or a workspace that is part of one."""
    bot_token: str = field(default="", repr=False)
    """`xoxb-…`"""
    signing_secret: str = field(default="", repr=False)
    """Signs what Slack sends over HTTP; empty where only Socket Mode is used."""
    app_token: str = field(default="", repr=False)
    """`xapp-…`, for Socket Mode; empty where only HTTP is used."""

    platform = "slack"

    @property
    def external_id(self) -> str:
        """What it is installed on."""
        return self.team_id or self.enterprise_id

    @property
    def credential(self) -> str:
        """The secret that a new installation changes."""
        return self.bot_token

    @property
    def org_wide(self) -> bool:
        """Installed on the organisation as a whole rather than on one workspace."""
        return bool(self.enterprise_id) and not self.team_id


class Installs:
    """The listed installs, found by the ids that a payload carries. Anything else is a stranger."""

    def __init__(self, installs: Iterable[SlackInstall]) -> None:
        self._by_name: dict[str, SlackInstall] = {}
        self._by_team: dict[str, SlackInstall] = {}
        self._by_enterprise: dict[str, SlackInstall] = {}
        for install in installs:
            where, key = (
                (self._by_enterprise, install.enterprise_id) if install.org_wide else (self._by_team, install.team_id)
            )
            if not key:
                raise ValueError(f"Slack install {install.name}: give its team_id, or its enterprise_id if org-wide")
            if install.name in self._by_name or key in where:
                raise ValueError(f"Slack install {install.name}: its name or its id {key} is listed twice")
            self._by_name[install.name] = where[key] = install

    def __iter__(self) -> Iterator[SlackInstall]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def named(self, name: str) -> SlackInstall | None:
        """The install of that name in app.yaml."""
        return self._by_name.get(name)

    def remove(self, name: str) -> None:
        """Forget an install that was uninstalled, its secrets with it, until the process starts anew."""
        install = self._by_name.pop(name, None)
        if install is not None:
            where, key = (
                (self._by_enterprise, install.enterprise_id) if install.org_wide else (self._by_team, install.team_id)
            )
            del where[key]

    def find(self, team_id: str, enterprise_id: str, org_wide: bool) -> SlackInstall | None:
        """The install that an event belongs to, or None for one that is not listed.

        An org-wide event never falls back to a workspace of the organisation, nor the other way round: each has its
        own token and its own people.
        """
        if org_wide:
            return self._by_enterprise.get(enterprise_id)
        install = self._by_team.get(team_id)
        if install is not None and install.enterprise_id and enterprise_id and install.enterprise_id != enterprise_id:
            return None
        return install
