"""People by form: the tree, a change from a day on, and who leaves with what goes to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
import sqlalchemy as sa

from storage import credits, deals, people, units
from storage.database import Transaction
from tests.chat import Chat, Heard

YEAR = date(2026, 1, 1)
"""Today is Wednesday, 18 November 2026."""


@dataclass
class Office:
    """Rae and Dana sell in East, which Max leads; Lee leads the company. Rae owns two open deals and a won one."""

    chat: Chat
    ids: dict[str, str]

    def rows(self, query: str) -> list[dict[str, object]]:
        return self.chat.rows(query)

    def leaves(self, name: str, **fields: str) -> Heard:
        return self.chat.admin(f"people {name}").press("Has left").fill(**fields)

    def tick(self) -> int:
        """What the hourly housekeeping says to the manager."""
        before = len(self.chat.manager.inbox())
        self.chat.run(self.chat.core.settle_due())
        return len(self.chat.manager.inbox()) - before


@pytest.fixture
def office(chat: Chat) -> Office:
    def fill(tx: Transaction) -> dict[str, str]:
        ids = {one.name.split()[0].lower(): one.id for one in people.everybody(tx) if one.name != "Nia Vail"}
        dana = people.add(tx, name="Dana Reyes", email="dana@test.example", at=chat.now, imported=True)
        ids["dana"] = dana.id
        company = units.add(tx, "Testing & Co", kind="company", parent=None, at=chat.now)
        east = units.add(tx, "East", kind="team", parent=company, at=chat.now)
        units.add(tx, "West", kind="team", parent=company, at=chat.now)
        for name in ("rae", "dana"):
            units.join(tx, east, ids[name], since=YEAR)
        units.join(tx, east, ids["max"], since=YEAR, leads=True)
        units.join(tx, company, ids["lee"], since=YEAR, leads=True)
        manager = people.person(tx, ids["max"])
        assert manager is not None
        people.give_manager(tx, dana, manager, YEAR)
        for name, stage, amount in (("Initech", "proposal", 4_000_000), ("Globex", "prospecting", None)):
            made = deals.Deal(
                id=name, name=name, stage=stage, owner=ids["rae"], created_on=YEAR, amount_minor=amount, currency="USD"
            )
            deals.add(tx, made, [deals.Share(ids["rae"])], at=chat.now, by=None)
        won = deals.Deal(
            id="won", stage="won", owner=ids["rae"], created_on=YEAR, closes_on=date(2026, 11, 2), amount_minor=900_000
        )
        deals.add(tx, won, [deals.Share(ids["rae"])], at=chat.now, by=None)
        credits.write(tx, "won", [credits.Credit(ids["rae"], "revenue", date(2026, 11, 2), 900_000)], at=chat.now)
        return ids

    return Office(chat, chat.database.submit(fill).result())


# ---------------------------------------------------------------- looking


def test_the_tree_says_who_leads_and_who_is_in_which_unit(office: Office) -> None:
    shown = office.chat.admin("people")
    shown.says("3 units", "No one is waiting")
    shown.shows("Testing & Co (company), led by Lee Park", "East (team), led by Max Stone: Dana Reyes, Rae Quinn")
    shown.shows("West (team), led by nobody", "In no unit: Ada Wu")
    assert {"Add a person", "Rae Quinn"} <= set(shown.buttons)
    shown.press("Rae Quinn").says("Rae Quinn.", "Role: Rep", "Sells in: East, since", "Manager: Max Stone")


def test_one_person_or_unit_by_name_and_misspelt(office: Office) -> None:
    office.chat.admin("people rae").says("Open deals: 2", "Target: none for 2026", "Linked on: playground")
    office.chat.admin("people Quin").says("Rae Quinn")
    office.chat.admin("people East").says("East (team), led by Max Stone").lacks("West")
    office.chat.admin("people Dena").says("Dana Reyes")
    office.chat.admin("people Zork").says("I know no person or unit called “Zork”")


def test_namesakes_are_told_apart(office: Office) -> None:
    office.chat.database.submit(
        lambda tx: people.add(tx, name="Dana Vos", email="vos@test.example", at=office.chat.now, imported=True)
    ).result()
    office.chat.admin("people Dana").says("Which “Dana”?").press("Dana Vos (vos@test.example)").says("Dana Vos. E-mail")


@pytest.mark.parametrize("who", ["rep", "manager", "leader"])
def test_people_are_the_admins(office: Office, who: str) -> None:
    getattr(office.chat, who)("people Rae").says("not yours to use")


# ---------------------------------------------------------------- adding and changing


def test_a_person_is_added_and_their_first_message_links_them(office: Office) -> None:
    form = office.chat.admin("people add Nia Vale")
    form.fill(email="new@test.example", unit="East", manager="Max", since="2026-11-16").says(
        "Added: Nia Vale", "Sells in: East, since Mon, Nov 16, 2026", "Manager: Max Stone"
    )
    office.chat.newcomer("/log call Initech").says("Logged")
    assert "is not in the plan" not in "\n".join(office.chat.admin.inbox())
    office.chat.admin("people Nia Vale").says("Linked on: playground")


def test_a_change_holds_from_its_day_and_the_days_before_keep_what_stood(office: Office) -> None:
    changed = office.chat.admin("people Rae").press("Change")
    changed.fill(unit="West", manager="Lee Park", since="2026-12-01").says(
        "Changed from Tue, Dec 1: unit West and manager Lee Park", "Sells in: East", "Manager: Max Stone"
    )
    office.chat.later(days=14)
    office.chat.admin("people Rae").says("Sells in: West, since Tue, Dec 1, 2026", "Manager: Lee Park")
    rows = office.rows(
        "SELECT units.name, valid_from, valid_to FROM memberships JOIN units ON units.id = memberships.unit "
        f"WHERE person = '{office.ids['rae']}' ORDER BY valid_from"
    )
    assert [(one["name"], str(one["valid_to"])) for one in rows] == [("East", "2026-12-01"), ("West", "None")]


def test_a_rep_becomes_the_manager_of_a_new_team(office: Office) -> None:
    office.chat.admin("people Dana").press("Change").fill(
        role="manager", unit="new: North in Testing", since="2026-11-18"
    )
    office.chat.admin("people").shows("North (team), led by Dana Reyes", "East (team), led by Max Stone: Rae Quinn")


def test_what_is_wrong_stands_beside_its_field(office: Office) -> None:
    form = office.chat.admin("people Rae").press("Change")
    wrong = form.fill(unit="Nort", manager="Maxx Zed", email="max@test.example", zone="Mars", country="Germany")
    wrong.problem("unit", "I know no unit called “Nort”", "new: Nort").problem("manager", "no person called “Maxx Zed”")
    wrong.problem("email", "e-mail address of Max Stone").problem("zone", "Mars").problem("country", "two letters")
    assert office.rows("SELECT event FROM audit_log") == []


def test_nobody_manages_who_is_above_them(office: Office) -> None:
    office.chat.admin("people Max").press("Change").fill(manager="Rae").problem("manager", "Rae Quinn cannot manage")
    office.chat.admin("people Rae").press("Change").fill(manager="Rae").problem("manager", "Rae Quinn cannot manage")


# ---------------------------------------------------------------- leaving


def test_a_leaver_hands_over_and_is_answered_no_more(office: Office) -> None:
    """Their place ends, open deals go to their manager with who and why; the won deal and its credit stay."""
    office.leaves("Rae", last_day="2026-11-17").says(
        "Rae Quinn has left", "Max Stone has their 2 open deals now", "Rae Quinn, has left"
    )
    owners = office.rows("SELECT deals.id, people.name FROM deals JOIN people ON people.id = owner ORDER BY deals.id")
    assert {str(one["id"]): one["name"] for one in owners} == {
        "Globex": "Max Stone",
        "Initech": "Max Stone",
        "won": "Rae Quinn",
    }
    shares = office.rows("SELECT deal, person FROM deal_shares WHERE replaced_at IS NULL ORDER BY deal")
    assert [one["person"] for one in shares] == [office.ids["max"], office.ids["max"], office.ids["rae"]]
    changes = office.rows("SELECT deal_changes.by, reason FROM deal_changes WHERE reason IS NOT NULL")
    assert [(one["by"], one["reason"]) for one in changes] == [(office.ids["ada"], "Rae Quinn has left")] * 2
    assert [one["person"] for one in office.rows("SELECT person FROM credits WHERE voided_at IS NULL")] == [
        office.ids["rae"]
    ]
    told = "\n".join(office.chat.manager.inbox())
    assert "Rae Quinn has left. 2 open deals are yours now: " in told
    assert "Initech ($40,000)" in told
    assert "left" not in "\n".join(office.chat.rep.inbox())
    office.chat.rep("/log call Initech").says("You are marked as having left Testing & Co", "ada@test.example")
    assert office.rows("SELECT id FROM activities") == []


def test_undo_takes_back_no_deal_that_was_handed_over(office: Office) -> None:
    """That is what *Came back* is for: one deal alone would be the leaver's again."""
    office.leaves("Rae", last_day="2026-11-17").says("Max Stone has their 2 open deals now")
    office.chat.admin("undo").lacks("Undone").says("nothing to undo")
    owners = office.rows("SELECT people.name FROM deals JOIN people ON people.id = owner WHERE stage <> 'won'")
    assert [one["name"] for one in owners] == ["Max Stone", "Max Stone"]


