"""Logs: for people on a terminal, JSON in production; and in neither a secret or what somebody wrote.

Everything passes the same gate, what the libraries log included. An unknown object is shown as its class, a traceback
never holds local variables, and the message of an exception is shown only where it cannot quote anybody.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from types import TracebackType
from typing import Any, Literal, TextIO, cast

import structlog
from sqlalchemy.exc import DBAPIError

WITHHELD = "(withheld)"
LONGEST = 500
"""Characters of a single value. What is longer was not meant as a word about what happened."""
WRITTEN_BY_PEOPLE = frozenset(
    {
        *("text", "note", "said", "body", "next_text", "account_text", "words", "line", "reply", "sentence", "blocks"),
        *("payload", "data", "value", "values", "form", "fields", "prepared", "answer", "result", "draft", "contacts"),
        *("tags", "parameters", "params", "args", "kwargs", "content", "html", "raw", "request", "response"),
        *("incoming", "outcome"),
    }
)
SECRETS = frozenset(
    {
        *(
            "token",
            "bot_token",
            "app_token",
            "signing_secret",
            "app_password",
            "secret",
            "password",
            "authorization",
            "cookie",
        ),
        *("response_url", "api_key", "pacer_key", "credential", "credentials", "headers"),
    }
)
OURS = ("bot.", "scheduled.", "storage.")
"""Floors whose exceptions carry sentences of our own. Those of handlers/ may say back what a person typed."""

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(xoxe\.)?xox[a-z]-[\w.-]+|xapp-[\w-]+|xwfp-[\w-]+", re.IGNORECASE), "(token)"),
    (re.compile(r"https?://hooks\.slack(-gov)?\.com/[^\s'\"<>]*", re.IGNORECASE), "(response URL)"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "(token)"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 (token)"),
    (re.compile(r"(authorization['\"]?\s*[:=]\s*['\"]?)(?!bearer|basic)[^\s'\",}]+", re.IGNORECASE), r"\1(token)"),
    (re.compile(r"\bv0=[0-9a-f]{16,}", re.IGNORECASE), "(signature)"),
    (
        re.compile(r"((?:signing_)?secret|password|token)(['\"]?\s*[:=]\s*['\"]?)[^\s'\",&}(]+", re.IGNORECASE),
        r"\1\2(secret)",
    ),
    (re.compile(r"(\w+://[^\s:/@]+:)[^\s@/]+@"), r"\1(password)@"),
    (re.compile(r"""(['"](?:text|note|said|body|value)['"]\s*:\s*)(['"]).*?(?<!\\)\2"""), rf"\1\2{WITHHELD}\2"),
    # asyncio quotes a lost exception with its message.
    (re.compile(r"exception=(\w+)\(.*\)", re.DOTALL), r"exception=\1"),
)
_known: set[str] = set()


def protect(secrets: Iterable[str]) -> None:
    """From now on these very texts are shown nowhere, whatever they look like."""
    _known.update(secret for secret in secrets if len(secret) >= 8)


def redact(text: str) -> str:
    """The text without anything that opens a door."""
    for secret in _known:
        text = text.replace(secret, "(secret)")
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def set_up(
    style: Literal["auto", "console", "json"] = "auto",
    *,
    level: int = logging.INFO,
    stream: TextIO | None = None,
    secrets: Iterable[str] = (),
) -> None:
    """Send all logs to `stream` (standard error), through the gate. May be called again."""
    stream = stream or sys.stderr
    protect(secrets)
    on_terminal = stream.isatty()
    renderer: Any
    if style == "console" or (style == "auto" and on_terminal):
        renderer = structlog.dev.ConsoleRenderer(colors=on_terminal, exception_formatter=structlog.dev.plain_traceback)
    else:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False, default=lambda value: type(value).__name__)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            gate,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        # Without a cache a logger that was used before this call follows it too.
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_FromLibraries()]
    # Below a warning the SDKs print whole requests.
    root.setLevel(logging.WARNING)
    sys.excepthook = _uncaught
    threading.excepthook = lambda lost: _uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)


def gate(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that everything passes."""
    problem = event.pop("exc_info", None)
    if problem is True:
        problem = sys.exc_info()[1]
    elif isinstance(problem, tuple):
        problem = problem[1]
    event.pop("stack_info", None)
    shown = {name: _shown(name, value) for name, value in event.items()}
    if isinstance(problem, BaseException):
        shown["exception"] = redact("\n".join(_told(problem)))
    return shown


def _shown(name: str, value: Any) -> Any:
    """A value as it may be logged under that name."""
    folded = name.lower()
    if folded in WRITTEN_BY_PEOPLE or folded in SECRETS:
        return WITHHELD if value not in (None, "") else value
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            text = redact(value)
            return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
        case Mapping():
            return {str(key): _shown(str(key), item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_shown(name, item) for item in value]
        case BaseException():
            return redact(_named(value))
        case type():
            return value.__name__
    return (
        redact(str(value))
        if type(value).__module__ in {"datetime", "decimal", "pathlib", "zoneinfo"}
        else f"<{type(value).__name__}>"
    )


def _named(error: BaseException) -> str:
    """An exception's class, and its message where that cannot quote what somebody wrote."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, DBAPIError):
        # Its own text repeats the statement's parameters.
        return f"{name}: {_named(error.orig)}" if error.orig else name
    if state := getattr(error, "sqlstate", None):
        return f"{name} (SQLSTATE {state})"
    if isinstance(error, OSError):
        return f"{name}: {error.strerror or error.errno or 'no reason given'}"
    speaks_safely = isinstance(error, sqlite3.Error | TimeoutError) or f"{kind.__module__}.".startswith(OURS)
    response = getattr(error, "response", None)
    if kind.__module__.startswith("slack_sdk.") and response is not None and hasattr(response, "get"):
        code = response.get("error")
        return f"{name}: {code}" if isinstance(code, str) else name
    message = str(error).strip()
    return f"{name}: {message}" if speaks_safely and message else name


def _told(error: BaseException) -> list[str]:
    """A traceback: where, and through what, without local variables; causes first, as Python prints it."""
    lines: list[str] = []
    seen: set[int] = set()
    chain: list[tuple[BaseException, str]] = []
    current: BaseException | None = error
    link = ""
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        chain.append((current, link))
        if current.__cause__ is not None:
            current, link = current.__cause__, "which led to:"
        else:
            current, link = (None if current.__suppress_context__ else current.__context__), "and then:"
    for part, link in reversed(chain):
        frames = traceback.extract_tb(part.__traceback__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        lines.append(_named(part))
        if isinstance(part, BaseExceptionGroup):
            for inner in part.exceptions:
                lines += [f"  | {line}" for line in _told(inner)]
        if link:
            lines.append(link)
    return lines


class _FromLibraries(logging.Handler):
    """What slack_sdk, Bolt, aiohttp and the others log through Python's own logging."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage().strip()
        except Exception:
            message = str(record.msg)
        first = message.partition("\n")[0]
        log = structlog.get_logger()
        cast(Any, log).log(record.levelno, first, logger=record.name, exc_info=record.exc_info or None)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """The last resort, instead of Python's own, which would print messages as they are."""
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    structlog.get_logger().error("uncaught", exc_info=error)
