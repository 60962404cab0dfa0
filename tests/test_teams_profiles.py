"""Who somebody is, by Teams' roster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.teams.connector import ConnectorApi
from bot.teams.credentials import Credentials
from bot.teams.install import TeamsInstall
from bot.teams.profiles import Profiles
from bot.teams.service_urls import ServiceUrls
from handlers.conversation.request import Profile
from tests.fakes.teams import FakeTeams

ACME = TeamsInstall("acme", "tenant-acme", "app-acme", "secret-acme")
EAST = TeamsInstall("east", "tenant-east", "app-east", "secret-east")


class World:
    """Profiles before a fake Teams."""

    def __init__(self, teams: FakeTeams) -> None:
        self.teams = teams
        self.now = 1000.0
        self.api = ConnectorApi(ServiceUrls([teams.service_url]), Credentials(teams.login_url))
        self.profiles = Profiles(self.api, clock=lambda: self.now, patience=0.5)

    async def of(self, user: str = "U1", install: TeamsInstall = ACME, where: str = "", **more: Any) -> Profile:
        """As an activity of that person in that conversation would ask."""
        person = self.teams.person(user, install)
        given = {
            "teams_id": person.id,
            "service_url": self.teams.service_url,
            "conversation": where or self.teams.personal(user, install),
            "name": "Said By Activity",
            "zone": "Europe/Paris",
            "locale": "fr-FR",
            **more,
        }
        return await self.profiles.of(install, person.object_id or person.id, **given)

    @property
    def asked(self) -> int:
        return len(self.teams.called("member"))


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    async with FakeTeams(ACME, EAST) as teams:
        world = World(teams)
        yield world
        await world.api.close()


async def test_what_the_roster_says(world: World) -> None:
    assert await world.of() == Profile(
        external_id=world.teams.person("U1").object_id,
        name="Rae Rep",
        email="rae@example.com",
        zone="Europe/Paris",
        locale="fr-FR",
        member=True,
        known=True,
    )


@pytest.mark.parametrize(
    ("email", "upn", "expected"),
    [
        ("Rae.Rep@Example.com", "rae@corp.local.example", "Rae.Rep@Example.com"),
        ("", "rae@example.com", "rae@example.com"),
        ("", "ACME\\rae", ""),
        ("", "rae@localhost", ""),
        ("", "", ""),
        ("", "rae_other.com#EXT#@acme.onmicrosoft.com", ""),
    ],
)
async def test_the_address(world: World, email: str, upn: str, expected: str) -> None:
    person = world.teams.person("U1")
    person.email, person.upn = email, upn
    assert (await world.of()).email == expected


@pytest.mark.parametrize(
    "said",
    [
        {"role": "guest"},
        {"role": "Guest"},
        {"role": "anonymous"},
        {"upn": "rae_other.com#EXT#@acme.onmicrosoft.com"},
        {"home": "tenant-east"},
    ],
)
async def test_guests_and_other_companies_people_are_no_members(world: World, said: dict[str, str]) -> None:
    """FAULT 43: whatever address they have."""
    world.teams.add_person("U1", name="Rae Rep", **said)
    profile = await world.of()
    assert not profile.member
    assert profile.known


async def test_the_tenants_id_in_either_case(world: World) -> None:
    world.teams.add_person("U1", name="Rae Rep", home="TENANT-ACME")
    assert (await world.of()).member


async def test_an_hour(world: World) -> None:
    await world.of()
    world.now += 3599
    world.teams.person("U1").name = "Rae Married"
    assert (await world.of(zone="Asia/Tokyo")) == await world.of(zone="Asia/Tokyo")
    assert (await world.of()).name == "Rae Rep"
    assert (await world.of(zone="Asia/Tokyo")).zone == "Asia/Tokyo"
    assert world.asked == 1
    world.now += 2
    assert (await world.of()).name == "Rae Married"
    assert world.asked == 2


async def test_ten_at_once_are_one_call(world: World) -> None:
    profiles = await asyncio.gather(*(world.of() for _ in range(10)))
    assert {profile.email for profile in profiles} == {"rae@example.com"}
    assert world.asked == 1


async def test_in_a_channel_and_its_threads(world: World) -> None:
    world.teams.channel("sales")
    assert (await world.of(where="19:sales@thread.tacv2;messageid=17")).known
    asked = [call.path for call in world.teams.calls if call.what == "member"]
    assert [path.rsplit("/", 2)[0] for path in asked] == ["/teams/v3/conversations/19:sales@thread.tacv2"]


async def test_where_pacer_is_no_member_their_own_chat_is_asked(world: World) -> None:
    """A message extension is used anywhere."""
    world.teams.group("elsewhere").bot = False
    assert (await world.of(where="19:elsewhere@thread.v2")).email == "rae@example.com"
    world.teams.add_person("U2", name="Sam Sales", installed=False)
    profile = await world.of("U2", where="19:elsewhere@thread.v2")
    assert (profile.known, profile.name, profile.email) == (False, "Said By Activity", "")


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"drop": True, "times": 9}, {"status": 429}, {"slow": 1.0, "status": 500}]
)
async def test_when_teams_cannot_be_asked(world: World, fault: dict[str, Any]) -> None:
    """Nothing is known, which is not the same as being a stranger; a minute later it is asked again."""
    world.teams.inject("member", **fault)
    profile = await world.of()
    assert (profile.known, profile.member, profile.email) == (False, True, "")
    if "slow" in fault:
        await asyncio.sleep(0.8)
    asked = world.asked
    assert not (await world.of()).known
    assert world.asked == asked
    world.teams._faults.clear()
    world.now += 61
    assert (await world.of()).known


async def test_an_old_answer_is_better_than_none(world: World) -> None:
    await world.of()
    world.now += 4000
    world.teams.inject("member", status=500)
    assert (await world.of()).email == "rae@example.com"


async def test_a_late_answer_is_there_the_next_time(world: World) -> None:
    world.teams.inject("member", slow=0.7)
    assert not (await world.of()).known
    async with asyncio.timeout(10):
        while not (await world.of()).known:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert world.asked == 1


async def test_an_answer_about_somebody_else_is_none(world: World) -> None:
    other = world.teams.add_person("U2", name="Sam Sales")
    assert not (await world.of("U1", teams_id=other.id, where=world.teams.group().id)).known


async def test_somebody_without_an_entra_id(world: World) -> None:
    world.teams.add_person("U3", name="Ann On", object_id="", role="anonymous", email="", upn="")
    profile = await world.of("U3")
    assert profile.external_id.startswith("29:")
    assert not profile.member


async def test_an_activity_without_the_entra_id_that_the_roster_has(world: World) -> None:
    person = world.teams.person("U1")
    given = {"teams_id": person.id, "service_url": world.teams.service_url, "conversation": world.teams.personal()}
    assert (await world.profiles.of(ACME, person.id, **given)).email == "rae@example.com"


async def test_two_installs_are_two_people(world: World) -> None:
    """FAULT 42: the same id in both."""
    world.teams.add_person("U1", name="Eve East", install=EAST)
    assert (await world.of()).name == "Rae Rep"
    assert (await world.of(install=EAST)).name == "Eve East"
    world.profiles.forget("acme")
    await world.of(install=EAST)
    assert world.asked == 2
    await world.of()
    assert world.asked == 3


async def test_a_forged_service_url_is_not_asked(world: World) -> None:
    """FAULT 33."""
    assert not (await world.of(service_url="https://evil.example/")).known
    assert world.teams.calls == []
