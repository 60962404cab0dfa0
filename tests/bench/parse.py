"""How long lines of `/log` take to parse (typical ones, with 50,000 accounts, and hostile ones) and questions to read.

Figures, no verdict.
"""

from __future__ import annotations

import json
import random
import string
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from handlers.ask.org import Org
from handlers.ask.read import read
from handlers.language.names import NameIndex
from handlers.log.parse import parse
from handlers.numbers.periods import FiscalCalendar

CASES = Path(__file__).parents[1] / "cases"
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
ROUNDS = 20
MANY = 50_000


def typical() -> list[str]:
    """The lines of the tables of cases that share their accounts."""
    lines = (CASES / "log_lines.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def accounts() -> list[str]:
    """The accounts of those lines."""
    return (CASES / "log_lines_accounts.txt").read_text(encoding="utf-8").splitlines()


def many_names(count: int, seed: int = 7) -> list[str]:
    """Company names as they come: two or three made-up words, half of them with a common word behind."""
    chance = random.Random(seed)
    syllables = [first + vowel for first in "bcdfghklmnprstvz" for vowel in ("a", "e", "i", "o", "u", "an", "er", "ol")]
    endings = ["Foods", "Systems", "Group", "Ltd", "Inc", "Partners", "Logistics", "Energy", "Bank", "Labs"]
    names: dict[str, None] = {}
    while len(names) < count:
        words = ["".join(chance.choices(syllables, k=chance.randint(2, 3))).capitalize() for _ in range(2)]
        names[" ".join([*words[: chance.randint(1, 2)], chance.choice(endings)])] = None
    return list(names)


def hostile() -> list[str]:
    """Texts of 2,000 characters that nobody means."""
    chance = random.Random(11)
    texts = [
        unit * (2000 // len(unit))
        for unit in (
            *(
                "a",
                "9",
                "call ",
                "and ",
                "1/2 ",
                "12-",
                "$1,",
                "(",
                "-> ",
                "; ",
                "#a",
                "next ",
                "a.b@",
                "1:",
                "with A, ",
                "the ",
            ),
            *(
                "call Bada; ",
                "follow up ",
                "at at at ",
                "half an hour ",
                "Xyzzyx ",
                "bada ",
                "9 nov ",
                "in a ",
                "\0",
                "\u202ea",
                "😀",
            ),
            *("met Xq and called Zw, ", "1.", "20 ", "'", "a&", "A B and ", "monday the "),
        )
    ]
    texts += ["".join(chance.choices(string.printable, k=2000)) for _ in range(20)]
    texts += ["".join(chance.choices("0123456789 ,.:/-$€km", k=2000)) for _ in range(10)]
    texts += [" ".join("".join(chance.choices(string.ascii_letters, k=7)) for _ in range(250)) for _ in range(10)]
    return texts


def chained(count: int = 5000) -> NameIndex:
    """One chain of shops: every name begins with the same word."""
    return NameIndex(["Kestrel Robotics", *(f"Vexmart Shop {number}" for number in range(count))])


def chained_lines() -> list[str]:
    """Texts of 2,000 characters that name the chain over and over."""
    units = ("Vexmart ", "Vexmart West ", "Vexmart Shpo & ", "East Vexmart, ", "call Vexmart 17; ", "vexmrt ")
    return [unit * (2000 // len(unit)) for unit in units]


def timed(lines: Sequence[str], names: NameIndex, rounds: int) -> list[float]:
    """Milliseconds of each line's parse."""
    return best([lambda line=line: parse(line, now=NOW, names=names) for line in lines], rounds)  # type: ignore[misc]


def asked(rounds: int) -> list[float]:
    """Milliseconds of reading each question of the table of cases, in its company."""
    companies = {
        "a": (Org.from_csv((CASES / "ask_org_a.csv").read_text(encoding="utf-8")), FiscalCalendar(1)),
        "b": (Org.from_csv((CASES / "ask_org_b.csv").read_text(encoding="utf-8")), FiscalCalendar(2)),
    }

    def reading(case: dict[str, str]) -> Callable[[], object]:
        org, fiscal = companies[case["org"]]
        return lambda: read(case["text"], asker=case["as"], org=org, today=NOW.date(), fiscal=fiscal)

    cases = (CASES / "ask_lines.jsonl").read_text(encoding="utf-8").splitlines()
    return best([reading(json.loads(case)) for case in cases], rounds)


def best(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Milliseconds of each, sorted; the best of so many: other work on the machine is not the reader's."""
    taken = [float("inf")] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            start = time.perf_counter()
            work()
            taken[number] = min(taken[number], 1000 * (time.perf_counter() - start))
    return sorted(taken)


def shown(what: str, taken: Sequence[float]) -> str:
    """Median, 99th percentile and maximum, in ms."""
    median, late = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    return f"{what:<34} median {median:7.3f}  p99 {late:7.3f}  max {taken[-1]:7.3f} ms"


def main() -> None:
    """Print the figures."""
    few = NameIndex(accounts())
    begun = time.perf_counter()
    many = NameIndex([*accounts(), *many_names(MANY)])
    built = time.perf_counter() - begun
    lines = typical()
    for names in (few, many):
        timed(lines, names, 1)
    out = sys.stdout.write
    out(f"index of {len(many):,} names built in {built:.2f} s\n")
    out(shown("typical lines", timed(lines, few, ROUNDS)) + "\n")
    out(shown(f"typical lines, {len(many):,} names", timed(lines, many, ROUNDS)) + "\n")
    out(shown("hostile lines", timed(hostile(), few, 3)) + "\n")
    out(shown(f"hostile lines, {len(many):,} names", timed(hostile(), many, 3)) + "\n")
    out(shown("hostile lines, a chain of 5,000", timed(chained_lines(), chained(), 3)) + "\n")
    out(shown("questions", asked(5)) + "\n")
    texts = ["kestral", "Bada", "Zzzyx Corp", "quillon", "Meridian ins", "the unknown company of nowhere"]
    taken = []
    for _ in range(50):
        for text in texts:
            start = time.perf_counter()
            many.resolve(text)
            taken.append(1000 * (time.perf_counter() - start))
    out(shown(f"resolve, {len(many):,} names", sorted(taken)) + "\n")


if __name__ == "__main__":
    main()
