"""Who is believed to be the Bot Connector. Real tokens, and real HTTP to a fake of Microsoft's metadata."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from jwt.algorithms import RSAAlgorithm

from bot.teams.auth import Rejected, TokenCheck
from bot.teams.install import Installs, TeamsInstall
from bot.teams.keys import METADATA_URL, PAUSE, PAUSE_WITHOUT_KEYS, SigningKeys
from bot.teams.service_urls import ServiceUrls, same
from tests.fakes.teams_identity import KEYS_PATH, METADATA_PATH, TeamsIdentity, make_key

APP = "11111111-2222-3333-4444-5555aaaabbbb"
OTHER_APP = "99999999-2222-3333-4444-5555aaaabbbb"
TENANT = "aaaaaaaa-0000-4000-8000-00000000000a"
OTHER_TENANT = "bbbbbbbb-0000-4000-8000-00000000000b"
STRANGER = "cccccccc-0000-4000-8000-00000000000c"
URL = "https://smba.trafficmanager.net/emea/"
LOCAL = "http://127.0.0.1:56150/_connector"
ACME = TeamsInstall("acme", TENANT, APP, "secret-acme")
EAST = TeamsInstall("east", OTHER_TENANT, APP, "secret-east")
LONE = TeamsInstall("lone", TENANT, OTHER_APP, "secret-lone")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DEEP = b'[{"a":' + b"[" * 9_999 + b"]" * 9_999 + b"}]"
BOTH = [METADATA_PATH, KEYS_PATH]


class World:
    """A check between the test and Microsoft's identity end, with clocks that stand still until told."""

    def __init__(self, identity: TeamsIdentity) -> None:
        self.identity = identity
        self.passed = 0.0
        """Seconds since the keys' clock began."""
        self.now = 1_800_000_000.0
        identity.clock = lambda: self.now
        self.installs = Installs([ACME, EAST, LONE])
        self.keys = SigningKeys(identity.metadata_url, clock=lambda: self.passed)
        self.check = TokenCheck(self.installs, self.keys, ServiceUrls(), clock=lambda: self.now)

    def stall(self) -> None:
        """The identity end answers no more, and nobody waits for it long."""
        self.identity.stall()
        self.keys._patience = 0.3

    def bearer(self, **forged: Any) -> str:
        return self.identity.bearer(**{"app_id": APP, "service_url": URL, **forged})

    async def accepted(self, **forged: Any) -> TeamsInstall:
        return await self.check.check(self.bearer(**forged), activity())

    async def status(self, authorization: str | None = None, said: dict[str, Any] | None = None, **forged: Any) -> int:
        """What the sender of this is answered, 200 when it is let in."""
        header = self.bearer(**forged) if authorization is None else authorization
        try:
            await self.check.check(header, activity() if said is None else said)
        except Rejected as error:
            rejected = error
        else:
            return 200
        assert rejected.reason
        for part in header.removeprefix("Bearer ").split("."):
            assert len(part) < 20 or part not in str(rejected), "a token in the log"
        return rejected.status


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with TeamsIdentity() as identity:
        yield World(identity)


