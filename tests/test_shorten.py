"""Shortening, for every platform alike."""

from __future__ import annotations

import pytest

from bot.shorten import SHORTENED, clean, sendable

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("Acme", 4, "Acme"),
        ("Acmes", 4, "Acm…"),
        ("", 10, "–"),
        (" \n", 10, "–"),
        ("nul \0", 10, "nul \ufffd"),
        ("half \ud83d", 10, "half \ufffd"),
        ("Rene\u0301e", 5, "Ren…"),
        (f"ab{FAMILY}cd", 6, "ab…"),
        (f"ab{FAMILY}cd", 8, f"ab{FAMILY}…"),
        ("thumb \U0001f44d\U0001f3fd up", 8, "thumb …"),
        ("x" * 300, 200, "x" * (200 - len(SHORTENED)) + SHORTENED),
    ],
)
def test_cut(text: str, limit: int, cut: str) -> None:
    assert clean(text, limit) == cut
    assert len(clean(text, limit)) <= limit


def test_marks_without_a_letter_are_cut_all_the_same() -> None:
    assert clean("e" + "\u0301" * 500, 100) == "e" + "\u0301" * 98 + "…"


def test_what_can_be_sent_stays_as_it_is() -> None:
    text = "Zoë \U0001f44d \u202eabc\u202c\n\t"
    assert sendable(text) is text
