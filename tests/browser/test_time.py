"""The playground's clock is taken forward on the page, and what is due on the way is seen to arrive."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.demo import running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_next_mondays_messages_arrive(browser: Browser, tmp_path: Path) -> None:
    async with running(tmp_path) as demo:
        context = await browser.new_context(viewport={"width": 1280, "height": 800})
        page = await context.new_page()
        await page.goto(f"{demo.url}?as=omar")
        await expect(page.locator("#clock")).to_contain_text("Nov 18")
        await page.get_by_label("Move the playground's clock forward").select_option("Next Monday 09:00")
        await expect(page.locator("#clock")).to_contain_text("Nov 23")
        digest = page.locator(".message", has_text="East: $")
        await expect(digest.last).to_contain_text("Q4 2026")
        await digest.last.get_by_role("button", name="Why this?").click()
        await expect(page.locator(".message", has_text="You got this because").last).to_be_visible()
        await page.screenshot(path=tmp_path / "time.png", full_page=True)
        await context.close()
