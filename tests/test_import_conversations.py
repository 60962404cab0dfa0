"""Importing in chat: a file is attached, shown, applied and rolled back, by admins, once, whatever happens between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.playground.room import Back
from bot.playground.transcript import direct
from handlers.conversation.command import Listener
from handlers.conversation.facts import DealWon
from handlers.conversation.reply import Document, Reply
from handlers.conversation.request import Attached, Message, Outcome, Request
from storage.database import Transaction
from tests.chat import Chat, Heard, Speaker

DEALS = (
    "Opportunity ID,Account Name,Owner,Amount,Stage,Close Date\n"
    "D-1,Acme Corporation,Rae Quinn,40000,Closed Won,2026-11-16\n"
    "D-2,Initech,Rae Quinn,25000,Proposal,2026-12-15\n"
    "D-3,Vandelay,Rae Quinn,abc,Proposal,2026-12-20\n"
)
WITHOUT_ERRORS = "".join(line for line in DEALS.splitlines(keepends=True) if "abc" not in line)


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    opened = Chat(database_url)
    yield opened
    opened.close()


def settled(chat: Chat, who: Speaker) -> Heard:
    """Pacer's last message to them, when every job is over."""
    chat.run(chat.core.jobs.idle())
    last = chat.shown(who)[-1]
    return Heard(who, Back(messages=(last,)))


def attach(chat: Chat, who: Speaker, name: str, content: str | bytes, text: str = "") -> Heard:
    content = content.encode() if isinstance(content, str) else content
    where = direct(who.person.external_id)
    chat.run(chat.room.say(who.person, where, text, files=(Attached(name, content),), wait=5))
    return settled(chat, who)


def press(chat: Chat, heard: Heard, label: str) -> Heard:
    """What the message that was pressed says when every job is over."""
    heard.press(label)
    chat.run(chat.core.jobs.idle())
    (same,) = [shown for shown in chat.shown(chat.admin) if shown.id == heard.back.messages[-1].id]
    return Heard(chat.admin, Back(messages=(same,)))


def deals(chat: Chat) -> list[tuple[str, str]]:
    rows = chat.rows("SELECT external_id, stage FROM deals WHERE voided_at IS NULL ORDER BY external_id")
    return [(row["external_id"], row["stage"]) for row in rows]


def test_a_file_is_shown_before_anything_is_written(chat: Chat) -> None:
    heard = attach(chat, chat.admin, "deals.csv", DEALS)
    heard.says("deals.csv: deals, 3 rows", "2 rows would be made", "1 left out", "Nothing is written yet")
    heard.shows("Close Date | close", "Row 4, Amount: “abc”")
    assert heard.buttons == ["Apply", "Choose columns", "Cancel"]
    assert deals(chat) == []
    assert chat.rows("SELECT * FROM imports") == []
    said = [text for text in chat.admin.inbox() if "deals.csv" in text]
    assert len(said) == 1, "the message is edited in its place"


def test_an_admin_imports_no_target_of_their_own(chat: Chat) -> None:
    targets = "Email,Year,Target\nada@test.example,2026,1000\nrae@test.example,2026,5000\n"
    heard = attach(chat, chat.admin, "targets.csv", targets).says("1 row would be made", "1 left out")
    heard.shows("Nobody sets their own target")
    press(chat, heard, "Apply").says("1 row made", "1 left out")
    rows = chat.rows("SELECT people.name FROM targets JOIN people ON people.id = targets.person")
    assert [row["name"] for row in rows] == ["Rae Quinn"]


def test_targets_that_an_import_changes_are_told_once_to_whose_they_are(chat: Chat) -> None:
    head = "Email,Year,Measure,Target\n"
    first = (
        head + "rae@test.example,2026,bookings,1000\nrae@test.example,2026,calls,50\nlia@test.example,2026,bookings,9\n"
    )
    press(chat, attach(chat, chat.admin, "targets.csv", first), "Apply").says("made")
    assert not [text for text in chat.rep.inbox() if "by an import" in text], "the first import of targets is no news"

    second = first.replace("1000", "2500").replace("50\n", "80\n")
    press(chat, attach(chat, chat.admin, "targets.csv", second), "Apply").says("2 changed")
    (told,) = [text for text in chat.rep.inbox() if "by an import" in text]
    assert told.startswith("Ada Wu set 2 targets of yours by an import."), told
    for words in ("Your bookings target for 2026: Before: $1,000. Now: $2,500.", "Before: 50. Now: 80."):
        assert words in told, told
    heard = Heard(chat.rep, Back(messages=(chat.shown(chat.rep)[-1],)))
    assert heard.buttons == ["Accept", "Object"] * 2
    heard.press("Accept").says("You accepted the bookings target of $2,500 for 2026. I have told Ada Wu.")
    assert len([text for text in chat.rep.inbox() if "set 2 targets of yours" in text]) == 1, (
        "the other one waits still"
    )

    third = second.replace("2500", "2600")
    press(chat, attach(chat, chat.admin, "targets.csv", third), "Apply").says("1 changed")
    assert "Ada Wu set your bookings target for 2026 by an import. Before: $2,500. Now: $2,600." in chat.rep.inbox()


