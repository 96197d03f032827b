"""What is learned from is what happens: the decoy of the live code, on maps as recognizers are shown them."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from deadpan.calibration.decoy import addition  # noqa: E402
from deadpan.calibration.decoy.addition import Addition, Draws, cells  # noqa: E402
from deadpan.calibration.on_maps.fields import decoded, encoded  # noqa: E402
from deadpan.calibration.on_maps.protected import BETWEEN, displaced  # noqa: E402
from deadpan.stickers.basis import NODES, Basis  # noqa: E402
from deadpan.stickers.decoy import MOST, OCTAVES, Decoy, levelled  # noqa: E402

BASIS = np.random.default_rng(5).standard_normal((3, NODES, NODES, 2))


def maps(n: int = 6) -> np.ndarray[Any, Any]:
    """Smooth motion, each channel from 0 to 255."""
    random = np.random.default_rng(0)
    fields = np.stack([Decoy(int(random.integers(1000))).step(0.0, 100)[::4, ::4][2:30, 2:30] for _ in range(n)])
    uy, ux = np.gradient(fields[..., 0], axis=(1, 2))
    vy, vx = np.gradient(fields[..., 1], axis=(1, 2))
    channels = np.stack([np.sqrt(ux**2 + vy**2 + (uy + vx) ** 2 / 2), fields[..., 1], fields[..., 0]], axis=3)
    low, high = channels.min(axis=(1, 2), keepdims=True), channels.max(axis=(1, 2), keepdims=True)
    return np.rint((channels - low) / (high - low) * 255).astype(np.uint8)


def tensor(basis: np.ndarray[Any, Any]) -> Any:
    return torch.from_numpy(levelled(basis).astype(np.float32)).view(len(basis), -1, 2)


def sizes(n: int, size: float = 0.015) -> Any:
    return torch.full((n,), size)


def test_where_nothing_is_added_the_map_is_as_it_was() -> None:
    """But for its strain, which was measured on finer motion."""
    motion = maps()
    shown = Addition(motion)(np.arange(len(motion)), sizes(len(motion)), torch.zeros(len(motion), 784, 2))
    levels = (shown.numpy().transpose(0, 2, 3, 1) + 1) * 127.5
    assert levels == pytest.approx(encoded(decoded(motion, 1.0)), abs=1)
    assert levels[..., 1:] == pytest.approx(motion[..., 1:], abs=1)
    assert all(
        np.corrcoef(levels[i, ..., 0].ravel(), motion[i, ..., 0].ravel())[0, 1] > 0.9 for i in range(len(motion))
    )


def test_what_moves_all_of_the_face_alike_is_not_seen() -> None:
    motion = maps()
    add, rows, size = Addition(motion), np.arange(len(motion)), sizes(len(motion))
    nothing, shift = torch.zeros(len(motion), 784, 2), torch.full((len(motion), 784, 2), 0.01)
    assert add(rows, size, shift).numpy() == pytest.approx(add(rows, size, nothing).numpy(), abs=0.01)


def test_motion_as_large_as_the_maps_own_replaces_it_and_makes_strain() -> None:
    motion = maps()
    add = Addition(motion)
    field = Draws()(len(motion), None, sizes(len(motion), 0.5), np.random.default_rng(0))
    changed = add(np.arange(len(motion)), sizes(len(motion)), field)
    for channel, wanted in ((1, field[..., 1]), (2, field[..., 0])):
        for one, other in zip(changed[:, channel].flatten(1), wanted, strict=True):
            assert float(np.corrcoef(one, other)[0, 1]) > 0.98
    own = add(np.arange(len(motion)), sizes(len(motion)), torch.zeros_like(field))
    alike = [float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in zip(changed[:, 0], own[:, 0], strict=True)]
    assert max(alike) < 0.5


@pytest.mark.parametrize("basis", [None, BASIS], ids=["none", "some"])
def test_what_is_drawn_is_what_the_live_decoy_does(
    basis: np.ndarray[Any, Any] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far, and in the same places, on the mean over many onsets and apexes .2 s apart."""
    fields = None if basis is None else tuple(tuple(tuple(map(tuple, row)) for row in each) for each in basis.tolist())
    learned = None if fields is None else Basis.model_construct(fields=fields)
    live = np.array([displaced(seed, learned) for seed in range(150)]).reshape(150, -1, 2) / 100
    draws = Draws()
    monkeypatch.setattr(addition, "LAGS", (BETWEEN, BETWEEN))
    model = draws(400, None if basis is None else tensor(basis), sizes(400, MOST), np.random.default_rng(0)).numpy()
    assert np.sqrt(np.square(model).mean()) == pytest.approx(np.sqrt(np.square(live).mean()), rel=0.1)
    by_place = [np.sqrt(np.square(each).mean(axis=0)).ravel() for each in (model, live)]
    assert float(np.corrcoef(*by_place)[0, 1]) > 0.7


@pytest.mark.parametrize("nodes", [nodes for nodes, _ in OCTAVES])
def test_a_field_that_is_the_same_everywhere_is_so_in_the_crop(nodes: int) -> None:
    assert cells(nodes).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_what_the_alignment_takes_for_the_head_is_not_counted() -> None:
    field = Draws()(3, None, sizes(3), np.random.default_rng(0)).numpy().reshape(3, 28, 28, 2)
    right = np.arange(28) - 13.5
    for moved in (field[..., 0], field[..., 1]):
        assert moved.mean(axis=(1, 2)) == pytest.approx(0, abs=1e-6)
        assert (moved * right).mean(axis=(1, 2)) == pytest.approx(0, abs=1e-5)
        assert (moved * right[:, None]).mean(axis=(1, 2)) == pytest.approx(0, abs=1e-5)


def test_who_knows_the_fields_takes_off_all_that_lies_along_them() -> None:
    motion, draws = maps(), Draws()
    add, rows, size = Addition(motion), np.arange(len(motion)), sizes(len(motion))
    known = draws.along(tensor(BASIS))
    assert (known.T @ known).numpy() == pytest.approx(np.eye(3), abs=1e-5)
    along = (known @ torch.tensor([3.0, -2.0, 1.0])).view(1, 784, 2).expand(len(motion), -1, -1) * 0.01
    with_it, without = add(rows, size, along, known), add(rows, size, torch.zeros_like(along), known)
    assert with_it.numpy() == pytest.approx(without.numpy(), abs=1e-3)


def test_there_is_a_slope_to_follow_even_where_nothing_moves() -> None:
    field = torch.zeros(2, 784, 2, requires_grad=True)
    Addition(maps(2))(np.arange(2), sizes(2), field).square().sum().backward()
    assert field.grad is not None
    assert bool(torch.isfinite(field.grad).all())
    assert float(field.grad.abs().max()) > 0
