"""One's own data as a file for oneself, erasure by an admin in a chat, and what time takes away."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date, datetime, timedelta
from functools import partial

import msgspec
import pytest

from handlers import COMMANDS
from handlers.conversation.company import Retention
from handlers.conversation.reply import Document
from handlers.privacy.retention import due, months_before
from storage import files, people, staff
from storage.database import Transaction
from storage.own_data import NOT_HANDED_OUT, OWN, referring
from storage.tables import (
    checkin_answers,
    checkin_remarks,
    metadata,
    new_id,
    one_to_one_items,
    question_sets,
)
from storage.tables import checkins as checkin_rows
from tests.chat import COMPANY, Chat, Heard, Speaker

SECRET = "Xenopsylla 99"
"""Stands in every private row of Rae's."""


def ids(chat: Chat) -> dict[str, str]:
    return {
        row["email"].partition("@")[0]: row["id"]
        for row in chat.rows("SELECT id, email FROM people WHERE email IS NOT NULL")
    }


def write_private_rows(chat: Chat) -> None:
    """A check-in of Rae's given to Max, his remark, a note of each for their one-to-one, an activity and an action."""
    who = ids(chat)
    made = {name: new_id() for name in ("set", "checkin")}

    def write(tx: Transaction) -> None:
        at, day = chat.now - timedelta(hours=2), date(2026, 11, 17)
        tx.execute(question_sets.insert(), {"id": made["set"], "version": 9, "questions": [], "set_at": at})
        checkin = {"id": made["checkin"], "person": who["rae"], "day": day, "question_set": made["set"]}
        given = {"created_at": at, "submitted_at": at, "late": False, "manager": who["max"], "told_at": at}
        tx.execute(checkin_rows.insert(), {**checkin, **given})
        answer = {"id": new_id(), "checkin": made["checkin"], "question": "well", "version": 1, "at": at}
        tx.execute(checkin_answers.insert(), {**answer, "text": f"{SECRET} answer"})
        remark = {"id": new_id(), "checkin": made["checkin"], "author": who["max"], "kind": "comment", "at": at}
        tx.execute(checkin_remarks.insert(), {**remark, "text": f"{SECRET} remark", "told_at": at})
        point = {"manager": who["max"], "person": who["rae"], "kind": "note", "created_at": at}
        tx.execute(
            one_to_one_items.insert(), {"id": new_id(), **point, "author": who["rae"], "text": f"{SECRET} point"}
        )
        tx.execute(one_to_one_items.insert(), {"id": new_id(), **point, "author": who["max"], "text": "Max alone 77"})

    chat.database.submit(write).result()
    chat.rep(f"log call Acme Corporation, note: {SECRET} note, next: {SECRET} next on Friday")
    chat.rep(f"/todo {SECRET} action by Friday")


def opened(chat: Chat, who: Speaker) -> zipfile.ZipFile:
    """The latest file that they were given."""
    chat.run(chat.core.jobs.idle())
    for shown in reversed(chat.shown(who)):
        for part in shown.reply.parts if shown.reply else ():
            if isinstance(part, Document):
                kept = chat.run(chat.database.read(partial(files.get, identifier=part.file)))
                assert kept is not None
                return zipfile.ZipFile(io.BytesIO(kept.content))
    raise AssertionError("no file came")


# ---------------------------------------------------------------- one's own data


def test_every_table_that_refers_to_people_is_handed_out_or_says_why_not() -> None:
    covered = {str(own.table.name) for own in OWN} | NOT_HANDED_OUT.keys()
    missing = {name for name, table in metadata.tables.items() if referring(table)} - covered
    assert not missing, f"storage/own_data.py: what of {missing}?"


def test_a_rep_gets_everything_that_is_theirs_and_nothing_that_others_wrote_privately(chat: Chat) -> None:
    write_private_rows(chat)
    chat.rep("log call Initech, note: =1+1 beware")
    chat.rep("export my data").says("I am putting together everything that I keep about you")
    pack = opened(chat, chat.rep)
    whole = json.loads(pack.read("everything.json"))
    told = pack.read("READ ME.txt").decode()
    assert "What Testing & Co keeps about Rae Quinn" in told
    assert "Not in it: what others wrote privately" in told
    assert whole["You"][0]["Name"] == "Rae Quinn"
    assert [row["Text"] for row in whole["Check-in answers"]] == [f"{SECRET} answer"]
    assert [row["Author"] for row in whole["What was said to check-ins"]] == ["Max Stone"]
    assert [row["Text"] for row in whole["One-to-one points"]] == [f"{SECRET} point"]
    assert any(SECRET in row["Text"] for row in whole["Action items"])
    assert {row["Account"] for row in whole["Activities"]} == {"Acme Corporation", "Initech"}
    assert any("Logged" in row["Body"] for row in whole["Messages to you"])
    everything = "".join(pack.read(name).decode("utf-8-sig") for name in pack.namelist())
    assert "Max alone 77" not in everything, "what others wrote privately"
    assert "max@test.example" not in everything, "other people's data"
    rows = list(csv.DictReader(io.StringIO(pack.read("Activities.csv").decode("utf-8-sig"))))
    assert len(rows) == 2
    assert not any(cell.startswith("=") for row in rows for cell in row.values()), (
        "no spreadsheet takes it for a formula"
    )