def test_applied_and_rolled_back(chat: Chat) -> None:
    heard = press(chat, attach(chat, chat.admin, "deals.csv", DEALS), "Apply")
    heard.says("deals.csv is imported", "2 rows made", "1 left out")
    assert deals(chat) == [("D-1", "won"), ("D-2", "proposal")]
    (left,) = [part for part in heard.reply.parts if isinstance(part, Document)]
    assert left.name == "deals-left-out.csv"
    assert "abc" in str(chat.rows("SELECT content FROM files WHERE name = 'deals-left-out.csv'")[0]["content"])

    asked = heard.press("Roll back")
    asked.says("Roll back deals.csv (deals)?", "It made 2")
    assert len(deals(chat)) == 2, "it only asked"
    press(chat, asked, "Roll it back").says("deals.csv is rolled back", "2 deals voided")
    assert deals(chat) == []
    chat.admin("import").says("rolled back")
    heard.press("Roll back").says("was rolled back before")


def test_rolled_back_deals_that_others_have_changed_since_keep_their_change(chat: Chat) -> None:
    more = "D-4,Hooli,Rae Quinn,10000,Proposal,2026-12-21\nD-5,Umbrella,Rae Quinn,7000,Proposal,2026-12-22\n"
    heard = press(chat, attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS + more), "Apply").says("4 rows made")
    chat.rep("deal Initech 99k")
    chat.rep("deal won Hooli today")
    chat.rep("deal Umbrella 8k")
    chat.rep("undo")
    rolled = press(chat, heard.press("Roll back"), "Roll it back")
    rolled.says("2 deals voided", "2 deals kept, since others have changed what the import made")
    stand = "SELECT external_id, stage, amount_minor FROM deals WHERE voided_at IS NULL ORDER BY external_id"
    assert [tuple(row.values()) for row in chat.rows(stand)] == [
        ("D-2", "proposal", 9_900_000),
        ("D-4", "won", 1_000_000),
    ]
    history = "SELECT DISTINCT external_id FROM deal_changes JOIN deals ON deals.id = deal WHERE import IS NOT NULL"
    begun = chat.rows(history.replace("import", '"import"') + " AND undone_at IS NULL ORDER BY external_id")
    assert [row["external_id"] for row in begun] == ["D-2", "D-4"], "what stays keeps how it began"
    counted = chat.rows("SELECT external_id FROM credits JOIN deals ON deals.id = deal WHERE credits.voided_at IS NULL")
    claimed = chat.rows("SELECT external_id FROM deals WHERE claimed AND voided_at IS NULL")
    assert [row["external_id"] for row in [*counted, *claimed]] == ["D-4"], "Acme's win counts no more, Hooli's is said"
    again = attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS + more)
    press(chat, again, "Apply").says("2 rows made, 2 changed")
    assert len(deals(chat)) == 4


def test_a_double_click_and_a_second_admins_same_file_change_nothing_twice(chat: Chat) -> None:
    first = attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS)
    again = attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS)
    press(chat, first, "Apply").says("2 rows made")
    first.press("Apply").says("That was done already")
    chat.run(chat.core.jobs.idle())
    press(chat, again, "Apply").says("0 rows made", "2 the same already")
    assert len(deals(chat)) == 2
    third = attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS)
    third.shows("The very same file was imported on", "by Ada Wu", "It would change nothing")
    assert "Apply" not in third.buttons


def test_only_admins(chat: Chat) -> None:
    where = direct(chat.rep.person.external_id)
    file = Attached("deals.csv", DEALS.encode())
    chat.run(chat.room.say(chat.rep.person, where, "import", files=(file,), wait=5))
    settled(chat, chat.rep).says("it is for admins")
    chat.rep("import").says("it is for admins")
    assert chat.rows("SELECT * FROM files") == []


