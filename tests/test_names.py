"""Known names in free text: whole, by a part, by an alias, misspelt."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.language.names import NameIndex

NAMES = ["Kestrel Robotics", "Kestrel Foods", "Quillon", "O'Brien Logistics", "AT&T", "7-Eleven", "L'Oréal", "Next plc"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("kestrel foods", "Kestrel Foods"), ("Quilon", "Quillon"), ("obrien", "O'Brien Logistics"), ("at&t", "AT&T")),
        *(
            ("ATT", "AT&T"),
            ("AT and T", "AT&T"),
            ("7 eleven", "7-Eleven"),
            ("loreal", "L'Oréal"),
            ("L’Oreal", "L'Oréal"),
        ),
        *(
            ("Next", "Next plc"),
            ("foods kestrel", "Kestrel Foods"),
            ("Kestral robotics", "Kestrel Robotics"),
            ("quil", "Quillon"),
        ),
    ],
)
def test_one_fits(text: str, name: str) -> None:
    assert NameIndex(NAMES).resolve(text).name == name


def test_several_fit_in_the_order_they_were_added() -> None:
    match = NameIndex(NAMES).resolve("kestrel")
    assert (match.name, match.choices) == (None, ("Kestrel Robotics", "Kestrel Foods"))


@pytest.mark.parametrize("text", ["", " ", "Halvorsen", "of", "&", "\0", "plc", "x" * 5000])
def test_none_fits(text: str) -> None:
    assert not NameIndex(NAMES).resolve(text)


def test_a_whole_name_goes_before_a_part_of_a_longer_one() -> None:
    assert NameIndex(["Kestrel Foods", "Kestrel"]).resolve("kestrel").name == "Kestrel"


@pytest.mark.parametrize(
    ("known", "typed", "name", "choices"),
    [
        (("Acme Corporation", "Acme Freight"), "Acme", None, ("Acme Corporation", "Acme Freight")),
        (("Acme Corporation", "Acme Freight"), "acme corp", "Acme Corporation", ()),
        (("Acme", "Acme Freight"), "Acme", "Acme", ()),
        (("Contoso Ltd",), "Contoso", "Contoso Ltd", ()),
        (("Contoso Ltd", "Contoso Suites"), "contoso", None, ("Contoso Ltd", "Contoso Suites")),
        (("Contoso",), "Contoso Ltd", "Contoso", ()),
        (("Acme East",), "Acme West", None, ()),
    ],
)
def test_a_legal_form_tells_nobody_apart(
    known: tuple[str, ...], typed: str, name: str | None, choices: tuple[str, ...]
) -> None:
    match = NameIndex(known).resolve(typed)
    assert (match.name, match.choices) == (name, choices)


def test_names_come_and_go() -> None:
    names = NameIndex(NAMES)
    names.add("International Business Machines", ["IBM"])
    assert names.resolve("ibm").name == "International Business Machines"
    names.remove("International Business Machines")
    names.remove("never there")
    assert not names.resolve("ibm")
    assert len(names) == len(NAMES)
    names.remove("Kestrel Foods")
    assert names.resolve("kestrel").name == "Kestrel Robotics"
    assert "Kestrel Foods" not in names
    names.add("Quillon", ["The Q"])
    assert names.resolve("the q").name == "Quillon"
    assert len(names) == len(NAMES) - 1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), max_size=8, unique=True), st.text(max_size=60))
def test_any_name_is_found_again_and_any_text_is_answered(added: list[str], text: str) -> None:
    names = NameIndex(added)
    names.resolve(text)
    for name in added:
        match = names.resolve(name)
        if any(letter.isalnum() for letter in name) and match:
            assert name == match.name or name in match.choices or match.choices or match.name
    for name in added:
        names.remove(name)
    assert len(names) == 0
    assert not names.resolve(text)