def activity(**more: Any) -> dict[str, Any]:
    """A message as Teams sends it, as far as the check looks; what is None is left out."""
    usual = {
        "type": "message",
        "channelId": "msteams",
        "serviceUrl": URL,
        "conversation": {"id": "a:1", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
    }
    return {name: value for name, value in {**usual, **more}.items() if value is not None}


# ---------------------------------------------------------------- what is good


async def test_a_connectors_token_names_the_install(world: World) -> None:
    assert await world.accepted() is ACME
    assert await world.accepted(app_id=OTHER_APP) is LONE
    assert world.identity.asked == BOTH, "once for all"


async def test_the_same_bot_in_two_tenants_is_two_installs(world: World) -> None:
    there = activity(channelData={"tenant": {"id": OTHER_TENANT}}, conversation={"id": "a:1", "tenantId": OTHER_TENANT})
    assert await world.check.check(world.bearer(), there) is EAST
    assert await world.check.check(world.bearer(), activity()) is ACME


@pytest.mark.parametrize(
    "where",
    [
        {"channelData": None},
        {"channelData": {}},
        {"channelData": "text"},
        {"channelData": {"tenant": [TENANT]}},
        {"conversation": {"id": "a:1"}},
        {"conversation": None},
        {"channelData": {"tenant": {"id": TENANT.upper()}}},
    ],
)
async def test_the_tenant_is_found_wherever_the_activity_says_it(world: World, where: dict[str, Any]) -> None:
    assert await world.check.check(world.bearer(), activity(**where)) is ACME


@pytest.mark.parametrize(
    ("claimed", "said"),
    [(URL, URL.rstrip("/")), (URL.rstrip("/"), URL), (URL.replace("smba", "SMBA"), URL), (URL, URL.upper())],
)
async def test_letter_case_and_a_last_slash_do_not_make_another_service_url(
    world: World, claimed: str, said: str
) -> None:
    assert await world.status(said=activity(serviceUrl=said), service_url=claimed) == 200


async def test_clocks_may_differ_by_five_minutes(world: World) -> None:
    now = int(world.now)
    assert await world.status(exp=now - 299) == 200
    assert await world.status(exp=now - 300) == 401
    assert await world.status(nbf=now + 300) == 200
    assert await world.status(nbf=now + 301) == 401


# ---------------------------------------------------------------- FAULTS 32: what is not


@pytest.mark.parametrize(
    "forged",
    [
        {"app_id": "22222222-2222-3333-4444-555555555555"},
        {"aud": None},
        {"aud": ""},
        {"aud": [APP]},
        {"iss": "https://api.botframework.us"},
        {"iss": "https://api.botframework.com/"},
        {"iss": None},
        {"iss": f"https://sts.windows.net/{TENANT}/"},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"alg": "rs256"},
        {"header": {"alg": None}},
        {"header": {"alg": ["RS256"]}},
        {"header": {"crit": ["b64"], "b64": False}},
        {"header": {"crit": ["exp"]}},
        {"kid": None},
        {"header": {"kid": 7}},
        {"exp": None},
        {"exp": "2100000000"},
        {"exp": True},
        {"exp": [2_100_000_000]},
        {"exp": 10**400},
        {"exp": 1_799_990_000},
        {"nbf": None},
        {"nbf": 1_800_009_999},
        {"serviceurl": None},
        {"serviceurl": ""},
        {"serviceurl": {"url": URL}},
        {"service_url": "https://smba.trafficmanager.net/amer/"},
        {"service_url": "https://smba.trafficmanager.net/emea/more"},
        {"service_url": "http://smba.trafficmanager.net/emea/"},
    ],
    ids=str,
)
async def test_a_token_that_disqualifies_itself_is_refused_without_any_request(
    world: World, forged: dict[str, Any]
) -> None:
    assert await world.status(**forged) == 401
    assert world.identity.asked == []
    assert await world.status() == 200, "the one thing that was wrong"


async def test_a_token_of_another_key_under_a_listed_id_is_refused(world: World) -> None:
    assert await world.status(key=make_key("attacker"), kid="first") == 401


async def test_a_public_key_is_no_secret(world: World) -> None:
    # The classic: HS256 with the public key as secret, and the same signature under the header that is expected.
    assert await world.status(alg="HS256") == 401
    assert await world.status(alg="HS256", header={"alg": "RS256"}) == 401
    assert await world.status(alg="none", header={"alg": "RS256"}) == 401


async def test_every_changed_letter_of_a_token_is_noticed(world: World) -> None:
    good = world.bearer()
    assert await world.status(good) == 200
    some = random.Random(1)
    for place in some.sample(range(len("Bearer "), len(good)), 300):
        other = some.choice([letter for letter in LETTERS + "." if letter != good[place]])
        assert await world.status(good[:place] + other + good[place + 1 :]) == 401, place
    # Four of the last letter's bits are past the signature's end.
    assert [letter for letter in LETTERS if await world.status(good[:-1] + letter) == 200] == [good[-1]]


async def test_a_token_longer_than_any_connectors_is_not_even_read(world: World) -> None:
    assert await world.status(more="x" * 8_192) == 401
    assert world.identity.asked == []


