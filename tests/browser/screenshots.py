"""The pictures of the playground, taken from the real page: `python -m tests.browser.screenshots`.

Those of the README and of docs/ go to docs/images; with a folder as argument, pictures of every view go there, to be
looked at.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, expect

from bot.playground.transcript import direct
from tests.browser import exchanges
from tests.browser.chromium import chromium
from tests.browser.demo import Running, running
from tests.browser.seat import opened, say

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "playground.png"
HOME = PICTURE.with_name("home.png")
HARBORS = ("Harbor Lights Cinema", "Harbor Lights Theatre")
LINE = "/log 30 min call with Jane Doe at Initech yesterday 3pm -> send NDA friday"


async def main(folder: Path | None) -> None:
    """Take them."""
    with tempfile.TemporaryDirectory() as place:
        async with running(Path(place), also=HARBORS) as demo:
            await greet(demo)
        async with running(Path(place)) as demo, chromium() as browser:
            await readme(demo, browser)
            await leaders_home(demo, browser)
            if folder is not None:
                await every_view(demo, browser, folder)
        async with running(Path(place), exchanges.FRIDAY, demo="large") as demo, chromium() as browser:
            await exchanges.pictures(demo, browser, PICTURE.parent)


async def greet(demo: Running) -> None:
    """Sam's first contact and its welcome: the picture, after a restart, shows an ordinary day."""
    room = demo.app.playground.room
    sam = room.person("sam")
    await room.say(sam, direct(sam.external_id), "hello", wait=30)


async def readme(demo: Running, browser: Browser) -> None:
    """A rep's first lines, with what Slack would be sent beside one of them."""
    page = await opened(demo, browser, "sam", 1280, 900, "light", 1.5)
    await say(page, LINE)
    await say(page, "lunch with Tom at Green-Plus tomorrow #renewal")
    logged = page.locator(".message", has_text="Logged").first
    await logged.hover()
    await logged.get_by_role("button", name="JSON of this message").click()
    await expect(logged.locator(".source pre")).not_to_be_empty()
    await page.locator("#log").evaluate("log => log.scrollTop = log.scrollHeight")
    await page.mouse.move(0, 0)
    await page.screenshot(path=PICTURE)
    await page.context.close()


async def leaders_home(demo: Running, browser: Browser) -> None:
    """What who leads the company sees in the morning, on a phone."""
    page = await opened(demo, browser, "helen", 400, 1100, "light", 1.5)
    await page.get_by_role("button", name="Home").click()
    await expect(page.locator(".home table")).to_be_visible()
    await page.mouse.move(0, 0)
    await page.locator(".home").screenshot(path=HOME)
    await page.context.close()


async def every_view(demo: Running, browser: Browser, folder: Path) -> None:
    """Each view on a desk, in the dark and on a phone."""
    sizes = (
        ("desk", "priya", 1280, 800, "light"),
        ("dark", "mia", 1280, 800, "dark"),
        ("phone", "leo", 360, 740, "light"),
    )
    for name, who, width, height, scheme in sizes:
        page = await opened(demo, browser, who, width, height, scheme, 1)
        number = 0

        async def picture(what: str) -> None:
            nonlocal number
            number += 1
            await page.screenshot(path=folder / f"{name}-{number:02}-{what}.png")  # noqa: B023

        await picture("start")
        await page.locator("#text").fill("/")
        await picture("commands")
        await say(page, LINE)
        await picture("logged")
        await say(page, "/log call Harbor Lights")
        await picture("which")
        await page.get_by_role("button", name="Harbor Lights Theatre").last.click()
        await expect(page.locator(".message").last).to_contain_text("Logged")
        await picture("answered")
        await page.get_by_role("button", name="Undo").last.click()
        await expect(page.locator(".message").last).to_contain_text("Undone")
        await picture("undone")
        for line, what in (
            ("/log Wonka", "kind"),
            ("/log called Wonka Industries", "new-account"),
            ("/log call Initech; emailed Scottech the quote $12k next: call back monday #hot", "several"),
            ("/log meeting with Kestrel Robotics tomorrow 10am", "planned"),
            ("/log Acme won $50k", "win"),
            ("what a day", "not-understood"),
            ("/log list", "list"),
            ("help", "help"),
            ("help log", "help-log"),
            ("/undo", "undo"),
        ):
            await say(page, line)
            await picture(what)
        await page.locator("#text").fill("/log")
        await page.locator("#text").press("Enter")
        await expect(page.get_by_role("dialog")).to_be_visible()
        await picture("form")
        await page.get_by_role("button", name="Save").click()
        await picture("form-problems")
        await page.keyboard.press("Escape")
        await page.locator(".source-button").last.evaluate("button => button.click()")
        await expect(page.locator(".source pre")).not_to_be_empty()
        await picture("json")
        await page.get_by_role("button", name="Home").click()
        await expect(page.locator(".home table")).to_be_visible()
        await picture("home")
        await page.get_by_role("button", name="#sales-east").click()
        await picture("channel-empty" if name == "desk" else "channel")
        await page.locator("#text").fill("Had lunch with Tom at Green-Plus")
        await page.locator("#text").press("Enter")
        await say(page, "/log call Initech")
        await say(page, "@Pacer log list")
        await picture("channel-private")
        if name == "phone":
            await page.locator("#whoami").click()
            await picture("people")
        await page.context.close()


if __name__ == "__main__":
    views = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for wanted in (PICTURE.parent, views):
        if wanted is not None:
            wanted.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(views))
