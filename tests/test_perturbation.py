"""A universal perturbation: never larger than it may be, and learned as far as it can be."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from deadpan.calibration.universal import perturbation  # noqa: E402
from deadpan.calibration.universal.deepfool import Step  # noqa: E402
from deadpan.calibration.universal.perturbation import ENOUGH, MOST, PASSES, learn, noise, shown  # noqa: E402
from deadpan.models.alignment import rank_weights  # noqa: E402

SAMPLE = (4, 8, 8, 1)


class Halves(torch.nn.Module):  # type: ignore[misc]
    """Calls a clip by which half of its pictures is brighter, and by how much it is brighter than the other."""

    def __init__(self, weights: np.ndarray | None = None) -> None:
        super().__init__()
        depth = np.full(SAMPLE[0], 1 / SAMPLE[0]) if weights is None else weights
        self.scale = torch.nn.Parameter(torch.tensor(depth, dtype=torch.float32))

    def forward(self, levels: torch.Tensor) -> torch.Tensor:
        pooled = (levels[..., 0] * self.scale.view(1, -1, 1, 1)).sum(1)
        gap = pooled[:, :4].mean((1, 2)) - pooled[:, 4:].mean((1, 2))
        return torch.stack([gap, -gap, 1 - gap.abs()], 1)


def clips(n: int = 24, gap: int = 12) -> np.ndarray:
    pictures = np.random.default_rng(0).integers(100, 110, (n, *SAMPLE)).astype(np.uint8)
    pictures[::2, :, :4] += np.uint8(gap)
    pictures[1::2, :, 4:] += np.uint8(gap)
    return pictures


def test_no_level_changes_by_more_than_it_may_nor_leaves_the_picture() -> None:
    pictures = clips(gap=40)  # out of reach: the bound is what stops it
    passes = list(learn(Halves(), pictures, 0))
    assert max(int(np.abs(each.perturbation).max()) for each in passes) == MOST
    assert all(each.fooled == 0 for each in passes)
    dark = np.zeros((1, *SAMPLE), np.uint8)
    assert shown(dark, np.full(SAMPLE, -MOST, np.int8)).max() == 0
    assert shown(dark + 255, np.full(SAMPLE, MOST, np.int8)).min() == 255
    assert set(np.unique(noise(SAMPLE, 0))) == {-MOST, MOST}


def test_what_can_be_fooled_is_and_then_learning_ends() -> None:
    """All clips of one class: one direction fools them all."""
    pictures = clips()[::2]
    passes = list(learn(Halves(), pictures, 0))
    assert len(passes) < PASSES
    assert passes[-1].fooled >= ENOUGH
    assert all(each.fooled < ENOUGH for each in passes[:-1])
    assert passes[0].forward >= 2 * len(pictures)
    assert all(each.forward + each.backward > 0 for each in passes)


def test_the_same_seed_learns_the_same() -> None:
    pictures = np.concatenate([clips(2, gap) for gap in range(1, 12)])
    one, same, other = (next(learn(Halves(), pictures, seed)).perturbation for seed in (0, 0, 1))
    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


def test_rank_pooling_cancels_a_still_perturbation() -> None:
    """Its weights sum to nothing: what is the same on all pictures is not in a dynamic image."""
    weights = rank_weights(SAMPLE[0]) / 4
    pictures = clips()
    pictures[:, 0] = 105  # something changes
    for still in (True, False):
        *others, last = learn(Halves(weights), pictures, 0, still=still)
        assert last.perturbation.shape == ((1, *SAMPLE[1:]) if still else SAMPLE)
        assert bool(last.perturbation.any()) != still
        assert (last.fooled > 0) != still
        assert bool(others) != still  # where nothing changes, nothing is tried again


def test_steps_below_a_level_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a camera would not show has fooled nobody."""
    starts = []

    def short(_: object, start: torch.Tensor) -> Step:
        starts.append(start)
        return Step(torch.full(SAMPLE, 0.2), crossed=True, forward=2, backward=2)

    monkeypatch.setattr(perturbation, "deepfool", short)
    passes = [each.perturbation for each in learn(Halves(), clips(2, gap=40), 0)]
    assert [int(each.max()) for each in passes[:5]] == [0, 1, 1, 2, 2]
    assert all(torch.equal(each, each.round()) for each in starts)
