"""People of the plan who never wrote are found by their e-mail, and only by that; what was asked is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.finding import Finder, Here, settle
from bot.slack.api import SlackApi
from bot.slack.finding import SlackFinder
from bot.slack.install import Installs as Workspaces
from bot.slack.install import SlackInstall
from bot.teams import finding as teams_finding
from bot.teams.connector import ConnectorApi
from bot.teams.credentials import Credentials
from bot.teams.finding import TeamsFinder
from bot.teams.install import Installs as Tenants
from bot.teams.install import TeamsInstall
from bot.teams.service_urls import ServiceUrls
from handlers.conversation.request import Profile
from storage import finding, imports, installs, people, staff, tables
from storage.database import Database, Transaction
from storage.finding import Missing
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.serving import COMPANY

ACME = SlackInstall("acme", "T1", bot_token="xoxb-acme", signing_secret="secret-acme")
EAST = SlackInstall("east", "T2", bot_token="xoxb-east", signing_secret="secret-east")
NORTH = TeamsInstall("north", "tenant-north", "app-north", "secret-north")
NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
TEAM = "19:team@thread.tacv2"


class Looking:
    """A plan, a process that looks for its people, and what came of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self.seconds = 1000.0
        self.finder = self.process("one")

    def process(self, owner: str) -> Finder:
        return Finder(self.database, COMPANY, clock=lambda: self.now, owner=owner, seconds=lambda: self.seconds)

    async def lives(self, *names: str, platform: str = "slack") -> None:
        for name in names:
            row = (name, platform, f"id of {name}", "credential", self.now)
            await self.database.write(lambda tx, row=row: installs.declare(tx, *row))

    async def planned(self, *names: str, **more: Any) -> list[str]:
        """People of the plan: `dana` is dana@example.com."""

        def add(tx: Transaction) -> list[str]:
            said = [{"email": f"{name}@example.com", "imported": True, **more} for name in names]
            return [
                people.add(tx, name=name.title(), at=self.now, **one).id for name, one in zip(names, said, strict=True)
            ]

        return await self.database.write(add)

    async def look(self, times: int = 12, finder: Finder | None = None) -> None:
        for _ in range(times):
            await (finder or self.finder).tick()
            self.seconds += 1.5

    async def known(self) -> list[tuple[str, str, str]]:
        """(name, install, id there) of everybody who can be written to."""
        query = sa.select(tables.people.c.name, tables.identities.c.install, tables.identities.c.external_id)
        joined = query.join(tables.people, tables.people.c.id == tables.identities.c.person)
        rows = await self.database.read(lambda tx: tx.execute(joined.order_by(tables.people.c.name)).all())
        return [tuple(row) for row in rows]

    async def remembered(self) -> dict[str, str]:
        """Name -> why they were not found."""
        query = sa.select(tables.people.c.name, tables.lookups.c.outcome)
        joined = query.join(tables.people, tables.people.c.id == tables.lookups.c.person)
        return {row[0]: row[1] for row in await self.database.read(lambda tx: tx.execute(joined).all())}


class InSlack(Looking):
    def __init__(self, database: Database, slack: FakeSlack) -> None:
        super().__init__(database)
        self.slack = slack
        self.api = SlackApi(slack.url)
        self.told(self.finder)

    def told(self, finder: Finder) -> Finder:
        finder.told_by["slack"] = SlackFinder(Workspaces(self.slack.installs), self.api)
        return finder

    @property
    def asked(self) -> list[str]:
        return [str(call["email"]).partition("@")[0] for call in self.slack.called("users.lookupByEmail")]


@asynccontextmanager
async def in_slack(database: Database, *workspaces: SlackInstall, **more: Any) -> AsyncIterator[InSlack]:
    async with FakeSlack(*workspaces, **more) as slack:
        made = InSlack(database, slack)
        await made.lives(*(install.name for install in workspaces))
        yield made
        await made.api.close()


@pytest_asyncio.fixture
async def world(database: Database) -> AsyncIterator[InSlack]:
    async with in_slack(database, ACME) as made:
        yield made


# ---------------------------------------------------------------- Slack


