"""How kudos are said: to the giver, to who is thanked, in a channel, in a list. Names are names and mention nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from handlers.conversation.company import Company, Value
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed
from storage.kudos import Kudos

Names = Callable[[str], str]
"""A person's id -> their name."""

TAKEN_BACK: Final = "These kudos were taken back."
ONLY_YOU: Final = "Only {whom} can see this."


def value_of(company: Company, key: str) -> Value:
    """The value of that key; one that is not in the settings any more goes by its key."""
    return next((one for one in company.values if one.key == key), Value(key, key))


def quoted(one: Kudos) -> str:
    """The reason, as it was written."""
    return f"“{one.reason}”"


def headline(one: Kudos, names: Names) -> str:
    """`Rae Quinn thanks Sam Okafor and Dana Reyes`."""
    return f"{names(one.giver)} thanks {listed([names(person) for person in one.to])}"


def tagged(company: Company, one: Kudos) -> str:
    """`Customer first: We begin with what the customer needs.`"""
    value = value_of(company, one.value)
    return f"{value.name}: {value.about}" if value.about else value.name


def in_one_line(company: Company, one: Kudos, names: Names) -> str:
    """`Rae Quinn thanks Sam Okafor: “the demo rescue” (Customer first)`."""
    return f"{headline(one, names)}: {quoted(one)} ({value_of(company, one.value).name})"


def listed_line(request: Request, one: Kudos, who: str) -> str:
    """`Wed, Nov 18, Rae Quinn: “the demo rescue” (Customer first)`."""
    private = ", private" if one.private else ""
    day = Days.of(request.basis).on(one.day)
    return f"{day}, {who}: {quoted(one)} ({value_of(request.company, one.value).name}{private})"


def may_see(one: Kudos, names: Sequence[str]) -> str:
    """Who sees it, said to one of them; `names` are the others'."""
    return ONLY_YOU.format(whom=listed(["you", *names])) if one.private else "Your colleagues can see this."
