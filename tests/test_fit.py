"""The networks, what may happen to a map in training, and the ONNX files that come of it."""

from typing import Any

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("onnx", reason="onnx comes with the extra `train`")

from deadpan.models.errors import DeadpanError  # noqa: E402
from deadpan.models.training import augment, export, fit, recipes, ststnet  # noqa: E402
from deadpan.models.training.recipes import Augment, Recipe  # noqa: E402

QUICK = Recipe("quick", "ststnet", epochs=12, batch=16, rate=0.02, balance=1.0)


def obvious(n: int, seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Maps whose class is the third of the face that moves, and their labels."""
    generator = np.random.default_rng(seed)
    label = np.arange(n) % 3
    motion = generator.integers(0, 60, (n, 28, 28, 3), np.uint8)
    for i, third in enumerate(label):
        motion[i, 9 * third + 1 : 9 * third + 8, 8:20] += 180
    motion[:, 0, 0], motion[:, 0, 1] = 0, 255
    return motion, label


def answers(content: bytes, motion: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (said,) = session.run(["probabilities"], {"levels": motion.astype(np.float32)})
    return np.asarray(said)


def test_ststnet_is_the_papers() -> None:
    network = ststnet.STSTNet().eval()
    assert sum(each.numel() for each in network.parameters()) == ststnet.PARAMETERS == 27 * 16 + 16 + 32 + 1203
    with torch.inference_mode():
        maps = torch.randn(5, 3, 28, 28)
        assert network(maps).shape == (5, 3)
        assert network.streams(maps).shape == (5, 16, 10, 10)
        assert network.pool(network.streams(maps)).flatten(1).shape == (5, 400)


def test_one_convolution_is_three_streams() -> None:
    network = ststnet.STSTNet().eval()
    convolution, relu, norm, pool, _ = network.streams
    maps = torch.randn(4, 3, 28, 28)
    with torch.inference_mode():
        joined, start = [], 0
        for filters in ststnet.FILTERS:
            rows = slice(start, start + filters)
            stream = torch.conv2d(maps, convolution.weight[rows], convolution.bias[rows], padding=2)
            stream = torch.nn.functional.batch_norm(
                relu(stream), norm.running_mean[rows], norm.running_var[rows], norm.weight[rows], norm.bias[rows]
            )
            joined.append(pool(stream))
            start += filters
        torch.testing.assert_close(torch.cat(joined, 1), network.streams(maps))


@pytest.mark.parametrize("recipe", recipes.RECIPES, ids=lambda recipe: recipe.name)
@pytest.mark.parametrize("flip", [False, True])
def test_onnx_says_what_torch_says(recipe: Recipe, flip: bool) -> None:
    torch.manual_seed(0)
    networks = [fit.NETWORKS[recipe.network]() for _ in range(2)]
    maps = torch.randn(64, 3, 28, 28)
    for network in networks:  # so that batch norm has something to normalise by, and its weights matter
        for layer in network.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                torch.nn.init.normal_(layer.weight)
                torch.nn.init.normal_(layer.bias)
        network.train()(maps)
    motion, _ = obvious(9)
    said = answers(export.to_onnx(networks, flip=flip), motion)
    wanted = export.probabilities(networks, motion, flip=flip)
    assert np.abs(said - wanted).max() <= 1e-4
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)
    assert np.ptp(said, axis=0).max() > 1e-3  # it looks at the map


def test_a_graph_that_averages_the_mirror_image_is_blind_to_the_side() -> None:
    torch.manual_seed(1)
    network = ststnet.STSTNet()
    motion = np.random.default_rng(0).integers(0, 256, (6, 28, 28, 3), np.uint8)
    mirrored = motion[:, :, ::-1].copy()
    mirrored[..., 2] = 255 - mirrored[..., 2]
    both, one = export.to_onnx([network], flip=True), export.to_onnx([network])
    np.testing.assert_allclose(answers(both, motion), answers(both, mirrored), atol=1e-5)
    assert np.abs(answers(one, motion) - answers(one, mirrored)).max() > 1e-3


def test_a_layer_that_has_no_onnx_is_an_error_not_a_guess() -> None:
    for layer in (torch.nn.GELU(), torch.nn.Softplus()):
        with pytest.raises(TypeError, match="no ONNX is known"):
            export.to_onnx([torch.nn.Sequential(layer, torch.nn.Flatten(), torch.nn.Linear(2352, 3))])


def test_the_same_seed_gives_the_same_file_and_another_seed_another() -> None:
    motion, label = obvious(24)
    before = torch.random.get_rng_state()
    files = [export.to_onnx(fit.fit(QUICK, motion, label, seed)) for seed in (0, 0, 1)]
    assert files[0] == files[1] != files[2]
    assert torch.equal(before, torch.random.get_rng_state())


def test_an_obvious_rule_is_learnt_and_holds_for_maps_never_seen() -> None:
    motion, label = obvious(60)
    fresh, truth = obvious(30, seed=9)
    networks = fit.fit(QUICK, motion, label, 0)
    assert (export.probabilities(networks, fresh).argmax(1) == truth).all()
    shuffled = np.random.default_rng(0).permutation(label)
    lost = fit.fit(QUICK, motion, shuffled, 0)
    assert (export.probabilities(lost, fresh).argmax(1) == truth).mean() < 0.7


def test_members_differ_and_are_averaged() -> None:
    motion, label = obvious(18)
    recipe = Recipe("two", "ststnet", epochs=2, batch=16, rate=0.01, members=2)
    first, second = fit.fit(recipe, motion, label, 0)
    one, two = (export.probabilities([each], motion) for each in (first, second))
    assert np.abs(one - two).max() > 1e-3
    np.testing.assert_allclose(answers(export.to_onnx([first, second]), motion), (one + two) / 2, atol=1e-5)


def test_an_unknown_recipe_names_the_known_ones() -> None:
    with pytest.raises(DeadpanError, match="motion, motion-large"):
        recipes.find("emotion")


# What may happen to a map in training.


def random_maps(n: int = 8) -> Any:
    torch.manual_seed(0)
    return augment.stretched(torch.nn.functional.avg_pool2d(torch.randn(n, 3, 34, 34), 7, 1))


def test_no_amounts_change_nothing() -> None:
    maps = random_maps()
    assert torch.equal(augment.augmented(maps, Augment()), maps)


@pytest.mark.parametrize("name", ["shift", "scale", "turn", "head", "noise"])
def test_every_change_leaves_a_map_that_is_stretched(name: str) -> None:
    maps = random_maps()
    changed = augment.augmented(maps, Augment(**{name: {"turn": 8.0}.get(name, 0.1)}))
    assert not torch.allclose(changed, maps, atol=0.01)
    torch.testing.assert_close(changed.amin((2, 3)), torch.full((8, 3), -1.0), atol=1e-5, rtol=0)
    torch.testing.assert_close(changed.amax((2, 3)), torch.full((8, 3), 1.0), atol=1e-5, rtol=0)


def test_a_mirrored_mirror_is_the_map() -> None:
    maps = random_maps()
    once = augment.augmented(maps, Augment(flip=1.0))
    assert torch.equal(once, augment.mirror(maps))
    assert torch.equal(once[:, 2], -maps[:, 2].flip(-1))
    assert torch.equal(once[:, :2], maps[:, :2].flip(-1))
    assert torch.equal(augment.mirror(once), maps)


def test_a_turned_head_turns_the_vectors_with_the_face() -> None:
    # One corner of the mouth goes up: v < 0 in a spot right of the middle. With the face turned by a quarter, the
    # spot has moved and the vector points sideways: where the spot went is where the vector must point.
    maps = torch.zeros(1, 3, 28, 28)
    maps[0, 1, 12:16, 22:26] = -1.0
    torch.manual_seed(3)
    turned = augment._moved(maps, Augment(turn=90.0))[0]  # the amount is a standard deviation: this draw's angle counts
    torch.manual_seed(3)
    angle = float(torch.randn(1)) * np.pi / 2
    strength = turned[1:].square().sum(0)
    rows, columns = np.indices((28, 28)) - 13.5
    weight = strength.numpy() / float(strength.sum())
    x, y = float((weight * columns).sum()), float((weight * rows).sum())
    # The grid turns by +angle in (x right, y down), so what it shows turns by -angle.
    spot = np.array([10.0 * np.cos(angle), -10.0 * np.sin(angle)])
    assert np.hypot(x - spot[0], y - spot[1]) < 1.0
    v, u = (float((turned[i] * strength).sum() / strength.sum()) for i in (1, 2))
    outward, along = spot / 10, np.array([spot[1], -spot[0]]) / 10  # along: the way that "up" went
    assert np.dot([u, v], along) > 0.8
    assert abs(np.dot([u, v], outward)) < 0.1


def test_head_motion_leaves_strain_alone() -> None:
    maps = random_maps()
    moved = augment._with_head_motion(maps, 0.3)
    assert torch.equal(moved[:, 0], maps[:, 0])
    added = (moved - maps)[:, 1:]
    torch.testing.assert_close(added.diff(n=2, dim=2), torch.zeros(8, 2, 26, 28), atol=1e-5, rtol=0)
    torch.testing.assert_close(added.diff(n=2, dim=3), torch.zeros(8, 2, 28, 26), atol=1e-5, rtol=0)
