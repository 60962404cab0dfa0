"""`/metrics`: what it counts is true, its labels are words of closed lists, and no other site's page gets at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import pytest_asyncio
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from bot.app import Application
from bot.config import MetricsAt
from bot.metrics import MetricsListener
from bot.slack.install import SlackInstall
from handlers import COMMANDS
from handlers.reach.gate import Reason
from storage import jobs, notices, outbox, people, tables
from storage.database import Transaction
from tests.fakes.ports import own_port
from tests.fakes.slack import FakeSlack
from tests.serving import serving

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(ACME) as fake:
        fake.direct("U1")
        yield fake


@pytest_asyncio.fixture
async def app(database_url: str, slack: FakeSlack) -> AsyncIterator[Application]:
    at = MetricsAt(port=own_port(), names=("pacer-1",))
    async with serving(database_url, slack=(ACME,), slack_api_url=slack.url, metrics=at) as application:
        slack.bot_url = application.address
        yield application


async def page(app: Application, **headers: str) -> tuple[int, str]:
    url = f"{app.metrics_address}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def series(app: Application) -> Series:
    """All that is given now, however lately the rows were counted."""
    assert app.core.metrics is not None
    app.core.metrics._looked = 0.0
    status, text = await page(app)
    assert status == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def at(found: Series, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


async def settled(app: Application) -> None:
    await app.drain()
    await app.core.delivery.idle()


async def test_turns_and_sends_are_counted_by_what_became_of_them(app: Application, slack: FakeSlack) -> None:
    slack.inject("chat.postMessage", status=429, retry_after=0)
    event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "1.1"}
    await slack.event({**event, "text": "log call Globex"}, event_id="Ev1")
    await slack.until(lambda: [shown for shown in slack.messages if "Globex" in shown.read], 20)
    await slack.event({**event, "text": "log call Globex"}, event_id="Ev1", retry=1)
    await slack.command("/log", "call Acme " + "x" * 2100, user="U1")
    await settled(app)
    found = await series(app)
    assert at(found, "pacer_turns_total", command="log", outcome="answered") == 1
    assert at(found, "pacer_turns_total", command="none", outcome="repeated") == 1
    assert at(found, "pacer_turns_total", command="none", outcome="mistaken") == 1
    assert at(found, "pacer_turn_duration_seconds_count", command="log") == 1
    assert 0 < (at(found, "pacer_turn_duration_seconds_sum", command="log") or 0) < 10
    assert at(found, "pacer_sends_total", platform="slack", result="retry") == 1
    assert at(found, "pacer_send_rate_limited_total", platform="slack") == 1
    assert at(found, "pacer_send_retries_total", platform="slack") == 1
    assert (at(found, "pacer_sends_total", platform="slack", result="sent") or 0) >= 1
    assert at(found, "pacer_outbox_day_rows", state="sent") == at(
        found, "pacer_sends_total", platform="slack", result="sent"
    )
    assert app.core.turns._turn.used == {}, "what is kept for the figures of a turn goes with it"


async def test_what_waits_in_the_rows_is_counted(app: Application) -> None:
    now = datetime.now(UTC)
    ago = now - timedelta(minutes=10)

    def put(tx: Transaction) -> None:
        person = people.add(tx, name="Rae", at=now)
        for key, due in (("early", ago), ("late", now + timedelta(days=1))):
            outbox.put(
                tx,
                key=key,
                topic="test",
                operation="post",
                # Of an install that no process delivers for: it stays where it is.
                install="elsewhere",
                person=None,
                address='{"conversation":"C1"}',
                body='{"text":"x"}',
                at=ago,
                due_at=due,
            )
        jobs.put(tx, kind="nobody's", key="job", person=None, data={}, at=now)
        wanted = [
            notices.Wanted(topic=f"t{number}", person=person.id, slot="s", due_at=now, until=now + timedelta(days=1))
            for number in range(4)
        ]
        notices.plan(tx, wanted, at=now)
        ids = list(tx.execute(sa.select(tables.notices.c.id)).scalars())
        notices.settle(tx, ids[:1], "withheld", at=now, reason=Reason.SNOOZED)
        notices.settle(tx, ids[1:2], "withheld", at=now, reason="Rae said that she is at the dentist's")
        notices.settle(tx, ids[2:3], "said", at=now, said_as="early")
        notices.settle(tx, ids[3:], "nothing", at=now, reason="there was nothing to say")

    await app.core.database.write(put)
    found = await series(app)
    assert at(found, "pacer_outbox_rows", state="waiting") == 2
    assert 600 <= (at(found, "pacer_outbox_oldest_waiting_seconds") or 0) < 660
    assert at(found, "pacer_jobs", state="waiting") == 1
    assert at(found, "pacer_notices_day", end="withheld", reason="snoozed") == 1
    assert at(found, "pacer_notices_day", end="withheld", reason="other") == 1
    assert at(found, "pacer_notices_day", end="sending", reason="") == 1
    assert at(found, "pacer_notices_day", end="nothing", reason="") == 1
    assert at(found, "pacer_database_up") == 1
    assert at(found, "pacer_ready") == 1
    assert at(found, "pacer_role", role="work") == 1
    assert at(found, "pacer_tick_age_seconds", tick="clock") is not None
    assert (at(found, "process_resident_memory_bytes") or 0) > 1e6
    assert at(found, "pacer_deal_data_age_seconds") is None, "there is no deal, and so no age"


ALLOWED = {
    "command": {command.name for command in COMMANDS} | {"none"},
    "outcome": {"answered", "mistaken", "repeated", "failed", "not_stored"},
    "platform": {"slack", "teams"},
    "result": {"sent", "retry", "refused", "unsure", "failed"},
    "state": {*outbox.OPEN_STATES, *outbox.FINAL_STATES, "running", "done"},
    "end": {"waiting", "sending", "sent", "failed", "expired", "unknown", "withdrawn", "nothing", "withheld"},
    "reason": {reason.name.lower() for reason in Reason} | {"other", ""},
    "role": {"serve", "work"},
    "tick": {"clock", "delivery", "jobs", "unasked", "scheduled_imports", "calendars", "finding", "housekeeping"},
}


async def test_no_label_says_what_somebody_wrote(app: Application, slack: FakeSlack) -> None:
    """Every label of every figure of ours, after people said all kinds of things."""
    for number, text in enumerate(("log call Globex", "Umbrella secret", "/nonsense", "how is East doing", "help")):
        event = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": text, "ts": "1.1"}
        await slack.event(event, event_id=f"Ev{number}")
        await settled(app)
    found = await series(app)
    ours = [labels for name, labels in found if name.startswith("pacer_")]
    assert len(ours) > 60
    for labels in ours:
        for label, value in labels:
            assert label == "le" or value in ALLOWED[label], f"{label}={value}"
    _, text = await page(app)
    for word in ("Globex", "Umbrella", "U1", "D1", "T1", "xoxb", "acme"):
        assert word not in text


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "pacer-1"])
async def test_a_name_of_this_machine_or_of_the_settings_is_answered(app: Application, name: str) -> None:
    assert (await page(app, Host=f"{name}:9464"))[0] == 200
    assert (await page(app, Host=name))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:9464"},
        {"Host": "pacer-2"},
        {"Host": "0.0.0.0:9464"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_what_another_site_makes_a_browser_send_is_refused(app: Application, headers: dict[str, str]) -> None:
    status, text = await page(app, **headers)
    assert status == 403
    assert "pacer_" not in text


async def test_the_platforms_listener_gives_no_figures(app: Application) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{app.address}/metrics") as answer:
        assert answer.status == 404
    async with aiohttp.ClientSession() as session, session.get(f"{app.metrics_address}/healthz") as answer:
        assert answer.status == 404


async def test_without_the_database_the_rest_is_given(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_work: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(app.core.database, "read", away)
    found = await series(app)
    assert at(found, "pacer_database_up") == 0
    assert at(found, "pacer_outbox_rows", state="waiting") is None, "an old figure would be taken for a new one"
    assert at(found, "process_resident_memory_bytes")


async def test_a_wildcard_is_nobodys_name(app: Application) -> None:
    assert app.core.metrics is not None
    listener = MetricsListener(app.core.metrics, MetricsAt("0.0.0.0", 9464))
    assert "0.0.0.0" not in listener._names


async def test_off_unless_it_is_turned_on(database_url: str) -> None:
    async with serving(database_url, slack=(ACME,)) as application:
        assert application.metrics_address == ""
        assert application.core.metrics is None