def test_a_former_manager_gets_their_own_notes_alone(chat: Chat) -> None:
    """FAULT 46."""
    write_private_rows(chat)
    who = ids(chat)

    def points() -> list[str]:
        chat.manager("export my data")
        whole = json.loads(opened(chat, chat.manager).read("everything.json"))
        return sorted(row["Text"] for row in whole["One-to-one points"])

    def seen(tx: Transaction) -> None:
        tx.execute(one_to_one_items.update().values(seen_at=chat.now))

    def another_manager(tx: Transaction) -> None:
        rae, lee = people.person(tx, who["rae"]), people.person(tx, who["lee"])
        assert rae is not None
        assert lee is not None
        people.give_manager(tx, rae, lee, chat.now.date())

    chat.database.submit(seen).result()
    assert points() == ["Max alone 77", f"{SECRET} point"]
    chat.database.submit(another_manager).result()
    chat.later(minutes=1)
    assert points() == ["Max alone 77"]


def test_nobody_gets_somebody_elses_and_it_never_comes_in_a_channel(chat: Chat) -> None:
    write_private_rows(chat)
    chat.admin("privacy export Rae Quinn").says(
        "I hand out somebody's own data to nobody but them. Rae Quinn can ask me"
    )
    chat.manager("privacy export Rae").says("nobody but them")
    chat.rep("@Pacer export my data", channel=True)
    chat.run(chat.core.jobs.idle())
    for other in (chat.manager, chat.admin, chat.leader):
        assert not any(SECRET in shown.text or "My data" in shown.text for shown in chat.shown(other))
    assert any("My data" in shown.text for shown in chat.shown(chat.rep))


def test_privacy_says_who_sees_what_and_for_how_long(chat: Chat) -> None:
    heard = chat.rep("privacy").says("Only you", "reads a check-in or a note", "messages 90 days, check-ins 24 months")
    assert heard.buttons == ["Export my data"]
    heard.press("Export my data").says("I am putting together")
    assert "READ ME.txt" in opened(chat, chat.rep).namelist()


# ---------------------------------------------------------------- erasing in a chat


def leaves(chat: Chat, name: str) -> None:
    chat.database.submit(lambda tx: staff.leave(tx, ids(chat)[name], chat.now)).result()


def test_an_admin_erases_who_has_left_by_typing_the_name(chat: Chat) -> None:
    write_private_rows(chat)
    chat.manager("how is Rae Quinn doing")
    chat.rep("erase Max Stone").says("That is not yours to use")
    chat.admin("people erase Rae Quinn").says("Rae Quinn is still here, so nothing was erased.")
    leaves(chat, "rae")
    rae = ids(chat)["rae"]
    asked = chat.admin("people erase Rae Quinn").says("Erase what is kept about Rae Quinn?", "There is no way back.")
    form = asked.press("Erase …")
    form.fill(name="Rae Quin").problem("name", "That is not “Rae Quinn”, so nothing was erased.")
    form.fill(name="rae quinn").says("I am erasing what is kept about Rae Quinn")
    chat.run(chat.core.jobs.idle())
    assert "Done: nothing is left of them but “Former colleague 1”" in chat.shown(chat.admin)[-1].text
    for name in metadata.tables:
        for row in chat.rows(f'SELECT * FROM "{name}"'):
            assert SECRET not in str(row), f"{name}: {row}"
            assert "Rae Quinn" not in str(row), f"{name}: {row}"
            assert "rae@test" not in str(row), f"{name}: {row}"
    assert [row["count"] for row in chat.rows("SELECT count FROM activities")] == [1], "what was done stays counted"
    assert chat.rows(f"SELECT name FROM people WHERE id = '{rae}'") == [{"name": "Former colleague 1"}]
    chat.admin("erase Rae Quinn").says("I know no person called “Rae Quinn”.", "Nothing was erased.")
    chat.admin("people Former colleague 1").says("Former colleague 1, has left")
    chat.manager("top 5 reps").lacks("Rae")


