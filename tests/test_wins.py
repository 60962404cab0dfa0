"""Wins as people say and read them, on both databases: the channel is the playground's, where the team reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from bot.playground.room import INSTALL
from bot.playground.transcript import CHANNEL
from handlers.conversation.company import Company, WinRoute, Wins
from storage import people, units
from storage.database import Transaction
from tests.chat import COMPANY, NOW, Chat

ROUTE = WinRoute("wins", INSTALL, CHANNEL)


def company(**wins: Any) -> Company:
    return msgspec.structs.replace(COMPANY, wins=Wins(**{"routes": (ROUTE,), **wins}))


@pytest.fixture
def office(database_url: str) -> Iterator[Chat]:
    yield from opened(database_url, company())


def opened(url: str, company: Company) -> Iterator[Chat]:
    chat = Chat(url, company)
    try:
        chat.database.submit(east).result()
        yield chat
    finally:
        chat.close()


def east(tx: Transaction) -> None:
    """Rae sells in East since 60 days, which Max leads; Lee leads the company."""
    now, since = NOW, NOW.date() - timedelta(days=60)
    top = units.add(tx, "Northstar", kind="company", parent=None, at=now)
    team = units.add(tx, "East", kind="team", parent=top, at=now)
    for email, unit, leads in (("rae", team, False), ("max", team, True), ("lee", top, True)):
        person = people.by_email(tx, f"{email}@test.example")
        assert person is not None
        units.join(tx, unit, person.id, since=since, leads=leads)


def channel(chat: Chat) -> list[str]:
    """What stands in the channel."""
    return [shown.text for shown in chat.shown(chat.leader) if shown.conversation == CHANNEL]


def test_a_deal_won_in_chat_is_shown_to_its_teller_first_and_then_announced(office: Chat) -> None:
    office.rep("/deal Acme negotiation $60k")
    office.later(days=3)
    office.rep("won Acme").says("Won: Acme Corporation, $60,000")
    assert channel(office) == []
    office.rep.inbox()
    shown = [one for one in office.shown(office.rep)][-1]
    assert shown.text.startswith("Shall I announce it in wins? This is how it reads there; nothing is out yet.")
    from tests.chat import Heard  # noqa: PLC0415
    from bot.playground.room import Back  # noqa: PLC0415

    heard = Heard(office.rep, Back(messages=(shown,)))
    print(heard.reply)
    heard.press("Announce").says("Announced in wins: Acme Corporation.")
    print(channel(office))
    assert len(channel(office)) == 1
