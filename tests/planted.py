"""Maps of which it is known what moves where, and a victim that looks just there."""

from dataclasses import dataclass

import numpy as np

from deadpan.models.maps import Maps
from deadpan.stickers.regions import NAMES

CENTRES = (
    *((0.04, 0.16), (0.24, 0.18), (0.74, 0.18), (0.95, 0.16), (0.22, 0.26), (0.49, 0.23), (0.77, 0.26)),
    *((0.22, 0.45), (0.77, 0.45), (0.32, 0.73), (0.5, 0.64), (0.68, 0.72), (0.5, 0.73), (0.5, 0.91)),
)
"""Of the regions on the median public map."""


@dataclass(frozen=True)
class Planted:
    """A victim that reads two places only, and the maps that move there: what hiding does is known beforehand.

    Negative clips move at the first region, positive ones at the second, surprised ones nowhere; one in sixteen moves
    as a positive one does and is called a surprise.
    """

    regions: tuple[str, str] = ("left_cheek", "chin")
    name: str = "planted"
    seed: int = 0
    identity: str = "0" * 64

    def predict(self, subject: str, motion: np.ndarray) -> np.ndarray:
        strain = motion[..., 0].astype(float)
        spread = strain.std(axis=(1, 2))
        off = np.stack([strain[:, rows, columns].mean(axis=(1, 2)) for rows, columns in self._places], axis=1)
        off -= np.median(strain, axis=(1, 2))[:, None]
        seen = off > 3 * np.maximum(spread, 1e-9)[:, None]
        label = np.where(seen.any(axis=1), seen.argmax(axis=1), 2)
        return np.eye(3, dtype=np.float32)[label]

    def maps(self, people: int = 12, each: int = 8, seed: int = 0) -> Maps:
        n = people * each
        generator = np.random.default_rng(seed)
        level = generator.normal(100, 8, (n, 28, 28, 3))
        label = np.array([0, 0, 0, 0, 1, 1, 1, 2])[np.arange(n) % 8]
        for i, kind in enumerate(label):
            if kind < 2:
                rows, columns = self._places[kind]
                level[i, rows, columns, 0] += 100
        level -= level.min(axis=(1, 2), keepdims=True)
        motion = np.rint(level / level.max(axis=(1, 2), keepdims=True) * 255).astype(np.uint8)
        label[5::16] = 2
        subject = np.repeat([f"p{i:02d}" for i in range(people)], each)
        return Maps(
            motion=motion,
            label=label,
            subject=subject,
            dataset=np.where(np.arange(n) // each < people // 3, "casme2", "smic"),
            clip=np.array([f"c{i}" for i in range(n)]),
            roi_center=np.tile(np.array(CENTRES, np.float32), (n, 1, 1)),
            face_size=np.array([1.10, 1.05], np.float32) * generator.uniform(0.9, 1.1, (n, 1)).astype(np.float32),
        )

    @property
    def _places(self) -> tuple[tuple[slice, slice], ...]:
        """Five cells by five about each region's centre."""
        centres = [CENTRES[NAMES.index(name)] for name in self.regions]
        corners = [(int(y * 28) - 2, int(x * 28) - 2) for x, y in centres]
        return tuple((slice(y, y + 5), slice(x, x + 5)) for y, x in corners)