def test_the_tree_stays_when_something_is_done_from_it(office: Office) -> None:
    tree = office.chat.admin("people")
    form = tree.press("Add a person")
    form.fill(name="Nia Vale", email="new@test.example", unit="East", since="2026-11-16").says("Added: Nia Vale")
    assert tree.text in office.chat.admin.inbox()


def test_a_last_day_to_come_is_settled_when_it_is_over(office: Office) -> None:
    office.leaves("Rae", last_day="2026-11-20").says("last day is Fri, Nov 20, 2026", "Then Max Stone gets")
    assert office.tick() == 0
    office.chat.rep("/log call Initech").says("Logged")
    office.chat.later(days=3, hours=-11)  # Friday, 11 pm
    assert office.tick() == 0
    office.chat.later(hours=2)
    assert office.tick() == 1
    assert "Rae Quinn has left. 2 open deals are yours now" in office.chat.manager.inbox()[-1]
    assert office.tick() == 0
    office.chat.rep("/log call Initech").says("You are marked as having left")
    owned = office.rows(f"SELECT id FROM deals WHERE owner = '{office.ids['max']}' ORDER BY id")
    assert [one["id"] for one in owned] == ["Globex", "Initech"]


def test_buttons_and_questions_of_a_leaver_die_and_what_waited_for_them_is_withdrawn(office: Office) -> None:
    asked = office.chat.rep("/log call Woodgrove").says("Woodgrove")
    office.leaves("Rae", last_day="2026-11-17")
    assert office.rows("SELECT id FROM drafts WHERE settled_at IS NULL") == []
    living = f"SELECT token FROM tokens WHERE person = '{office.ids['rae']}' AND used_at IS NULL AND expires_at > "
    assert office.rows(f"{living}'{office.chat.now.astimezone().isoformat()}'") == []
    asked.press("Woodgrove Bank").says("You are marked as having left")