def nested(depth: int) -> str:
    return base64.urlsafe_b64encode(b'{"a":' * depth).decode().rstrip("=")


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


RS256 = segment({"alg": "RS256", "kid": "first"})


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer  .  .  ",
        "Bearer ..",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer a.b.c.d",
        "Bearer undefined",
        "Basic dXNlcjpwYXNz",
        "Bearer " + "A" * 1_000_000,
        "Bearer " + "A" * 9_000 + ".A.A",
        "Bearer schlüssel.ключ.鍵",
        "Bearer \udcff\udcfe.\udcff.\udcff",
        "Bearer \x00.\x00.\x00",
        f"Bearer {nested(1_000)}.{RS256}.AAAA",
        f"Bearer {RS256}.{nested(1_000)}.AAAA",
        f"Bearer {segment([])}.{segment([])}.AAAA",
        f"Bearer {segment('x')}.{segment(None)}.AAAA",
        f"Bearer {RS256}.{segment({})}.AAAA",
        f"Bearer {RS256}.{base64.urlsafe_b64encode(bytes(range(200, 255))).decode().rstrip('=')}.AAAA",
        f"Bearer {base64.urlsafe_b64encode(RS256.encode()).decode().rstrip('=')}.{segment({})}.AAAA",
    ],
    ids=range(23),
)
async def test_what_is_no_token_is_401_and_asks_nobody(world: World, authorization: str) -> None:
    assert await world.status(authorization) == 401
    assert world.identity.asked == []


async def test_random_headers_are_401(world: World) -> None:
    some = random.Random(2)
    letters = "AZaz09-_.= \t\n\\/+é{}\"'\x7f\ud800"
    for _ in range(2_000):
        rubbish = "".join(some.choices(letters, k=some.randrange(40)))
        assert await world.status(some.choice(["", "Bearer ", "bearer "]) + rubbish) == 401


async def test_another_scheme_or_a_second_token_is_not_taken(world: World) -> None:
    token = world.identity.token(app_id=APP, service_url=URL)
    assert await world.status(f"bearer {token}") == 200, "RFC 7235: the scheme's case does not count"
    for header in (token, f"Token {token}", f"Bearer {token} {token}", f"Bearer {token},Bearer {token}", f" {token}"):
        assert await world.status(header) == 401
    assert await world.status(f"Bearer {token}\n") == 401


@pytest.mark.parametrize("said", [{}, {"serviceUrl": ""}, {"serviceUrl": 5}, {"serviceUrl": [URL]}])
async def test_an_activity_without_a_service_url_is_refused(world: World, said: dict[str, Any]) -> None:
    # The stock SDK lets one through, and then writes wherever it is told.
    assert await world.status(said={**activity(serviceUrl=None), **said}) == 401


# ---------------------------------------------------------------- FAULTS 33: forged addresses


async def test_a_forged_service_url_is_refused_even_with_a_token_that_says_so(world: World) -> None:
    async with TeamsIdentity() as attacker:
        for url in (attacker.url, "https://evil.example/", "https://smba.trafficmanager.net.evil.example/"):
            assert await world.status(said=activity(serviceUrl=url)) == 401, "the token says another"
            assert await world.status(said=activity(serviceUrl=url), service_url=url) == 403
        assert attacker.asked == world.identity.asked == []


async def test_a_token_cannot_say_where_its_key_is(world: World) -> None:
    async with TeamsIdentity() as attacker:
        attacker.rotate("theirs")
        theirs = {
            "jku": attacker.url + KEYS_PATH,
            "x5u": attacker.url + KEYS_PATH,
            "jwk": attacker.key.jwk,
        }
        assert await world.status(key=attacker.key, header=theirs) == 401
        assert await world.status(key=attacker.key, header=theirs, iss=attacker.url) == 401
        assert await world.status(key=attacker.key, kid="first", header=theirs) == 401
        assert attacker.asked == []


