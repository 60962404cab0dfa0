"""`pacer` as it is typed: as a process, or without one where that makes no difference."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from bot.cli import cli


def outside(more: dict[str, str]) -> dict[str, str]:
    """The environment without anybody's credentials, and `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "PACER_"))} | more


def pacer(here: Path, *arguments: str, stdin: str = "", code: int = 0, **more: str) -> str:
    """What `pacer` prints; on standard error where `code` says that it fails. `more` goes into its environment."""
    program = Path(sys.executable).with_name("pacer")
    done = subprocess.run(
        [program, *arguments], cwd=here, env=outside(more), input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if code else done.stdout


def pacer_here(here: Path, *arguments: str, stdin: str | bytes = "", code: int = 0, **more: str) -> str:
    """The same without a process of its own (a second each), for what ends before the logs are set up."""
    before = structlog.get_config()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        for name in os.environ:
            if name.startswith(("SLACK_", "PACER_")):
                patch.delenv(name)
        for name, value in more.items():
            patch.setenv(name, value)
        done = CliRunner().invoke(cli, list(arguments), input=stdin)
    assert structlog.get_config() == before, "this command needs a process of its own"
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == code, done.output
    return done.stderr if code else done.stdout
