"""The README says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.command_table import refreshed

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_table_of_commands_is_the_codes() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    assert refreshed(page) == page, "run: python -m bot.command_table README.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_the_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_files_of_the_walk_exist() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    for name in re.findall(r"`((?:bot|handlers|scheduled|storage)/[\w/]+\.py)`", page):
        assert (ROOT / name).exists() or name == "handlers/streak.py", name