async def test_metadata_that_points_elsewhere_or_makes_no_sense_is_not_believed(world: World) -> None:
    identity = world.identity
    usable = {
        "issuer": "https://api.botframework.com",
        "jwks_uri": identity.url + KEYS_PATH,
        "keys": [identity.key.jwk],
    }
    async with TeamsIdentity() as attacker:
        bad: list[dict[str, Any]] = [
            {"body": json.dumps({**usable, "keys": []}).encode().replace(b"[]", DEEP)},
            {"metadata": {"issuer": "https://evil.example"}},
            {"metadata": {"jwks_uri": f"http://attacker.example:{attacker.url.rpartition(':')[2]}/keys"}},
            {"metadata": {"jwks_uri": f"{attacker.url.replace('//', '//somebody@')}{KEYS_PATH}"}},
            {"metadata": {"jwks_uri": "file:///etc/passwd"}},
            {"metadata": {"jwks_uri": "https://[::1"}},
            {"metadata": {"jwks_uri": ["x"]}},
            {"status": 302, "location": attacker.metadata_url},
            {"status": 404},
            {"body": b""},
            {"body": b"<html>"},
            {"body": json.dumps({**usable, "more": "a" * 2_000_000}).encode()},
            {"body": json.dumps(usable).encode(), "status": 500},
            {"keys": []},
            {"keys": [make_key("first", bits=1024)]},
        ]
        for wrong in bad:
            world.passed += PAUSE_WITHOUT_KEYS
            before = {name: getattr(identity, name) for name in wrong}
            vars(identity).update(wrong)
            asked = len(identity.asked)
            assert await world.status() == 503, wrong
            assert len(identity.asked) > asked
            vars(identity).update(before)
        assert attacker.asked == []
    world.passed += PAUSE_WITHOUT_KEYS
    identity.body = json.dumps(usable).encode()
    assert await world.status() == 200


