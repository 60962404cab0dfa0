"""Money and durations, as they stand in a form's field and in a text."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.language.amounts import read_amount
from handlers.language.durations import read_minutes


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        *(
            ("$50k", "50000", "USD"),
            ("€12,500", "12500", "EUR"),
            ("1.2m", "1200000", None),
            ("75,000 USD", "75000", "USD"),
        ),
        *(
            ("35 grand", "35000", None),
            ("₹12 lakh", "1200000", "INR"),
            ("80k INR", "80000", "INR"),
            ("CHF 18k", "18000", "CHF"),
        ),
        *(
            ("15k dollars", "15000", "USD"),
            ("2.5k €", "2500", "EUR"),
            ("12.500 €", "12500", "EUR"),
            ("1'200 CHF", "1200", "CHF"),
        ),
        *(
            ("Rs 5,00,000", "500000", "INR"),
            ("Rs. 2 lakhs", "200000", "INR"),
            ("1.2 Cr", "12000000", None),
            ("50000", "50000", None),
        ),
        *(
            ("US$ 5k", "5000", "USD"),
            ("A$5k", "5000", "AUD"),
            ("12 500 EUR", "12500", "EUR"),
            ("$1,234.56", "1234.56", "USD"),
        ),
        *(("USD50k", "50000", "USD"), ("50k EUR", "50000", "EUR"), ("9,75", "9.75", None), ("£8.2k", "8200", "GBP")),
    ],
)
def test_amount(text: str, value: str, currency: str | None) -> None:
    assert read_amount(text) == (Decimal(value), currency)


@pytest.mark.parametrize(
    ("company", "dollar"), [("USD", "USD"), ("CAD", "CAD"), ("AUD", "AUD"), ("EUR", "USD"), ("GBP", "USD")]
)
def test_the_company_s_dollar(company: str, dollar: str) -> None:
    assert read_amount("$5k", company) == (Decimal(5000), dollar)
    assert read_amount("5k dollars", company) == (Decimal(5000), dollar)


@pytest.mark.parametrize("text", ["", "abc", "10%", "555-0134", "0", "$", "-5", "12/11", "1e9", "9" * 40, "\0", "²"])
def test_no_amount(text: str) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        *(("30m", 30), ("45 min", 45), ("1h15", 75), ("1.5h", 90), ("half an hour", 30), ("an hour", 60), ("90", 90)),
        *(
            ("an hour and a half", 90),
            ("two hours", 120),
            ("two-hour", 120),
            ("45-minute", 45),
            ("1h 15m", 75),
            ("2hrs", 120),
        ),
        *(("1 1/2 hours", 90), ("quarter of an hour", 15), ("1:15h", 75), ("twenty five minutes", 25), ("½ hour", 30)),
        *(("1 hour and 10 min", 70), ("1 hr 20", 80), ("1,5h", 90), ("3h", 180), ("1½ hours", 90)),
    ],
)
def test_minutes(text: str, minutes: int) -> None:
    assert read_minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "abc", "0", "0m", "3 days", "9999999", "25h", "1441", "h", "\0", "²", "-30"])
def test_no_minutes(text: str) -> None:
    assert read_minutes(text) is None


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    amount, minutes = read_amount(text), read_minutes(text)
    assert amount is None or 0 < amount[0] < 10**13
    assert minutes is None or 0 < minutes <= 24 * 60
