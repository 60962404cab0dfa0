"""A whole week of a rep and a manager, and what comes of it, on Slack and on Teams: read it from top to bottom.

Ron sells for Max. It is told once, in what each of them does and reads, and runs on both platforms with their real SDKs
over real HTTP (tests/week.py): a check-in answered on Friday and edited after Max has read it, the one-to-one, the
action item, an answer that comes late, another manager, and the leave of both sides.
"""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from handlers.conversation.company import Thanks
from tests.serving import COMPANY
from tests.week import Week, a_week_on

FRIDAY, MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (20, 23, 24, 25))
BOTH = pytest.mark.parametrize("platform", ["slack", "teams"])
SECRET = "worried about the price"
PROMPT = (
    "Time for your check-in: how did the week go? 6 short questions, about two minutes; {manager} reads your "
    "answers. A late answer counts too. Only you and {manager} can see this. Admins never read check-ins. "
    "Answer here As a form Tomorrow Why this?"
)


@BOTH
async def test_a_week_and_what_comes_of_it(platform: str, database_url: str) -> None:
    async with a_week_on(platform, database_url) as week:
        await friday_the_rep_answers(week)
        await the_manager_answers(week)
        await an_answer_is_edited(week)
        await monday_whom_to_see(week)
        await what_is_private_and_what_is_shared(week)
        await tuesday_the_one_to_one(week)
        await wednesday_what_was_promised(week)
        await the_next_answer_comes_late(week)
        await another_manager(week)
        await the_rep_is_away(week)
        await the_manager_is_away(week)


def only(heard: list[str]) -> str:
    """The one message that came."""
    assert len(heard) == 1, heard
    return heard[0]


async def friday_the_rep_answers(week: Week) -> None:
    rep, manager = week.rep, week.manager
    await rep.says("called Initech about the renewal")
    await week.until(FRIDAY, "13:00")
    assert "Stage proposal → negotiation" in await rep.says("Initech is in negotiation now")
    await week.until(FRIDAY, "14:00")
    assert only(rep.hears()) == PROMPT.format(manager="Max Manager")

    asked = await rep.presses("Answer here")
    assert "1 of 6 · What went well? Just type your answer. Only you and Max Manager can see this." in asked
    assert "2 of 6 · What is in the way?" in await rep.says("Initech is nearly done")
    assert "3 of 6 · What will you do next week?" in await rep.says("Legal takes two weeks")
    assert "4 of 6 · What do you commit to for Q4 2026?" in await rep.says("Call ten new accounts")
    assert "$120,000 is closed already, and a commit holds that" in await rep.says("90k")
    assert "5 of 6 · And your best case for Q4 2026?" in await rep.says("$200k")
    assert "6 of 6 · How are you, from 1 (low) to 5 (great)?" in await rep.says("250k")
    done = await rep.presses("4")
    assert done.startswith("Thank you. Max Manager can read it in 5 minutes; until then you can take it back.")
    assert "Commit $200,000 Best case $250,000 How are you 4 of 5" in done

    await week.later(minutes=4)
    assert manager.hears() == []
    await week.later(minutes=2)