async def test_one_strange_entry_does_not_spoil_the_other_keys(world: World) -> None:
    secret = base64.urlsafe_b64encode(b"s" * 32).decode().rstrip("=")
    jwk = world.identity.key.jwk
    strange = [
        {"kty": "oct", "kid": "secret", "k": secret, "endorsements": ["msteams"]},
        {"kty": "RSA", "kid": "no numbers"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": 7},
        {"kid": 5},
        {**json.loads(RSAAlgorithm.to_jwk(make_key("leaked").private)), "kid": "leaked", "key_ops": None},
        {**jwk, "kid": "encryption", "use": "enc"},
        {**jwk, "kid": "other", "alg": "RS512"},
    ]
    # Both documents in one body, so that the fake needs to know nothing of it.
    world.identity.body = json.dumps(
        {
            "issuer": "https://api.botframework.com",
            "jwks_uri": world.identity.url + KEYS_PATH,
            "keys": [*strange, jwk],
        }
    ).encode()
    assert await world.status() == 200
    for kid in ("secret", "no numbers", "broken", "encryption", "other"):
        assert await world.status(kid=kid) == 401
    assert await world.status(kid="secret", alg="HS256", header={"alg": "RS256"}) == 401
    assert await world.status(key=make_key("leaked")) == 401, "a key whose private half is published"


@pytest.mark.parametrize(
    "address",
    ["http://login.botframework.com/v1/.well-known/openidconfiguration", "ftp://x/", "", "https://", "login", "https://[",
     "https://u@login.botframework.com/", "http://127.0.0.1.evil.example/"],
)  # fmt: skip
def test_a_metadata_address_that_others_could_answer_for_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        SigningKeys(address)
    SigningKeys(METADATA_URL)


# ---------------------------------------------------------------- FAULTS 42, 43: a good token, but not for us


@pytest.mark.parametrize(
    "where",
    [
        {"channelData": {"tenant": {"id": STRANGER}}, "conversation": {"tenantId": STRANGER}},
        {"channelData": {"tenant": {"id": STRANGER}}, "conversation": None},
        {"channelData": None, "conversation": None},
        {"channelData": {"tenant": {"id": 5}}, "conversation": [TENANT]},
        # Two tenants in one activity: nobody can say whose it is.
        {"channelData": {"tenant": {"id": OTHER_TENANT}}},
        {"conversation": {"tenantId": STRANGER}},
    ],
)
async def test_an_unlisted_or_doubtful_tenant_is_403(world: World, where: dict[str, Any]) -> None:
    assert await world.status(said=activity(**where)) == 403


async def test_a_tenant_listed_for_another_bot_is_403(world: World) -> None:
    there = activity(channelData={"tenant": {"id": OTHER_TENANT}}, conversation=None)
    assert await world.status(said=there) == 200
    assert await world.status(said=there, app_id=OTHER_APP) == 403


async def test_nobody_learns_by_a_forged_token_which_tenants_are_listed(world: World) -> None:
    for tenant in (TENANT, STRANGER):
        there = activity(channelData={"tenant": {"id": tenant}}, conversation=None)
        assert await world.status(said=there, key=make_key("attacker"), kid="first") == 401


@pytest.mark.parametrize(
    ("endorsements", "channel"),
    [(None, "msteams"), ((), "msteams"), (("webchat",), "msteams"), (("webchat", "msteams"), "webchat"),
     (("msteams",), None), (("msteams",), "MSTeams"), (("msteams",), ["msteams"])],
)  # fmt: skip
async def test_a_key_must_be_endorsed_for_teams_and_the_channel_must_be_teams(
    world: World, endorsements: tuple[str, ...] | None, channel: Any
) -> None:
    world.identity.key = make_key("first", endorsements)
    world.identity.keys = [world.identity.key]
    assert await world.status(said=activity(channelId=channel)) == 403


async def test_an_uninstalled_install_is_a_stranger(world: World) -> None:
    world.installs.remove("acme")
    assert await world.status() == 403, "the bot still serves another tenant"
    world.installs.remove("east")
    assert await world.status() == 401, "nobody's bot any more"
    world.installs.remove("east")
    assert [install.name for install in world.installs] == ["lone"]


# ---------------------------------------------------------------- keys


async def test_a_new_key_is_fetched_and_the_old_one_is_gone(world: World) -> None:
    old = world.bearer()
    assert await world.status(old) == 200
    world.identity.rotate("second")
    for passed in (0, PAUSE - 1):
        world.passed += passed
        assert await world.status() == 401, "at most one look a minute"
    world.passed += 1
    assert await world.status() == 200
    assert await world.status(old) == 401
    assert world.identity.asked == BOTH * 2


async def test_keys_are_looked_at_again_after_a_day(world: World) -> None:
    assert await world.status() == 200
    world.passed += 24 * 3600 - 1
    assert await world.status() == 200
    assert world.identity.asked == BOTH
    withdrawn = world.bearer()
    world.identity.rotate("second")
    world.passed += 1
    assert await world.status(withdrawn) == 401, "known, but too old to be used without a look"
    assert world.identity.asked == BOTH * 2


async def test_old_keys_serve_while_the_metadata_fails(world: World) -> None:
    assert await world.status() == 200
    world.identity.status = 500
    world.passed += 3 * 24 * 3600
    asked = len(world.identity.asked)
    for _ in range(5):
        assert await world.status() == 200
    assert len(world.identity.asked) == asked + 1
    assert await world.status(kid="new") == 503, "it may be a key that we could not fetch"
    world.passed += PAUSE
    world.identity.status = 200
    assert await world.status(kid="new") == 401, "now we know that it is not"


async def test_keys_that_cannot_be_fetched_are_nobodys_fault(world: World) -> None:
    world.identity.status = 503
    assert await world.status() == 503
    assert await world.status(app_id="nobody") == 401, "what is refused anyway stays refused"
    world.identity.status = 200
    assert await world.status() == 503
    assert len(world.identity.asked) == 1, "not hammered while it is down"
    world.passed += PAUSE_WITHOUT_KEYS
    assert await world.status() == 200


async def test_nobody_at_the_metadatas_address_is_503() -> None:
    async with TeamsIdentity() as identity:
        world = World(identity)
        authorization = world.bearer()
    assert await world.status(authorization) == 503


async def test_stalled_metadata_holds_up_neither_the_loop_nor_a_request_for_long(world: World) -> None:
    world.stall()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    async with asyncio.timeout(10):
        statuses = await asyncio.gather(*(world.status() for _ in range(50)))
    ticking.cancel()
    assert set(statuses) == {503}
    assert ticks > 5, "other work went on"
    assert world.identity.asked == [METADATA_PATH], "one request for all fifty"
    world.keys._patience = 60
    async with asyncio.timeout(10):
        assert await world.status() == 503, "and the next does not wait again"


async def test_stalled_metadata_does_not_stop_keys_that_are_known(world: World) -> None:
    assert await world.status() == 200
    world.stall()
    world.keys._patience = 60
    unknown = asyncio.create_task(world.status(kid="new"))
    world.passed += PAUSE
    await asyncio.sleep(0.05)
    async with asyncio.timeout(10):
        assert await world.status() == 200
        assert not unknown.done()
        world.identity.go_on()
        assert await unknown in (401, 503)


async def test_one_who_goes_away_takes_the_keys_from_nobody(world: World) -> None:
    world.stall()
    impatient = asyncio.create_task(world.status())
    patient = asyncio.create_task(world.status())
    await asyncio.sleep(0.05)
    impatient.cancel()
    await asyncio.sleep(0)
    world.identity.go_on()
    assert await patient == 200
    assert impatient.cancelled()
    assert world.identity.asked == BOTH


async def test_a_flood_of_unknown_key_ids_asks_once_a_minute(world: World) -> None:
    assert await world.status() == 200
    attacker = make_key("attacker")
    flood = [world.bearer(key=attacker, kid=f"random-{number}") for number in range(100)]
    for minutes in range(1, 4):
        world.passed += PAUSE
        assert set(await asyncio.gather(*map(world.status, flood))) == {401}
        for authorization in flood:
            assert await world.status(authorization) == 401
        assert world.identity.asked == BOTH * (1 + minutes)
    assert await world.status() == 200


# ---------------------------------------------------------------- without a token, for trying things out


def local_check(
    world: World, *installs: TeamsInstall, allowed: bool = True, further: tuple[str, ...] = (LOCAL,)
) -> Any:
    return TokenCheck(
        Installs(installs or [ACME]), world.keys, ServiceUrls(further), lambda: world.now, unsigned_local=allowed
    )


async def test_the_agents_playground_is_let_in_only_by_the_setting(world: World) -> None:
    said = activity(serviceUrl=LOCAL)
    assert await local_check(world).check("", said) is ACME
    assert await local_check(world, ACME, EAST).check("", said) is ACME
    assert await local_check(world).check("", activity(serviceUrl=LOCAL, conversation={}, channelData=None)) is ACME
    refused = [
        (local_check(world, allowed=False), "", said, 401),
        (local_check(world, further=()), "", said, 401),
        (local_check(world), "", activity(), 401),
        (local_check(world), "", activity(serviceUrl=None), 401),
        (local_check(world), "", activity(serviceUrl="http://127.0.0.1:56151/_connector"), 401),
        (local_check(world), "", activity(serviceUrl="http://127.0.0.1:56150@evil.example/_connector"), 401),
        (local_check(world, further=("https://bots.example/",)), "", activity(serviceUrl="https://bots.example/"), 401),
        (local_check(world), "Bearer ", said, 401),
        (local_check(world), "Bearer x.y.z", said, 401),
        (local_check(world), world.bearer(service_url=LOCAL, exp=None), said, 401),
        (local_check(world), world.bearer(service_url=LOCAL, key=make_key("attacker"), kid="first"), said, 401),
        (local_check(world, EAST), "", said, 403),
        (local_check(world, ACME, LONE), "", said, 403),
    ]
    for number, (check, authorization, what, status) in enumerate(refused):
        with pytest.raises(Rejected) as rejected:
            await check.check(authorization, what)
        assert rejected.value.status == status, number


# ---------------------------------------------------------------- service URLs


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net/amer",
        "https://smba.trafficmanager.net",
        "https://smba.trafficmanager.net:443/teams/",
        f"https://smba.trafficmanager.net/de/{TENANT}/",
        "https://SMBA.TrafficManager.net/uk/",
        "https://smba.infra.gcc.teams.microsoft.com/teams",
        LOCAL,
        LOCAL + "/v3/conversations",
        "https://bots.example:8443/teams/",
    ],
)
def test_service_urls_that_may_be_written_to(url: str) -> None:
    assert ServiceUrls([LOCAL, "https://bots.example:8443/teams"]).allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "smba.trafficmanager.net",
        "//smba.trafficmanager.net/",
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net:8443/emea/",
        "https://smba.trafficmanager.net:0/",
        "https://smba.trafficmanager.net:99999/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evil-smba.trafficmanager.net/",
        "https://evil.trafficmanager.net/",
        "https://evil.teams.microsoft.com/",
        "https://smba.trafficmanager.net@evil.example/",
        "https://user:password@smba.trafficmanager.net/",
        "https://evil.example\\@smba.trafficmanager.net/",
        "https://evil.example#@smba.trafficmanager.net/",
        "https://evil.example/https://smba.trafficmanager.net/",
        "https://smba.trafficmanager.net\\.evil.example/",
        "https://smba.trafficmanager.net/emea/../../x",
        "https://smba.trafficmanager.net/%2e%2e/",
        "https://smba.trafficmanager.net/?x=1",
        "https://smba.trafficmanager.net/#x",
        "https://smba.trafficmanager.net /",
        "https://smba.traffic\tmanager.net/",
        "https://smba.trafficmanager.net/\n",
        "\nhttps://smba.trafficmanager.net/",
        "https://ｓmba.trafficmanager.net/",
        "https://smba.trafficmanager.net。/",
        "https://smba.trafficmanager.net./",
        "https://[::1]/",
        "https://[::1",
        "https://127.0.0.1/",
        "http://127.0.0.1:56150/",
        "http://127.0.0.1:56150/_connectors",
        "http://127.0.0.1:56151/_connector",
        "https://127.0.0.1:56150/_connector",
        "http://localhost:56150/_connector",
        "http://169.254.169.254/latest/meta-data",
        "https://smba.trafficmanager.net/" + "a" * 1000,
        "\ud800",
    ],
)
def test_service_urls_that_may_not(url: str) -> None:
    assert not ServiceUrls([LOCAL]).allowed(url)
    assert not ServiceUrls([LOCAL]).local(url)