async def test_members_are_found_and_nobody_else(world: InSlack) -> None:
    """FAULT 43: no guest, no bot, nobody of another workspace or who has gone."""
    await world.planned("dana", "guest", "robot", "other", "gone", "absent")
    world.slack.add_user("U5", name="Dana Whitfield", email="Dana@Example.com", tz="Asia/Kolkata")
    world.slack.add_user("U6", email="guest@example.com", is_restricted=True)
    world.slack.add_user("U7", email="robot@example.com", is_bot=True)
    world.slack.add_user("U8", email="other@example.com", team_id="T9")
    world.slack.add_user("U9", email="gone@example.com", deleted=True)
    await world.look()
    assert await world.known() == [("Dana", "acme", "U5")]
    outsiders = dict.fromkeys(("Guest", "Robot", "Other"), "outsider")
    assert await world.remembered() == {**outsiders, "Gone": "absent", "Absent": "absent"}
    identity = await world.database.read(lambda tx: people.identity(tx, "acme", "U5"))
    assert identity is not None
    assert (identity.zone, identity.found) == ("Asia/Kolkata", True)


async def test_who_is_not_asked_about(world: InSlack) -> None:
    """Those without an address, with another company's, who have left, are refused, in no plan, or met already."""
    left, refused, met = await world.planned("lou", "rex", "mia")
    await world.planned("nil", email="")
    await world.planned("far", email="far@elsewhere.example")
    await world.planned("sub", email="sub@not-example.com")
    await world.planned("new", imported=False)
    await world.planned("dana")

    def settled(tx: Transaction) -> None:
        staff.leave(tx, left, world.now)
        for person, user in ((refused, "U3"), (met, "U4")):
            who = people.person(tx, person)
            assert who is not None
            known = people.identify(tx, who, install="elsewhere", external_id=user, at=world.now)
            if person == refused:
                people.refuse(tx, known.id, world.now)

    await world.database.write(settled)
    await world.look()
    assert world.asked == ["dana"]


async def test_an_answer_is_remembered_for_a_day_or_until_the_address_changes(world: InSlack) -> None:
    dana, _ = await world.planned("dana", "lee")
    await world.look()
    world.now += timedelta(hours=23)
    world.seconds += 100
    await world.look()
    assert world.asked == ["dana", "lee"]
    change = tables.people.update().where(tables.people.c.id == dana)
    await world.database.write(lambda tx: tx.execute(change, {"email": "d.whitfield@example.com"}))
    world.slack.add_user("U5", email="d.whitfield@example.com")
    world.seconds += 100
    await world.look()
    assert world.asked == ["dana", "lee", "d.whitfield"]
    assert await world.known() == [("Dana", "acme", "U5")]
    world.now += timedelta(hours=2)
    world.seconds += 100
    await world.look()
    assert world.asked == ["dana", "lee", "d.whitfield", "lee"]


async def test_who_comes_by_an_import_is_asked_about_within_a_minute(world: InSlack) -> None:
    await world.look()
    await world.planned("dana")
    world.slack.add_user("U5", email="dana@example.com")
    await world.look(times=45)
    assert await world.known() == [("Dana", "acme", "U5")]


async def test_slack_is_asked_no_more_than_fifty_times_a_minute_and_waits_when_told(world: InSlack) -> None:
    await world.planned(*(f"rep{number}" for number in range(60)))
    began = world.seconds
    await world.look(times=30)
    assert len(world.asked) == 30
    assert world.seconds - began == 45
    world.slack.inject("users.lookupByEmail", status=429, retry_after=90)
    await world.look(times=60)
    assert len(world.asked) == 31, "nothing was asked within the 90 seconds"
    await world.look(times=3)
    assert len(world.asked) > 31


@pytest.mark.parametrize(("fault", "seconds"), [({"error": "missing_scope"}, 3600), ({"status": 503}, 60)])
async def test_a_slack_that_does_not_tell_is_left_in_peace(world: InSlack, fault: Any, seconds: int) -> None:
    await world.planned("dana")
    world.slack.inject("users.lookupByEmail", **fault)
    await world.look(times=10)
    assert (len(world.asked), await world.remembered()) == (1, {})
    world.seconds += seconds
    await world.look(times=1)
    assert (len(world.asked), await world.remembered()) == (2, {"Dana": "absent"})


async def test_two_workspaces_are_never_mixed(database: Database) -> None:
    """FAULT 42: the same id is somebody else there. Who is found in one is not looked for in the other."""
    async with in_slack(database, ACME, EAST) as world:
        await world.planned("dana", "lee")
        world.slack.add_user("U5", email="dana@example.com", install=ACME)
        world.slack.add_user("U5", email="lee@example.com", install=EAST)
        await world.look()
        assert await world.known() == [("Dana", "acme", "U5"), ("Lee", "east", "U5")]
        await world.look()
        assert len(world.asked) <= 4, "one question for each person and workspace"


async def test_an_install_that_was_removed_is_asked_nothing(world: InSlack) -> None:
    """FAULT 44, also in a process that has not heard of it."""
    await world.planned("dana")
    await world.database.write(lambda tx: installs.remove(tx, "acme", world.now))
    await world.look()
    assert world.asked == []


