"""docs/reliability.md names tests that exist, for every fault from 9 to 25."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text()


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 30
    for path, name in named:
        module = ast.parse((ROOT / path).read_text())
        tests = {node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in tests, f"{path} has no {name}"


def test_every_fault_has_a_line_with_a_test() -> None:
    lines = dict(re.findall(r"^\| (\d+)\. (.*)$", PAGE, re.MULTILINE))
    assert list(lines) == [str(number) for number in range(9, 26)]
    assert all("::" in line for line in lines.values())
