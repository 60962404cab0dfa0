"""How answers about the numbers and everybody's Home look on a phone: `python -m tests.browser.looks FOLDER`.

A picture holds one person's whole conversation, or their whole page, as the playground shows it; to be looked at.
"""

from __future__ import annotations

import asyncio
import math
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import chromium
from tests.browser.demo import running
from tests.browser.screenshots import say

ASKED = {
    "sam": (
        "quota",
        "what do I need per day",
        "forecast",
        "top 5 reps this quarter",
        "how is Priya doing",
        "deal Acme Corporation negotiation $60k closes 15 Dec",
        "my deals",
    ),
    "omar": (
        "how is East doing?",
        "East by rep",
        "who is behind",
        "why is East behind",
        "compare East and West",
        "pipeline coverage for East",
        "win rate this year by product",
    ),
}
"""By person; *Chart* of the first answer is pressed too."""
HOMES = ("sam", "omar", "helen", "dana")
WIDTHS = {"phone": 360, "desk": 1100}
TALL = 12_000
"""All of a conversation without scrolling."""
PIECE = 1500
"""A picture's height at most, so that it can be looked at as it is."""


async def main(folder: Path) -> None:
    """Take them, light and dark."""
    with tempfile.TemporaryDirectory() as place:
        async with running(Path(place)) as demo, chromium() as browser:
            for name, width in WIDTHS.items():
                for scheme in ("light", "dark") if name == "phone" else ("light",):
                    for who in HOMES:
                        page = await seat(demo.url, browser, who, width, scheme)
                        await home(page, folder, f"home-{who}-{name}-{scheme}")
                        await page.context.close()
                    for who, lines in ASKED.items():
                        page = await seat(demo.url, browser, who, width, scheme)
                        for line in lines:
                            await say(page, line)
                            if line == lines[0]:
                                await chart(page)
                        await whole(page, folder, f"said-{who}-{name}-{scheme}", ".message", ".message")
                        await page.context.close()


async def seat(url: str, browser: Browser, who: str, width: int, scheme: str) -> Page:
    """Somebody's place at the page."""
    context = await browser.new_context(
        viewport={"width": width, "height": 740}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = await context.new_page()
    await page.goto(f"{url}?as={who}")
    await expect(page.locator("#text")).to_be_visible()
    return page


async def chart(page: Page) -> None:
    """Press *Chart*, and wait for the picture."""
    before = await page.locator(".message").count()
    await page.get_by_role("button", name="Chart").last.click()
    await expect(page.locator(".message").nth(before)).to_be_visible()
    await expect(page.locator(".chart img").last).to_be_visible()


async def home(page: Page, folder: Path, name: str) -> None:
    """All of one's own page."""
    await page.get_by_role("button", name="Home").click()
    await expect(page.locator(".home .text.strong").first).to_be_visible()
    await whole(page, folder, name, ".home", ".home")


async def whole(page: Page, folder: Path, name: str, first: str, last: str) -> None:
    """The page as tall as what it shows, in pieces."""
    size = page.viewport_size
    assert size is not None
    await page.set_viewport_size({"width": size["width"], "height": TALL})
    await page.mouse.move(0, 0)
    top = await page.locator(first).first.evaluate("item => item.getBoundingClientRect().top")
    end = await page.locator(last).last.evaluate("item => item.getBoundingClientRect().bottom") + 8
    for number in range(math.ceil((end - top) / PIECE)):
        start = top + number * PIECE
        clip = {"x": 0, "y": start, "width": size["width"], "height": min(PIECE, end - start)}
        await page.screenshot(path=folder / f"{name}-{number + 1}.png", clip=clip)  # type: ignore[arg-type]


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(where))
