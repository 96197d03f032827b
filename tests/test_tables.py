"""The page of the papers' experiments: every figure is there, nothing is guessed, and it needs nothing but itself."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from pages import read

from deadpan.calibration.effect.tally import Share
from deadpan.calibration.graph import features
from deadpan.calibration.report.wording import percent
from deadpan.calibration.tables import markdown, page, pictures, sections, verdict, winners
from deadpan.calibration.tables.findings import Experiment
from deadpan.calibration.tables.layout import MISSING, Figure
from deadpan.calibration.tables.pictures import Drawing
from deadpan.calibration.tables.row import Row
from deadpan.calibration.tables.shift import WAYS, Shift, Way
from deadpan.calibration.tables.winners import Winners
from deadpan.stickers.regions import NAMES

COMMAND = "deadpan evaluate tables --data mer_flow.npz --victim motion -o out"
N = {"casme2": (145, 24), "samm": (133, 28), "synthetic": (81, 9)}


def about(value: float, wide: float = 0.03) -> Share:
    return Share(value, max(value - wide, 0), min(value + wide, 1), 145)


def row(victim: str, dataset: str, placement: str, lost: float, *, k: float = 2.0, sticker: str | None = None) -> Row:
    """A made-up row in which a share `lost` of the right labels is lost."""
    n, subjects = N[dataset]
    kind = "maps" if victim == "motion" else "clips"
    right = 0.7 * n * (1 - lost)
    bare = placement in ("none", "constant") or placement.startswith("uap")
    return Row(
        dataset=dataset,
        victim=victim,
        kind=kind,  # type: ignore[arg-type]
        sticker="none" if bare else sticker or ("patch" if kind == "maps" else "smiley"),
        k=0.0 if bare else k,
        placement=placement,
        draws=20 if placement == "random" else 1,
        n=n,
        subjects=subjects,
        clean_accuracy=0.7,
        error=about(1 - right / n),
        attack_success=about(lost),
        fooling=about(lost * 0.9),
        uf1=about(0.65 * (1 - lost)),
        uar=about(0.66 * (1 - lost)),
        queries={"exhaustive": 14.0, "rhde": 734.4, "rhde-free": 902.0}.get(placement, 0.0),
        queries_right={"exhaustive": 14.0, "rhde": 997.7, "rhde-free": 1237.1}.get(placement, 0.0),
        tp_negative=right * 0.6,
        tp_positive=right * 0.2,
        tp_surprise=right * 0.2,
        gain=None if bare or placement == "random" else Share(lost - 0.023, lost - 0.05, lost + 0.004, n),
        seed=0,
    )


def rows() -> Iterator[Row]:
    random = np.random.default_rng(0)
    for victim, dataset in (("motion", "casme2"), ("motion", "samm"), ("learnet", "synthetic")):
        yield row(victim, dataset, "none", 0)
        yield row(victim, dataset, "constant", 0.6)
        stickers = ("patch",) if victim == "motion" else ("smiley", "band-aid")
        for sticker in stickers:
            for name in NAMES:
                yield row(victim, dataset, f"region:{name}", float(random.uniform(0.01, 0.05)), sticker=sticker)
            yield row(victim, dataset, "random", 0.023, sticker=sticker)
            yield row(victim, dataset, "causal", 0.021, sticker=sticker)
        for k in (1.0, 3.0):
            yield row(victim, dataset, "random", 0.012 * k, k=k)
            if k == 3:
                yield row(victim, dataset, "causal", 0.016 * k, k=k)
        yield row(victim, dataset, "exhaustive", 0.16)
        yield row(victim, dataset, "rhde", 0.41)
        yield row(victim, dataset, "rhde-free", 0.33)
    yield row("motion", "casme2", "causal:samm", 0.022)
    for each, lost in (("uap", 0.5), ("uap-still", 0.01), ("uap-noise", 0.02)):
        yield row("learnet", "synthetic", each, lost)


def shifted() -> Shift:
    probabilities = tuple(about(each) for each in (0.1, 0.05, 0.1, 0.4, 0.1, 0.05, 0.2))
    ways = tuple(
        Way(name, 20 if at == 1 else 1, probabilities, about(0.5), about(0.1 * at), 0.0) for at, name in enumerate(WAYS)
    )
    return Shift(9, 1, "smiley", "right_brow_outer", "the paper’s", 2.0, ways, Share(0.1, -0.1, 0.3, 9), 0, "a" * 64)


@pytest.fixture(scope="module")
def graphs(planted: Any) -> tuple[Winners, ...]:
    maps = planted.maps()
    return (winners.of("casme2", features.of_maps(maps), maps, resamples=10),)


@pytest.fixture(scope="module")
def found(graphs: tuple[Winners, ...]) -> Experiment:
    return Experiment(tuple(rows()), COMMAND, {"deadpan": "0.1.0"}, graphs, shifted(), ("Graphs are of all people.",))


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


def part(found: Experiment, title: str) -> str:
    """One part's words and tables."""
    (text,) = [str(each) for each in sections.of(found) if each.title.startswith(title)]
    return text


