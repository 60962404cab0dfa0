"""Calendars by their address: read again and again, guarded, quiet while they work, their address kept secret."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import AddressFamily

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.feeds import LIMIT, WEB, FeedReader
from bot.fetching import CannotRead, Found, Marks, Web, is_public
from storage import feeds, tables
from storage.vault import Vault
from tests.chat import Chat
from tests.test_ics_meetings import LEE, MAX, RAE, between, reminded, starts, stored
from tests.test_ics_reading import event, file

SECRET = "private-a1b2c3d4e5"
HERE = "127.0.0.1"
Answer = Callable[[web.Request], web.StreamResponse]


class Names(AbstractResolver):
    """Every name is this machine, but those that are said otherwise; what was asked is kept."""

    def __init__(self, others: dict[str, list[str]] | None = None) -> None:
        self.others = others or {}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        there = self.others.get(host, [HERE])
        address = there.pop(0) if len(there) > 1 else there[0]
        return [ResolveResult(hostname=host, host=address, port=port, family=AddressFamily.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of calendar.example and its like, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "calendar.example")])
    names = x509.SubjectAlternativeName([x509.DNSName(one) for one in ("calendar.example", "*.calendar.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    of_key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(of_key + made.public_bytes(serialization.Encoding.PEM))
    return path


class Server:
    """A calendar's server; `answer` is what it answers, `asked` the requests that came."""

    def __init__(self, certificate: Path) -> None:
        self.answer: Answer = lambda _: web.Response(status=404)
        self.asked: list[web.Request] = []
        self._certificate = certificate
        self.port = 0
        self.names = Names()

    async def start(self) -> None:
        application = web.Application()
        application.router.add_get("/{name:.*}", self._handle)
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        await web.TCPSite(self._runner, HERE, 0, ssl_context=context).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return self.answer(request)

    def web(self, *, public: bool = False) -> Web:
        """The real reading, with this machine taken for a public one and this certificate for a good one."""
        trusted = ssl.create_default_context(cafile=self._certificate)
        here = is_public if public else lambda address: is_public(address) or address == ipaddress.ip_address(HERE)
        return replace(WEB, tls=trusted, public=here, resolver=lambda: self.names)

    def url(self, host: str = "calendar.example") -> str:
        return f"https://{host}:{self.port}/{SECRET}/basic.ics"


@asynccontextmanager
async def serving(certificate: Path, answer: Answer) -> AsyncIterator[Server]:
    server = Server(certificate)
    server.answer = answer
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def gives(content: bytes, **headers: str) -> Answer:
    return lambda _: web.Response(body=content, headers=headers)


# ---------------------------------------------------------------- the guards


async def test_a_calendar_is_read_over_tls_and_asked_for_again_only_when_it_changed(certificate: Path) -> None:
    def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"one"' and request.headers.get("If-Modified-Since") == "then":
            return web.Response(status=304)
        return web.Response(body=b"x", headers={"ETag": '"one"', "Last-Modified": "then"})

    async with serving(certificate, answer) as server:
        found = await server.web().get(server.url())
        assert found == Found("basic.ics", b"x", Marks('"one"', "then"))
        assert await server.web().get(server.url(), found.marks) is None


async def test_the_address_that_was_looked_at_is_the_one_connected_to(certificate: Path) -> None:
    """DNS rebinding: a name that is public when it is looked at, and this machine when it is looked up once more."""
    async with serving(certificate, gives(b"x")) as server:
        server.names.others["calendar.example"] = ["1.1.1.1", HERE]
        with pytest.raises(CannotRead):
            await replace(server.web(public=True), seconds=0.5).get(server.url())
        assert server.names.asked == ["calendar.example"], "it is looked up once for a connection"
        assert server.asked == []
        with pytest.raises(CannotRead, match="private network"):
            await server.web(public=True).get(server.url())
        assert server.asked == []


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("https://169.254.169.254/latest/meta-data", "169.254.169.254 is an address inside a private network"),
        ("https://inside.calendar.example/x.ics", "inside.calendar.example is an address inside a private network"),
        ("http://calendar.example/x.ics", "without TLS"),
        ("file:///etc/passwd", "without TLS"),
        ("https://[::ffff:10.0.0.1]/", "private network"),
        ("https://[fec0::1]/", "private network"),
        ("https://[64:ff9b:1::a00:1]/", "private network"),
        ("/again", "redirects more than 5 times"),
    ],
)
async def test_a_redirect_leads_nowhere_that_is_not_allowed(certificate: Path, to: str, reason: str) -> None:
    async with serving(certificate, lambda _: web.Response(status=302, headers={"Location": to})) as server:
        server.names.others["inside.calendar.example"] = ["10.0.0.7"]
        with pytest.raises(CannotRead, match=reason):
            await server.web().get(server.url())


