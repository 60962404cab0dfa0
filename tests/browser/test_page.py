"""The playground's page by itself, before a turn that answers by heart: drawing, keyboard, trouble with the network."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from bot.playground.server import Playground
from handlers.conversation.company import Company
from handlers.conversation.request import LogThis, Pressed, Submitted
from tests.browser.scripted import COMMANDS, PEOPLE, Scripted
from tests.fakes.ports import own_port

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
NOW = datetime(2026, 11, 18, 15, 42, tzinfo=UTC)


class Stage:
    """The playground, its turns, and pages that look at it."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.turns = Scripted()
        self.playground = self.make(0)
        self.url = ""
        self.mistakes: list[str] = []

    def make(self, port: int) -> Playground:
        playground = Playground(
            turns=self.turns,
            commands=COMMANDS,
            people=PEOPLE,
            clock=lambda: NOW,
            company=Company(name="Northwind"),
            port=port,
        )
        self.turns.sender = playground.sender
        return playground

    async def open(self, query: str = "as=rep", *, width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = await self.browser.new_context(viewport={"width": width, "height": height}, **options)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.mistakes.append(str(error)))
        page.on("console", lambda line: self.mistakes.append(line.text) if "Content Security" in line.text else None)
        page.on("request", lambda made: None if made.url.startswith(self.url) else self.mistakes.append(made.url))
        await page.goto(f"{self.url}?{query}")
        await expect(page.locator("#clock strong")).to_have_text(re.compile(r"\d"))
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    stage = Stage(browser)
    stage.url = await stage.playground.start()
    yield stage
    for context in browser.contexts:
        await context.close()
    await stage.playground.stop()
    assert stage.mistakes == []


async def say(page: Page, line: str) -> None:
    await page.locator("#text").fill(line)
    await page.locator("#text").press("Enter")
    await expect(page.locator("#text")).to_have_value("")


def latest(page: Page) -> Any:
    return page.locator("#messages > .message").last


async def test_every_kind_of_part_is_drawn(stage: Stage) -> None:
    page = await stage.open()
    await say(page, "parts")
    reply = latest(page).locator(".reply")
    await expect(reply.locator(".text.strong")).to_have_text("Headline")
    await expect(reply.locator(".text.plain")).to_have_text("A plain paragraph\nof two lines with <i>no markup</i>.")
    await expect(reply.locator("dl dt")).to_have_text(["Label", "Longer label"])
    await expect(reply.get_by_role("columnheader")).to_have_text(["Activity", "Count", "Amount"])
    await expect(reply.locator("td.number").first).to_have_text("12")
    await expect(reply.get_by_role("group", name="Few?").get_by_role("button")).to_have_count(3)
    await reply.get_by_label("Many?").select_option("Option 11")
    await reply.get_by_role("button", name="Choose").click()
    await expect(latest(page).locator(".reply")).to_contain_text("Pressed many 11.")
    await expect(page.locator(".problem").filter(has_text="cannot draw")).to_have_count(0)


async def test_a_chart_is_a_picture_with_its_words(stage: Stage) -> None:
    page = await stage.open()
    await say(page, "parts")
    await say(page, "charts")
    bars, trend = (latest(page).locator(".chart img").nth(at) for at in (0, 1))
    for drawn in (bars, trend):
        await expect(drawn).to_have_js_property("complete", True)
        await expect(drawn).to_have_js_property("naturalWidth", 720)
    await expect(bars).to_have_attribute("alt", re.compile(r"Sam Okafor: \$412,000 of \$600,000"))
    # Pictures come later than the page is scrolled: what they answer is at the top all the same.
    await expect(page.locator("#messages > .message").nth(-2)).to_be_in_viewport()
    top = await latest(page).evaluate("item => item.getBoundingClientRect().top")
    assert 0 < top < 250
    await latest(page).get_by_role("button", name="JSON of this message").click()
    await page.get_by_role("button", name="Teams Adaptive Card").click()
    await expect(latest(page).locator(".source pre")).to_contain_text("data:image/png;base64,")
    assert len(await latest(page).locator(".source pre").inner_text()) < 5000


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
async def test_the_page_follows_after_an_answer_taller_than_the_window(stage: Stage, width: int, height: int) -> None:
    page = await stage.open(width=width, height=height)
    lines = page.locator("#messages > .message")
    for number, line in enumerate(("tall", "/log call Acme", "tall", "tall")):
        await say(page, line)
        await expect(lines).to_have_count(2 * number + 2)
        mine, answer = lines.nth(-2), lines.nth(-1)
        await expect(mine.locator(".said")).to_be_in_viewport()
        await expect(answer.locator(".reply > .text").first).to_be_in_viewport(ratio=1)


