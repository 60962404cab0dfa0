"""Pictures of what people say to one another through Pacer, in the large demo company: a check-in from both sides, a
win, kudos, a leaderboard, a Monday morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.demo import Running
from tests.browser.seat import opened, say

FRIDAY: Final = datetime(2026, 11, 20, 19, 40, tzinfo=UTC)
"""13:40 in Chicago: the check-in comes at two."""
PHONE: Final = (400, 860)
SHARP: Final = 1.5
ANSWERS: Final = {
    "What went well?": "Two first meetings went well.",
    "What is in the way?": "Legal takes two weeks.",
    "What will you do next week?": "Get both to a yes or a no.",
}


async def pictures(demo: Running, browser: Browser, folder: Path) -> None:
    """Take them, in the order in which it happens."""
    await check_in(demo, browser, folder)
    await win_and_kudos(demo, browser, folder)
    await board(demo, browser, folder)
    await monday(demo, browser, folder)


async def leap(demo: Running, **span: float) -> None:
    """Let so much time go by."""
    now = demo.app.playground.room.transcript.clock()
    await demo.app.leap(now + timedelta(**span))


async def check_in(demo: Running, browser: Browser, folder: Path) -> None:
    """Asked at two on Friday, answered as a form, and read by the manager beside the facts."""
    await leap(demo, minutes=25)
    page = await opened(demo, browser, "tessa", *PHONE, "light", SHARP)
    asked = page.locator(".message", has_text="Time for your check-in").last
    await asked.get_by_role("button", name="As a form").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    for label, text in ANSWERS.items():
        await dialog.get_by_label(label).fill(text)
    await dialog.get_by_label("How are you").select_option("4")
    for label, amount in (("What do you commit to", "265k"), ("best case", "310k")):
        await dialog.get_by_label(label).fill(amount)
    await page.screenshot(path=folder / "checkin.png")
    await dialog.get_by_role("button", name="Send").click()
    await expect(page.locator(".message", has_text="Thank you.").last).to_be_visible()
    await page.context.close()
    await leap(demo, minutes=8)
    page = await opened(demo, browser, "ruth", 640, 900, "light", 1.2)
    came = page.locator(".message", has_text="Tessa Boyd").last
    await expect(came).to_contain_text("In the way")
    await alone(page, came, folder / "checkin-manager.png")
    await page.context.close()


async def win_and_kudos(demo: Running, browser: Browser, folder: Path) -> None:
    """A win that goes out to the channel, and thanks for it."""
    page = await opened(demo, browser, "sam", *PHONE, "light", SHARP)
    await say(page, "/deal list")
    account = await page.locator(".message").last.locator("tbody tr").nth(3).locator("td").first.inner_text()
    await say(page, f"/win {account.split(',')[0]} $48k with Priya Nair, they chose us for the onboarding")
    preview = page.locator(".message", has_text="Shall I announce it").last
    await preview.get_by_role("button", name="Announce").click()
    await expect(page.locator(".message", has_text="Announced").last).to_be_visible()
    await say(page, "/kudos Priya for the reference call that won it #one-team")
    await page.get_by_role("button", name="#sales-east").click()
    await expect(page.locator(".message", has_text="Sam Okafor won")).to_be_visible()
    await expect(page.locator(".message", has_text="thanks Priya Nair")).to_be_visible()
    await alone(page, page.locator(".message", has_text="Sam Okafor won"), folder / "win.png")
    await page.context.close()
    await leap(demo, minutes=2)
    page = await opened(demo, browser, "priya", *PHONE, "light", SHARP)
    thanks = page.locator(".message", has_text="Sam Okafor thanks you").last
    await expect(thanks).to_be_visible()
    await alone(page, thanks, folder / "kudos.png")
    await page.context.close()


async def board(demo: Running, browser: Browser, folder: Path) -> None:
    """As the team's manager sees it."""
    page = await opened(demo, browser, "omar", 620, 900, "light", 1)
    await say(page, "/leaderboard")
    shown = page.locator(".message", has_text="by attainment").last
    await expect(shown.locator("img").last).to_be_visible()
    await alone(page, shown, folder / "leaderboard.png")
    await page.context.close()


async def monday(demo: Running, browser: Browser, folder: Path) -> None:
    """The large company's page, on the manager's Monday morning."""
    await leap(demo, days=2, hours=18)
    page = await opened(demo, browser, "omar", 1020, 900, "light", 1)
    digest = page.locator(".message", has_text="Your team").last
    await expect(digest).to_be_visible()
    await digest.evaluate("message => message.scrollIntoView({block: 'start'})")
    await page.mouse.move(0, 0)
    await page.screenshot(path=folder / "large.png")
    await page.context.close()


async def alone(page: Page, message: Locator, path: Path) -> None:
    """One message, as wide as the page, with nothing over it."""
    await page.set_viewport_size({"width": page.viewport_size["width"], "height": 1600})  # type: ignore[index]
    await page.mouse.move(0, 0)
    await message.screenshot(path=path)
