"""The command line: what is printed, and what is said when something is wrong."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.command_line import pacer, pacer_here

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT.parent / "shared" / "data" / "log_examples.jsonl"
ACCOUNTS = EXAMPLES.with_name("log_examples_accounts.txt")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with an app.yaml of its own, so that the databases are this test's."""
    return folder(tmp_path)


def folder(path: Path) -> Path:
    (path / "app.yaml").write_text((ROOT / "app.yaml").read_text("utf-8"), "utf-8")
    return path


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder where Sam has logged a call on Wednesday the 18th, and what was printed."""
    here = folder(tmp_path_factory.mktemp("logged"))
    return here, pacer(
        here, "say", "--as", "Sam", "--json", "--now", "2026-11-18T10:00", "/log call Initech monday 3pm"
    )


@pytest.fixture
def settled(logged: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of that folder, whose demo company need not be made once more."""
    return Path(shutil.copytree(logged[0], tmp_path / "settled"))


def test_say_is_one_turn_as_data_with_the_sentence_under_text(logged: tuple[Path, str]) -> None:
    reply = json.loads(logged[1])
    assert reply["text"] == "Logged: call with Initech, Mon, Nov 16 at 3:00 pm."
    assert reply["parts"][0] == {
        "type": "text",
        "text": "Logged: call with Initech, Mon, Nov 16 at 3:00 pm",
        "style": "strong",
    }


def test_say_prints_its_plain_text_and_what_was_logged_is_kept(logged: tuple[Path, str]) -> None:
    said = pacer(logged[0], "say", "--as", "Sam", "--now", "2026-11-18T10:05", "log list")
    assert "call with Initech, Mon, Nov 16 at 3:00 pm" in said
    assert "{" not in said


def test_export_to_a_file(logged: tuple[Path, str]) -> None:
    here = logged[0]
    pacer(here, "export", "activities", "--to", "out.csv", "--as", "salesforce")
    rows = list(csv.DictReader((here / "out.csv").open(encoding="utf-8", newline="")))
    assert "Call: Initech" in {row["Subject"] for row in rows}
    assert not list(here.glob(".out.csv*"))


def test_nobody_of_that_name(settled: Path) -> None:
    assert "Nobody here is “Bob”. Choose from: Dana Ortiz" in pacer(settled, "say", "--as", "Bob", "hello", code=1)


def test_the_clock_is_set_with_a_time(settled: Path) -> None:
    assert "no time" in pacer(settled, "say", "--now", "soon", "hello", code=1)


def test_chat_presses_buttons_by_their_number(settled: Path) -> None:
    said = pacer(settled, "chat", "--as", "Sam", stdin="/log call Initech\n1\n")
    assert "Logged: call with Initech, today" in said
    assert "Undone: call with Initech, today." in said


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the folder shared/ with the examples is not beside this checkout")
def test_parse_log_is_right_on_every_shared_example(here: Path) -> None:
    lines = [json.loads(line) for line in EXAMPLES.read_text("utf-8").splitlines()]
    for now in sorted({line["now"] for line in lines}):
        mine = [line for line in lines if line["now"] == now]
        typed = "".join(f"{line['text']}\n" for line in mine)
        printed = pacer_here(here, "parse", "log", "-", "--now", now, "--accounts", str(ACCOUNTS), stdin=typed)
        for line, answer in zip(mine, map(json.loads, printed.splitlines()), strict=True):
            first = answer["activities"][0]
            first["next_date"] = (first["next"] or {}).get("date")
            got = {name: first[name] for name in line["expect"]}
            assert got == line["expect"], line["text"]
            assert len(answer["activities"]) == line.get("activities", 1), line["text"]
            assert answer["needs"] == line.get("needs", ["account"] if "choices" in line else []), line["text"]
            assert answer["choices"] == line.get("choices", []), line["text"]


def test_parse_log_takes_bytes_that_are_no_text(here: Path) -> None:
    printed = pacer_here(here, "parse", "log", "-", stdin=b"call \xff\x00 Acme\n")
    assert json.loads(printed)["activities"][0]["kind"] == "call"


def test_export_says_what_is_wrong(here: Path) -> None:
    assert "pacer, salesforce, hubspot" in pacer_here(here, "export", "activities", "--as", "excel", code=1)
    assert "no date" in pacer_here(here, "export", "activities", "--since", "monday", code=1)


def test_the_manifest_is_json_and_takes_an_address(here: Path) -> None:
    assert json.loads(pacer_here(here, "manifest", "slack"))["settings"]["socket_mode_enabled"]


def test_what_is_wrong_with_the_settings_is_said(here: Path) -> None:
    (here / "app.yaml").write_text("company: {currency: Dollar, zone: Mars}\n", "utf-8")
    said = pacer_here(here, "run", code=1)
    assert "company.currency" in said
    assert "company.zone" in said


def test_the_playground_does_not_start_beside_a_platforms_credentials(here: Path) -> None:
    """FAULT 34."""
    for way, command in ((pacer, ("run",)), (pacer_here, ("say", "hello")), (pacer_here, ("chat",))):
        said = way(here, *command, code=1, SLACK_BOT_TOKEN="xoxb-1-2-abcdefghijklmnop")
        assert "the environment holds SLACK_BOT_TOKEN" in said
        assert "xoxb" not in said


def test_a_platform_does_not_start_without_its_credentials(here: Path) -> None:
    """FAULT 34."""
    install = "{name: main, platform: slack, team: T0123ABCD, bot_token: '${SLACK_BOT_TOKEN}', "
    (here / "app.yaml").write_text(f"installs:\n  - {install}signing_secret: '${{SLACK_SIGNING_SECRET}}'}}\n", "utf-8")
    said = pacer_here(here, "run", code=1)
    for missing in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "PACER_KEY"):
        assert missing in said


def test_a_port_that_is_taken_is_said(here: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (here / "app.yaml").write_text(f"playground: {{port: {port}}}\n", "utf-8")
        assert "in use" in pacer(here, "run", code=1)


def test_the_version_is_said(here: Path) -> None:
    written = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert pacer_here(here, "--version") == f"pacer {written}\n"


def test_parse_log_knows_the_kinds_of_the_app_yaml_that_lies_here(here: Path) -> None:
    (here / "app.yaml").write_text("activity_kinds: {tasting: [sip]}\n", "utf-8")
    assert json.loads(pacer_here(here, "parse", "log", "sip with Acme"))["activities"][0]["kind"] == "tasting"
    (here / "app.yaml").write_text("company: {currency: Dollar}\n", "utf-8")
    assert json.loads(pacer_here(here, "parse", "log", "call Acme"))["activities"][0]["kind"] == "call"
    (here / "app.yaml").unlink()
    assert json.loads(pacer_here(here, "parse", "log", "sip with Acme"))["needs"] == ["kind"]


def test_an_export_that_cannot_be_written_names_the_file_that_was_asked_for(here: Path) -> None:
    said = pacer_here(here, "export", "activities", "--to", "missing/out.csv", code=1)
    assert said == "No such file or directory: missing/out.csv.\n"
    (here / "taken").mkdir()
    assert pacer_here(here, "export", "activities", "--to", "taken", code=1) == "Is a directory: taken.\n"
    assert [path.name for path in here.glob(".taken*")] == []


def test_a_form_in_the_terminal_lists_what_can_be_chosen(settled: Path) -> None:
    said = pacer(settled, "chat", "--as", "Sam", stdin="/log\nvisit\nInitech\n" + "\n" * 11)
    assert "What was it? (Call, Email, Meeting, Demo, Visit, Proposal, Message, Sample drop)" in said
    assert "Logged: visit at Initech, today" in said