async def test_where_a_picture_does_not_come_its_words_stand(stage: Stage) -> None:
    page = await stage.open()
    await page.route("**/api/chart*", lambda route: route.fulfill(status=404))
    await say(page, "charts")
    await expect(latest(page)).to_contain_text("Priya Nair: $655,000 of $600,000")
    await expect(latest(page).locator(".chart img")).to_have_count(0)


async def test_what_people_write_is_shown_as_typed(stage: Stage) -> None:
    page = await stage.open("as=admin&in=channel")
    await say(page, '<img src=x onerror="document.title=1"> **bold** <!channel>')
    await expect(latest(page).locator(".said")).to_have_text(
        '<img src=x onerror="document.title=1"> **bold** <!channel>'
    )
    await expect(latest(page).locator("header strong")).to_have_text("<b>Ada</b> & Co")
    await expect(page.locator("main img, main b")).to_have_count(0)


async def test_the_menu_of_commands_by_keyboard(stage: Stage) -> None:
    page = await stage.open()
    text, options = page.locator("#text"), page.get_by_role("option")
    await expect(text).to_be_focused()
    await page.keyboard.type("/")
    await expect(options).to_have_text(
        [re.compile("/log"), re.compile("/undo"), re.compile("/help"), re.compile("/pacer")]
    )
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option", selected=True)).to_contain_text("/undo")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("option", selected=True)).to_contain_text("/pacer")
    await page.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    await expect(text).to_have_value("/")
    await page.keyboard.type("lo")
    await expect(options).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(text).to_have_value("/log ")
    await expect(page.locator("#hint")).to_contain_text("[what you did]")
    await page.keyboard.type("call Acme")
    await page.keyboard.press("Enter")
    await expect(latest(page)).to_contain_text("Logged: call with Acme Corp")


async def test_a_whole_exchange_with_the_keyboard_alone(stage: Stage) -> None:
    page = await stage.open()
    await page.keyboard.type("which")
    await page.keyboard.press("Enter")
    await expect(latest(page)).to_contain_text("Which Acme do you mean?")
    for _ in range(3):  # back from the box over the JSON button to the last two answers
        await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="Acme Labs")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(latest(page)).to_contain_text("Pressed which 1.")
    await expect(latest(page).locator("article")).to_be_focused()
    assert stage.turns.heard[-1].what == Pressed("which", "1")

    people = page.get_by_role("radio")
    await people.first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(people.nth(1)).to_be_focused()
    await expect(people.nth(1)).to_have_attribute("aria-checked", "true")
    await expect(page.locator(".welcome")).to_be_visible()


async def test_a_form_shows_its_problems_and_keeps_what_was_typed(stage: Stage) -> None:
    page = await stage.open()
    await say(page, "/log call Acme")
    await latest(page).get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Log an activity")
    await expect(dialog.get_by_label("Kind")).to_be_focused()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.locator("#field-1-problem")).to_have_text("Please fill this in.")
    await dialog.get_by_label("Kind").select_option("Demo")
    await dialog.get_by_label("Account").fill("?")
    await dialog.get_by_label("Note").fill("two\nlines")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.locator("#field-1-problem")).to_have_text("“?” is no account that I can find.")
    await expect(dialog.get_by_label("Account")).to_be_focused()
    await expect(dialog.get_by_label("Note")).to_have_value("two\nlines")
    await dialog.get_by_label("Account").fill("Acme")
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()
    sent = stage.turns.heard[-1]
    assert sent.what == Submitted(
        "form", {"kind": "demo", "account": "Acme", "date": "2026-11-18", "time": "", "note": "two\nlines"}
    )
    assert sent.pressed_on is not None


