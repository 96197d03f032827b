"""Driver recovery: whether the region that drives others is the one that the graph names, and where it gets lost.

Three ways to see the same structural model (`synthetic.drivers`): the amplitudes themselves; the displacement fields
through strain, stretch and windows, without a camera; and pictures, onset and apex, with noise, through the crop and
the dense flow that a recognizer sees. The head is still and the landmarks are those of the still picture.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from deadpan.calibration.graph import discretise
from deadpan.calibration.graph.discovery import ALPHA, CausalGraph, graph
from deadpan.calibration.graph.features import DEFAULT, of_maps
from deadpan.calibration.graph.stability import Progress, fast
from deadpan.calibration.synthetic.drivers import Amplitudes, Drive, bumps, displacement, drive, moved, places, pulls
from deadpan.calibration.synthetic.still import Still
from deadpan.models.face import Face
from deadpan.models.frame import Image
from deadpan.models.maps import Maps
from deadpan.models.motion import CROP, affine_part, crop, encode, flow, frontal
from deadpan.models.score import wilson
from deadpan.models.workers import shared
from deadpan.stickers.regions import NAMES

FRAME = (212, 232)
"""Px, width and height, which `Still.framed` widens by its margin: just the face, 220 px wide."""
CAMERA = 2.0
"""Grey levels, sigma: the camera's noise, as in `synthetic.synthesis`."""


@dataclass(frozen=True)
class Found:
    """One run: what the graph says of the driver."""

    winners: int
    """Regions that share the highest out-degree; 0 when none is named."""
    among: bool
    """The driver is one of them."""
    possibly: bool
    """It is among those of the highest possible out-degree."""
    possible_winners: int
    arrows: float
    """Share of the arrows from the driver to its followers that are there."""
    adjacent: float
    """Share of them that are there with any direction."""
    false: int
    """Edges between regions that have none in truth."""


@dataclass(frozen=True)
class Row:
    """Many runs of one kind."""

    seen: str
    feature: str
    n: int
    runs: int
    among: float
    interval: tuple[float, float]
    """95 %, Wilson's."""
    sole: float
    """Share of runs in which the driver alone is named."""
    winners: float
    """Mean number of regions named."""
    possibly: float
    possible_winners: float
    arrows: float
    adjacent: float
    false: float

    def record(self) -> dict[str, object]:
        """As JSON takes it."""
        return asdict(self)


def measure(
    seen: str,
    n: int,
    runs: int,
    stills: Sequence[Still],
    features: Sequence[str] = (DEFAULT,),
    jobs: int = 1,
    progress: Progress = lambda done, total: None,
) -> list[Row]:
    """`runs` random structures, numbered from 0, of `n` clips each; a row for each feature.

    `seen`: the clips are looked at as amplitudes, fields or pictures.
    """
    work = (delayed(run)(seen, n, each, stills, features) for each in range(runs))
    found: list[list[Found]] = []
    for each in shared(work, jobs):
        found.append(each)
        progress(len(found), runs)
    names = ("itself",) if seen == "amplitudes" else features
    return [_row(seen, name, n, [each[number] for each in found]) for number, name in enumerate(names)]


def run(seen: str, n: int, seed: int, stills: Sequence[Still], features: Sequence[str] = (DEFAULT,)) -> list[Found]:
    """One structure and what is found of it, by each feature."""
    random = np.random.default_rng(seed)
    truth = drive(random)
    amplitudes = truth.amplitudes(n, random)
    if seen == "amplitudes":
        return [judge(truth, _graph(discretise.levels(amplitudes)))]
    maps = filmed(amplitudes, stills, random) if seen == "pictures" else drawn(amplitudes, stills, random)
    return [judge(truth, _graph(discretise.of(of_maps(maps, name)))) for name in features]


def drawn(amplitudes: Amplitudes, stills: Sequence[Still], random: np.random.Generator) -> Maps:
    """Maps of the displacement fields themselves, the faces of the `stills` taking turns."""
    faces = [_cropped(still.face) for still in stills]
    follow = [bumps(face, CROP, CROP) for face in faces]
    motion = []
    for number, pull in enumerate(pulls(amplitudes, random)):
        which = number % len(stills)
        shift = displacement(pull, follow[which], faces[which])
        motion.append(encode(np.asarray(shift - affine_part(shift), np.float32)))
    return _maps(motion, stills)


