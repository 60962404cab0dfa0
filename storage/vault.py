"""Secrets at rest: tokens and response URLs are sealed with a key that only the environment knows (PACER_KEY)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken


class Vault:
    """Seals and opens short secrets. Any text of 16 characters or more makes a key."""

    def __init__(self, key: str) -> None:
        if len(key) < 16:
            raise ValueError("PACER_KEY must have 16 characters or more")
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))
        self._marking = hashlib.sha256(b"mark:" + key.encode()).digest()

    def seal(self, secret: str) -> str:
        """The secret as it may be stored; an empty one stays empty."""
        return self._fernet.encrypt(secret.encode()).decode() if secret else ""

    def open(self, sealed: str) -> str:
        """The secret again, or an empty string where the key is another one than it was sealed with."""
        if not sealed:
            return ""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return ""

    def mark(self, secret: str) -> str:
        """The same for the same secret, so that it is known again; without the key nobody can try out what it was."""
        return hmac.new(self._marking, secret.encode(), hashlib.sha256).hexdigest()