async def test_escape_leaves_a_form_where_it_was_opened(stage: Stage) -> None:
    page = await stage.open()
    await say(page, "/log call Acme")
    await latest(page).get_by_role("button", name="Edit").press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(latest(page).get_by_role("button", name="Edit")).to_be_focused()


async def test_private_in_the_channel_is_drawn_so_and_seen_by_nobody_else(stage: Stage) -> None:
    mine, theirs = await stage.open("as=rep&in=channel"), await stage.open("as=manager&in=channel")
    await say(mine, "/log call Acme")
    await say(mine, "@Pacer public")
    await expect(mine.locator(".only-you")).to_have_count(2)
    await expect(mine.locator(".message")).to_have_count(4)
    await expect(theirs.locator(".message")).to_have_count(2)
    await expect(theirs.locator("#messages")).not_to_contain_text("Acme")


async def test_a_message_s_menu_offers_the_shortcuts(stage: Stage) -> None:
    page = await stage.open("as=rep&in=channel")
    await say(page, "Lunch with Acme went well")
    more = page.get_by_role("button", name="More for the message of Priya Nair")
    await more.press("Enter")
    await expect(page.get_by_role("menuitem", name="Log this")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(more).to_be_focused()
    await more.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Log an activity")).to_be_visible()
    assert stage.turns.heard[-1].what == LogThis("log", "Lunch with Acme went well", "Priya Nair")


async def test_home_is_a_page_of_its_own(stage: Stage) -> None:
    page = await stage.open()
    await page.get_by_role("button", name="Home").click()
    await expect(page.get_by_role("cell", name="Calls")).to_be_visible()
    await expect(page.locator("#composer")).to_be_hidden()
    await page.get_by_role("button", name="JSON of this message").click()
    await expect(page.locator(".source pre")).to_contain_text('"type": "home"')


async def test_the_json_is_shown_beside_the_reply(stage: Stage) -> None:
    page = await stage.open()
    await say(page, "/log call Acme")
    await latest(page).get_by_role("button", name="JSON of this message").click()
    code = latest(page).locator(".source pre")
    await expect(code).to_contain_text('"blocks": [')
    await latest(page).get_by_role("button", name="Teams Adaptive Card").click()
    await expect(code).to_contain_text('"type": "AdaptiveCard"')
    await latest(page).get_by_role("button", name="Reply", exact=True).click()
    await expect(code).to_contain_text('"parts": [')
    await latest(page).get_by_role("button", name="JSON of this message").click()
    await expect(code).to_have_count(0)


async def test_the_json_of_a_form_is_reached_by_keyboard_and_remembers_the_platform(stage: Stage) -> None:
    page = await stage.open(width=360, height=740)
    await say(page, "/log call Acme")
    await latest(page).get_by_role("button", name="JSON of this message").click()
    await latest(page).get_by_role("button", name="Teams Adaptive Card").click()
    await page.locator("#text").fill("/log")
    await page.locator("#text").press("Enter")
    dialog = page.get_by_role("dialog", name="Log an activity")
    await expect(dialog).to_be_visible()
    tool = dialog.get_by_role("button", name="JSON of this form")
    await page.keyboard.press("Shift+Tab")
    await expect(tool).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("button", name="Teams dialog")).to_have_attribute("aria-pressed", "true")
    await expect(dialog.locator(".source pre")).to_contain_text('"type": "Input.ChoiceSet"')
    assert await dialog.evaluate("node => node.scrollWidth <= node.clientWidth")
    await page.keyboard.press("Enter")
    await expect(dialog.locator(".source pre")).to_be_hidden()


