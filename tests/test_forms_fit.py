"""Every form of the product, read from its source: how many fields it has, so that it fits a phone's screen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from handlers.checkins.questions import DEFAULT

HANDLERS = Path(__file__).parents[1] / "handlers"
SCREEN = 6
"""Fields that a phone shows at once: docs/images/checkin.png is six of them on 400 × 860."""
FIELDS = {"TextField", "ChoiceField", "DateField", "TimeField"}
LONGER = {
    # What a line of `/log` can say, all of it can be changed: thirteen. A new one shows nine or ten: what few have
    # (amount, how many, tags) is left out until it is there.
    "log/form": 13,
    # One form for a new deal and for changing one: account, name, stage, amount, close, product or type, reason.
    "deals/form": 7,
    # When, how long, how often, until when, how early the reminder: a meeting is set up once and held for months. What
    # is written behind `/meeting` needs none of it.
    "meetings/form": 8,
    # An admin's, at a desk: where somebody belongs decides who sees what, so all of it stands on one page.
    "people/form": 8,
    # An admin's or a manager's, once a year; `/target Rae 1.2M` needs no form.
    "plan/setting": 8,
}
"""Forms with more than a screen, why, and how many they may have."""
ELSEWHERE = {
    # Whose it is, what, and by when: made in promise_form.py for both.
    ("checkins/answers", "Action item"),
    ("checkins/talk_add", "Action item"),
    # A field a question. The product asks six, and one more where a commit was missed or somebody is low; a company may
    # ask eight.
    ("checkins/form", "Your check-in"),
    # An admin's, at a desk: a field for each thing that a file of deals may hold. What is found by itself is filled in.
    ("imports/chat_preview", "Which column is what"),
}
"""Forms whose fields are made of data, or in another file."""


@dataclass(frozen=True)
class Found:
    """A form: where it is made, under which title, and how many fields it may have."""

    module: str
    title: str
    fields: int


def forms() -> Iterator[Found]:
    """All that are made in handlers/."""
    for path in sorted(HANDLERS.rglob("*.py")):
        functions = {
            one.name: one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.FunctionDef)
        }
        for function in functions.values():
            for call in _calls(function, {"Form"}):
                title = call.args[0] if call.args else next(one.value for one in call.keywords if one.arg == "title")
                name = f"{path.parent.name}/{path.stem}"
                yield Found(name, ast.unparse(title).strip("'"), _fields(function, functions, set()))


def _calls(node: ast.AST, names: set[str]) -> list[ast.Call]:
    return [
        one
        for one in ast.walk(node)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in names
    ]


def _fields(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: set[str]) -> int:
    """Those that it makes itself, and through functions beside it."""
    seen.add(function.name)
    count = len(_calls(function, FIELDS | {"measure_field"}))
    for name in {one.func.id for one in _calls(function, set(functions))} - seen:  # type: ignore[attr-defined]
        count += _fields(functions[name], functions, seen)
    return count


FOUND = sorted(forms(), key=lambda one: (one.module, one.title))


@pytest.mark.parametrize("one", FOUND, ids=lambda one: f"{one.module}: {one.title}")
def test_it_fits_a_phone_or_says_why_not(one: Found) -> None:
    if (one.module, one.title) in ELSEWHERE:
        assert one.fields <= 2, "it has fields of its own by now: count them"
        return
    assert one.fields >= 1, "its fields are made elsewhere: name it in ELSEWHERE"
    assert one.fields <= LONGER.get(one.module, SCREEN)


def test_every_excuse_is_needed() -> None:
    modules = {one.module: one.fields for one in FOUND}
    assert {name for name, most in LONGER.items() if modules.get(name) != most} == set()
    assert {(one.module, one.title) for one in FOUND} >= ELSEWHERE
    assert len(FOUND) > 25


def test_a_check_in_and_an_action_item_fit() -> None:
    assert len([one for one in DEFAULT if not one.when]) == SCREEN
    (promise,) = [
        one
        for one in ast.walk(ast.parse((HANDLERS / "checkins" / "promise_form.py").read_text("utf-8")))
        if isinstance(one, ast.FunctionDef) and one.name == "fields"
    ]
    assert len(_calls(promise, FIELDS)) <= SCREEN
