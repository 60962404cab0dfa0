"""Charts as pictures: what is drawn, where, and in how many bytes."""

from __future__ import annotations

import asyncio
import struct
import subprocess
import tomllib
import zlib
from fnmatch import fnmatch
from math import inf, nan
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts import bars, font, letters, pictures, svg
from bot.charts.pictures import FINE, SMALLER, picture, small_pictures, svg_of
from handlers.conversation.reply import Chart, ChartRow, Reply

SPACE = "{http://www.w3.org/2000/svg}"
GOAL = svg.MARGIN + svg.ROOM * bars.AT


def row(label: str, value: float | None, target: float | None = None, expected: float | None = None) -> ChartRow:
    shown = ["" if figure is None else f"${figure:,.0f}" for figure in (value, target, expected)]
    return ChartRow(label, value, shown[0], target, shown[1], expected, shown[2])


def chart(*rows: ChartRow, kind: str = "bars", title: str = "Bookings to target") -> Chart:
    return Chart(title, "trend" if kind == "trend" else "bars", rows, "All the figures.")


def shapes(drawn: str, tag: str, fill: str) -> list[ElementTree.Element]:
    return [each for each in ElementTree.fromstring(drawn).iter(SPACE + tag) if each.get("fill") == fill]


def reached(drawn: str) -> list[tuple[float, float]]:
    """From where to where each bar goes; the legend's own, which is 8 high, is none."""
    found = [each for each in shapes(drawn, "rect", svg.FILL) if each.get("height") != "8.0"]
    return [(float(each.attrib["x"]), float(each.attrib["x"]) + float(each.attrib["width"])) for each in found]


def texts(drawn: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(drawn).iter(SPACE + "text")]


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack_from(">LL", png, 16)
    return width, height


# ---------------------------------------------------------------- bars


def test_each_bar_is_as_long_as_its_share_of_its_own_target() -> None:
    drawn = svg_of(chart(row("Half", 40, 80), row("Whole", 500, 500), row("Over", 125, 100), row("None", 0, 10)))
    ends = [end for _, end in reached(drawn)]
    room = GOAL - svg.MARGIN
    assert ends == pytest.approx([svg.MARGIN + room / 2, GOAL, svg.MARGIN + room * 1.25], abs=0.2)


def test_the_mark_of_what_is_expected_stands_at_its_share() -> None:
    drawn = svg_of(chart(row("A", 40, 80, 20), row("B", 40, 80, 60)))
    tips = [float(each.attrib["d"][1:].split()[0]) for each in shapes(drawn, "path", svg.EXPECTED)][:2]
    room = GOAL - svg.MARGIN
    assert tips == pytest.approx([svg.MARGIN + room / 4, svg.MARGIN + room * 3 / 4], abs=0.2)


def test_far_over_the_target_ends_at_the_edge_and_says_that_it_goes_on() -> None:
    over, within = svg_of(chart(row("Over", 4_000_000, 80))), svg_of(chart(row("Within", 100, 80)))
    assert reached(over)[0][1] == pytest.approx(svg.MARGIN + svg.ROOM)
    assert over.count("l4 ") == 2
    assert within.count("l4 ") == 0


def test_less_than_nothing_is_hatched_to_the_left_of_nothing() -> None:
    drawn = svg_of(chart(row("Lost", -20, 80), row("Won", 80, 80)))
    ((start, _),) = reached(drawn)
    (lost,) = shapes(drawn, "rect", "url(#h)")
    assert float(lost.attrib["x"]) + float(lost.attrib["width"]) == pytest.approx(start, abs=0.2)
    assert start > svg.MARGIN


@pytest.mark.parametrize("target", [None, 0.0, -5.0, nan])
def test_without_a_target_there_is_nothing_to_measure_against(target: float | None) -> None:
    mixed = svg_of(chart(row("With", 40, 80), ChartRow("Without", 500, "$500", target)))
    assert len(reached(mixed)) == 1
    assert "· no target" in texts(mixed)
    alone = svg_of(chart(ChartRow("A", 500, "$500", target), ChartRow("B", 250, "$250", target)))
    (_, first), (start, second) = reached(alone)
    assert (first - start) / (second - start) == pytest.approx(2, abs=0.02)
    assert "target" not in " ".join(texts(alone)).replace("Bookings to target", "")


def test_rows_that_are_not_drawn_are_counted() -> None:
    drawn = svg_of(chart(*(row(f"Person {n}", n, 80) for n in range(50))))
    assert "The first 12 of 50; the text has them all." in texts(drawn)
    assert "Person 12" not in texts(drawn)
    assert texts(svg_of(chart())) == ["Bookings to target", "Nothing to show yet."]
    assert texts(svg_of(chart(kind="trend")))[1] == "Nothing to show yet."