async def test_no_more_than_a_megabyte_packed_or_not(certificate: Path) -> None:
    most = b"a" * LIMIT
    for content, packed in ((most, False), (most + b"a", False), (most, True), (b"\0" * 500_000_000, True)):
        body = gzip.compress(content, 1) if packed else content
        headers = {"Content-Encoding": "gzip"} if packed else {}
        async with serving(certificate, gives(body, **headers)) as server:
            if len(content) > LIMIT:
                with pytest.raises(CannotRead, match="more than 1 MB"):
                    await server.web().get(server.url())
            else:
                found = await server.web().get(server.url())
                assert found is not None
                assert found.content == content


async def test_what_is_packed_otherwise_or_badly_is_refused(certificate: Path) -> None:
    for encoding, body in (("br", b"x"), ("gzip, gzip", gzip.compress(b"x")), ("gzip", b"nothing packed")):
        async with serving(certificate, gives(body, **{"Content-Encoding": encoding})) as server:
            with pytest.raises(CannotRead):
                await server.web().get(server.url())


async def test_all_of_it_has_its_time(certificate: Path) -> None:
    """Redirects that each come in time count together."""

    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        return web.Response(status=302, headers={"Location": "/again"})

    server = Server(certificate)
    server._handle = slow  # type: ignore[method-assign]
    await server.start()
    with pytest.raises(CannotRead, match="did not answer in"):
        await replace(server.web(), seconds=0.5).get(server.url())
    await server.stop()


async def test_no_sentence_holds_the_address(certificate: Path) -> None:
    async with serving(certificate, lambda _: web.Response(status=403)) as server:
        for url in (server.url(), f"https://calendar.example:1/{SECRET}", f"https://calendar.example:x/{SECRET}"):
            with pytest.raises(CannotRead) as said:
                await server.web().get(url)
            assert SECRET not in str(said.value)
            assert SECRET not in repr(said.value.__cause__)


# ---------------------------------------------------------------- the whole of it


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    opened = Chat(database_url)
    yield opened
    opened.close()


@pytest.fixture
def server(chat: Chat, certificate: Path) -> Iterator[Server]:
    """Where the feeds of this chat are read."""
    made = Server(certificate)
    chat.run(made.start())
    core = chat.core
    core.feeds = FeedReader(core.database, core._outbound.vault, core.jobs, lambda: chat.now, made.web())
    yield made
    chat.run(made.stop())


def looks(chat: Chat, **later: float) -> None:
    """Time passes, and what is due is read and said."""
    chat.later(**later)
    core = chat.core
    chat.run(core.feeds.tick())
    chat.run(core.jobs.idle())
    chat.run(core.say_what_is_due())
    chat.run(core.delivery.idle())


def add(chat: Chat, server: Server, words: str = "") -> None:
    chat.rep(f"/meeting feed {server.url()} {words}").says("I read your calendar at calendar.example")
    looks(chat)


ONE = between(RAE, RAE, MAX, UID="one", DTSTART="20261119T150000Z", SUMMARY="One")
TWO = between(RAE, RAE, MAX, UID="two", DTSTART="20261119T153000Z", SUMMARY="Two")


