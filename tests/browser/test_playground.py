"""The whole of Pacer through its playground, in a browser: what is done on the page ends in rows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import Browser, Locator, Page, expect

from bot.answer import Answer
from handlers.conversation.request import Incoming, Said
from storage.tables import accounts, activities, people
from tests.browser.demo import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


TWO_HARBORS = ("Harbor Lights Cinema", "Harbor Lights Theatre")


class Seat:
    """One person's place at the page, and a look at their rows."""

    def __init__(self, demo: Running, page: Page, name: str) -> None:
        self.demo, self.page, self.name = demo, page, name

    @property
    def latest(self) -> Locator:
        """Pacer's latest message."""
        return self.page.locator(".message", has=self.page.locator(".app")).last

    async def say(self, line: str) -> None:
        """Type a line and wait until it is answered."""
        answers = self.page.locator("#announcer p")
        await self.page.evaluate("document.getElementById('announcer').replaceChildren()")
        await self.page.locator("#text").fill(line)
        await self.page.locator("#text").press("Enter")
        await expect(answers.first).to_be_attached()

    async def rows(self) -> list[dict[str, Any]]:
        """What this person has logged by saying so, with the account's name, in the order of recording."""
        query = (
            sa.select(activities, accounts.c.name.label("account_name"))
            .join(people, people.c.id == activities.c.person)
            .outerjoin(accounts, accounts.c.id == activities.c.account)
            .where(people.c.name == self.name, activities.c.said.in_(self.lines))
            .order_by(activities.c.recorded_at, activities.c.version)
        )
        found = await self.demo.app.core.database.read(lambda tx: list(tx.execute(query)))
        return [dict(row._mapping) for row in found]

    lines = ("call Initech", "call Harbor Lights", "lunch with Scottech", "Lunch with Tom at Green-Plus")


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, also=TWO_HARBORS) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def sam(demo: Running, browser: Browser) -> AsyncIterator[Seat]:
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(f"{demo.url}?as=sam")
    await expect(page.locator(".welcome")).to_be_visible()
    yield Seat(demo, page, "Sam Okafor")
    await context.close()


async def test_log_and_undo(sam: Seat) -> None:
    await sam.say("/log call Initech")
    answer = sam.page.locator(".message", has_text="Logged")
    await expect(answer).to_contain_text("Initech")
    (row,) = await sam.rows()
    assert (row["kind"], row["account_name"], row["voided_at"]) == ("call", "Initech", None)
    await answer.get_by_role("button", name="Undo").click()
    await expect(sam.page.locator(".message", has_text="Undone")).to_contain_text("Initech")
    await expect(sam.page.get_by_role("button", name="Undo")).to_have_count(0)
    (row,) = await sam.rows()
    assert row["voided_at"] is not None


async def test_an_account_that_is_not_clear_is_asked_for_by_button(sam: Seat) -> None:
    await sam.say("/log call Harbor Lights")
    await expect(sam.page.get_by_role("button", name="Harbor Lights Cinema")).to_be_visible()
    assert await sam.rows() == []
    await sam.page.get_by_role("button", name="Harbor Lights Theatre").click()
    await expect(sam.page.locator(".message", has_text="Logged")).to_contain_text("Harbor Lights Theatre")
    (row,) = await sam.rows()
    assert row["account_name"] == "Harbor Lights Theatre"


async def test_edit_by_form(sam: Seat) -> None:
    await sam.say("/log call Initech")
    await sam.page.get_by_role("button", name="Edit").click()
    dialog = sam.page.get_by_role("dialog")
    await expect(dialog.get_by_label("Account")).to_have_value("Initech")
    await dialog.get_by_label("What was it?").select_option("Demo")
    await dialog.get_by_label("How long").fill("soon")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_label("How long")).to_have_attribute("aria-invalid", "true")
    await expect(dialog.get_by_label("What was it?")).to_have_value("demo")
    await dialog.get_by_label("How long").fill("45 min")
    await dialog.get_by_label("Note").fill("<b>budget</b> is settled")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    changed = sam.page.locator(".message", has_text="demo")
    await expect(changed).to_contain_text("<b>budget</b> is settled")
    first, second = await sam.rows()
    assert first["replaced_at"] is not None
    assert (second["version"], second["kind"], second["minutes"], second["entry"]) == (2, "demo", 45, first["entry"])


async def test_no_argument_opens_the_form(sam: Seat) -> None:
    await sam.page.locator("#text").fill("/log")
    await sam.page.locator("#text").press("Enter")
    await expect(sam.page.get_by_role("dialog", name="Log an activity")).to_be_visible()
    await expect(sam.page.get_by_label("What was it?")).to_be_focused()


