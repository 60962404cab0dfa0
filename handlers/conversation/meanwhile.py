"""What a form changes that stood open for a while: the fields that its sender changed, and no others.

The turn keeps each form as it was shown (`Request.shown`). A field that reads as it was shown then was left alone, and
what stands by now stays, whoever put it there. Where both changed the same field to different things, the form stays
open and says beside the field what stands; sent once more, it replaces that. A feature that edits by form says:

    merged = meanwhile.merged(request, tx, values_as_a_new_form_would_show_them, said={"amount": "$90,000"})
    if merged.problems:
        return Outcome(problems=merged.problems)
    ...  # write what merged.values say, which is true of every field
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from types import MappingProxyType
from typing import Final

import msgspec

from handlers.conversation.reply import ChoiceField, DateField, Field, Form, TimeField
from handlers.conversation.request import Request, Submitted
from handlers.conversation.wording import Days
from storage import tokens
from storage.database import Transaction

_LONGEST: Final = 160
"""Characters of what stands that are shown beside a field."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A form that was sent, laid over what stands."""

    values: dict[str, str]
    """Every field, as it is to be."""
    changed: frozenset[str]
    """Fields that the sender changed against what they were shown."""
    problems: dict[str, str]
    """Field -> what stands in it by now, where both changed it. Then nothing is to be stored."""


def merged(
    request: Request,
    tx: Transaction,
    now: Mapping[str, str],
    *,
    said: Mapping[str, str] = MappingProxyType({}),
    stood: Mapping[str, str] = MappingProxyType({}),
) -> Merged:
    """`now`: field name -> the value that the form would show if it were opened at this moment; a field that is not in
    it cannot have changed. `said`: how people say that value, where it is typed otherwise; days, times and choices are
    said here. `stood`: what stood in fields that were shown filled with something else, such as the sender's own words:
    these are changed unless they read as it stood. Where there are problems, what they say counts as shown from then
    on."""
    typed = {name: value.strip() for name, value in request.values.items()}
    fields = {field.name: field for field in request.shown.fields} if request.shown is not None else {}
    values, changed, problems = dict(typed), set(), {}
    for name, value in typed.items():
        before = stood.get(name, fields[name].value if name in fields else now.get(name, ""))
        stands = now.get(name, before)
        if _same(value, before):
            values[name] = stands
            continue
        changed.add(name)
        if not _same(stands, before) and not _same(stands, value):
            problems[name] = _sentence(said.get(name) or _in_words(request, fields.get(name), stands))
    if problems:
        _shown_by_now(request, tx, {name: now[name] for name in problems})
    return Merged(values, frozenset(changed), problems)


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def _in_words(request: Request, field: Field | None, stands: str) -> str:
    """A field's value as people say it: `Fri, Nov 27`, `3:00 pm`, the words of the option."""
    words, days = " ".join(stands.split()), Days.of(request.basis)
    with suppress(ValueError):
        match field:
            case DateField() if words:
                return days.on(date.fromisoformat(words))
            case TimeField() if words:
                return days.clock(time.fromisoformat(words))
            case ChoiceField(options=options):
                return next((option.label for option in options if option.value == stands), words)
    return words


def _sentence(words: str) -> str:
    if not words:
        return "Somebody emptied this while the form was open. Send it again to put yours there."
    if len(words) > _LONGEST:
        words = f"{words[: _LONGEST - 1]}…"
    return f"While the form was open, somebody put “{words}” here. Send it again to put yours in its place."


def _shown_by_now(request: Request, tx: Transaction, stands: Mapping[str, str]) -> None:
    """The sender reads what stands in these fields: what they send next is measured by that."""
    if request.shown is None:
        return
    fields = tuple(
        msgspec.structs.replace(field, value=stands[field.name]) if field.name in stands else field
        for field in request.shown.fields
    )
    known(request, tx, msgspec.structs.replace(request.shown, fields=fields))


def known(request: Request, tx: Transaction, form: Form) -> None:
    """The sender of the form that stays open knows it like this by now."""
    what = request.incoming.what
    if isinstance(what, Submitted):
        tokens.shown(tx, what.token, msgspec.json.encode(form).decode())
