"""A command, declared once: routing, help, the manifests, the playground's menu and a test of every command derive
from the tuple of these in handlers/__init__.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, TypeAlias

from handlers.conversation.company import Company
from handlers.conversation.reply import Part
from handlers.conversation.request import Basis, Outcome, Request
from storage.database import Transaction

FreeAnswers: TypeAlias = Literal["words", "story"]
"""A few words; or what happened, in as many as it takes."""
Handler: TypeAlias = Callable[[Request, Transaction], Outcome]
EVERYONE = frozenset({"rep", "manager", "leader", "admin"})


class Done(NamedTuple):
    """When something was done, and the id of its row."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """An entry in a message's menu that hands the message's text to the command."""

    label: str
    summary: str
    handle: Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing that Pacer can be told."""

    name: str
    summary: str
    """One line for the list of commands."""
    usage: str
    """What may follow the name, e.g. `[what you did]`."""
    examples: tuple[str, ...]
    """Whole lines as typed, each shown in help and walked by a test."""
    explain: str = ""
    """What `help NAME` says besides."""
    roles: frozenset[str] = EVERYONE
    handle: Handler
    """The command said in words."""
    actions: Mapping[str, Handler] = field(default_factory=dict)
    """Its buttons and forms: what a token names."""
    prepare: Callable[[str, Basis, Company], object] | None = None
    """Slow and pure work on the text, given (text, basis, company); done before the transaction begins."""
    understands: Callable[[object], bool] | None = None
    """Whether a plain sentence said to Pacer, once prepared, is surely meant for this command."""
    recognises: Callable[[Request, Transaction], bool] | None = None
    """The same for words that no command understood by themselves, with what the rows know: `how is East`."""
    asked_first: bool = False
    """Its `understands` is asked before the others': what it takes for its own is the narrower."""
    fresh: str = ""
    """The line that shows what its buttons are about, with fresh ones; empty where none does."""
    adopt: str = ""
    """Label of a button that hands this command a text that nothing understood."""
    home: Callable[[Request, Transaction], tuple[Part, ...]] | None = None
    """What it shows on the person's own page."""
    answer: Callable[[Request, Transaction], Outcome | None] | None = None
    """Takes typed words as the answer to its open question, or returns None when they are none."""
    free_answers: FreeAnswers | None = None
    """What may stand in a typed answer to those of its questions that take free words (such a
    question says so: `waits` of questions.ask). The rule for all of them, in bot/turn.py:

    1. What waves the question away, or begins with another command's name (but see `answers_first`), is that.
    2. What another command is sure of (`understands`, `recognises`, and where it has one `among_answers`) goes there:
       a private note never becomes thanks, nor an answer that the manager reads. But “called Acme” may well be what
       went well, so `/log` leaves it to a question whose answer is a `story`.
    3. Everything else is the answer.

    The question stays open after 1 and 2 (except where it was waved away), behind other commands' questions too, and
    what is said then ends with its `waits`, so that nobody types something private into it unawares.
    """
    among_answers: Callable[[str, FreeAnswers], bool] | None = None
    """Which of the lines that it is sure of otherwise it is sure of even while such a question is open; None: all."""
    answers_first: Callable[[str], bool] | None = None
    """While its question is open in the direct chat: whether words that begin with a command's name answer it all the
    same, as “deal with Acme is close” does. A slash before them says that they are for the command."""
    takes_files: Handler | None = None
    """Takes a message with files (`request.incoming.what.files`: only those that came whole) instead of `handle`: one
    that says the command's name, and one whose words, if it has any, no command understands."""
    file_endings: tuple[str, ...] = ()
    """How the names of all files of such a message end for it to be this command's without its name being said; empty:
    it gets what is no other's."""
    latest: Callable[[Request, Transaction], Done | None] | None = None
    """When the person last did something with it that `undo` may be said of."""
    undo: Handler | None = None
    """Takes that back; asked too while a question of the command is open."""
    shortcut: Shortcut | None = None
    aliases: tuple[str, ...] = ()
    """Other words that mean it at the beginning of a message; not registered as slash commands."""
    shorthands: Mapping[str, str] = field(default_factory=dict)
    """Whole messages that mean it -> the words that they stand for behind its name: `list` -> `list` of `/log list`."""
    everyday_name: bool = False
    """Its name is a word that people begin other lines with (`meeting with Acme went well`): without a slash it means
    the command where `recognises` says so of the whole line, or where nothing else understands it."""
    slash: bool = True
    """Registered as a slash command of its own (`/pacer NAME` always works)."""


@dataclass(frozen=True, slots=True)
class Listener:
    """`hear` is called, in the same transaction, for each fact of that class.

    A reply of its outcome is said in one message with the answer to the person who acted, before it, where that goes to
    their own chat; its messages to that person are then left out.
    """

    fact: type
    hear: Callable[[Any, Request, Transaction], Outcome]
