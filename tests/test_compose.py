"""compose.yaml and the Dockerfile against what Pacer really has: its commands, paths, ports, variables and limits.

There is no Docker in most places where this runs; what the two-by-two of it does is tests/test_serve_and_work.py's.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from bot import config_model, health
from bot.app import BEGUN
from bot.cli import cli
from bot.config_values import as_listener
from bot.slack import receive as slack
from bot.teams import receive as teams
from scheduled.delivery import STOP_GRACE

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PACERS = {name: service for name, service in SERVICES.items() if service.get("image") == "pacer"}
CADDY: str = COMPOSE["configs"]["caddyfile"]["content"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def seconds(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"ms": 0.001, "s": 1, "m": 60}[unit]


def said(directive: str) -> str:
    """The one argument of a directive of the proxy's."""
    found = re.findall(rf"^\s*{directive} (\S+)$", CADDY, re.MULTILINE)
    assert len(found) == 1, f"{directive}: {found}"
    return str(found[0])


@pytest.mark.parametrize("name", PACERS)
def test_each_command_is_one_that_there_is(name: str) -> None:
    command, *options = PACERS[name]["command"]
    shown = CliRunner().invoke(cli, [command, "--help"], env={"TERM": "dumb", "COLUMNS": "200"})
    assert shown.exit_code == 0
    for option in options:
        assert option in shown.output


def test_there_are_two_of_each_and_the_schema_is_made_once() -> None:
    commands = [tuple(service["command"]) for service in PACERS.values()]
    assert sorted(commands) == [("migrate",), *[("run", "--serve")] * 2, *[("run", "--work")] * 2]
    for name, service in PACERS.items():
        if name == "migrate":
            assert service["depends_on"] == {"database": {"condition": "service_healthy"}}
            assert service["restart"] == "no"
        else:
            assert service["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_every_variable_is_one_that_pacer_reads() -> None:
    for service in PACERS.values():
        assert set(service["environment"]) - {"TMPDIR"} <= set(config_model.ENVIRONMENT)
        assert service["environment"]["PACER_DATABASE"].endswith("@database/pacer")
        assert as_listener(service["environment"]["PACER_HTTP"]) == ("0.0.0.0", 8080)
        assert service["env_file"] == ".env"
    wanted = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))
    told = (ROOT / "docs" / "operations.md").read_text()
    assert wanted == {"DATABASE_PASSWORD", "PACER_NAME"}
    for variable in (*wanted, "PACER_KEY"):
        assert re.search(rf"^ *{variable}=", told, re.MULTILINE), f"docs/operations.md does not say {variable}"


_SPILLED = """
import os, sqlite3, sys, tempfile
aside = tempfile.TemporaryFile()
rows = sqlite3.connect("")
rows.executescript("PRAGMA temp_store=FILE; PRAGMA cache_size=1; CREATE TEMPORARY TABLE much (words)")
rows.execute("INSERT INTO much SELECT zeroblob(5000000)")
held = [f"/proc/self/fd/{one}" for one in os.listdir("/proc/self/fd")]
gone = [os.readlink(one) for one in held if os.path.islink(one) and os.readlink(one).endswith("(deleted)")]
print(len(gone), *{os.path.dirname(one) for one in gone})
"""


def test_what_is_too_large_for_memory_lies_on_a_disk(tmp_path: Path) -> None:
    """Copies of files that are read, sheets that are made, and what SQLite lays aside: all of it goes where TMPDIR
    says, which is a volume."""
    for service in PACERS.values():
        place = service["environment"]["TMPDIR"]
        assert place in service["volumes"]
        assert place not in service["tmpfs"]
    if sys.platform == "linux":  # as in the image; elsewhere no process tells what it holds
        asked, here = [sys.executable, "-c", _SPILLED], {"TMPDIR": str(tmp_path)}
        told = subprocess.run(asked, env=here, capture_output=True, text=True, timeout=30, check=True)
        assert told.stdout.split() == ["2", str(tmp_path)]


def test_no_secret_stands_in_it() -> None:
    for text in ((ROOT / "compose.yaml").read_text(), DOCKERFILE):
        assert not re.search(r"(?i)(password|secret|token|key)[\"']?\s*[:=]\s*[\"']?(?!\$\{|…)[A-Za-z0-9+/]{6,}", text)


def test_the_health_check_asks_what_is_served() -> None:
    for name, service in PACERS.items():
        check = service["healthcheck"]
        if name == "migrate":
            assert check == {"disable": True}
            continue
        program = check["test"][3]
        compile(program, name, "exec")
        assert f'"{health.ALIVE}"' in program, "not /readyz: a database that is away is not mended by a new start"
        assert str(as_listener(service["environment"]["PACER_HTTP"])[1]) in program  # type: ignore[index]


def test_the_proxy_sends_to_those_who_serve_and_only_what_platforms_send() -> None:
    port = as_listener(PACERS["serve-1"]["environment"]["PACER_HTTP"])[1]  # type: ignore[index]
    upstreams = re.search(r"reverse_proxy (.+) \{", CADDY).group(1).split()  # type: ignore[union-attr]
    serving = [name for name, service in PACERS.items() if "--serve" in service["command"]]
    assert upstreams == [f"{name}:{port}" for name in serving]
    assert SERVICES["proxy"]["depends_on"] == serving
    passed = re.search(r"@platforms path (.+)", CADDY).group(1).split()  # type: ignore[union-attr]
    assert passed == [slack.PATH, teams.PATH]
    assert said("health_uri") == health.READY
    assert CADDY.count("{") == CADDY.count("}")


def test_its_limits_fit_pacers_own() -> None:
    leave = config_model.HttpGroup().leave_seconds
    assert seconds(said("health_interval")) + seconds(said("dial_timeout")) < leave, "it would not see that one leaves"
    assert seconds(said("response_header_timeout")) > 15, "Teams waits for so long"
    assert seconds(said("lb_try_duration")) > seconds(said("dial_timeout"))
    assert int(said("max_size").removesuffix("KB")) * 1000 >= max(slack.BODY_LIMIT, teams.BODY_LIMIT)
    for limit in ("read_header", "read_body", "write", "idle"):
        assert seconds(said(limit)) > 0
    for service in PACERS.values():
        assert seconds(service["stop_grace_period"]) > leave + BEGUN + STOP_GRACE + 5


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    for service in PACERS.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_the_image_holds_what_runs_and_nothing_else() -> None:
    packages = {
        pattern.rstrip("*")
        for pattern in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"][
            "include"
        ]
    }
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    assert packages <= copied
    for name in copied:
        assert (ROOT / name).exists()
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == kept
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert re.search(r"^USER (?!root)", DOCKERFILE, re.MULTILINE)
    assert 'ENTRYPOINT ["pacer"]' in DOCKERFILE
    assert re.search(r"^FROM python:(3\.\d+)", DOCKERFILE, re.MULTILINE)
