"""The page and the Markdown: every figure is there, and they need nothing but themselves."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from experiments import COMMAND, experiment
from pages import assert_alone, read
from planted import Planted

from deadpan.calibration.report.wording import percent
from deadpan.calibration.tables import markdown, page, pictures, sections, verdict
from deadpan.calibration.tables.findings import Experiment
from deadpan.calibration.tables.layout import Figure
from deadpan.calibration.tables.pictures import Drawing


@pytest.fixture(scope="module")
def found(planted: Planted) -> Experiment:
    return experiment(planted)


@pytest.fixture(scope="module")
def drawn(found: Experiment) -> dict[str, list[Drawing]]:
    return pictures.of(found)


@pytest.fixture(scope="module")
def shown(found: Experiment, drawn: dict[str, list[Drawing]]) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "of", lambda found: drawn)  # once is enough
        yield page.render(found)


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are made without drawing, which takes seconds."""
    monkeypatch.setattr(pictures, "of", lambda found: {})


def cells(found: Experiment) -> list[str]:
    """Every figure and interval that is laid out."""
    lines = [row for section in sections.of(found) for table in section.tables for row in table.rows]
    return [part for row in lines for each in row if isinstance(each, Figure) for part in (each.value, each.interval)]


def test_every_measured_figure_and_its_interval_stand_on_the_page_and_in_the_markdown(
    found: Experiment, shown: str
) -> None:
    text, marked = read(shown).text, markdown.render(found)
    assert len(cells(found)) > 400
    for each in cells(found):
        assert each in text
        assert each.replace(" to ", ", ") in marked
    for row_ in found.rows:
        if row_.placement in verdict.PLACED and row_.k in (0, 2) and row_.attack_success is not None:
            assert percent(row_.attack_success.value) in text
            assert percent(row_.error.high) in text


def test_a_page_needs_nothing_but_itself(shown: str) -> None:
    assert_alone(shown)


def test_every_picture_says_in_words_what_it_shows_and_every_table_has_heads(
    drawn: dict[str, list[Drawing]], shown: str
) -> None:
    tags = read(shown).tags
    images = [attributes for tag, attributes in tags if tag == "img"]
    assert len(images) == sum(len(each) for each in drawn.values()) == 3 + 3 + 3 * 2 + 1 + 1 + 1
    assert all(len(str(each["alt"])) > 40 for each in images)
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")


def test_every_drawing_stands_beside_a_table(found: Experiment, drawn: dict[str, list[Drawing]]) -> None:
    keys = {table.key for section in sections.of(found) for table in section.tables}
    assert {key for key, each in drawn.items() if each} <= keys


def test_the_command_the_versions_and_the_table_s_hash_are_told(found: Experiment, shown: str) -> None:
    text = re.sub(r"\s+", " ", read(shown).text)
    assert COMMAND in text
    assert "deadpan 0.1.0" in text
    assert re.search(r"sha256 [0-9a-f]{64}", text)
    assert COMMAND in markdown.render(found)


@pytest.mark.usefixtures("sketched")
def test_a_page_has_no_date_and_the_same_bytes_again(found: Experiment) -> None:
    assert page.render(found) == page.render(found)


@pytest.mark.usefixtures("sketched")
def test_what_data_are_called_cannot_write_html_nor_break_a_markdown_table(found: Experiment) -> None:
    name = "<script>alert(1)</script>\" onload='x' {{ 7*7 }} | x"
    evil = replace(found, rows=tuple(replace(each, dataset=name) for each in found.rows), command=name)
    reader = read(page.render(evil))
    assert "script" not in {tag for tag, _ in reader.tags}
    assert name in reader.text, "shown as it is, not as what it means"
    lines = markdown.render(evil).splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("|---")]
    for number in heads:
        columns = lines[number].count("|")
        below = lines[number - 1 : lines.index("", number)]
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in below} == {columns}


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_a_browser_shows_the_page_without_scrolling_sideways_or_complaining(shown: str, tmp_path: Path) -> None:
    driver = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "report.html"
    path.write_text(shown, "utf-8")
    flags = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    with driver.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=shutil.which("chromium"),
            chromium_sandbox=False,
            args=flags,
            ignore_default_args=["--hide-scrollbars"],
            timeout=90_000,
        )
        page_ = browser.new_page(color_scheme="dark")
        page_.set_default_timeout(90_000)
        said: list[str] = []
        page_.on("console", lambda message: said.append(message.text))
        page_.goto(path.as_uri())
        for width in (1280, 400):
            page_.set_viewport_size({"width": width, "height": 900})
            assert page_.evaluate("document.documentElement.scrollWidth") <= width
            assert page_.evaluate("[...document.images].every(each => each.complete && each.naturalWidth > 0)")
        dark = page_.evaluate("getComputedStyle(document.body).backgroundColor")
        page_.emulate_media(color_scheme="light")
        assert page_.evaluate("getComputedStyle(document.body).backgroundColor") != dark
        # A telephone hides scrollbars until somebody scrolls: a table would look as if it ended at the edge.
        hand = browser.new_page(viewport={"width": 400, "height": 900}, is_mobile=True, has_touch=True)
        hand.goto(path.as_uri())
        wide = "[...document.querySelectorAll('.wide')].filter(each => each.scrollWidth > each.clientWidth)"
        assert hand.evaluate(f"{wide}.length") > 3
        assert hand.evaluate(f"{wide}.every(each => each.offsetHeight > each.clientHeight)")
        browser.close()
    assert said == []