def test_only_a_local_server_that_the_settings_name_is_local() -> None:
    assert ServiceUrls([LOCAL]).local(LOCAL)
    assert not ServiceUrls().local(LOCAL)
    assert not ServiceUrls(["https://bots.example"]).local("https://bots.example")
    assert not ServiceUrls().local(URL)


def test_what_is_no_url_is_the_same_as_nothing() -> None:
    assert same(URL, URL.rstrip("/"))
    for other in ("https://smba.trafficmanager.net/emea/x", "", None, 5):
        assert not same(URL, other)
    for nothing in ("", None, 5, "x"):
        assert not same(nothing, nothing)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bots.example",
        "http://bots.example/",
        "https://bots.example/?a=1",
        "https://u@bots.example",
        "https://bots.example:0",
        "https://bots.example:70000",
        "https://boo\u212as.example",
    ],
)
def test_a_setting_that_is_no_plain_url_or_would_send_tokens_unencrypted_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="service URL"):
        ServiceUrls([url])


# ---------------------------------------------------------------- installs


def test_an_install_is_listed_once_and_keeps_its_secret() -> None:
    with pytest.raises(ValueError, match="twice"):
        Installs([ACME, TeamsInstall("again", TENANT.upper(), APP.upper())])
    with pytest.raises(ValueError, match="twice"):
        Installs([ACME, TeamsInstall("acme", OTHER_TENANT, APP)])
    with pytest.raises(ValueError, match="tenant id"):
        Installs([TeamsInstall("none", "", APP)])
    assert "secret" not in repr(ACME)
    installs = Installs([ACME, EAST, LONE])
    assert len(installs) == 3
    assert installs.named("east") is EAST
    assert installs.named("nobody") is None
    assert installs.find(APP.upper(), TENANT.upper()) is ACME
    assert installs.find(OTHER_APP, OTHER_TENANT) is None
    assert installs.app_ids() == {APP, OTHER_APP}
