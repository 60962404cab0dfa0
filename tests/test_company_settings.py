"""A pipeline, limits, ramp and period of a company's own, as they show in what people say and read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import msgspec
import pytest

from handlers.conversation.company import StatusLimits
from handlers.figures.plan import load
from handlers.imports.words import Stages
from handlers.numbers.spans import Span
from tests.chat import COMPANY, Chat
from tests.test_quota_conversations import Team, team

__all__ = ["team"]

OWN = msgspec.structs.replace(
    COMPANY,
    stages={"discovery": 10, "trial": 40, "negotiation": 75, "won": 100, "lost": 0},
    stage_words={"trial": ("pilot", "proof of concept"), "won": ("handshake",)},
    stuck_days=5,
    status_limits=StatusLimits(ahead=120, on_pace=76, behind=50),
    ramp=(20, 60),
    quota_period="month",
)


@pytest.fixture
def chat(sqlite_url: str) -> Iterator[Chat]:
    talking = Chat(sqlite_url, OWN)
    yield talking
    talking.close()


def test_a_deal_is_said_in_the_companys_stages_and_words(chat: Chat) -> None:
    chat.rep("/deal Acme pilot $60k").shows("trial, $60,000")
    chat.rep("/deal Initech $5k").shows("discovery, $5,000")
    assert {row["stage"] for row in chat.rows("SELECT stage FROM deals")} == {"trial", "discovery"}
    form = chat.rep("/deal").form
    (field,) = [one for one in form.fields if one.name == "stage"]
    assert [option.label for option in field.options] == ["Discovery", "Trial", "Negotiation", "Won", "Lost"]  # type: ignore[union-attr]
    chat.rep("Acme is now in proof of concept").lacks("Which stage")


def test_the_forecast_weighs_by_them(team: Team) -> None:
    """$30,000 won in November + 40 % of $50,000; November alone is what is asked about."""
    team.open("rae", date(2026, 11, 27), 5_000_000, "trial", "Trial")
    team.chat.rep("/quota forecast").says("weighted forecast $50,000", "November 2026")
    team.chat.manager("open deals by stage").says("trial 1, $50,000")


def test_the_limits_of_a_status(team: Team) -> None:
    """Rae's pace of the quarter is 76.0 %: on pace where that begins at 76."""
    team.chat.rep("/quota this quarter").says("On pace: pace 76 %")


def test_what_is_stuck(team: Team) -> None:
    team.chat.rep("/quota my stuck deals").says("more than 5 days in its stage")


def test_the_ramp(team: Team) -> None:
    """The second month of whoever ramps is the company's 60 %, the third all of it."""
    plan = team.chat.database.submit(lambda tx: load(tx, OWN, Span(date(2026, 1, 1), date(2026, 12, 31)))).result()
    carrier = plan.sellers[team.ids["rae"]].carrier(ramped=True)
    shares = [carrier.ramp_share(date(2026, month, 1)) for month in (1, 2, 3)]
    assert shares == [Fraction(1, 5), Fraction(3, 5), Fraction(1)]


@pytest.mark.parametrize(
    ("cell", "stage"),
    [("Pilot", "trial"), ("Discovery", "discovery"), ("Closed Won", "won"), ("Handshake", "won"), ("Proposal", "")],
)
def test_a_files_stages_are_the_companys(cell: str, stage: str) -> None:
    stages = {name: OWN.stage_words.get(name, ()) for name in OWN.stages}
    found = Stages(stages).find(cell)
    assert found is not None
    assert found.key == stage


def test_a_list_of_my_deals_asks_about_what_stood_for_the_companys_days(chat: Chat) -> None:
    chat.rep("/deal Acme pilot $60k")
    chat.later(days=6)
    chat.rep("/deal list").says("No change for 5 days: Acme")