async def the_manager_answers(week: Week) -> None:
    rep, manager = week.rep, week.manager
    card = only(manager.hears())
    assert card.startswith(
        "Ron Rep's check-in of Fri, Nov 20 Went well Initech is nearly done In the way Legal takes two"
    )
    # The facts stand beside it: the number and its pace, what was done, what has moved.
    assert "Since Fri, Nov 13 Number $120,000 of $300,000, 40 %" in card
    assert "pace 71 %" in card
    assert "Activity 1 call Moved on Initech to negotiation" in card
    assert "Only you and Ron Rep can see this. Comment Thank To talk about Action item One-to-one Why this?" in card

    assert (await manager.presses("Thank")).startswith("Ron Rep hears your thanks.")
    comment = await manager.opens("Comment")
    assert "Only you and Ron Rep can see this" in comment.read
    assert (await comment.sends(text="Shall I call Legal?")).startswith("Sent to Ron Rep.")
    flag = await manager.opens("To talk about")
    assert "It stays on your list until you have talked about it." in flag.read
    assert "You keep it for the one-to-one: Legal." in await flag.sends(text="Legal")
    action = await manager.opens("Action item")
    assert action.values["text"] == "Legal takes two weeks"
    assert "That day is over." in await action.is_refused(due="2026-11-19")
    card = await action.sends(text="Send Legal the Initech terms", owner="them", due="2026-11-25")
    assert "Action item, Ron Rep: Send Legal the Initech terms, due Wed, Nov 25." in card
    # It is one card all the while, and nobody else has heard of any of this.
    assert len([one for one in manager.chat if "Ron Rep's check-in" in one]) == 1
    assert week.leader.hears() == week.admin.hears() == []
    for other in (week.leader, week.admin):
        refused = await other.says("checkin of Ron")
        assert "A check-in is between the person and the manager whom it was given to." in refused
        assert "Legal" not in refused

    await week.later(minutes=1)
    assert only(rep.hears()) == (
        "On your check-in of Fri, Nov 20: Max Manager says thank you. Max Manager wrote: Shall I call Legal? "
        "Max Manager keeps it for the one-to-one: Legal. Max Manager made an action item for you: "
        "Send Legal the Initech terms, due Wed, Nov 25. Open it Why this?"
    )


async def an_answer_is_edited(week: Week) -> None:
    rep, manager = week.rep, week.manager
    await week.until(FRIDAY, "15:00")
    edit = await rep.opens("Edit", on="Thank you.")
    assert edit.values["commit"] == "$200k"
    sent = await week.changed()
    assert (await edit.sends(commit="$180k")).startswith("Changed: the new words are what is shown from now on.")
    # The platform was told to show Max's message otherwise; nothing new came.
    assert await week.changed() > sent
    assert manager.hears() == []
    (card,) = (one for one in manager.chat if "Ron Rep's check-in" in one)
    assert "Commit $180,000" in card
    assert "$200,000" not in card
    assert "Changed Fri, Nov 20 at 3:00 pm: commit." in card
    assert "You wrote: Shall I call Legal?" in card


async def monday_whom_to_see(week: Week) -> None:
    manager = week.manager
    await week.until(MONDAY, "8:30")
    said = only(manager.hears())
    behind = "at risk with 40 % of the target, pace fell from 81 % to 69 %"
    assert f"Whom to see this week Ron Rep: {behind}; you kept something for the one-to-one" in said
    assert "1 of 1 checked in last week." in said
    # One press on the name.
    assert (await manager.presses("Ron Rep")).startswith("Ron Rep's check-in of Fri, Nov 20 Went well")
    assert "Set up: One-to-one with Ron Rep, Tue, Nov 24 at 3:00 pm" in await manager.says(
        "one-to-one with Ron tomorrow 3pm"
    )
    await week.later(minutes=1)
    assert (
        "Max Manager invites you: One-to-one with Max Manager, Tue, Nov 24 at 3:00 pm, 30 min." in week.rep.hears()[-1]
    )


async def what_is_private_and_what_is_shared(week: Week) -> None:
    rep, manager = week.rep, week.manager
    # A note is for its author alone, written in a channel too.
    assert f"only for you: {SECRET}" in await manager.says_in_public(f"note about Ron: {SECRET}")
    # What both want to talk about is one list.
    page = await manager.presses("One-to-one", on="check-in of Fri, Nov 20")
    assert "One-to-one with Ron Rep To talk about: 1. Legal (check-in of Fri, Nov 20; you)" in page
    form = await manager.opens("Add to agenda")
    assert "Only you and Ron Rep can see this." in form.read
    assert "2. holidays (you)" in await form.sends(points="- holidays")
    page = await rep.says("one-to-one with Max: more leads")
    assert page.startswith("On the agenda. One-to-one with Max Manager To talk about: 1. Legal (check-in of Fri, Nov")
    assert "2. holidays (Max Manager) 3. more leads (you)" in page
    await week.later(minutes=6)
    assert "Your one-to-one with Ron Rep New to talk about: more leads." in only(manager.hears())
    assert SECRET not in "".join((*rep.chat, *week.leader.chat, *week.admin.chat, *week.platform.public()))


