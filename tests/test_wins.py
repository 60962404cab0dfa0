"""Wins as people say and read them, on both databases: the channel is the playground's, where the team reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from bot.playground.room import INSTALL, Back
from bot.playground.transcript import CHANNEL, direct
from handlers.conversation.company import Company, WinRoute, Wins
from handlers.conversation.request import Attached
from scheduled.clock import prune
from storage import people, targets, units
from storage.database import Transaction
from tests.chat import COMPANY, NOW, Chat, Heard, Speaker

ROUTE = WinRoute("wins", INSTALL, CHANNEL)
HEAD = "Opportunity ID,Account Name,Owner,Amount,Stage,Close Date\n"
ELDER = "D-0,Initech,Rae Quinn,10000,Closed Won,2026-01-15\n"
CLAIMED = "Claimed: it counts once a manager, an admin or an import confirms it."


def company(**wins: Any) -> Company:
    return msgspec.structs.replace(COMPANY, wins=Wins(**{"routes": (ROUTE,), **wins}))


def opened(url: str, company: Company) -> Chat:
    chat = Chat(url, company)
    chat.database.submit(east).result()
    return chat


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    talking = opened(database_url, company(milestones=()))
    yield talking
    talking.close()


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
    return [one.text for one in chat.shown(chat.leader) if one.conversation == CHANNEL]


def latest(chat: Chat, who: Speaker) -> Heard:
    """Pacer's last message to them alone."""
    own = [one for one in chat.shown(who) if one.conversation == direct(who.person.external_id)]
    return Heard(who, Back(messages=(own[-1],)))


def hear(chat: Chat) -> None:
    """What waits to be said is said, as far as the gate lets it through."""
    chat.run(chat.core.say_what_is_due())
    chat.run(chat.core.delivery.idle())


def bring(chat: Chat, *rows: str) -> Heard:
    """An admin imports these deals in chat, on top of what is there."""
    file = Attached("deals.csv", (HEAD + "".join(rows)).encode())
    chat.run(chat.room.say(chat.admin.person, direct("ada"), "", files=(file,), wait=5))
    chat.run(chat.core.jobs.idle())
    latest(chat, chat.admin).press("Apply")
    chat.run(chat.core.jobs.idle())
    return latest(chat, chat.admin)


# ---------------------------------------------------------------- told in chat


def test_a_deal_won_in_chat_is_shown_to_its_teller_first_and_then_announced(chat: Chat) -> None:
    chat.rep("/deal Acme negotiation $60k")
    chat.later(days=3)
    chat.rep("won Acme").says("Won: Acme Corporation, $60,000")
    asked = latest(chat, chat.rep).says("Shall I announce it in wins?", "nothing is out yet", "Rae Quinn won Acme")
    assert asked.buttons == ["Announce", "Edit", "Keep it private", "Not now"]
    assert channel(chat) == []
    asked.press("Announce").says("Announced in wins: Acme Corporation.")
    assert channel(chat) == [
        "Rae Quinn won Acme Corporation: $60,000. Took: 3 days. East: $0 won in Q4 2026, without this win. " + CLAIMED
    ]
    asked.press("Announce").says("was announced already")
    assert len(channel(chat)) == 1


def test_win_says_it_in_one_line_with_who_helped_and_how_it_went(chat: Chat) -> None:
    chat.rep("/win Acme $50k product GTX with @max and Lee Park, they loved the demo on Monday").says(
        "Won: Acme Corporation, $50,000, GTX, today, claimed"
    )
    latest(chat, chat.rep).press("Announce")
    (said,) = channel(chat)
    assert said.startswith(
        "Rae Quinn won Acme Corporation: $50,000. “they loved the demo on Monday”. With: Max Stone and Lee Park. "
        "Product: GTX."
    )


def test_a_short_story_behind_a_comma_is_no_name_of_the_deal(chat: Chat) -> None:
    chat.rep("/win Acme $50k, my own story").says("Won: Acme Corporation, $50,000")
    latest(chat, chat.rep).press("Announce")
    assert "“my own story”" in channel(chat)[0]