def test_a_feed_comes_in_moves_and_takes_away(chat: Chat, server: Server) -> None:
    alone = event(UID="dentist", SUMMARY="Dentist")
    private = between(RAE, RAE, MAX, UID="secret", SUMMARY="Salary", CLASS="PRIVATE")
    server.answer = gives(file(ONE, TWO, alone, private, head="X-WR-CALNAME:Rae's\n"))
    add(chat, server)
    (said,) = [text for text in chat.rep.inbox() if "2 meetings new" in text]
    assert "“Rae's” at calendar.example: 2 meetings new." in said
    assert "1 event is private" in said
    assert "1 event is with nobody but you" in said
    assert "Dentist" not in said
    assert "Salary" not in str(chat.rows("SELECT title FROM meetings"))
    assert len(reminded(chat)) == 4
    heard = len(chat.rep.inbox())
    server.answer = gives(file(ONE.replace("T150000Z", "T160000Z"), TWO))
    looks(chat, minutes=15)
    assert starts(chat) == ["11-19 15:30", "11-19 16:00"]
    server.answer = gives(file(TWO))
    looks(chat, minutes=15)
    assert starts(chat) == ["11-19 15:30"]
    assert {due for _, due in reminded(chat)} == {"11-19 15:15"}, "its reminders went with it"
    server.answer = gives(file(ONE, TWO))
    looks(chat, minutes=15)
    assert starts(chat) == ["11-19 15:00", "11-19 15:30"], "it is back"
    assert len(chat.rep.inbox()) == heard, "what works is quiet"
    assert chat.rows("SELECT id FROM files") == [], "nothing of it is kept"


def test_the_same_changes_nothing(chat: Chat, server: Server) -> None:
    server.answer = gives(file(ONE))
    add(chat, server)
    before = [(one.id, one.version) for one in stored(chat)]
    for number in range(3):
        server.answer = gives(file(ONE.replace("END:VEVENT", f"DTSTAMP:2026111{number}T000000Z\nEND:VEVENT")))
        looks(chat, minutes=15)
    assert len(server.asked) == 4
    assert [(one.id, one.version) for one in stored(chat)] == before
    assert len(chat.rows("SELECT id FROM jobs WHERE kind = 'calendar feed'")) == 1


def test_two_who_have_the_same_meeting_have_it_once(chat: Chat, server: Server) -> None:
    by_lee = between(LEE, RAE, LEE, UID="one", DTSTART="20261119T150000Z", SUMMARY="One")
    server.answer = gives(file(by_lee))
    add(chat, server)
    chat.leader(f"/meeting feed {server.url('lee.calendar.example')}")
    looks(chat)
    assert len(stored(chat)) == 1
    chat.rep("/meeting feeds").press("Remove").says("is removed, and its address forgotten", "1 meeting that it gave")
    assert (starts(chat), reminded(chat)) == ([], [])
    looks(chat, minutes=15)
    assert starts(chat) == ["11-19 15:00"], "it stands in another's calendar"
    assert len(stored(chat)) == 1


def test_one_who_takes_part_moves_nothing_of_anothers(chat: Chat, server: Server) -> None:
    by_max = between(MAX, MAX, RAE, UID="one", DTSTART="20261119T150000Z", SUMMARY="One")
    server.answer = gives(file(by_max))
    chat.manager(f"/meeting feed {server.url('max.calendar.example')}")
    looks(chat)
    server.answer = gives(file(by_max.replace("T150000Z", "T200000Z").replace("END:VEVENT", "SEQUENCE:7\nEND:VEVENT")))
    chat.rep(f"/meeting feed {server.url()}")
    chat.run(
        chat.database.write(lambda tx: feeds.note(tx, feeds.of_person(tx, of(chat, "Max Stone"))[0].id, look_at=None))
    )
    looks(chat)
    assert starts(chat) == ["11-19 15:00"]


def of(chat: Chat, name: str) -> str:
    (row,) = chat.rows(f"SELECT id FROM people WHERE name = '{name}'")
    return str(row["id"])


def test_a_team_calendar_that_names_nobody(chat: Chat, server: Server) -> None:
    server.answer = gives(file(event(UID="one", DTSTART="20261119T150000Z")))
    add(chat, server, "with Max Stone")
    assert [name for name, _ in reminded(chat)] == ["Max Stone", "Rae Quinn"]


def test_what_stops_working_is_told_once_and_tried_less_and_less(chat: Chat, server: Server) -> None:
    server.answer = gives(file(ONE))
    add(chat, server)
    heard = len(chat.rep.inbox())
    server.answer = lambda _: web.Response(status=500)
    asked = len(server.asked)
    for _ in range(12):
        looks(chat, minutes=15)
    assert 2 <= len(server.asked) - asked <= 5, "15, 30, 60 and 120 minutes apart"
    (told,) = chat.rep.inbox()[heard:]
    assert "Your calendar at calendar.example cannot be read: calendar.example answered 500" in told
    assert starts(chat) == ["11-19 15:00"], "what it gave stays"
    chat.rep("/meeting feeds").says("answered 500")
    server.answer = gives(file(ONE))
    looks(chat, hours=5)
    chat.rep("/meeting feeds").says("read just now, 1 meeting")