# Figures.


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


def test_what_was_not_measured_is_said_to_be_so_and_what_has_nothing_to_show_is_left_out(found: Experiment) -> None:
    few = [each for each in found.rows if not (each.victim == "motion" and each.region == "chin")]
    assert str(sections.of(replace(found, rows=tuple(few)))).count(MISSING) == 2 + str(sections.of(found)).count(
        MISSING
    )
    lone = replace(found, rows=(row("motion", "casme2", "random", 0.02),), winners=(), shift=None)
    assert [each.title.split(":")[0] for each in sections.of(lone)] == ["Table I", "Table II"]
    assert sections.of(replace(lone, rows=())) == []


def test_attack_success_of_who_is_never_right_is_not_nought(found: Experiment) -> None:
    never = replace(row("learnet", "synthetic", "random", 0), attack_success=None)
    table = part(replace(found, rows=(never,)), "Table II:").split("learnet, synthetic clips")[1]
    assert MISSING in table


def test_the_paper_s_figures_stand_only_beside_its_own_data_sets(found: Experiment) -> None:
    assert "What the paper printed" in part(found, "Table II:")
    alone = tuple(each for each in found.rows if each.dataset == "synthetic")
    assert "What the paper printed" not in part(replace(found, rows=alone), "Table II:")


def test_queries_are_weighed_by_clips(found: Experiment) -> None:
    one, other = row("learnet", "synthetic", "rhde", 0.4), replace(row("motion", "casme2", "rhde", 0.4), queries=100.0)
    table = part(replace(found, rows=(one, other)), "Table I:")
    assert f"{(734.4 * 81 + 100 * 145) / (81 + 145):,.0f}" in table
    assert "100 to 734" in table


def test_positives_on_a_region_are_counted_over_all_classes_with_the_error_s_interval() -> None:
    alone = replace(row("motion", "casme2", "region:chin", 0.1), tp_negative=60.0, tp_positive=20.0, tp_surprise=10.5)
    text = part(Experiment((replace(alone, error=Share(0.4, 0.2, 0.6, 145)),), COMMAND, {}), "Fig. 4")
    assert "Figure(value='90.5', interval='58 to 116')" in text


def test_a_data_set_s_own_graph_is_not_called_transfer(found: Experiment) -> None:
    moved = (*found.rows, row("motion", "samm", "causal:casme2", 0.02), row("motion", "samm", "causal:samm", 0.02))
    text = part(replace(found, rows=moved), "Transfer")
    assert text.count("'–'") == 2
    assert text.count(MISSING) == 0


def test_without_maps_there_are_no_graphs_of_single_clips(found: Experiment, planted: Any) -> None:
    (here,) = found.winners
    bare = winners.of("casme2", features.of_maps(planted.maps()), resamples=10)
    assert (bare.own, bare.graph.winners, bare.subjects) == (None, here.graph.winners, 12)
    assert part(replace(found, winners=(bare,)), "Fig. 5").count(MISSING) == len(NAMES)