def filmed(amplitudes: Amplitudes, stills: Sequence[Still], random: np.random.Generator) -> Maps:
    """Maps of two pictures a clip, the `stills` taking turns, each picture with noise of its own."""
    follow = [bumps(still.face, still.image.shape[1], still.image.shape[0]) for still in stills]
    motion = []
    for number, pull in enumerate(pulls(amplitudes, random)):
        still = stills[number % len(stills)]
        apex = moved(still, displacement(pull, follow[number % len(stills)], still.face))
        before, after = (
            crop(_noisy(each, random), still.face.landmarks, still.face.landmarks) for each in (still.image, apex)
        )
        motion.append(encode(flow(before, after)))
    return _maps(motion, stills)


def judge(truth: Drive, found: CausalGraph) -> Found:
    """What `found` makes of the driver."""
    driver = NAMES[truth.driver]
    followers = [NAMES[each] for each in truth.followers]
    true = {frozenset((driver, each)) for each in followers}
    true |= {frozenset((NAMES[a], NAMES[b])) for a, b in zip(truth.causes, truth.followers, strict=True)}
    every = {frozenset(edge) for edge in [*found.directed.edges, *found.undirected.edges]}
    return Found(
        winners=len(found.winners),
        among=driver in found.winners,
        possibly=driver in found.possible_winners,
        possible_winners=len(found.possible_winners),
        arrows=float(np.mean([found.directed.has_edge(driver, each) for each in followers])),
        adjacent=float(np.mean([frozenset((driver, each)) in every for each in followers])),
        false=len(every - true),
    )


def _row(seen: str, feature: str, n: int, found: list[Found]) -> Row:
    among = sum(each.among for each in found)

    def mean(name: str) -> float:
        return float(np.mean([getattr(each, name) for each in found]))

    return Row(
        seen=seen,
        feature=feature,
        n=n,
        runs=len(found),
        among=among / len(found),
        interval=wilson(among, len(found)),
        sole=float(np.mean([each.among and each.winners == 1 for each in found])),
        winners=mean("winners"),
        possibly=mean("possibly"),
        possible_winners=mean("possible_winners"),
        arrows=mean("arrows"),
        adjacent=mean("adjacent"),
        false=mean("false"),
    )


def _graph(levels: discretise.Levels) -> CausalGraph:
    return graph(fast(levels), len(levels), ALPHA)


def _cropped(face: Face) -> Face:
    """The face where it lies in the crop, px of it."""
    matrix = frontal(face.landmarks).astype(np.float32)
    return Face(np.asarray(face.landmarks @ matrix[:, :2].T + matrix[:, 2], np.float32), face.pose, face.track)


def _noisy(picture: Image, random: np.random.Generator) -> Image:
    # Noise in steps of a grey level, drawn as bytes: a tenth of the cost of normal numbers, of the same spread.
    grain = random.integers(0, 4, (4, *picture.shape), np.uint8).sum(axis=0, dtype=np.int16) - 6
    scaled = np.rint(grain * (CAMERA / np.sqrt(4 * 15 / 12))).astype(np.int16)
    return np.asarray(cv2.add(picture, scaled, dtype=cv2.CV_8U), np.uint8)


def _maps(motion: list[NDArray[np.uint8]], stills: Sequence[Still]) -> Maps:
    n = len(motion)
    turns = np.arange(n) % len(stills)
    where = [places(still.face) for still in stills]
    return Maps(
        motion=np.array(motion),
        label=np.zeros(n, np.int64),
        subject=np.array([still.name for still in stills])[turns],
        dataset=np.full(n, "synthetic"),
        clip=np.arange(n).astype(str),
        roi_center=np.array([centre for centre, _ in where], np.float32)[turns],
        face_size=np.array([size for _, size in where], np.float32)[turns],
    )
