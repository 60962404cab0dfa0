"""Everybody's Home in a browser, at a phone's width: what stands there, that it fits, and that it is drawn anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.demo import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as started:
        yield started


async def seat(demo: Running, browser: Browser, who: str) -> Page:
    """Somebody's place at the page, on a phone."""
    context = await browser.new_context(viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await page.goto(f"{demo.url}?as={who}")
    await expect(page.locator("#text")).to_be_visible()
    return page


@pytest.mark.parametrize("who", ["sam", "omar", "helen", "dana"])
async def test_home_fits_a_phone(demo: Running, browser: Browser, who: str) -> None:
    page = await seat(demo, browser, who)
    await page.get_by_role("button", name="Home").click()
    await expect(page.locator(".home .text.strong").first).to_contain_text(" of $")
    for table in await page.locator(".home .table").all():
        assert await table.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await page.context.close()


async def test_a_leader_sees_teams_and_their_people_and_a_rep_nobody_else(demo: Running, browser: Browser) -> None:
    page = await seat(demo, browser, "helen")
    await page.get_by_role("button", name="Home").click()
    rows = page.locator(".home tbody tr")
    await expect(rows).to_have_count(8)
    await expect(rows.first).to_contain_text("$")
    await page.context.close()
    page = await seat(demo, browser, "sam")
    await page.get_by_role("button", name="Home").click()
    await expect(page.locator(".home")).not_to_contain_text("Priya")
    await page.context.close()


async def test_a_peer_sees_ranks_without_percentages(demo: Running, browser: Browser) -> None:
    page = await seat(demo, browser, "sam")
    await page.locator("#text").fill("top 5 reps this quarter")
    await page.locator("#text").press("Enter")
    answer = page.locator(".message", has=page.locator(".app")).last
    await expect(answer.get_by_role("row", name="Priya Nair")).to_be_visible()
    await expect(answer).not_to_contain_text("%")
    await expect(answer).not_to_contain_text("$")
    await page.context.close()


async def test_what_is_answered_on_home_stands_on_it(demo: Running, browser: Browser) -> None:
    page = await seat(demo, browser, "sam")
    await page.locator("#text").fill("/log Initech")
    await page.locator("#text").press("Enter")
    await expect(page.get_by_role("button", name="Never mind")).to_be_visible()
    await page.get_by_role("button", name="Home").click()
    home = page.locator(".home")
    await expect(home).to_contain_text("“Initech” is not stored yet")
    await home.get_by_role("button", name="Call", exact=True).click()
    await expect(home.locator(".text").first).to_contain_text("Logged: call with Initech")
    await expect(home).not_to_contain_text("not stored yet")
    await page.context.close()
