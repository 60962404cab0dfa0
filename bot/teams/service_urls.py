"""Where Pacer may send what is meant for Teams: an activity names its own service URL, and with it goes our token."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

MICROSOFT = frozenset(
    {
        "smba.trafficmanager.net",
        "smba.onyx.prod.teams.trafficmanager.net",
        "smba.infra.gcc.teams.microsoft.com",
    }
)
"""Hosts of the public cloud, by Microsoft's page on service URL validation in its Teams SDK. The national clouds have
hosts, issuers and login addresses of their own, and are not served."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LONGEST = 500

# A URL is read here and again by the HTTP client. Only what no two readers can understand differently is let through:
# no user part, no escapes, no query, no backslash, no space, no letter beyond ASCII.
_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+|\[::1\])(?::(?P<port>[0-9]{1,5}))?(?P<path>(?:/[a-z0-9._~-]*)*)",
    re.IGNORECASE | re.ASCII,
)


class _Url(NamedTuple):
    scheme: str
    host: str
    port: int
    path: str
    """In lower case, without a slash at its end; empty for the root."""


class ServiceUrls:
    """The service URLs that may be written to: Microsoft's over https, and those that the settings add."""

    def __init__(self, further: Iterable[str] = ()) -> None:
        """`further`: base URLs, for the Agents Playground, a proxy or tests. What lies below one is allowed too.

        Raises ValueError with a sentence for one that is no plain URL, or that would send tokens unencrypted off this
        machine.
        """
        self._further = tuple(_further(url) for url in further)

    def allowed(self, url: str) -> bool:
        """Whether anything, our token included, may be sent to this URL. Takes anything; False for what is no URL."""
        read = _read(url)
        if read is None:
            return False
        if read.scheme == "https" and read.port == 443 and read.host in MICROSOFT:
            return True
        return self._added(read)

    def local(self, url: str) -> bool:
        """Whether this is a server on this machine that the settings name: the Agents Playground, or a test."""
        read = _read(url)
        return read is not None and read.host in LOOPBACK and self._added(read)

    def on_this_machine(self, scheme: str, host: str, port: int) -> bool:
        """Whether that is a server on this machine that the settings name, whatever is asked of it."""
        return host in LOOPBACK and any(base[:3] == (scheme, host, port) for base in self._further)

    def _added(self, url: _Url) -> bool:
        return any(
            url[:3] == base[:3] and (url.path == base.path or url.path.startswith(base.path + "/"))
            for base in self._further
        )


def same(one: object, other: object) -> bool:
    """Whether two service URLs, as they came, are the same place: letter case and a slash at the end do not count."""
    read = _read(one)
    return read is not None and read == _read(other)


def _read(url: object) -> _Url | None:
    if not isinstance(url, str) or len(url) > _LONGEST:
        return None
    match = _SHAPE.fullmatch(url)
    if match is None:
        return None
    scheme, path = match["scheme"].lower(), match["path"].lower().rstrip("/")
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS[scheme]
    if not 0 < port < 65536 or any(part in (".", "..") for part in path.split("/")):
        return None
    return _Url(scheme, match["host"].lower(), port, path)


def _further(url: str) -> _Url:
    read = _read(url)
    if read is None:
        raise ValueError(f"The service URL {url!r} is not a plain URL such as https://bots.example.com/teams.")
    if read.scheme != "https" and read.host not in LOOPBACK:
        raise ValueError(f"The service URL {url!r} would carry tokens unencrypted. Use https, or a loopback address.")
    return read