@pytest.mark.parametrize(
    ("typed", "account", "with_", "story"),
    [
        ("/win Acme $50k", "Acme Corporation: $50,000", "", ""),
        ("/win Acme with @max 50k", "Acme Corporation: $50,000", "With: Max Stone", ""),
        ("/win $50k Acme – third time lucky", "Acme Corporation: $50,000", "", "“third time lucky”"),
        ("/win Acme 50k with Max; a long road", "Acme Corporation: $50,000", "With: Max Stone", "“a long road”"),
        ("/win Acme 50k with procurement on our side", "Acme", "", "“with procurement on our side”"),
        ("/win Acme 50k, they want us in all stores", "Acme", "", "“they want us in all stores”"),
        ("/win Acme renewal", "Acme Corporation: renewal", "", ""),
        ("/pacer win Acme 50k", "Acme Corporation: $50,000", "", ""),
    ],
)
def test_lines(chat: Chat, typed: str, account: str, with_: str, story: str) -> None:
    chat.rep(typed)
    shown = latest(chat, chat.rep)
    shown.says(f"Rae Quinn won {account}", with_, story)
    if not with_:
        shown.lacks("With:")
    if not story:
        shown.lacks("“")


def test_a_name_that_nobody_bears_is_asked_back_and_nothing_is_kept(chat: Chat) -> None:
    chat.rep("/win Acme $50k with @nobody").says("I know no colleague called “nobody”.", "Your words were: Acme $50k")
    assert chat.rows("SELECT id FROM deals") == []


def test_without_words_it_is_a_form(chat: Chat) -> None:
    heard = chat.rep("/win")
    sent = heard.fill(account="Acme", amount="x", helpers="Max, Nobody")
    sent.problem("amount", "I cannot read “x”").problem("helpers", "Nobody")
    heard.fill(account="Acme", amount="$50k", helpers="Max", story="A long road.").says(
        "Won: Acme Corporation, $50,000"
    )
    latest(chat, chat.rep).says("Rae Quinn won Acme Corporation: $50,000. “A long road.” With: Max Stone.")


