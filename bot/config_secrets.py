"""`${NAME}` in app.yaml: what stands for it comes from the environment, and a secret never stands in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.config_file import Document, Key
from bot.config_model import SECRETS, Secret

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET_LOOK = re.compile(
    r"xox[a-z]-|xoxe\.|xapp-|hooks\.slack\.com/|\b[\w.~]{3}\dQ~[\w.~-]{31}|-----BEGIN|\b[0-9a-f]{32,}\b", re.IGNORECASE
)


def _leaves(data: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """Every single value with its key."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _leaves(value, (*key, name))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _leaves(value, (*key, index))
    elif isinstance(data, str):
        yield key, data


def texts(document: Document) -> dict[Key, str]:
    """The values as typed: what may be shown, since what a variable holds never is."""
    return dict(_leaves(document.data))


def substitute(document: Document, given: Mapping[str, str]) -> dict[str, Any]:
    """The document's data with `${NAME}` filled in, and without what is already known to be wrong."""

    def walk(value: Any, key: Key) -> Any:
        if isinstance(value, dict):
            return {name: walk(item, (*key, name)) for name, item in value.items()}
        if isinstance(value, list):
            return [walk(item, (*key, index)) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        secret = SECRETS.get(str(key[-1])) if key and key[0] == "installs" else None
        problem = _literal(value, key, secret) or _reference(value, given, secret)
        if problem:
            document.wrong(key, problem)
            return None
        whole = REFERENCE.fullmatch(value) is not None
        is_address = key[-1:] == ("database",) and not whole
        filled = REFERENCE.sub(lambda found: quote(given[found[1]], safe="") if is_address else given[found[1]], value)
        if secret and not re.fullmatch(secret.shape, filled.strip()):
            name = value.strip()[2:-1]
            document.wrong(key, f"{name} is set, but not to such a value: {secret.looks}. Find it {secret.found}.")
            return None
        return filled.strip() if secret else filled

    return cast(dict[str, Any], walk(document.data, ()))


def _literal(value: str, key: Key, secret: Secret | None) -> str:
    """Why a value must not stand in the file as it does; empty when it may. The value itself is never shown."""
    if secret and not REFERENCE.fullmatch(value.strip()):
        if re.fullmatch(r"\$\{?\w+\}?", value.strip()):
            return f"names its variable in another way than Pacer reads; expected ${{{secret.variable}}}."
        return (
            "is written out, and a secret must not stand in this file; "
            f"write ${{{secret.variable}}} here and put the value into that environment variable."
        )
    if SECRET_LOOK.search(value):
        return "looks like a secret, which must not stand in this file; write ${NAME} here and set that variable."
    if key[-1:] == ("database",):
        try:
            password = make_url(value).password
        except (ArgumentError, ValueError):
            password = None
        if password and not REFERENCE.fullmatch(str(password)):
            return (
                "holds a password, and a secret must not stand in this file; "
                "write ${DATABASE_PASSWORD} in its place and put the password into that environment variable."
            )
    return ""


def _reference(value: str, given: Mapping[str, str], secret: Secret | None) -> str:
    """What is wrong with the `${NAME}`s of a value; empty when nothing is."""
    if "${" in REFERENCE.sub("", value):
        return "has a ${ that is no environment variable; expected ${NAME}, without defaults or spaces in it."
    missing = list(dict.fromkeys(name for name in REFERENCE.findall(value) if not given.get(name)))
    if not missing:
        return ""
    names = " and ".join(missing)
    where = f" Find its value {secret.found} ({secret.looks})." if secret else ""
    verb = "is not set" if len(missing) == 1 else "are not set"
    return f"the environment variable {names} {verb}; set it there or in a .env file beside this file.{where}"
