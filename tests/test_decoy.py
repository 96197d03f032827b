"""The decoy stays small and smooth, never stops, and nobody can know it beforehand."""

import numpy as np
import pytest

from deadpan.stickers.basis import NODES
from deadpan.stickers.decoy import FREE, MOST, USUAL, Decoy, levelled, spread, together
from deadpan.stickers.field import SIDE

WIDTH = 90.0
BASES = {
    "some": np.random.default_rng(1).standard_normal((4, NODES, NODES, 2)),
    "broad": np.ones((3, NODES, NODES, 2)) + 0.3 * np.random.default_rng(2).standard_normal((3, NODES, NODES, 2)),
    # Refused in a plan (`basis.py`); nothing depends on that.
    "one alone": np.random.default_rng(3).standard_normal((1, NODES, NODES, 2)),
    "huge": 1e6 * np.random.default_rng(4).standard_normal((4, NODES, NODES, 2)),
}
EVERY_BASIS = pytest.mark.parametrize("basis", BASES.values(), ids=BASES)


def run(decoy: Decoy, length: int, fps: float = 30.0, strength: float = 1.0) -> np.ndarray:
    """(length, 8, 8, 2): some places of each frame's field."""
    fields = [decoy.step(index / fps, WIDTH, strength) for index in range(length)]
    return np.stack([field[8::16, 8::16] for field in fields])


def test_it_is_never_larger_than_it_may_be() -> None:
    for strength in (0.25, 1.0):
        length = np.linalg.norm(run(Decoy(1), 300, strength=strength), axis=-1)
        assert float(length.max()) <= MOST * WIDTH * strength
        assert 0.6 * USUAL < float(np.sqrt((length**2).mean())) / (MOST * WIDTH * strength) < 1.05 * USUAL


def test_it_is_there_from_the_first_frame_on() -> None:
    first = np.sqrt(np.mean([np.square(run(Decoy(seed), 1)).sum(axis=-1).mean() for seed in range(60)]))
    later = np.sqrt(np.square(run(Decoy(0), 300)).sum(axis=-1).mean())
    assert 0.8 < first / later < 1.25


def test_it_has_changed_between_an_onset_and_an_apex() -> None:
    """Or it would take itself off: what is read is the difference of two frames."""
    fields = run(Decoy(2), 300)
    changed = np.sqrt(np.square(fields[6:] - fields[:-6]).mean())
    assert changed > np.sqrt(np.square(fields).mean())


def test_it_does_not_jump_from_frame_to_frame() -> None:
    fields = run(Decoy(3), 300)
    assert float(np.linalg.norm(np.diff(fields, axis=0), axis=-1).max()) < 0.8 * MOST * WIDTH
    assert np.sqrt(np.square(np.diff(fields, axis=0)).mean()) < 0.5 * np.sqrt(np.square(fields).mean())


def test_it_never_comes_again() -> None:
    """No stretch of half a second looks like an earlier one."""
    fields = run(Decoy(4), 900).reshape(900, -1)
    parts = fields.reshape(60, -1)
    parts /= np.linalg.norm(parts, axis=1, keepdims=True)
    alike = np.abs(parts @ parts.T)[~np.eye(60, dtype=bool)]
    assert float(alike.max()) < 0.6


def test_no_two_sessions_are_alike() -> None:
    one, other = run(Decoy(), 30).ravel(), run(Decoy(), 30).ravel()
    assert abs(float(np.corrcoef(one, other)[0, 1])) < 0.6


def test_the_same_seed_is_the_same_motion_and_only_the_past_counts() -> None:
    whole = run(Decoy(5), 40)
    assert run(Decoy(5), 25).tobytes() == whole[:25].tobytes()


def test_it_is_as_lively_at_any_frame_rate() -> None:
    slow, fast = run(Decoy(6), 300, fps=15), run(Decoy(6), 1200, fps=60)
    changes = [np.square(each[lag:] - each[:-lag]).mean() for each, lag in ((slow, 3), (fast, 12))]
    assert 0.8 < changes[0] / changes[1] < 1.25