def test_what_is_not_sure_is_asked(chat: Chat) -> None:
    unclear = "Opportunity ID,Account,Owner,Amount,Stage,Close Date\nD-1,Initech,Rae Quinn,100,Proposal,03/04/2027\n"
    heard = attach(chat, chat.admin, "deals.csv", unclear)
    heard.shows("could be month first or day first")
    heard.never("--date-order")
    press(chat, heard, "Day first (3/4 is 3 April)").says("1 row would be made")
    heard = press(chat, settled(chat, chat.admin), "Apply")
    assert [str(row["closes_on"]) for row in chat.rows("SELECT closes_on FROM deals")] == ["2027-04-03"]


def test_columns_are_chosen_in_a_form(chat: Chat) -> None:
    odd = "Ref,Whom,Rae,Volume,Phase,Ends\nD-1,Initech,Rae Quinn,100,Proposal,2027-04-13\n"
    heard = attach(chat, chat.admin, "export.csv", odd)
    heard.says("export.csv:").never("--kind", "--map")
    heard = press(chat, heard, "Deals")
    heard.never("--map")
    form = heard.press("Choose columns")
    sent = form.fill(external_id="Ref", account="Whom", owner="Rae", amount="Volume", stage="Phase", close="Ends")
    assert sent.back.problems == {}
    heard = settled(chat, chat.admin)
    heard.says("export.csv: deals, 1 row", "1 row would be made")
    press(chat, heard, "Apply").says("1 row made")
    assert deals(chat) == [("D-1", "proposal")]
    assert chat.rows("SELECT amount_minor FROM deals")[0]["amount_minor"] == 10_000


def test_one_column_cannot_be_two_things(chat: Chat) -> None:
    heard = attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS)
    heard.press("Choose columns").fill(account="Owner", owner="Owner").problem(
        "owner", "“Owner” is chosen for account too"
    )


def test_a_file_that_is_forgotten_meanwhile(chat: Chat) -> None:
    heard = attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS)
    with chat.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM files")
    heard.press("Apply").says("deals.csv is not kept any more", "attach it again")
    assert deals(chat) == []


def test_a_file_that_is_no_table(chat: Chat) -> None:
    attach(chat, chat.admin, "deals.csv", b"%PDF-1.7 ...").says("This is a PDF", "Nothing was imported")


def test_the_list_names_what_was_imported_and_takes_the_latest_back(chat: Chat) -> None:
    chat.admin("import").says("Nothing was imported yet", "Attach a CSV or XLSX")
    press(chat, attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS), "Apply")
    heard = chat.admin("import")
    heard.says("deals.csv", "applied").shows("2 made, 0 changed, 0 left out", "Ada Wu")
    asked = heard.press("Roll back deals.csv")
    press(chat, asked, "Roll it back").says("is rolled back")
    assert deals(chat) == []


def test_cancel(chat: Chat) -> None:
    attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS).press("Cancel").says("nothing of deals.csv was imported")
    assert deals(chat) == []


def test_rates_come_in_and_go_out(chat: Chat) -> None:
    rates = 'Fiscal year,Currency,Rate\n2026,EUR,1.08\n2026,GBP,"1,27"\n2026,CHF,"1,083"\n2026,USD,1\n'
    heard = attach(chat, chat.admin, "rates.csv", rates)
    heard.says("rates.csv: rates, 4 rows", "2 rows would be made", "2 left out")
    heard.shows("could be 1.083 or 1083", "the plan's own currency")
    heard = press(chat, heard, "Apply")
    held = chat.rows("SELECT currency, rate FROM rates ORDER BY currency")
    assert [(row["currency"], row["rate"]) for row in held] == [("EUR", "1.08"), ("GBP", "1.27")]
    press(chat, attach(chat, chat.admin, "rates.csv", "Year,Currency,Rate\n2026,EUR,1.10\n"), "Apply").says("1 changed")
    last = chat.admin("import").press("Roll back rates.csv")
    press(chat, last, "Roll it back")
    held = chat.rows("SELECT currency, rate FROM rates ORDER BY currency")
    assert [(row["currency"], row["rate"]) for row in held] == [("EUR", "1.08"), ("GBP", "1.27")]


