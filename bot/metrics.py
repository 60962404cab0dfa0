"""`/metrics` for Prometheus: figures of this process, and of the rows that all processes share.

No label names a person, a conversation, an account or anything that somebody wrote: each is a word of a closed list.
The listener is its own, on loopback unless the settings say otherwise, and answers only to a name of its own machine:
a browser that was led here by another site sends that site's name, or its origin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from bot.config import MetricsAt
from bot.process import close
from bot.reception import Ending
from bot.roles import Roles
from handlers.reach.gate import Reason
from scheduled.sending import CannotTell, NotThere, Operation, Refused, Result, Retry, Sender, Sent, Unsure
from storage import gauges
from storage.database import Database
from storage.gauges import Gauges

log = structlog.get_logger(__name__)

PATH: Final = "/metrics"
LOOK: Final = 30.0
"""Seconds for which counted rows are believed, however often somebody asks: where 60,000 messages are made in a day,
counting takes half a second of a reader's time."""
ANSWERS: Final = 5.0
"""Seconds that counting may take until the rest is given without it."""
TURN_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 15.0)
"""Seconds. At 2 a person hears that it is not saved yet, at 3 Slack gives up, at 15 Teams."""
SEND_BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
WILDCARDS: Final = ("0.0.0.0", "::")
"""To listen on; nobody's name."""
_REASONS: Final = {reason.value: reason.name.lower() for reason in Reason}
_RESULTS: Final = {Sent: "sent", Retry: "retry", Refused: "refused", Unsure: "unsure"}
_MESSAGE_ENDS: Final = frozenset({"sent", "failed", "expired", "unknown", "withdrawn"})