# ---------------------------------------------------------------- nothing private is shown to others


def lines() -> list[str]:
    """Every example of every command, and questions about Rae."""
    own = [command.examples[0] for command in COMMANDS]
    asked = (
        "how is Rae doing", "people Rae Quinn", "/checkin Rae", "/checkin team", "/checkin whom", "/checkin list",
        "/todo", "log list Rae", "activities of Rae this week", "export activities of Rae", "export everything",
        "/meeting list", "search Xenopsylla", "why is Rae behind", "/target Rae",
    )  # fmt: skip
    return [*own, *asked]


@pytest.mark.parametrize("name", ["admin", "leader"])
def test_no_command_shows_anybody_else_what_is_private(chat: Chat, name: str) -> None:
    write_private_rows(chat)
    who: Speaker = getattr(chat, name)
    for line in lines():
        heard: Heard = who(line)
        seen = msgspec.json.encode([heard.back.replies, heard.back.form, heard.back.problems]).decode()
        # What they typed themselves may come back.
        assert SECRET not in seen, f"{line!r} showed {seen}"
    who.home()
    assert SECRET not in msgspec.json.encode(who.page).decode()
    chat.run(chat.core.jobs.idle())
    for shown in chat.shown(who):
        assert SECRET not in msgspec.json.encode(shown.reply).decode()
    for row in chat.rows(f"SELECT content FROM files WHERE person = '{ids(chat)[who.person.external_id]}'"):
        content = bytes(row["content"])
        assert SECRET.encode() not in content
        if zipfile.is_zipfile(io.BytesIO(content)):
            pack = zipfile.ZipFile(io.BytesIO(content))
            assert not any(SECRET.encode() in pack.read(part) for part in pack.namelist())


def test_the_log_holds_no_word_of_it(chat: Chat, capfd: pytest.CaptureFixture[str]) -> None:
    write_private_rows(chat)
    chat.manager("/checkin Rae")
    chat.rep("export my data")
    chat.run(chat.core.jobs.idle())
    chat.rep("log call Nobody " + SECRET + " " + "x" * 3000)
    out, err = capfd.readouterr()
    assert SECRET not in out + err


# ---------------------------------------------------------------- time


def test_what_is_over_its_time_goes_and_amounts_stay(chat: Chat) -> None:
    write_private_rows(chat)
    chat.rep("/deal Acme Corporation $40k proposal closes 15 Dec")
    company = msgspec.structs.replace(COMPANY, retention=Retention(30, 1, 1, 2))
    before = chat.rows("SELECT amount_minor, stage FROM deals")
    assert before

    def look(moment: datetime) -> None:
        chat.database.submit(lambda tx: due(tx, company, moment)).result()

    look(chat.now + timedelta(days=20))
    assert len(chat.rows("SELECT id FROM checkins")) == 1
    assert chat.rows("SELECT note FROM activities WHERE note IS NOT NULL")
    look(chat.now + timedelta(days=40))
    for table in ("checkins", "checkin_answers", "checkin_remarks", "one_to_one_items"):
        assert chat.rows(f"SELECT * FROM {table}") == []
    assert chat.rows("SELECT kind, count, note, said FROM activities") == [
        {"kind": "call", "count": 1, "note": None, "said": ""}
    ]
    assert not any("Logged" in row["body"] for row in chat.rows("SELECT body FROM outbox WHERE settled_at IS NOT NULL"))
    assert chat.rows("SELECT amount_minor, stage FROM deals") == before
    assert chat.rows("SELECT id FROM actions WHERE state = 'open'"), "what is open stays"


def test_who_has_left_for_long_enough_is_erased_by_itself(chat: Chat) -> None:
    company = msgspec.structs.replace(COMPANY, retention=Retention(leaver_months=2))
    leaves(chat, "rae")
    for days, asked in ((40, 0), (70, 1), (70.1, 1)):
        moment = chat.now + timedelta(days=days)
        chat.database.submit(partial(due, company=company, now=moment)).result()
        assert len(chat.rows("SELECT id FROM jobs WHERE kind = 'erasure'")) == asked
    chat.run(chat.core.jobs.tick())
    chat.run(chat.core.jobs.idle())
    assert "Former colleague 1" in [row["name"] for row in chat.rows("SELECT name FROM people")]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 18), 24, date(2024, 11, 18)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 5), 1, date(2025, 12, 5)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_so_many_months_ago(day: date, months: int, then: date) -> None:
    assert months_before(day, months) == then
