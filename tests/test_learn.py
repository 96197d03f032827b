"""The learned fields find what a recognizer looks at, and what cannot be known beforehand stays random."""

import json
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("onnx", reason="onnx comes with the extra `train`")

from deadpan.calibration.decoy.learn import learn  # noqa: E402
from deadpan.models.maps import Maps  # noqa: E402
from deadpan.stickers.basis import Basis  # noqa: E402
from deadpan.stickers.decoy import together  # noqa: E402


class OneCorner(torch.nn.Module):  # type: ignore[misc]
    """Calls a map by which way the left brow goes, and nothing else."""

    def forward(self, maps: Any) -> Any:
        down = (maps[:, 1, 3:8, 3:9].mean(dim=(1, 2)) - maps[:, 1].mean(dim=(1, 2))) * 20
        return torch.stack([down, -down, -torch.ones_like(down)], dim=1)


def brows(n: int = 12) -> Maps:
    level = np.random.default_rng(0).normal(100, 4, (n, 28, 28, 3))
    label = np.arange(n) % 2
    level[:, 2:9, 2:10, 1] += np.where(label, -60, 60)[:, None, None]
    level -= level.min(axis=(1, 2), keepdims=True)
    motion = np.rint(level / level.max(axis=(1, 2), keepdims=True) * 255).astype(np.uint8)
    text = np.array([f"p{i}" for i in range(n)])
    centre, size = np.zeros((n, 14, 2), np.float32), np.ones((n, 2), np.float32)
    return Maps(motion, label.astype(np.int64), text, text, text, centre, size)


def test_it_finds_what_the_recognizer_looks_at_and_stays_at_right_angles() -> None:
    fields = learn([OneCorner()], brows(), count=3, steps=30)
    flat, gram = fields.reshape(3, -1), np.kron(together(), np.eye(2))
    assert flat @ gram @ flat.T == pytest.approx(np.eye(3), abs=1e-3)
    power = np.square(fields).sum(axis=0)  # (7, 7, 2)
    at_brow = float(power[1:3, 1:3, 1].mean())
    elsewhere = float(power[3:, 3:].mean())
    assert at_brow > 3 * elsewhere


def test_the_same_seed_learns_the_same() -> None:
    one, same, other = (learn([OneCorner()], brows(), seed, steps=3) for seed in (0, 0, 1))
    assert one.tobytes() == same.tobytes() != other.tobytes()


def test_what_is_learned_is_what_a_plan_takes() -> None:
    """Also when it is about a single place."""
    fields = learn([OneCorner()], brows(), count=8, steps=3).round(3)
    text = json.dumps(
        {"fields": fields.tolist(), "verdict": "", "beats_random": False, "maps_sha256": "0" * 64}
        | {"people": 1, "seed": 0, "command": "a test"}
    )
    assert Basis.model_validate_json(text, strict=True).array.tolist() == fields.tolist()