def test_a_manager_who_leaves_hands_over_the_team(office: Office) -> None:
    form = office.chat.admin("people Max").press("Has left")
    assert "manages Rae Quinn and Dana Reyes" in form.form.intro
    form.fill(last_day="2026-11-17", deals_to="", team_to="Lee").says("Lee Park manages 2 reports of theirs")
    office.chat.admin("people Rae").says("Manager: Lee Park")
    assert "You manage Rae Quinn and Dana Reyes now." in "\n".join(office.chat.leader.inbox())
    office.chat.admin("people").shows("East (team), led by nobody")


def test_who_came_back_has_all_as_it_was(office: Office) -> None:
    before = office.rows("SELECT id, person, valid_from, valid_to FROM memberships ORDER BY id")
    links = office.rows("SELECT person, manager, valid_to FROM manager_links ORDER BY id")
    left = office.leaves("Rae", last_day="2026-11-17")
    left.press("Came back").says("Rae Quinn is here as before", "2 open deals went back to them")
    assert office.rows("SELECT id, person, valid_from, valid_to FROM memberships ORDER BY id") == before
    assert office.rows("SELECT person, manager, valid_to FROM manager_links ORDER BY id") == links
    owned = office.rows(f"SELECT id FROM deals WHERE owner = '{office.ids['rae']}' ORDER BY id")
    assert [one["id"] for one in owned] == ["Globex", "Initech", "won"]
    shares = office.rows("SELECT person FROM deal_shares WHERE replaced_at IS NULL")
    assert {one["person"] for one in shares} == {office.ids["rae"]}
    assert "2 open deals went back to them" in office.chat.manager.inbox()[-1]
    office.chat.rep("/log call Initech").says("Logged")