async def tuesday_the_one_to_one(week: Week) -> None:
    rep, manager = week.rep, week.manager
    await week.until(TUESDAY, "14:45")
    for one, other in ((rep, "Max Manager"), (manager, "Ron Rep")):
        reminder = one.hears()[-1]
        assert reminder.startswith(f"One-to-one with {other}: today 3:00 pm, in 15 min.")
        assert "1. Legal (check-in of Fri, Nov 20) 2. holidays 3. more leads" in reminder
    await manager.presses("Our agenda")
    assert "Off the agenda: number 1." in await manager.presses("1", on="To talk about")
    assert "To talk about: 1. more leads (Ron Rep)" in await manager.presses("1", on="To talk about")
    await week.until(TUESDAY, "15:45")
    after = only(manager.hears())
    assert after.startswith("One-to-one with Ron Rep, today 3:00 pm, is over, and 1 point stays open: more leads.")
    assert rep.hears() == []
    # Once all is talked about, nothing is said after the next one.
    assert "Nothing stands on the agenda yet" in await manager.presses("1", on="To talk about")
    await manager.says("one-to-one with Ron tomorrow 11am")


async def wednesday_what_was_promised(week: Week) -> None:
    rep, manager = week.rep, week.manager
    await week.until(WEDNESDAY, "8:30")
    morning = rep.hears()[-1]
    assert morning == "Action items due Send Legal the Initech terms Done Change Why this?"
    assert (await rep.presses("Done")).startswith("Done, well kept: Send Legal the Initech terms")
    await week.until(WEDNESDAY, "12:00")
    assert [one for one in manager.hears() if "is over" in one] == []
    rep.hears()


async def the_next_answer_comes_late(week: Week) -> None:
    rep, manager = week.rep, week.manager
    await week.until(date(2026, 11, 27), "14:00")
    assert only(rep.hears()) == PROMPT.format(manager="Max Manager")
    await week.until(date(2026, 11, 30), "8:30")
    waits = only([one for one in rep.hears() if "check-in" in one])
    assert "Your check-in of Fri, Nov 27 waits for you. It takes two minutes." in waits
    assert "that waits" not in waits, "it is said once"
    assert "Whom to see this week" in only(manager.hears())

    await week.until(date(2026, 12, 1), "9:00")
    form = await rep.opens("As a form")
    assert "Only you and Max Manager can see this." in form.read
    answers = {"well": "Globex signed", "next": "Rest", "commit": "$190k", "best": "$250k", "mood": "2"}
    sent = await form.sends(**answers)
    assert "It came 1 day late, and counts all the same." in sent
    # Who says 2 or less is asked one thing more.
    assert "One more · What would help?" in sent
    assert (await rep.says("Fewer meetings")).startswith("Added, thank you.")
    await week.later(minutes=6)
    card = only(manager.hears())
    assert "Commit $190,000 (before: $180,000)" in card
    assert "How are you 2 of 5 (before: 4) Would help Fewer meetings" in card
    assert "It came 1 day late, and counts all the same." in card