async def test_one_process_looks_until_it_lets_go(world: InSlack) -> None:
    await world.planned("dana", "lee")
    other = world.told(world.process("two"))
    await world.look(times=1)
    await world.look(times=5, finder=other)
    assert world.asked == ["dana"]
    await world.finder.let_go()
    await world.look(times=5, finder=other)
    assert sorted(world.asked)[:2] == ["dana", "lee"]
    assert len(await world.remembered()) == 2


async def test_a_process_that_died_is_followed_after_the_lease(world: InSlack) -> None:
    await world.planned("dana", "lee")
    await world.look(times=1)
    world.now += timedelta(minutes=6)
    await world.look(times=5, finder=world.told(world.process("two")))
    assert len(await world.remembered()) == 2


async def test_an_import_can_be_undone_until_somebody_has_heard_from_pacer(world: InSlack) -> None:
    dana, lee = await world.planned("dana", "lee")
    for user, email in (("U5", "dana@example.com"), ("U6", "lee@example.com")):
        world.slack.add_user(user, email=email)
    await world.look()

    def undo(tx: Transaction) -> set[str]:
        heard = finding.unheard(tx, lee, "acme")
        assert heard is not None
        finding.introduced(tx, heard, world.now)
        for person in (dana, lee):
            finding.forget_unheard(tx, person)
        return imports.stood_on(tx, tables.people, [dana, lee])

    assert await world.database.write(undo) == {lee}


# ---------------------------------------------------------------- by the platform's own e-mail alone


@pytest.mark.parametrize(
    ("profile", "outcome"),
    [
        (Profile("U5", name="Dana", email="d@example.com"), "absent"),
        (Profile("U5", name="Dana", email=""), "absent"),
        (Profile("U5", name="Dana", email="dana@example.com", member=False), "outsider"),
        (Profile("U1", name="Dana", email="dana@example.com"), "somebody else"),
    ],
)
async def test_what_is_not_that_person_is_not_linked(database: Database, profile: Profile, outcome: str) -> None:
    looking = Looking(database)
    await looking.lives("acme")
    (dana,) = await looking.planned("dana")

    def work(tx: Transaction) -> bool:
        other = people.add(tx, name="Somebody", at=NOW)
        people.identify(tx, other, install="acme", external_id="U1", at=NOW)
        wanted = Missing(dana, "Dana", "dana@example.com")
        return settle(tx, COMPANY, "acme", wanted, Here(profile), NOW, timedelta(days=1))

    assert await database.write(work) is False
    assert await looking.known() == [("Somebody", "acme", "U1")]
    assert await looking.remembered() == {"Dana": outcome}


@pytest.mark.parametrize("meanwhile", ["left", "refused", "wrote", "other e-mail", "uninstalled"])
async def test_what_happened_while_the_platform_was_asked(database: Database, meanwhile: str) -> None:
    looking = Looking(database)
    await looking.lives("acme", "east")
    (dana,) = await looking.planned("dana")

    def work(tx: Transaction) -> bool:
        who = people.person(tx, dana)
        assert who is not None
        match meanwhile:
            case "left":
                staff.leave(tx, dana, NOW)
            case "other e-mail":
                tx.execute(tables.people.update(), {"email": "dw@example.com"})
            case "uninstalled":
                installs.remove(tx, "acme", NOW)
            case _:
                known = people.identify(tx, who, install="east", external_id="U1", at=NOW)
                if meanwhile == "refused":
                    people.refuse(tx, known.id, NOW)
        here = Here(Profile("U5", name="Dana", email="dana@example.com"))
        wanted = Missing(dana, "Dana", "dana@example.com")
        return settle(tx, COMPANY, "acme", wanted, here, NOW, timedelta(days=1))

    assert await database.write(work) is False
    assert ("Dana", "acme", "U5") not in await looking.known()
    assert await looking.remembered() == {}


# ---------------------------------------------------------------- Teams


class InTeams(Looking):
    def __init__(self, database: Database, teams: FakeTeams) -> None:
        super().__init__(database)
        self.teams = teams
        self.api = ConnectorApi(ServiceUrls([teams.service_url]), Credentials(teams.login_url))
        self.finder.told_by["teams"] = TeamsFinder(Tenants(teams.listed), self.api)

    async def added(self, team: str = TEAM) -> None:
        service = self.teams.service_url
        await self.database.write(lambda tx: finding.add_roster(tx, "north", team, service, self.now))

    @property
    def pages(self) -> int:
        return len(self.teams.called("members"))

    async def rosters(self) -> list[str]:
        return [one.team for one in await self.database.read(lambda tx: finding.rosters_of(tx, "north"))]