def test_it_does_not_judder_at_a_films_frame_rate() -> None:
    """Every frame's motion is as large as the next one's, but for chance."""
    changes = {}
    for fps in (24, 25, 30):
        moved = [np.square(np.diff(run(Decoy(seed), 61, fps), axis=0)).mean(axis=(1, 2, 3)) for seed in range(12)]
        by_phase = np.sqrt(np.mean(moved, axis=0)).reshape(-1, 5).mean(axis=0)
        changes[fps] = float(by_phase.max() / by_phase.min())
    assert max(changes.values()) < 1.15


def test_neighbours_move_alike() -> None:
    field = Decoy(7).step(0.0, WIDTH)
    assert field.shape == (SIDE, SIDE, 2)
    assert float(np.abs(np.gradient(field[..., 0])).max()) < 0.25


@EVERY_BASIS
def test_no_plan_makes_it_larger_smaller_or_slower(basis: np.ndarray) -> None:
    fields = run(Decoy(8, basis), 900)
    length = np.linalg.norm(fields, axis=-1)
    assert float(length.max()) <= MOST * WIDTH
    on_face = length[:, 1:-1, 1:-1]
    assert 0.6 * USUAL < float(np.sqrt((on_face**2).mean())) / (MOST * WIDTH) < 1.05 * USUAL
    changed = np.sqrt(np.square(fields[6:] - fields[:-6]).mean())
    assert changed > 0.9 * np.sqrt(np.square(fields).mean())


@EVERY_BASIS
def test_a_plans_fields_move_a_face_as_far_as_none_do(basis: np.ndarray) -> None:
    gram, fields = together(), levelled(basis).reshape(len(basis), -1, 2)
    mixed = np.einsum("kic,ij,kjc->", fields, gram, fields)
    assert mixed == pytest.approx(2 * np.trace(gram))


@EVERY_BASIS
def test_whoever_knows_the_plan_does_not_know_the_motion(basis: np.ndarray) -> None:
    """Take off all that lies along the plan's fields: a share `FREE` of the power is left, and is never the same."""
    known = np.linalg.qr(spread(basis).reshape(len(basis), -1).T)[0]
    left = []
    for seed in range(40):
        field = Decoy(seed, basis).step(0.0, WIDTH)[::2, ::2].ravel()
        left.append(field - known @ (known.T @ field))
    everything = np.mean([np.square(Decoy(seed, basis).step(0.0, WIDTH)[::2, ::2]).sum() for seed in range(40)])
    assert np.mean([np.square(each).sum() for each in left]) > 0.6 * FREE * everything
    alike = np.abs(np.corrcoef(left)[~np.eye(40, dtype=bool)])
    assert float(alike.mean()) < 0.2


@EVERY_BASIS
def test_a_plans_motion_neither_tears_nor_jumps(basis: np.ndarray) -> None:
    decoy = Decoy(9, basis)
    fields = [decoy.step(index / 30, WIDTH) for index in range(60)]
    assert max(float(np.abs(np.gradient(each[..., 0])).max()) for each in fields) < 0.25
    assert float(np.linalg.norm(np.diff(fields, axis=0), axis=-1).max()) < MOST * WIDTH


def test_a_plans_fields_come_with_either_sign_and_no_mean() -> None:
    basis = BASES["some"]
    first = np.array([Decoy(seed, basis).step(0.0, WIDTH)[8::16, 8::16].ravel() for seed in range(200)])
    assert float(np.abs(first.mean(axis=0)).max()) < 0.3 * float(first.std())


def test_a_plans_fields_are_what_moves() -> None:
    """Half of the power lies along them: most of that of the broad motion."""
    basis = BASES["some"]
    known = np.linalg.qr(spread(basis).reshape(len(basis), -1).T)[0]
    power = []
    for each in (basis, None):
        fields = [Decoy(seed, each).step(0.0, WIDTH)[::2, ::2].ravel() for seed in range(160)]
        power.append(np.square(fields @ known).sum() / np.square(fields).sum())
    assert power[0] > 0.45 > 0.2 > power[1]