# ---------------------------------------------------------------- a trend


@pytest.mark.parametrize("kind", ["bars", "trend"])
def test_what_the_message_says_right_above_is_not_drawn_again(kind: str) -> None:
    titled = chart(row("Half", 40, 80), row("Whole", 80, 80), kind=kind)
    bare = svg_of(msgspec.structs.replace(titled, said_above=True))
    assert "Bookings to target" in texts(svg_of(titled))
    assert "Bookings to target" not in texts(bare)
    tall, low = (float(ElementTree.fromstring(one).attrib["height"]) for one in (svg_of(titled), bare))
    assert low < tall - 15
    assert {"Half", "Whole"} <= set(texts(bare))


def test_a_trend_is_drawn_to_one_scale_and_parted_where_a_value_is_missing() -> None:
    drawn = svg_of(chart(row("Jan", 0, 100), row("Feb", 50), row("Mar", None), row("Apr", 100), kind="trend"))
    dots = [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in shapes(drawn, "circle", svg.FILL)]
    (_, nothing), (_, half), (last, whole) = dots
    assert (nothing - half) / (nothing - whole) == pytest.approx(0.5, abs=0.01)
    assert last == pytest.approx(svg.WIDTH - svg.MARGIN - 6, abs=0.2)
    lines = [each for each in ElementTree.fromstring(drawn).iter(SPACE + "polyline") if each.get("stroke") == svg.FILL]
    assert [len(each.attrib["points"].split()) for each in lines] == [2]
    assert "$100" in texts(drawn)


def test_a_trend_below_nothing_stays_above_its_labels() -> None:
    drawn = svg_of(chart(*(row(f"Week {n}", value) for n, value in enumerate((5, -300, 20))), kind="trend"))
    lowest = max(float(each.attrib["cy"]) for each in shapes(drawn, "circle", svg.FILL))
    labels = [
        each for each in ElementTree.fromstring(drawn).iter(SPACE + "text") if (each.text or "").startswith("Week")
    ]
    assert labels
    assert all(float(each.attrib["y"]) > lowest + 10 for each in labels)


# ---------------------------------------------------------------- whatever comes

_figures = st.none() | st.floats(width=32) | st.sampled_from([0.0, -1.0, 1e30, nan, inf, -inf])
_words = st.text(max_size=60) | st.sampled_from(["<b>&\"'", "\0\x1b", "\ud800", "W" * 200, "中文", "a\nb", "]]>"])
_rows = st.builds(ChartRow, _words, _figures, _words, _figures, _words, _figures, _words)


@settings(max_examples=200, deadline=None)
@given(st.builds(Chart, _words, st.sampled_from(["bars", "trend"]), st.lists(_rows, max_size=20).map(tuple), _words))
def test_whatever_a_chart_holds_it_is_drawn_within_its_frame(drawn: Chart) -> None:
    picture = ElementTree.fromstring(svg_of(drawn))
    height = float(picture.attrib["height"])
    for each in picture.iter(SPACE + "text"):
        wide = font.width(each.text or "", float(each.attrib["font-size"]), each.get("font-weight") == "600")
        left = float(each.attrib["x"]) - {"end": wide, "middle": wide / 2}.get(each.get("text-anchor", ""), 0)
        assert left >= svg.MARGIN - 1
        assert left + wide <= svg.WIDTH - svg.MARGIN + 1
        assert 0 < float(each.attrib["y"]) < height
    for shape in (*picture.findall(SPACE + "rect"), *picture.findall(SPACE + "circle")):
        x = float(shape.get("x") or shape.attrib["cx"])
        assert x >= 0
        assert x + float(shape.get("width", 0)) <= svg.WIDTH + 0.1


# ---------------------------------------------------------------- colours and letters


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_everything_stands_out_from_its_ground() -> None:
    assert min(contrast(each, svg.GROUND) for each in (svg.INK, svg.SOFT, svg.FILL, svg.EXPECTED, svg.BELOW)) >= 4.5
    assert contrast(svg.FILL, svg.TRACK) >= 3