def test_edit_changes_the_story_before_and_where_it_stands(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    edit = latest(chat, chat.rep).press("Edit")
    edit.fill(helpers="@max", story="Well fought").says("“Well fought”", "With: Max Stone").press("Announce")
    latest(chat, chat.rep).press("Edit").fill(story="Better told").says("Corrected where it stands")
    (said,) = channel(chat)
    assert "“Better told”" in said
    assert "fought" not in said


def test_a_form_that_stood_open_undoes_nothing_that_somebody_else_changed(chat: Chat) -> None:
    chat.rep("/win Acme $50k – as it began")
    chat.manager("/win Acme")
    theirs, open_ = latest(chat, chat.manager).press("Edit"), latest(chat, chat.rep).press("Edit")
    open_.fill(story="as it ended")
    theirs.fill(helpers="Lee Park").says("“as it ended”", "With: Lee Park")
    again = latest(chat, chat.rep).press("Edit")
    latest(chat, chat.manager).press("Edit").fill(helpers="")
    # Both changed it: nothing is stored before the second one has read of the first.
    again.fill(helpers="Max", story="x").problem("helpers", "Somebody emptied this")
    assert "as it ended" in chat.rows("select story from wins")[0]["story"]
    chat.manager("/win Acme")
    latest(chat, chat.manager).press("Edit").fill(helpers="Lee Park")
    again.fill(helpers="Max", story="x").problem("helpers", "“Lee Park”", "Send it again")
    again.fill(helpers="Max", story="x").says("“x”", "With: Max Stone")


# ---------------------------------------------------------------- who hears of it


def test_private_is_kept_for_the_next_time_and_read_by_the_manager_alone(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Keep it private").says(
        "Kept private, and so is your next one: Max Stone can read it."
    )
    hear(chat)
    latest(chat, chat.manager).says("Rae Quinn won Acme Corporation: $50,000", "you read it because you helped")
    chat.rep("won Initech 20k")
    latest(chat, chat.rep).says("Kept private, as you chose").press("Announce").says("Announced")
    (said,) = channel(chat)
    assert said.startswith("Rae Quinn won Initech: $20,000.")
    chat.rep("won Woodgrove Bank 20k")
    latest(chat, chat.rep).says("Shall I announce it")


def test_nobody_is_nobody_until_they_say_win(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Edit").fill(who="none").says("Nobody is told of Acme Corporation")
    chat.rep("won Initech 20k").says("Won: Initech")
    latest(chat, chat.rep).says("Won: Initech")
    chat.rep("/win Green-Plus 20k")
    latest(chat, chat.rep).says("Shall I announce it in wins?")
    assert channel(chat) == []


def test_not_now_holds_it_back_from_an_import_too(chat: Chat) -> None:
    bring(chat, ELDER)
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Not now").says("is not announced")
    bring(chat, ELDER, "D-1,Acme Corporation,Rae Quinn,50000,Closed Won,2026-11-18\n")
    assert channel(chat) == []
    chat.rep("/win Acme").says("Acme Corporation is known as won already")
    latest(chat, chat.rep).press("Announce")
    assert [one.startswith("Rae Quinn won Acme Corporation: $50,000.") for one in channel(chat)] == [True]


# ---------------------------------------------------------------- by import


def test_an_imports_win_is_announced_and_confirms_a_claimed_one_where_it_stands(chat: Chat) -> None:
    bring(chat, ELDER)
    assert channel(chat) == [], "a company's first import is history"
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Announce")
    won = "D-1,Acme Corporation,Rae Quinn,52000,Closed Won,2026-11-18\n"
    bring(chat, ELDER, won, "D-2,Green-Plus,Rae Quinn,30000,Closed Won,2026-11-17\n")
    assert channel(chat) == [
        "Rae Quinn won Acme Corporation: $52,000. East: $82,000 won in Q4 2026.",
        "Rae Quinn won Green-Plus: $30,000. East: $82,000 won in Q4 2026.",
    ]
    old = "D-3,Woodgrove Bank,Rae Quinn,30000,Closed Won,2026-11-02\n"
    bring(chat, ELDER, won, old)
    assert len(channel(chat)) == 2, "a win of two weeks ago is no news"
    chat.rep("/win Acme $52k").says("is known as won already: $52,000")
    assert len(channel(chat)) == 2
    assert latest(chat, chat.rep).text.count("Shall I") == 0


def test_another_sum_soon_after_a_win_is_asked_about(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    chat.later(days=2)
    heard = chat.rep("/win Acme $80k").says("Acme Corporation was won already: $50,000, won Wed, Nov 18, claimed.")
    assert heard.buttons[:2] == ["Yes, correct it", "A new deal"]
    heard.press("A new deal").says("Won: Acme Corporation, $80,000")
    assert len(chat.rows("SELECT deal FROM wins")) == 2


# ---------------------------------------------------------------- corrected and taken back


def test_a_correction_edits_what_stands_and_a_confirmation_brings_the_number(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Announce")
    chat.rep("Acme is now 70k").says("$50,000 → $70,000")
    assert ["Rae Quinn won Acme Corporation: $70,000." in one for one in channel(chat)] == [True]
    chat.manager("/deal Acme won").says("Confirmed")
    assert channel(chat) == ["Rae Quinn won Acme Corporation: $70,000. East: $70,000 won in Q4 2026."]
    chat.admin("/deal Acme is now 60k").says("$70,000 → $60,000")
    assert channel(chat) == ["Rae Quinn won Acme Corporation: $60,000. East: $60,000 won in Q4 2026."]


def test_an_undo_takes_it_back_where_it_stands_and_tells_those_concerned(chat: Chat) -> None:
    chat.rep("/win Acme $50k with @lee")
    latest(chat, chat.rep).press("Announce")
    chat.manager("/deal Acme won").says("Confirmed")
    assert [CLAIMED in one for one in channel(chat)] == [False]
    chat.manager("undo").says("Undone")
    assert [CLAIMED in one for one in channel(chat)] == [True]
    chat.rep("undo").says("Undone: Acme Corporation")
    assert channel(chat) == [
        "Taken back: Acme Corporation, $50,000. It was announced as won by Rae Quinn, and is won no more. "
        "East: $0 won in Q4 2026."
    ]
    sentence = "The win of Acme Corporation, $50,000, was taken back by Rae Quinn, and is in no number any more."
    hear(chat)
    latest(chat, chat.manager).says(sentence, "The announcement says so too.")
    latest(chat, chat.leader).says(sentence)


def test_a_rolled_back_import_takes_its_wins_back(chat: Chat) -> None:
    bring(chat, ELDER)
    done = bring(chat, ELDER, "D-1,Vandelay,Rae Quinn,50000,Closed Won,2026-11-18\n")
    assert channel(chat) == ["Rae Quinn won Vandelay: $50,000. East: $50,000 won in Q4 2026."]
    done.press("Roll back").press("Roll it back")
    chat.run(chat.core.jobs.idle())
    assert channel(chat) == [
        "Taken back: Vandelay, $50,000. It was announced as won by Rae Quinn, and is won no more. "
        "East: $0 won in Q4 2026."
    ]
    hear(chat)
    latest(chat, chat.rep).says("The win of Vandelay, $50,000, was taken back by Ada Wu")


def test_won_again_after_all_it_stands_there_again_once(chat: Chat) -> None:
    chat.rep("/win Acme $50k")
    latest(chat, chat.rep).press("Announce")
    chat.rep("/deal lost Acme, price").press("$50,000, won today, claimed")
    latest(chat, chat.rep)
    assert [one.startswith("Taken back: Acme") for one in channel(chat)] == [True]
    chat.rep("/deal reopen Acme")
    chat.rep("/win Acme $50k")
    assert [one.startswith("Rae Quinn won Acme Corporation: $50,000.") for one in channel(chat)] == [True]


def test_after_a_quarter_a_correction_still_finds_what_stands(chat: Chat) -> None:
    won = "D-1,Acme Corporation,Rae Quinn,{},Closed Won,2026-11-18\n"
    bring(chat, ELDER)
    bring(chat, ELDER, won.format(50000))
    chat.later(days=100)
    chat.database.submit(lambda tx: prune(tx, chat.now)).result()
    assert chat.rows("SELECT key FROM outbox WHERE topic = 'win' AND operation = 'post' AND person IS NULL") == []
    bring(chat, ELDER, won.format(40000))
    assert channel(chat) == ["Rae Quinn won Acme Corporation: $40,000. East: $50,000 won in Q4 2026."], (
        "a closed quarter does not change: the difference counts today"
    )


# ---------------------------------------------------------------- where it goes


def test_routes_go_by_size_and_team_and_a_leader_is_named_above_a_limit(database_url: str) -> None:
    routes = (
        WinRoute("small", INSTALL, CHANNEL, team="east"),
        WinRoute("big", INSTALL, "channel:big", at_least=100_000),
        WinRoute("west", INSTALL, "channel:west", team="West"),
    )
    chat = opened(database_url, company(routes=routes, leader_from=100_000, milestones=()))
    try:
        chat.rep("/win Acme $99k")
        latest(chat, chat.rep).says("Shall I announce it in small?").press("Announce")
        chat.rep("/win Initech $100k")
        latest(chat, chat.rep).says("in small and big?", "Leader: Lee Park").press("Announce")
        chat.rep("Initech is now $50k")
        chat.rep("Acme is now $150k")
        chat.shown(chat.rep)
        rows = chat.rows("SELECT key, operation FROM outbox WHERE topic = 'win' AND person IS NULL ORDER BY id")
        posts = [row["key"].partition(":playground:")[2] for row in rows if row["operation"] == "post"]
        assert posts == [CHANNEL, CHANNEL, "channel:big", "channel:big"], "one each, and one more for what grew"
        assert sum(row["operation"] == "update" for row in rows) == 3
        assert [("Leader: Lee Park" in one) for one in channel(chat)] == [True, False]
    finally:
        chat.close()


def test_amounts_can_be_hidden(database_url: str) -> None:
    chat = opened(database_url, company(amounts=False, milestones=()))
    try:
        chat.rep("/win Acme $99k product GTX")
        latest(chat, chat.rep).press("Announce")
        chat.rep("undo")
        assert channel(chat) == [
            "Taken back: Acme Corporation. It was announced as won by Rae Quinn, and is won no more."
        ]
    finally:
        chat.close()


def test_without_a_channel_nothing_is_asked_and_nothing_goes_out(database_url: str) -> None:
    chat = opened(database_url, company(routes=()))
    try:
        chat.rep("/win Acme $99k with @max").says("Won: Acme Corporation, $99,000")
        latest(chat, chat.rep).says("Won: Acme Corporation")
        assert chat.rows("SELECT key FROM outbox WHERE topic = 'win'") == []
    finally:
        chat.close()


# ---------------------------------------------------------------- milestones


def bookings(chat: Chat, **given: int) -> None:
    """Yearly targets by person."""

    def write(tx: Transaction) -> None:
        for name, amount in given.items():
            person = people.by_email(tx, f"{name}@test.example")
            assert person is not None
            target = targets.Target(person=person.id, unit=None, measure="bookings", fiscal_year=2026, amount=amount)
            targets.put(tx, target, by=None, at=NOW)

    chat.database.submit(write).result()


def confirmed(chat: Chat, words: str, account: str) -> None:
    """Won, announced, and counted."""
    chat.rep(f"/win {words}")
    latest(chat, chat.rep).press("Announce")
    chat.manager(f"/deal {account} won").says("Confirmed")


@pytest.fixture
def proud(database_url: str) -> Iterator[Chat]:
    """Where milestones are said."""
    chat = opened(database_url, company())
    yield chat
    chat.close()


def test_a_first_deal_and_a_personal_best_are_said_once(proud: Chat) -> None:
    for account, amount in (("Acme", "10k"), ("Initech", "20k"), ("Woodgrove Bank", "30k"), ("Green-Plus", "40k")):
        confirmed(proud, f"{account} {amount}", account)
    said = channel(proud)
    assert ["The first deal of Rae Quinn here." in one for one in said] == [True, False, False, False]
    assert ["The largest deal of Rae Quinn so far." in one for one in said] == [False, False, False, True]
    proud.admin("/deal Acme is now 11k").says("Changed")
    assert ["The first deal of Rae Quinn here." in one for one in channel(proud)] == [True, False, False, False]


def test_a_streak_of_weeks(proud: Chat) -> None:
    for week, account in enumerate(("Acme", "Initech", "Woodgrove Bank", "Woodgrove Leasing", "Green-Plus")):
        confirmed(proud, f"{account} 10k", account)
        proud.later(days=7)
        assert ("4 weeks in a row" in channel(proud)[-1]) == (week == 3), channel(proud)
    assert "Rae Quinn has won a deal in each of 4 weeks in a row." in channel(proud)[3]


def test_that_somebody_reached_their_target_is_theirs_to_tell(proud: Chat) -> None:
    bookings(proud, rae=400_000_00)
    confirmed(proud, "Acme 60k", "Acme")
    confirmed(proud, "Initech 50k", "Initech")
    hear(proud)
    asked = latest(proud, proud.rep).says("With Initech you have reached your target for Q4 2026. Well done.")
    assert not any("target" in one for one in channel(proud))
    asked.press("Tell the team").says("It stands with your win now.")
    assert ["Rae Quinn has reached the target for Q4 2026." in one for one in channel(proud)] == [False, True]
    assert not any("%" in one or "100,000" in one for one in channel(proud)), "nor what the target is"
    confirmed(proud, "Green-Plus 50k", "Green-Plus")
    assert "target" not in channel(proud)[-1]
    hear(proud)
    assert "target" not in latest(proud, proud.rep).text


@pytest.mark.parametrize("others", [0, 2])
def test_a_teams_target_is_said_where_it_gives_nobodys_away(proud: Chat, others: int) -> None:
    def colleagues(tx: Transaction) -> None:
        unit = units.named(tx, "East")
        assert unit is not None
        for name in ("Bo", "Cy")[:others]:
            person = people.add(tx, name=name, email=f"{name.lower()}@test.example", at=NOW, imported=True)
            units.join(tx, unit, person.id, since=NOW.date() - timedelta(days=60))

    proud.database.submit(colleagues).result()
    bookings(proud, **dict.fromkeys(("rae", "bo", "cy")[: others + 1], 100_000_00))
    confirmed(proud, "Acme 300k", "Acme")
    assert ("East has reached its target for Q4 2026." in channel(proud)[0]) == bool(others)


def test_another_owner_takes_the_win_and_not_what_it_was_for_the_first(proud: Chat) -> None:
    elder = ELDER.replace("Rae Quinn", "Max Stone")
    bring(proud, elder)
    bring(proud, elder, "D-1,Acme Corporation,Rae Quinn,50000,Closed Won,2026-11-18\n")
    assert "Rae Quinn won Acme" in channel(proud)[0]
    assert "The first deal of Rae Quinn here." in channel(proud)[0]
    bring(proud, elder, "D-1,Acme Corporation,Lee Park,50000,Closed Won,2026-11-18\n")
    (said,) = channel(proud)
    assert said.startswith("Lee Park won Acme Corporation: $50,000.")
    assert "Rae Quinn" not in said


def test_a_milestone_goes_with_its_deal_and_another_one_may_reach_it(proud: Chat) -> None:
    confirmed(proud, "Acme 10k", "Acme")
    proud.admin("/deal lost Acme, they withdrew").press("$10,000, won today")
    assert proud.rows("SELECT kind FROM milestones WHERE gone_at IS NULL") == []
    confirmed(proud, "Initech 10k", "Initech")
    assert "The first deal of Rae Quinn here." in channel(proud)[-1]