def test_a_graph_that_names_no_region_is_said_to_lay_no_sticker(found: Experiment) -> None:
    (here,) = found.winners
    bare = replace(here, dataset="samm", graph=replace(here.graph, directed=nx.empty_graph(NAMES, nx.DiGraph)))
    assert "names no region" not in part(found, "Transfer")
    text = part(replace(found, winners=(here, bare)), "Transfer")
    assert "The graph of SAMM names no region: there no sticker is laid." in text


# Words.


@pytest.mark.parametrize(
    ("gains", "said", "beats"),
    [
        (
            [0, 0],
            "better in 0, worse in 0, no difference that the clips could tell in 2. Causal placement does not",
            False,
        ),
        ([1, 1], "better in 2, worse in 0, no difference that the clips could tell in 0.", True),
        (
            [1, 0],
            "better in 1, worse in 0, no difference that the clips could tell in 1. Causal placement does not",
            False,
        ),
        (
            [1, -1],
            "better in 1, worse in 1, no difference that the clips could tell in 0. Causal placement does not",
            False,
        ),
        ([-1], "1 comparison of causal placement with random places at 2/10: better in 0, worse in 1", False),
        ([], "Causal placement was not measured beside random places", False),
    ],
)
def test_the_headline_says_whether_causal_placement_beats_random_places(
    gains: list[int], said: str, beats: bool
) -> None:
    rows = [
        replace(
            row("learnet", "synthetic", "causal", 0.1), gain=Share(0.1 * each, 0.1 * each - 0.05, 0.1 * each + 0.05, 9)
        )
        for each in gains
    ]
    assert said in verdict.headline(rows)
    assert verdict.beats_random(rows) is beats
    assert verdict.headline(rows).endswith("here.") is (bool(gains) and not beats)


def test_the_words_hold_every_comparison_and_what_asks_the_recognizer(found: Experiment) -> None:
    said = verdict.sentences(found.rows)
    assert len(said) == 3 + 1
    assert "2.1% [0.0%, 5.1%] of the right labels; less random places −0.2 points [−2.9, +2.5]: no diff" in said[0]
    assert "Best of 14 regions, each clip: 16.0% [13.0%, 19.0%], 14 queries a clip." in said[0]
    assert "RHDE: 41.0% [38.0%, 44.0%], 734 queries a clip." in said[0]


def test_of_several_stickers_the_words_say_the_least_and_the_most(found: Experiment) -> None:
    more = replace(row("learnet", "synthetic", "causal", 0.2, sticker="sun"), gain=Share(0.18, 0.1, 0.2, 81))
    (said,) = [each for each in verdict.sentences((*found.rows, more)) if each.startswith("learnet")]
    assert "3 stickers (n = 81): causal placement takes 2.1% to 20.0% of the right labels" in said
    assert "less random places −0.2 points to +18.0 points: better with 1, worse with 0, no difference" in said


def test_of_few_people_it_is_said_that_intervals_are_over_clips() -> None:
    few = replace(row("motion", "casme2", "random", 0.1), subjects=4)
    assert verdict.counted([few]).endswith("4 people, so few that intervals are over clips")
    assert verdict.counted([replace(few, subjects=5)]).endswith("5 people")


# The page.


def test_a_page_needs_nothing_but_itself(shown: str) -> None:
    tags = read(shown).tags
    assert not {"script", "link", "iframe", "object", "form", "a"} & {tag for tag, _ in tags}
    for _, attributes in tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("src") or "data:").startswith("data:image/svg+xml;base64,") or "src" not in attributes
    style = shown[shown.index("<style>") : shown.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


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
            executable_path=shutil.which("chromium"), chromium_sandbox=False, args=flags, timeout=90_000
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
        browser.close()
    assert said == []