async def another_manager(week: Week) -> None:
    rep, manager, leader = week.rep, week.manager, week.leader
    await week.admin.says("people Ron Rep")
    change = await week.admin.opens("Change")
    assert "Changed from tomorrow: manager Lee Leader." in await change.sends(manager="Lee Leader", since="2026-12-02")
    await week.until(date(2026, 12, 2), "9:00")
    leader.hears()

    # The former manager: the buttons stand there still, and say why nothing comes of them.
    gone = "Ron Rep reports to somebody else now. What they said to you in check-ins is not yours to read or answer any"
    assert gone in await manager.presses("Thank", on="check-in of Fri, Nov 27")
    assert (await manager.presses("One-to-one")).startswith(
        "Ron Rep reports to somebody else now. A one-to-one is between a manager and who reports to them."
    )
    assert (await rep.presses("Open items")).startswith("Max Manager is not your manager any more.")
    assert "You manage nobody" in await manager.says("checkin team")
    # The new one begins with the facts, and reads older ones once Ron shares them; what Max said stays Ron's.
    first = await leader.says("checkin of Ron")
    assert "No check-in with you yet. Only you see this." in first
    assert "Globex signed" not in first
    assert "given to Max Manager: you alone can see it (late)." in await rep.says("checkin list")
    assert "Only you can see this: Max Manager manages you no more." in await rep.presses("Fri, Nov 27")
    assert "Lee Leader can read 2 older check-ins of yours now." in await rep.presses(
        "Share older ones with Lee Leader"
    )
    shared = await leader.says("checkin of Ron")
    assert "Went well Globex signed" in shared
    assert "thank you" not in shared
    # An edit from now on is not shown to Max.
    before = [one for one in manager.chat if "check-in of Fri, Nov 27" in one]
    await (await rep.opens("Edit", on="Globex signed")).sends(next="Sell")
    assert [one for one in manager.chat if "check-in of Fri, Nov 27" in one] == before


async def the_rep_is_away(week: Week) -> None:
    rep = week.rep
    assert "Your leave: Fri, Dec 4 to Tue, Dec 8" in await rep.says("I'm on leave 4 Dec to 8 Dec")
    await week.until(date(2026, 12, 9), "7:59")
    assert [one for one in rep.hears() if "check-in" in one] == []


async def the_manager_is_away(week: Week) -> None:
    rep, leader = week.rep, week.leader
    await leader.says("I'm on leave 11 Dec to 14 Dec")
    await week.until(date(2026, 12, 11), "14:00")
    assert PROMPT.format(manager="Lee Leader") in rep.hears()
    form = await rep.opens("As a form")
    sent = await form.sends(well="All well", next="Rest", commit="$190k", best="$250k", mood="4")
    assert "Lee Leader can read it in 5 minutes; until then you can take it back." in sent
    assert "They are on leave, and hear of it when they are back." in sent
    await week.until(date(2026, 12, 14), "18:00")
    assert leader.hears() == []
    await week.until(date(2026, 12, 15), "8:00")
    assert leader.hears()[0].startswith("Ron Rep's check-in of Fri, Dec 11 Went well All well")


# ---------------------------------------------------------------- in the menu of a colleague's message


@BOTH
async def test_what_a_colleague_wrote_is_thanked_for_and_remembered(platform: str, database_url: str) -> None:
    company = msgspec.structs.replace(COMPANY, kudos=Thanks(monthly=3))
    async with a_week_on(platform, database_url, company) as week:
        rep, manager = week.rep, week.manager
        # Max thanks Ron for what he wrote.
        form = await manager.uses("kudos", rep, "I stayed late and saved the Initech demo")
        assert "You have kudos for 3 more this month." in form.read
        assert form.values["who"] == "Ron Rep"
        assert form.values["reason"] == "I stayed late and saved the Initech demo"
        assert "I know no person called “Rob”." in await form.is_refused(who="Rob", value="own-it")
        assert "You thanked Ron Rep" in await form.sends(who="Ron Rep", value="own-it", sees="us")
        await week.later(minutes=1)
        heard = only(rep.hears())
        assert heard.startswith("Max Manager thanks you “I stayed late and saved the Initech demo” Own it")
        assert week.leader.hears() == week.admin.hears() == []

        # Ron keeps what Max asked of him, and it comes back on its day.
        form = await rep.uses("todo", manager, "Could you please send the NDA to Initech by Monday?")
        assert "Only you can see this." in form.read
        assert form.values == {"text": "Send the NDA to Initech", "due": "2026-11-23"}
        assert "On your list: Send the NDA to Initech, due Mon, Nov 23." in await form.sends()
        assert manager.hears() == []
        await week.until(FRIDAY, "10:00")
        assert rep.hears() == []
        await week.until(MONDAY, "8:30")
        assert any("Action items due Send the NDA to Initech Done Change" in one for one in rep.hears())
        assert "Done, well kept: Send the NDA to Initech" in await rep.presses("Done")
        assert "Nothing is on your list." in await rep.says("todo")