def test_in_a_channel_the_preview_comes_one_to_one(chat: Chat) -> None:
    from bot.playground.transcript import CHANNEL

    file = Attached("deals.csv", WITHOUT_ERRORS.encode())
    chat.run(chat.room.say(chat.admin.person, CHANNEL, "@pacer import", files=(file,), wait=5))
    chat.run(chat.core.jobs.idle())
    chat.run(chat.core.delivery.idle())
    heard = settled(chat, chat.admin)
    assert chat.shown(chat.admin)[-1].conversation == direct(chat.admin.person.external_id)
    heard.says("2 rows would be made")
    press(chat, heard, "Apply").says("2 rows made")


def test_a_preview_outlives_a_week_only_if_it_is_used(chat: Chat) -> None:
    heard = attach(chat, chat.admin, "deals.csv", WITHOUT_ERRORS)
    chat.now += timedelta(days=8)
    chat.run(chat.core._housekeeping())
    heard.press("Apply").says("is not kept any more")


def test_a_commission_plan_is_shown_and_put_into_force(chat: Chat) -> None:
    plan = (
        "name: Reps\nfor:\n  roles: [rep]\nmeasure: bookings\nperiod: quarter\ntiers:\n  - from: 0\n    rate: {rate}\n"
    )
    wrong = attach(chat, chat.admin, "reps.yaml", plan.format(rate="much"))
    wrong.says("reps.yaml: 1 thing is wrong", "Line 8")
    heard = attach(chat, chat.admin, "reps.yaml", plan.format(rate="5 %"))
    heard.says("Commission plan “Reps”: new", "Nothing is written yet")
    assert chat.rows("SELECT * FROM commission_plans") == []
    heard = press(chat, heard, "Apply").says("the commission plan “Reps” is in force")
    assert len(chat.rows("SELECT * FROM commission_plans WHERE replaced_at IS NULL")) == 1
    chat.admin("import").says("reps.yaml")
    heard.press("Roll back").press("Roll it back")
    chat.run(chat.core.jobs.idle())
    assert chat.rows("SELECT * FROM commission_plans WHERE replaced_at IS NULL") == []


def won(number: int, day: str, stage: str = "Closed Won") -> str:
    return f"D-{number},Acme Corporation,Rae Quinn,40000,{stage},{day}\n"


def test_wins_under_a_week_old_are_facts_but_not_those_of_the_first_import(database_url: str) -> None:
    heard: list[DealWon] = []

    def hear(fact: DealWon, request: Request, tx: Transaction) -> Outcome:
        heard.append(fact)
        return Outcome(messages=(Message(fact.deal.owner or "", Reply("A win."), "win", f"win:{fact.deal.id}"),))

    chat = Chat(database_url)
    chat.core.jobs.listeners = (Listener(DealWon, hear),)
    try:
        head = DEALS.splitlines(keepends=True)[0]
        press(chat, attach(chat, chat.admin, "a.csv", head + won(1, "2026-11-16")), "Apply")
        assert heard == [], "a first import announces nothing"
        later = won(1, "2026-11-16") + won(2, "2026-11-12") + won(3, "2026-11-11") + won(4, "2026-12-01", "Proposal")
        press(chat, attach(chat, chat.admin, "b.csv", head + later), "Apply")
        assert [fact.deal.external_id for fact in heard] == ["D-2"], "six days old; the others are old or not won"
        chat.run(chat.core.delivery.idle())
        assert chat.rep.inbox()[-1] == "A win."
        press(chat, attach(chat, chat.admin, "c.csv", head + won(2, "2026-11-12") + won(4, "2026-11-18")), "Apply")
        assert [fact.deal.external_id for fact in heard] == ["D-2", "D-4"], "what was told is not told again"
    finally:
        chat.close()


def test_a_win_that_was_said_in_chat_is_told_as_confirmed(database_url: str) -> None:
    heard: list[DealWon] = []

    def hear(fact: DealWon, request: Request, tx: Transaction) -> Outcome:
        heard.append(fact)
        return Outcome()

    chat = Chat(database_url)
    chat.core.jobs.listeners = (Listener(DealWon, hear),)
    try:
        head = DEALS.splitlines(keepends=True)[0]
        press(chat, attach(chat, chat.admin, "a.csv", head + won(1, "2026-01-16")), "Apply")
        chat.rep("/deal Acme won $40k today")
        press(chat, attach(chat, chat.admin, "b.csv", head + won(2, "2026-11-17")), "Apply")
        assert [(fact.deal.external_id, fact.confirmed) for fact in heard] == [("D-2", True)]
    finally:
        chat.close()