def test_what_was_won_or_passed_on_meanwhile_does_not_come_back(office: Office) -> None:
    left = office.leaves("Rae", last_day="2026-11-17", deals_to="Dana")

    def move(tx: Transaction) -> None:
        found = deals.get(tx, "Globex")
        assert found is not None
        after = deals.Deal(**{**{n: getattr(found.deal, n) for n in found.deal.__slots__}, "owner": office.ids["max"]})
        deals.change(tx, found.deal, after, at=office.chat.now, by=None)

    office.chat.database.submit(move).result()
    left.press("Came back").says("1 open deal went back to them")
    owners = office.rows("SELECT id, owner FROM deals ORDER BY id")
    assert {str(one["id"]): one["owner"] for one in owners} == {
        "Globex": office.ids["max"],
        "Initech": office.ids["rae"],
        "won": office.ids["rae"],
    }


def test_leaving_is_said_once(office: Office) -> None:
    first = office.chat.admin("people Rae")
    office.leaves("Rae", last_day="2026-12-31")
    first.press("Has left").says("marked as leaving already, last day Thu, Dec 31, 2026")
    back = office.chat.admin("people Rae").press("Came back").says("is here as before")
    assert "Has left" in back.buttons
    office.chat.rep("/quota").lacks("having left")


def test_the_heir_is_somebody_else_who_is_here(office: Office) -> None:
    form = office.chat.admin("people Rae").press("Has left")
    form.fill(deals_to="Rae").problem("deals_to", "Rae Quinn leaves, so name somebody else")
    form.fill(deals_to="Zork").problem("deals_to", "no person called “Zork”")
    assert office.rows("SELECT id FROM departures") == []


def test_whom_an_import_marked_as_left_can_still_be_handed_over(office: Office) -> None:
    gone = "UPDATE people SET left_at = '2026-11-10 05:00:00' WHERE id = :person"

    def mark(tx: Transaction) -> None:
        tx.execute(sa.text(gone), {"person": office.ids["rae"]})

    office.chat.database.submit(mark).result()
    shown = office.chat.admin("people Rae").says("Rae Quinn, has left")
    assert {"Came back", "Hand over"} <= set(shown.buttons)
    form = shown.press("Hand over")
    assert next(field.value for field in form.form.fields if field.name == "last_day") == "2026-11-09"
    form.fill(deals_to="Dana").says("Dana Reyes has their 2 open deals now")