async def test_home_and_list_show_the_week(sam: Seat) -> None:
    await sam.page.get_by_role("button", name="Home").click()
    await expect(sam.page.get_by_role("columnheader", name="Expected by now")).to_be_visible()
    await sam.page.get_by_role("button", name="Pacer 1 new").click()  # the welcome at first contact
    await sam.say("/log list")
    table = sam.page.locator(".message", has_text="Your week")
    await expect(table.get_by_role("row", name=re.compile("Calls"))).to_contain_text("40")
    await expect(table.get_by_role("button", name="Edit")).to_have_count(5)


async def test_what_is_logged_at_home_is_on_home(sam: Seat) -> None:
    await sam.page.get_by_role("button", name="Home").click()
    await sam.page.get_by_role("button", name="Log an activity").click()
    dialog = sam.page.get_by_role("dialog")
    await dialog.get_by_label("What was it?").select_option("Visit")
    await dialog.get_by_label("Account").fill("Initech")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    await sam.page.get_by_role("button", name="Pacer 2 new").click()  # the welcome, and the answer
    await expect(sam.page.locator(".message", has_text="Logged")).to_contain_text("visit at Initech")


async def test_the_shortcut_logs_a_colleague_s_message(sam: Seat) -> None:
    page = sam.page
    await page.get_by_role("button", name="#sales-east").click()
    await page.locator("#text").fill("Lunch with Tom at Green-Plus")
    await page.locator("#text").press("Enter")
    await page.get_by_role("button", name="More for the message of Sam Okafor").click()
    await page.get_by_role("menuitem", name="Log this").click()
    dialog = page.get_by_role("dialog", name="Log this")
    await expect(dialog.get_by_label("Account")).to_have_value("Green-Plus")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.locator(".message", has_text="Logged")).to_contain_text("Green-Plus")
    await expect(page.locator(".message", has_text="Logged")).to_contain_text("Only visible to you")
    (row,) = await sam.rows()
    assert row["account_name"] == "Green-Plus"


async def test_the_main_job_on_a_phone_with_the_keyboard_alone(demo: Running, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = await context.new_page()
    await page.goto(f"{demo.url}?as=sam")
    await expect(page.locator("#text")).to_be_focused()
    keys = page.keyboard
    await keys.type("/lo")
    await keys.press("Enter")
    await keys.type("call Harbor Lights")
    await keys.press("Enter")
    await expect(page.get_by_role("button", name="Harbor Lights Theatre")).to_be_visible()
    for _ in range(20):
        await keys.press("Shift+Tab")
        if await page.evaluate("document.activeElement.textContent") == "Harbor Lights Theatre":
            break
    await keys.press("Space")
    await expect(page.locator(".message", has_text="Logged")).to_contain_text("Harbor Lights Theatre")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.locator(".message", has_text="Undone")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await context.close()


async def test_a_file_is_attached_and_one_is_dropped(demo: Running, browser: Browser) -> None:
    """With the button, and by drag and drop: what stands there can be taken away again, and all of it arrives."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(f"{demo.url}?as=dana")
    heard: list[Said] = []
    room = demo.app.playground.room
    take = room._turns.take

    async def listening(incoming: Incoming) -> Answer:
        assert isinstance(incoming.what, Said)
        heard.append(incoming.what)
        return await take(incoming)

    room._turns.take = listening  # type: ignore[method-assign,assignment]
    content = b"Deal,Amount\nAcme,60000\n" * 500
    await expect(page.locator("#send")).to_be_disabled()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach a file").click()
    chosen = [("deals.csv", content), ("wrong.csv", b"x")]
    await (await chooser.value).set_files(
        [{"name": name, "mimeType": "text/csv", "buffer": held} for name, held in chosen]
    )
    await page.get_by_role("button", name="Remove wrong.csv").click()
    dropped = await page.evaluate_handle(
        """() => {
            const held = new DataTransfer();
            held.items.add(new File(["a: é\\n"], "plan.yaml", { type: "text/yaml" }));
            return held;
        }"""
    )
    await page.dispatch_event("main", "dragover", {"dataTransfer": dropped})
    await page.dispatch_event("main", "drop", {"dataTransfer": dropped})
    to_be_sent = page.get_by_role("list", name="Files to be sent")
    await expect(to_be_sent.get_by_role("listitem")).to_have_text(["deals.csv", "plan.yaml"])
    await page.locator("#send").click()
    sent = page.get_by_role("list", name="Files", exact=True)
    await expect(sent.get_by_role("listitem")).to_have_text(["deals.csv", "plan.yaml"])
    await expect(to_be_sent).to_be_hidden()
    for name in ("deals.csv", "plan.yaml"):
        said = page.locator(".message", has=page.locator(".app")).filter(has_text=name)
        await expect(said.first).to_be_visible()
    assert [(file.name, file.content) for file in heard[-1].files] == [
        ("deals.csv", content),
        ("plan.yaml", "a: é\n".encode()),
    ]
    await context.close()