def test_the_font_is_there_with_its_licence_and_is_packed() -> None:
    folder = Path(font.__file__).parent
    assert "SIL OPEN FONT LICENSE" in (folder / "fonts" / "OFL.txt").read_text("utf-8")
    settings = tomllib.loads((folder.parents[1] / "pyproject.toml").read_text("utf-8"))
    packed = settings["tool"]["setuptools"]["package-data"]["*"]
    assert all(
        any(fnmatch(f"fonts/{name}", pattern) for pattern in packed) for name in (*font.FILES.values(), "OFL.txt")
    )
    assert font.covers("Žofia Müller-Nuñez, Ωλ, Привет, ₫ € £ ¥ … – −")
    assert not font.covers("中")
    assert font.width("iiii", 10) < font.width("WWWW", 10) < font.width("WWWW", 10, bold=True) * 1.05


def test_in_letters() -> None:
    assert letters.lines(chart(row("Sam", 45, 60, 30), row("Priya", 90, 60), row("No", 5))) == [
        "Sam    ██████████^██████░░░░|░░░░░░░░  $45 of $60",
        "Priya  █████████████████████|████████  $90 of $60",
        "No                                     $5",
        "| target   ^ expected by now",
    ]
    assert letters.lines(chart(row("GTX", 40), row("Lost", -20)))[1].startswith("Lost  ---------------░░░")
    assert letters.lines(chart()) == ["Nothing to show yet."]
    assert letters.lines(chart(row("Odd", nan, inf, nan)))


# ---------------------------------------------------------------- the pictures themselves


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    pictures._kept.clear()


TEAM = chart(*(row(f"Person {n}", 10.0 * n, 80, 52) for n in range(5)))


async def test_a_picture_has_two_dots_a_pixel_and_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = await picture(TEAM)
    assert drawn is not None
    assert size(drawn)[0] == 2 * svg.WIDTH

    def no_more(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(subprocess, "run", no_more)
    assert await picture(TEAM) == drawn
    assert await picture(chart(row("Another", 1, 2))) is None
    monkeypatch.setattr(pictures, "KEPT_FOR", 0.0)
    pictures._kept[svg_of(TEAM), FINE] = (0.0, drawn)
    assert await picture(TEAM) is None


async def test_the_loop_goes_on_while_it_is_drawn() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.002)

    ticking = asyncio.create_task(tick())
    await picture(TEAM)
    ticking.cancel()
    assert ticks > 5


async def test_a_painter_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hangs = tmp_path / "hangs.py"
    hangs.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(pictures, "_PAINT", hangs)
    monkeypatch.setattr(pictures, "PATIENCE", 0.2)
    assert await picture(TEAM) is None


async def test_a_small_picture_has_a_palette_and_shows_the_same() -> None:
    """Read back by hand: half a byte a dot, no filter; as many dots in the bars' colour as the bars are large."""
    two = chart(row("One", 40, 80), row("Other", 80, 80))
    drawn = await picture(two, SMALLER[0])
    assert drawn is not None
    width, height = size(drawn)
    assert drawn[24:26] == bytes((4, 3))
    chunks, at = {}, 8
    while at < len(drawn):
        length, kind = struct.unpack_from(">L4s", drawn, at)
        chunks[kind] = drawn[at + 8 : at + 8 + length]
        at += 12 + length
    data, stride = zlib.decompress(chunks[b"IDAT"]), width // 2 + 1
    assert len(data) == stride * height
    dots = [
        half
        for line in range(height)
        for both in data[line * stride + 1 : (line + 1) * stride]
        for half in divmod(both, 16)
    ]
    number = chunks[b"PLTE"].index(bytes.fromhex(svg.FILL[1:])) // 3
    together = sum(end - start for start, end in reached(svg_of(two))) * 14 + 14 * 8
    seam = 2.5 * 14
    assert dots.count(number) == pytest.approx(4 * (together - seam), rel=0.02)
    ground = chunks[b"PLTE"].index(bytes.fromhex(svg.GROUND[1:])) // 3
    assert (dots[0] != ground, dots[width * 20 + 20]) == (True, ground)


async def test_small_pictures_keep_to_their_bytes() -> None:
    line = chart(*(row(f"M{n}", 10.0 * n, 80, 52) for n in range(12)), kind="trend")
    wide = []
    for most in (13_500, 9_000):
        made = await small_pictures(Reply("x", (TEAM, line)), most)
        assert set(made) == {TEAM, line}
        assert sum(map(len, made.values())) <= most
        wide.append(size(made[TEAM])[0])
    assert wide[0] > wide[1] >= svg.WIDTH
    assert await small_pictures(Reply("x", (TEAM,)), 100) == {}
    small = await small_pictures(Reply("x", (chart(row("One", 1, 2)),)), 13_500)
    assert size(*small.values())[0] == 2 * svg.WIDTH
    assert SMALLER[-1].density == 1
