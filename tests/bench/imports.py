"""An import of 100,000 deals by the job that chat starts, while a rep goes on logging calls.

    python -m tests.bench.imports [--rows N …]

Printed for each number of rows, in a process of its own: rows a second, peak memory before and after (flat: it grows by
the file alone), and what the turns took (`/log call Acme` every 30 ms, to the answer): alone, beside the preview, and
beside the import. SQLite, synchronous=FULL.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.playground.transcript import direct
from bot.process import tune
from handlers.conversation.request import Attached
from tests.chat import Chat

EVERY = 0.03


def exported(rows: int) -> bytes:
    """A year of deals of a CRM: 4,000 accounts, two of three closed."""
    lines = ["Opportunity ID,Opportunity Name,Account Name,Owner,Amount,Stage,Created Date,Close Date,Product\n"]
    stages = ("Closed Won", "Closed Lost", "Proposal")
    for number in range(rows):
        picked = number * 2654435761 % 4_294_967_296
        lines.append(
            f"D-{number:07},Deal {number},Account {picked % 4000},Rae Quinn,{100 + picked % 90_000}.00,"
            f"{stages[number % 3]},2026-01-{1 + picked % 28:02},2026-{2 + picked % 9:02}-{1 + picked % 27:02},"
            f"Product {picked % 7}\n"
        )
    return "".join(lines).encode()


def turns_until(chat: Chat, over: Callable[[], bool]) -> list[float]:
    """Seconds that each `/log call Acme` took, one after the other, until it is over."""
    where, took = direct(chat.rep.person.external_id), []
    while not over():
        begun = time.perf_counter()
        chat.run(chat.room.say(chat.rep.person, where, "/log call Acme"))
        took.append(time.perf_counter() - begun)
        time.sleep(EVERY)
    return took


def told(took: list[float]) -> str:
    ordered = [1000 * one for one in sorted(took)]
    return (
        f"p50 {ordered[len(ordered) // 2]:.0f} ms, p99 {ordered[int(len(ordered) * 0.99)]:.0f} ms ({len(took)} turns)"
    )


def peak() -> float:
    """MB, of this process until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(rows: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        chat = Chat(f"sqlite:///{folder}/bench.db")
        tune()
        content, where = exported(rows), direct(chat.admin.person.external_id)
        until = time.monotonic() + 3
        alone = turns_until(chat, lambda: time.monotonic() > until)
        before = peak()

        def during(begin: Callable[[], object], done: str) -> tuple[float, list[float]]:
            begun, over = time.perf_counter(), threading.Event()
            begin()

            def wait() -> None:
                asyncio.run_coroutine_threadsafe(chat.core.jobs.idle(), chat._loop).result()
                over.set()

            threading.Thread(target=wait, daemon=True).start()
            took = turns_until(chat, over.is_set)
            seconds = time.perf_counter() - begun
            assert done in chat.shown(chat.admin)[-1].text, chat.shown(chat.admin)[-1].text
            return seconds, took

        files = (Attached("deals.csv", content),)
        shown, beside_shown = during(
            lambda: chat.run(chat.room.say(chat.admin.person, where, "", files=files)), f"{rows:,} rows would be made"
        )
        preview = chat.shown(chat.admin)[-1]
        assert preview.reply is not None
        token = next(
            button.token
            for part in preview.reply.parts
            for button in getattr(part, "buttons", ())
            if button.label == "Apply"
        )
        applied, beside_applied = during(
            lambda: chat.run(chat.room.press(chat.admin.person, preview.id, token)), f"{rows:,} rows made"
        )
        print(f"{rows:,} deals ({len(content) / 1e6:.1f} MB of CSV)")
        print(
            f"  preview {shown:.1f} s, {rows / shown:,.0f} rows/s; import {applied:.1f} s, {rows / applied:,.0f} rows/s"
        )
        print(f"  peak memory {before:.0f} MB before, {peak():.0f} MB after")
        print(f"  /log call Acme: alone {told(alone)}")
        print(f"                  beside the preview {told(beside_shown)}")
        print(f"                  beside the import {told(beside_applied)}", flush=True)
        chat.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        measure(given.one)
        return
    for rows in given.rows:
        # A process each, so that the peak is its own.
        subprocess.run(
            [sys.executable, "-m", "tests.bench.imports", "--one", str(rows)],
            check=True,
            cwd=Path(__file__).parents[2],
            stderr=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    main()
