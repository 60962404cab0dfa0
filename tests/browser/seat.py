"""A place at the playground's page: opened as somebody, on a screen of some size, and a line typed there."""

from __future__ import annotations

from playwright.async_api import Browser, Page, expect

from tests.browser.demo import Running


async def opened(demo: Running, browser: Browser, who: str, width: int, height: int, scheme: str, scale: float) -> Page:
    """A page of that size and light."""
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=scale,
    )
    page = await context.new_page()
    await page.goto(f"{demo.url}?as={who}")
    await expect(page.locator("#text")).to_be_visible()
    return page


async def say(page: Page, line: str) -> None:
    """Type a line, and wait until it is answered."""
    before = await page.locator(".message").count()
    await page.locator("#text").fill(line)
    await page.locator("#text").press("Enter")
    await expect(page.locator(".message").nth(before + 1)).to_be_visible()
