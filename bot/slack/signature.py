"""Whether Slack itself sent these bytes, decided before anything in them is read.

Bolt parses a body before it verifies it, and answers 500 to unsigned nonsense; so it is given nothing unverified.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

TOLERANCE = 300
"""Seconds that a timestamp may be off, either way."""


def signers(secrets: Iterable[str], timestamp: str, signature: str, body: bytes, now: float) -> frozenset[str]:
    """Those of the signing secrets that this request was signed with; empty when it is to be refused.

    `timestamp` and `signature` are the two headers as they came, empty where missing; `now` is in seconds since 1970.
    """
    # int() would also take "+1", " 1" and "1_0"; only plain digits were ever signed by Slack.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return frozenset()
    if abs(now - int(timestamp)) > TOLERANCE:
        return frozenset()
    claimed = signature.encode("utf-8", "surrogateescape")
    message = b"v0:%b:%b" % (timestamp.encode(), body)
    return frozenset(
        secret
        for secret in secrets
        if secret
        and hmac.compare_digest(b"v0=" + hmac.digest(secret.encode(), message, "sha256").hex().encode(), claimed)
    )
