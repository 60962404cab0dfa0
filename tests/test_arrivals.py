"""The order of arrival, kept while look-ups take their time."""

from __future__ import annotations

import asyncio

import pytest

from bot.arrivals import Arrivals


class Questions:
    """Events whose look-ups are answered when the test says so."""

    def __init__(self) -> None:
        self.arrivals = Arrivals()
        self.went_on: list[str] = []
        self.answers: dict[str, asyncio.Future[None]] = {}

    def ask(self, name: str, who: str = "sam") -> asyncio.Task[None]:
        answer = self.answers[name] = asyncio.get_running_loop().create_future()

        async def look_up() -> str:
            await answer
            return name

        async def event() -> None:
            self.went_on.append(await self.arrivals.in_order(who, look_up()))

        return asyncio.create_task(event())

    async def answer(self, name: str) -> None:
        self.answers[name].set_result(None)
        await settled()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_whoever_came_first_goes_on_first() -> None:
    asked = Questions()
    for name in ("first", "second", "third"):
        asked.ask(name)
    asked.ask("another's", who="lee")
    await settled()
    await asked.answer("third")
    await asked.answer("another's")
    await asked.answer("second")
    assert asked.went_on == ["another's"]
    await asked.answer("first")
    assert asked.went_on == ["another's", "first", "second", "third"]


async def test_a_look_up_that_fails_holds_nobody_up() -> None:
    asked = Questions()
    first, _second = asked.ask("first"), asked.ask("second")
    await settled()
    await asked.answer("second")
    asked.answers["first"].set_exception(OSError("no answer"))
    await settled()
    assert asked.went_on == ["second"]
    with pytest.raises(OSError, match="no answer"):
        await first


async def test_one_that_is_cancelled_lets_nobody_past_those_before_it() -> None:
    asked = Questions()
    _first, second, _third = asked.ask("first"), asked.ask("second"), asked.ask("third")
    await settled()
    await asked.answer("third")
    second.cancel()
    await settled()
    assert asked.went_on == []
    asked.ask("fourth")
    await settled()
    await asked.answer("fourth")
    assert asked.went_on == []
    await asked.answer("first")
    assert asked.went_on == ["first", "third", "fourth"]