class Metrics:
    """The figures. One for the process."""

    def __init__(
        self,
        database: Database,
        *,
        commands: Iterable[str],
        roles: Roles,
        clock: Callable[[], datetime],
        ages: Callable[[], dict[str, float]],
        plans: Callable[[], bool],
        ready: Callable[[], Awaitable[str]],
    ) -> None:
        """`ages`: tick -> seconds since its last good end; `plans`: whether this process is the one that plans;
        `ready`: why it is not ready, empty where it is."""
        self._database = database
        self._clock = clock
        self._commands = frozenset(commands)
        self._ready = ready
        self._rows: Gauges | None = None
        self._looked = 0.0
        self._look: asyncio.Task[None] | None = None
        self._counting = asyncio.Lock()

        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.registry.register(_Now(self, roles, ages, plans))
        self._turns = Counter(
            "pacer_turns", "Things that people did, by how that ended.", ["command", "outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "pacer_turn_duration_seconds",
            "From a thing's arrival to its answer.",
            ["command"],
            buckets=TURN_BUCKETS,
            registry=self.registry,
        )
        self._sends = Counter(
            "pacer_sends", "Tries to send, by what came of them.", ["platform", "result"], registry=self.registry
        )
        self._retries = Counter(
            "pacer_send_retries",
            "Tries that were not the first of their message.",
            ["platform"],
            registry=self.registry,
        )
        self._limited = Counter(
            "pacer_send_rate_limited",
            "Tries that the platform asked to wait for.",
            ["platform"],
            registry=self.registry,
        )
        self._sending = Histogram(
            "pacer_send_duration_seconds",
            "How long a platform took to answer a try.",
            ["platform"],
            buckets=SEND_BUCKETS,
            registry=self.registry,
        )
        self._is_ready = Gauge("pacer_ready", "1 where /readyz says so.", registry=self.registry)

    # ------------------------------------------------------------ in

    def turn(self, command: str, ended: Ending, seconds: float) -> None:
        """For bot.reception.Reception.measured."""
        label = command if command in self._commands else "none"
        self._turns.labels(label, ended.replace(" ", "_")).inc()
        self._seconds.labels(label).observe(seconds)

    def counted(self, platform: str, sender: Sender) -> Sender:
        """The same sender, its tries counted."""
        return _Counted(self, platform, sender)

    def sent(self, platform: str, operation: Operation, result: Result | None, seconds: float) -> None:
        """A try came to that; None: it failed by a mistake of ours."""
        self._sends.labels(platform, "failed" if result is None else _RESULTS[type(result)]).inc()
        self._sending.labels(platform).observe(seconds)
        if operation.attempts:
            self._retries.labels(platform).inc()
        if isinstance(result, Retry) and result.limited:
            self._limited.labels(platform).inc()

    # ------------------------------------------------------------ out

    @property
    def rows(self) -> Gauges | None:
        """As counted last; None where the database does not answer."""
        return self._rows

    @property
    def database(self) -> Database:
        return self._database

    def now(self) -> datetime:
        """The application's clock."""
        return self._clock()

    async def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        await self._count()
        self._is_ready.set(0 if await self._ready() else 1)
        return generate_latest(self.registry)

    async def _count(self) -> None:
        """Count the rows. Where that takes too long the figures of rows are left out, and it goes on by itself."""
        loop = asyncio.get_running_loop()
        if self._look is None:
            if self._looked and loop.time() - self._looked < LOOK:
                return
            self._look = loop.create_task(self._see())
        look = self._look
        await asyncio.wait((look,), timeout=ANSWERS)
        if not look.done():
            self._rows = None

    async def _see(self) -> None:
        try:
            self._rows = await self._database.read(lambda tx: gauges.look(tx, self._clock()))
        except Exception as error:
            log.warning("rows_not_counted", error=type(error).__name__)
            self._rows = None
        self._looked, self._look = asyncio.get_running_loop().time(), None


class _Counted:
    """A sender, and a count of what came of its tries."""

    def __init__(self, metrics: Metrics, platform: str, sender: Sender) -> None:
        self._metrics, self._platform, self._sender = metrics, platform, sender

    async def send(self, operation: Operation) -> Result:
        loop = asyncio.get_running_loop()
        began, result = loop.time(), None
        try:
            result = await self._sender.send(operation)
            return result
        finally:
            self._metrics.sent(self._platform, operation, result, loop.time() - began)

    async def find(self, operation: Operation) -> Sent | NotThere | CannotTell:
        return await self._sender.find(operation)

    def lane(self, operation: Operation) -> str:
        return self._sender.lane(operation)

    @property
    def lane_interval(self) -> float:
        return self._sender.lane_interval

    @property
    def install_per_minute(self) -> float:
        return self._sender.install_per_minute


class _Now(Collector):
    """What is looked up when it is asked for."""

    def __init__(
        self, metrics: Metrics, roles: Roles, ages: Callable[[], dict[str, float]], plans: Callable[[], bool]
    ) -> None:
        self._metrics, self._roles, self._ages, self._plans = metrics, roles, ages, plans

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        yield _family("pacer_role", "What this process does.", "role", _roles(self._roles))
        plans = GaugeMetricFamily("pacer_planner_lease_held", "1 in the one process that plans.")
        plans.add_metric((), float(self._plans()))
        yield plans
        ticks = {name.replace(" ", "_"): age for name, age in self._ages().items()}
        yield _family("pacer_tick_age_seconds", "Since each tick came to a good end last.", "tick", ticks)
        yield from self._of_database()
        rows = self._metrics.rows
        if rows is not None:
            yield from _of_rows(rows, self._metrics.now())

    def _of_database(self) -> Iterable[Metric]:
        database = self._metrics.database
        up = 0 if self._metrics.rows is None else 1
        yield GaugeMetricFamily("pacer_database_up", "1 where the rows could be counted.", value=up)
        yield GaugeMetricFamily(
            "pacer_database_waiting_transactions", "Transactions of this process not begun.", value=database.waiting
        )
        yield CounterMetricFamily(
            "pacer_database_repeated_transactions",
            "Transactions that met another one and went again (PostgreSQL).",
            value=database.repeated,
        )
        yield CounterMetricFamily(
            "pacer_database_busy", "Times another process kept the file locked for 30 s (SQLite).", value=database.busy
        )


def _roles(roles: Roles) -> dict[str, float]:
    return {"serve": float(roles.serves), "work": float(roles.works)}


def _of_rows(rows: Gauges, now: datetime) -> Iterable[Metric]:
    yield _family("pacer_outbox_rows", "Messages that are not settled.", "state", rows.waiting)
    oldest = 0.0 if rows.waits_since is None else max(0.0, (now - rows.waits_since).total_seconds())
    yield GaugeMetricFamily(
        "pacer_outbox_oldest_waiting_seconds", "How long the oldest message waits that might go.", value=oldest
    )
    yield _family("pacer_outbox_day_rows", "Messages made in the last 24 hours.", "state", rows.made)
    yield _family("pacer_jobs", "Jobs.", "state", rows.jobs)
    notices = GaugeMetricFamily(
        "pacer_notices_day", "What was planned unasked in the last 24 hours.", labels=["end", "reason"]
    )
    counted: dict[tuple[str, str], int] = {}
    for (state, reason, message), number in rows.notices.items():
        label = _notice(state, reason, message)
        counted[label] = counted.get(label, 0) + number
    for labels, number in sorted(counted.items()):
        notices.add_metric(labels, number)
    yield notices
    if rows.deals_as_of is not None:
        age = max(0.0, (now - rows.deals_as_of).total_seconds())
        yield GaugeMetricFamily("pacer_deal_data_age_seconds", "Since a deal was changed or imported.", value=age)


def _notice(state: str, reason: str, message: str) -> tuple[str, str]:
    """How a notice ended, and for `withheld` and `waiting` by which of the gate's reasons."""
    if state == "said":
        return (message if message in _MESSAGE_ENDS else "sending" if message else "sent"), ""
    if state == "planned":
        return "waiting", _REASONS.get(reason, "")
    return state, _REASONS.get(reason, "other") if state == "withheld" else ""


def _family(name: str, about: str, label: str, values: dict[str, float] | dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for word, value in values.items():
        family.add_metric((word,), value)
    return family


# ---------------------------------------------------------------- the listener


class MetricsListener:
    """Its own small HTTP server."""

    def __init__(self, metrics: Metrics, at: MetricsAt) -> None:
        self._metrics = metrics
        self._at = at
        own = () if at.host in WILDCARDS else (_in_url(at.host),)
        self._names = frozenset(name.lower() for name in (*LOOPBACK, *own, *at.names))
        self._runner: web.AppRunner | None = None
        self.address = ""

    async def start(self) -> str:
        """Listen; the address."""
        application = web.Application()
        application.router.add_get(PATH, self._give)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._at.host, self._at.port).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{_in_url(host)}:{port}"
        return self.address

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await close(self._runner)
            self._runner = None

    async def _give(self, request: web.Request) -> web.Response:
        if _foreign(request, self._names):
            log.warning("metrics_refused", host=request.headers.get("Host"), origin=request.headers.get("Origin"))
            sentence = (
                "Figures are given to a name of this machine only; metrics.names in app.yaml adds further ones.\n"
            )
            return web.Response(status=403, text=sentence)
        body = await self._metrics.text()
        return web.Response(
            body=body,
            headers={
                "Content-Type": CONTENT_TYPE_LATEST,
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )


def _foreign(request: web.Request, names: Collection[str]) -> bool:
    """Whether a browser may have been led here by another site: by a name that is not ours, or with an origin."""
    host = request.headers.get("Host", "").lower()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    fetched = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    return name not in names or "Origin" in request.headers or fetched


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