def test_what_is_no_calendar_is_told_at_once_and_stays_told(chat: Chat, server: Server) -> None:
    server.answer = gives(b"<html>Sign in</html>")
    add(chat, server)
    for _ in range(4):
        looks(chat, minutes=30)
    told = [text for text in chat.rep.inbox() if "cannot be read" in text]
    assert len(told) == 1
    assert "is no calendar" in told[0]
    chat.rep("/meeting feeds").says("is no calendar")


def test_the_address_is_nowhere_in_the_clear(chat: Chat, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """FAULT 48."""
    server.answer = gives(file(ONE))
    add(chat, server)
    server.answer = lambda _: web.Response(status=302, headers={"Location": f"https://10.0.0.1/{SECRET}"})
    looks(chat, minutes=15)
    chat.rep(f"/meeting feed {server.url()}").says("I read that calendar at calendar.example already")
    chat.rep(f"/meeting feed http://calendar.example/{SECRET}").says("only https:// ones").never(SECRET)
    chat.rep("/meeting feeds").never(SECRET)
    tables = (
        [row["name"] for row in chat.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if (chat.database.engine.dialect.name == "sqlite")
        else [row["tablename"] for row in chat.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    )
    for table in tables:
        assert SECRET not in str(chat.rows(f'SELECT * FROM "{table}"')), table
    written = capsys.readouterr()
    assert "calendar_feed_not_read" in written.out + written.err
    assert SECRET not in written.out + written.err


def test_another_key_is_said(chat: Chat, server: Server) -> None:
    server.answer = gives(file(ONE))
    add(chat, server)
    chat.core.feeds = FeedReader(
        chat.database, Vault("another key of sixteen"), chat.core.jobs, lambda: chat.now, server.web()
    )
    looks(chat, minutes=15)
    chat.rep("/meeting feeds").says("PACER_KEY is another one")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("feed", "You have given me no calendar"),
        ("feed http://calendar.example/x.ics", "only https:// ones"),
        ("feed ftp://calendar.example/x.ics", "only https:// ones"),
        ("feed https://localhost/x.ics", "no address"),
        ("feed https://192.168.1.20/x.ics", "192.168.1.20 is an address inside a private network"),
        ("feed https://[::ffff:10.0.0.7]:8443/x.ics", "inside a private network"),
        ("feed https://[fd00::7]/x.ics", "inside a private network"),
        ("feed https://8.8.8.8/x.ics", "I read your calendar at 8.8.8.8"),
        ("feed calendar.example/x.ics", "no address"),
        ("feed https://calendar.example/" + "a" * 1600, "hardly a calendar's"),
        ("feed https://calendar.example/x.ics with Nobody Atall", "Nobody Atall"),
        ("feed webcal://calendar.example/x.ics", "I read your calendar at calendar.example"),
        ("feed <https://calendar.example/x.ics|calendar.example>", "I read your calendar at calendar.example"),
    ],
)
def test_what_may_be_said(chat: Chat, words: str, said: str) -> None:
    chat.rep(f"/meeting {words}").says(said)
    stays = "I read your calendar" in said
    assert len(chat.rows("SELECT id FROM calendar_feeds")) == stays


def test_each_sees_their_own(chat: Chat, server: Server) -> None:
    server.answer = gives(file(ONE))
    add(chat, server)
    chat.manager("/meeting feeds").says("You have given me no calendar")


def test_who_has_left_is_read_no_more(chat: Chat, server: Server) -> None:
    server.answer = gives(file(ONE))
    add(chat, server)
    gone = tables.people.update().where(tables.people.c.id == of(chat, "Rae Quinn")).values(left_at=chat.now)
    chat.run(chat.database.write(lambda tx: tx.execute(gone)))
    asked = len(server.asked)
    looks(chat, hours=1)
    assert len(server.asked) == asked
