"""Training that goes on from a written network: it begins where that one ended."""

from typing import Any

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")
pytest.importorskip("onnx", reason="onnx comes with the extra `train`")

from deadpan.models import recognizers  # noqa: E402
from deadpan.models.training import export, fit, further, recipes  # noqa: E402
from deadpan.models.training.recipes import Recipe  # noqa: E402

MOTION = np.random.default_rng(0).integers(0, 256, (12, 28, 28, 3), np.uint8)
HARDLY = 1e-7


def answers(content: bytes) -> np.ndarray[Any, Any]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (said,) = session.run(["probabilities"], {"levels": MOTION.astype(np.float32)})
    return np.asarray(said)


@pytest.mark.parametrize("recipe", recipes.RECIPES, ids=lambda recipe: recipe.name)
def test_what_was_written_can_be_read_back(recipe: Recipe) -> None:
    content = recognizers.find(recipe.name).load()
    networks = [fit.NETWORKS[recipe.network]() for _ in range(recipe.members)]
    further.read_back(content, networks)
    said = export.probabilities(networks, MOTION, flip=recipe.flip_average)
    assert np.abs(said - answers(content)).max() <= 1e-4
    with pytest.raises(ValueError, match="other networks"):
        further.read_back(content, [fit.NETWORKS[recipe.network]() for _ in range(recipe.members + 1)])


def test_training_goes_on_from_where_it_began_and_leaves_the_known_networks_as_they_are() -> None:
    known = dict(fit.NETWORKS)
    label = np.arange(12) % 3
    quick = Recipe("quick", "ststnet", epochs=30, batch=12, rate=0.02)
    learnt = fit.fit(quick, MOTION, label, 0)
    hardly = Recipe("hardly", "ststnet", epochs=1, batch=12, rate=HARDLY)
    after = export.probabilities(further.train(hardly, export.to_onnx(learnt), MOTION, label, 1), MOTION)
    anew = export.probabilities(fit.fit(hardly, MOTION, label, 1), MOTION)
    wanted = export.probabilities(learnt, MOTION)
    # Batch norm's running mean moves a little on the way.
    assert np.abs(after - wanted).max() < 0.25 * np.abs(anew - wanted).max()
    assert known == fit.NETWORKS