@pytest_asyncio.fixture
async def tenant(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[InTeams]:
    monkeypatch.setattr(teams_finding, "BETWEEN", 0.0)
    async with FakeTeams(NORTH) as teams:
        made = InTeams(database, teams)
        await made.lives("north", platform="teams")
        yield made
        await made.api.close()


async def test_a_teams_members_are_read_page_by_page(tenant: InTeams) -> None:
    """FAULT 43: no guest, nobody of another tenant. Of members who are in no plan nothing is kept."""
    for number in range(7):
        tenant.teams.add_person(f"X{number}", name=f"Extra{number} Person")
    tenant.teams.add_person("U5", name="Dana Whitfield")
    tenant.teams.add_person("U6", name="Guest", role="guest")
    tenant.teams.add_person("U7", name="Far", home="tenant-far")
    tenant.teams.add_person("U8", name="Nemo", email="", upn="nemo_elsewhere.example#EXT#@north.example")
    tenant.teams.channel("sales")
    tenant.teams.page_of = 3
    await tenant.planned("dana", "guest", "far", "nemo")
    await tenant.added()
    await tenant.look()
    dana = tenant.teams.person("U5")
    assert await tenant.known() == [("Dana", "north", dana.object_id)]
    assert await tenant.remembered() == {"Guest": "outsider", "Far": "outsider", "Nemo": "absent"}
    assert tenant.pages == 4
    identity = await tenant.database.read(lambda tx: people.identity(tx, "north", dana.object_id))
    assert identity is not None
    assert (identity.service, identity.found) == (tenant.teams.service_url, True)


async def test_it_is_read_again_when_somebody_joins_or_hours_later(tenant: InTeams) -> None:
    tenant.teams.channel("sales")
    await tenant.planned("dana", "lee")
    await tenant.added()
    await tenant.look(times=60)
    assert tenant.pages == 1
    tenant.teams.add_person("U5", name="Dana")
    await tenant.added()
    tenant.seconds += 100
    await tenant.look(times=60)
    assert (tenant.pages, [name for name, _, _ in await tenant.known()]) == (2, ["Dana"])
    tenant.teams.add_person("U6", name="Lee")
    tenant.now += timedelta(hours=7)
    tenant.seconds += 100
    await tenant.look(times=60)
    assert (tenant.pages, [name for name, _, _ in await tenant.known()]) == (3, ["Dana", "Lee"])


async def test_without_a_team_nothing_is_asked_nor_remembered(tenant: InTeams) -> None:
    await tenant.planned("dana")
    await tenant.look()
    assert (tenant.pages, await tenant.remembered()) == (0, {})


async def test_a_team_that_pacer_is_in_no_more_is_forgotten(tenant: InTeams) -> None:
    tenant.teams.channel("sales").bot = False
    await tenant.planned("dana")
    await tenant.added()
    await tenant.added("19:deleted@thread.tacv2")
    await tenant.look()
    assert await tenant.rosters() == []


@pytest.mark.parametrize(
    "fault", [{"status": 429, "retry_after": 70}, {"status": 503}, {"status": 400, "code": "BadSyntax"}]
)
async def test_half_a_roster_is_no_reason_to_think_somebody_absent(tenant: InTeams, fault: Any) -> None:
    for number in range(4):
        tenant.teams.add_person(f"U{number + 5}", name=f"Rep{number} Person")
    tenant.teams.channel("sales")
    tenant.teams.page_of = 2
    await tenant.planned("rep0", "rep3")
    await tenant.added()
    later: Callable[[Any], bool] = lambda _: tenant.pages == 2  # noqa: E731
    tenant.teams.inject("members", when=later, **fault)
    await tenant.look(times=30)
    assert [name for name, _, _ in await tenant.known()] == ["Rep0"]
    assert await tenant.remembered() == {}
    assert tenant.pages == 2, "it is left in peace for a while"
    tenant.seconds += 3600
    await tenant.look(times=1)
    assert [name for name, _, _ in await tenant.known()] == ["Rep0", "Rep3"]


async def test_a_look_that_is_broken_off_begins_anew(tenant: InTeams) -> None:
    tenant.teams.channel("sales")
    tenant.teams.add_person("U5", name="Dana")
    await tenant.planned("dana")
    await tenant.added()
    tenant.teams.inject("members", slow=5)
    task = asyncio.create_task(tenant.finder.tick())
    await tenant.teams.until(lambda: tenant.pages == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    again = tenant.process("two")
    again.told_by = tenant.finder.told_by
    await tenant.finder.let_go()
    await tenant.look(finder=again)
    assert [name for name, _, _ in await tenant.known()] == ["Dana"]