async def test_replies_are_announced_whole(stage: Stage) -> None:
    page = await stage.open()
    await say(page, "/log call Acme")
    await expect(page.get_by_role("status").filter(has_text="Pacer:")).to_have_text(
        "Pacer: Logged: 1 call with Acme Corp today at 10:42. Calls this week: 13 of 40."
    )


async def test_news_elsewhere_are_counted(stage: Stage) -> None:
    mine, theirs = await stage.open("as=rep&in=channel"), await stage.open("as=manager&in=direct")
    await say(mine, "Good morning")
    await expect(theirs.get_by_role("button", name="#sales-east")).to_contain_text("1 new")
    await theirs.get_by_role("button", name="#sales-east").click()
    await expect(theirs.locator(".unread")).to_have_count(0)
    await expect(theirs.locator(".message")).to_contain_text("Good morning")


async def test_what_was_typed_survives_the_network_and_counts_once(stage: Stage) -> None:
    page = await stage.open()

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/api/say", lose_the_answer)
    await page.locator("#text").fill("/log call Acme")
    await page.locator("#text").press("Enter")
    await expect(page.locator("#trouble")).to_contain_text("Pacer cannot be reached")
    await expect(page.locator("#text")).to_have_value("/log call Acme")
    await page.unroute("**/api/say")
    await page.locator("#text").press("Enter")
    await expect(page.locator("#text")).to_have_value("")
    await expect(page.locator("#trouble")).to_have_text("")
    await expect(page.locator(".message")).to_have_count(2)
    assert len(stage.turns.heard) == 1


async def test_a_mistake_on_the_server_s_side_keeps_the_text_too(stage: Stage) -> None:
    page = await stage.open()
    await page.locator("#text").fill("boom")
    await page.locator("#text").press("Enter")
    await expect(page.locator("#trouble")).to_contain_text("Something broke on Pacer's side")
    await expect(page.locator("#text")).to_have_value("boom")
    await expect(page.locator(".message")).to_have_count(0)


async def test_the_page_notices_a_stop_and_comes_back_by_itself(stage: Stage) -> None:
    port = own_port()
    await stage.playground.stop()
    stage.playground = stage.make(port)
    stage.url = await stage.playground.start()
    page = await stage.open()
    await say(page, "/log call Acme")
    await stage.playground.stop()
    await expect(page.locator("#offline")).to_be_visible()
    stage.playground = stage.make(port)
    await stage.playground.start()
    await expect(page.locator("#offline")).to_be_hidden(timeout=30_000)
    await expect(page.locator(".welcome")).to_be_visible()


@pytest.mark.parametrize("query", ["as=admin&in=direct", "as=admin&in=channel", "as=admin&in=home"])
async def test_a_phone_s_width_holds_everything(stage: Stage, query: str) -> None:
    page = await stage.open(query, width=360, height=740, has_touch=True, is_mobile=True)
    if "home" not in query:
        await page.locator("#text").fill("/")
        if "channel" in query:
            await say(page, "@Pacer " + "long" * 100)
        await say(page, "@Pacer parts")
        await expect(latest(page)).to_contain_text("Headline")
        await latest(page).get_by_role("button", name="JSON of this message").click()
        await expect(latest(page).locator(".source pre")).not_to_be_empty()
        await say(page, "@Pacer charts")
        await expect(latest(page).locator(".chart img").last).to_have_js_property("naturalWidth", 720)
        assert await latest(page).locator(".chart img").first.evaluate("image => image.width") >= 320
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    assert await page.evaluate("document.getElementById('log').scrollWidth") <= 360
    await page.get_by_role("button", name="You are").click()
    await page.get_by_role("radio", name="Priya Nair").click()
    await expect(page.get_by_role("button", name="You are Priya Nair")).to_be_focused()
    await expect(page.get_by_role("radio").first).to_be_hidden()


async def test_light_and_dark_follow_the_system(stage: Stage) -> None:
    brightness = []
    for scheme in ("light", "dark"):
        page = await stage.open(color_scheme=scheme)
        colour = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness.append(sum(int(part) for part in re.findall(r"\d+", colour)))
    light, dark = brightness
    assert light > 700
    assert dark < 150
