"""DeepFool: where the way is known, it is found; where there is none, none is told."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from deadpan.calibration.universal.deepfool import MOST, OVERSHOOT, deepfool  # noqa: E402


def test_two_linear_classes_have_the_papers_closed_form() -> None:
    """r = −f(x) w / ‖w‖², and a little further."""
    random = np.random.default_rng(0)
    for _ in range(20):
        weight, start = (torch.tensor(random.standard_normal((3, 4)), dtype=torch.float32) for _ in range(2))
        bias = float(random.standard_normal())
        value = float((weight * start).sum()) + bias

        def logits(at: torch.Tensor, weight: torch.Tensor = weight, bias: float = bias) -> torch.Tensor:
            f = (weight * at).sum() + bias
            return torch.stack([f, torch.zeros(())])

        step = deepfool(logits, start)
        assert step.crossed
        wanted = -value * weight / weight.square().sum() * (1 + OVERSHOOT)
        torch.testing.assert_close(step.change, wanted, atol=1e-5, rtol=1e-4)
        assert (step.forward, step.backward) == (2, 1)


def test_of_several_boundaries_the_nearest_is_crossed() -> None:
    """Nearest by distance: the logit that is furthest behind, when it rises steeply."""
    slopes = torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 20.0]])
    level = torch.tensor([10.0, 8.0, 0.0])
    step = deepfool(lambda at: slopes @ at + level, torch.zeros(2))
    assert step.crossed
    torch.testing.assert_close(step.change, torch.tensor([0.0, 0.5 * (1 + OVERSHOOT)]))
    assert (step.forward, step.backward) == (2, 2)


def test_a_curved_boundary_takes_more_steps() -> None:
    start = torch.tensor([0.5, 0.0])
    step = deepfool(lambda at: torch.stack([-at.square().sum().log(), at.new_zeros(())]), start)
    assert step.crossed
    assert step.forward > 2
    assert 1 <= float((start + step.change).norm()) < 1.05


def test_where_no_change_is_of_effect_none_is_told() -> None:
    """Rounding errors of a gradient that is nothing must not be followed out of all pictures."""
    for slope in (0.0, 1e-7):
        step = deepfool(
            lambda at, slope=slope: torch.stack([at.sum() * slope + 1, at.new_zeros(())]), torch.zeros(8, 8)
        )
        assert not step.crossed
        assert not step.change.any()
        assert step.forward == 1


def test_the_search_ends() -> None:
    step = deepfool(lambda at: torch.stack([at.square().sum() + 1e-3, at.new_zeros(())]), torch.ones(3))
    assert not step.crossed
    assert step.forward == MOST + 1
