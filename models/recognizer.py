"""A recognizer: a batch in, probabilities out, by ONNX Runtime. Nothing it is given or gives back goes unchecked."""

import re
from collections.abc import Sequence
from typing import Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray

from deadpan.models import onnx_check, recognizers
from deadpan.models.description import SAMPLES, Description, Kind, Window
from deadpan.models.errors import DeadpanError, RecognizerError

Device = Literal["auto", "cpu", "cuda"]
DEVICES: tuple[Device, ...] = get_args(Device)

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
SUM_TOLERANCE = 1e-2
"""How far from 1 the probabilities of one sample may sum, and below 0 one may lie: half precision's rounding."""
ALONE_TOLERANCE = 1e-2
"""How far a sample's probabilities may move with what else is in the batch: a GPU picks its method by batch size."""
LARGEST_SAMPLE = 1 << 26
"""Values in one sample that a `clip` model may want: 0.25 GB as float32."""
LOUDEST = 4
"""ONNX Runtime's own remarks on stderr: only what is fatal. What matters reaches people as an error's line."""

Probabilities = NDArray[np.float32]
"""(n, classes) float32, 0 to 1, each row summing to 1."""


class Recognizer:
    """An opened recognizer. Runs on one thread, as it runs beside a live loop; may be used from any one thread."""

    name: str
    kind: Kind
    window: Window
    """What of a clip it looks at."""
    labels: tuple[str, ...]
    """What the classes are called, in the order of the columns of `predict`."""
    sha256: str
    provider: str
    """Where it runs, by the session's own account: `CPUExecutionProvider` or `CUDAExecutionProvider`."""
    note: str | None
    """One calm line when it runs elsewhere than was asked, else None."""
    sample: tuple[int, ...]
    """Shape of one sample: (h, w, c), of a clip (d, h, w, c)."""

    @classmethod
    def load(cls, name: str, device: str = "auto") -> Self:
        """Open the recognizer called `name` (`deadpan models list`); never fetches anything.

        `device` is auto (a GPU if there is one that works), cpu or cuda. Raises a `DeadpanError` in one line when there
        is no such recognizer, its file is missing or another one, or it is not what its entry says.
        """
        entry = recognizers.find(name)
        return cls(entry.description, entry.load(), device)

    def __init__(self, description: Description, content: bytes, device: str = "auto") -> None:
        """Open the ONNX model whose bytes are `content`; raises `RecognizerError` unless it is as described."""
        if device not in DEVICES:
            raise DeadpanError(f"device {device!r}; expected one of: {', '.join(DEVICES)}")
        self.name, self.kind, self.labels = description.name, description.kind, description.labels
        self.sha256, self.window = description.sha256, description.window
        self._opened = description, content, device
        onnx_check.check(content, self.name)
        self._session = _session(content, device, self.name)
        self.provider = self._session.get_providers()[0]
        self.note = None
        if device == "cuda" and self.provider != CUDA:
            self.note = f"{self.name} runs on the CPU: CUDA was asked for, but ONNX Runtime cannot use it here"
        self.sample = self._sample()
        self._check_outputs()
        self._probe()

    def __reduce__(self) -> tuple[Any, ...]:
        """A session cannot travel to another process: there the same model is opened, and checked, anew."""
        return type(self), self._opened

    def predict(self, batch: NDArray[np.uint8]) -> Probabilities:
        """What the recognizer makes of `batch`, uint8 (n, …) of its kind: (n, classes) float32 probabilities.

        Raises `RecognizerError` in one line when the batch is of another shape, or the answer is no probabilities.
        """
        if batch.dtype != np.uint8 or batch.shape[1:] != self.sample:
            got = f"{batch.dtype} {_show(batch.shape)}"
            raise RecognizerError(f"{self.name}: a batch of {got}, expected uint8 {_show(('n', *self.sample))}")
        if len(batch) == 0:
            return np.zeros((0, len(self.labels)), np.float32)
        try:
            (answer,) = self._session.run(None, {self._input: batch.astype(np.float32)})
        except Exception as error:  # ONNX Runtime's errors have no root of their own
            raise RecognizerError(f"{self.name}: ONNX Runtime cannot run it ({_reason(error)})") from error
        return self._checked(np.asarray(answer), len(batch))

    def _checked(self, answer: NDArray[Any], n: int) -> Probabilities:
        if answer.shape != (n, len(self.labels)):
            expected = _show((n, len(self.labels)))
            raise RecognizerError(f"{self.name}: an answer of {_show(answer.shape)}, expected {expected}")
        if not np.isfinite(answer).all():
            raise RecognizerError(f"{self.name}: the answer holds NaN or infinity; expected probabilities")
        sums = answer.sum(axis=1)
        if answer.min() < -SUM_TOLERANCE or np.abs(sums - 1).max() > SUM_TOLERANCE:
            worst = sums[np.abs(sums - 1).argmax()]
            raise RecognizerError(
                f"{self.name}: the answers are no probabilities (least {answer.min():.3g}, a sum of {worst:.3g}); "
                "expected 0 to 1 with a sum of 1: the softmax belongs into the model"
            )
        return answer.astype(np.float32, copy=False)

    def _sample(self) -> tuple[int, ...]:
        """The shape of one sample, after a look at the session's inputs."""
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise RecognizerError(f"{self.name}: {len(inputs)} inputs, expected 1, the batch")
        self._input: str = inputs[0].name
        kind, shape = inputs[0].type, inputs[0].shape
        wanted = SAMPLES[self.kind]
        if kind != "tensor(float)":
            raise RecognizerError(f"{self.name}: an input of {kind}, expected tensor(float), levels 0–255")
        expected = _show(("n", *(wanted or ("d", "h", "w", "c"))))
        rank = 5 if wanted is None else 4
        if len(shape) != rank or not _fixed(shape[1:]) or (wanted is not None and tuple(shape[1:]) != wanted):
            raise RecognizerError(
                f"{self.name}: an input of {_show(shape)}, expected {expected}, where only n is open ({self.kind})"
            )
        if isinstance(shape[0], int) and shape[0] > 0:
            raise RecognizerError(f"{self.name}: takes batches of {shape[0]} only, expected any n: {expected}")
        if np.prod(shape[1:], dtype=float) > LARGEST_SAMPLE:
            raise RecognizerError(
                f"{self.name}: an input of {_show(shape)}, expected at most {LARGEST_SAMPLE:,} values"
            )
        return tuple(shape[1:])

    def _check_outputs(self) -> None:
        outputs = self._session.get_outputs()
        if len(outputs) != 1:
            raise RecognizerError(f"{self.name}: {len(outputs)} outputs, expected 1, the probabilities")
        kind, shape = outputs[0].type, outputs[0].shape
        if kind != "tensor(float)":
            raise RecognizerError(f"{self.name}: an output of {kind}, expected tensor(float)")
        # A size that the graph leaves open is not judged here, but by the probe.
        if len(shape) != 2 or (_fixed(shape[1:]) and shape[1] != len(self.labels)):
            expected = f"{_show(('n', len(self.labels)))}, one for each of {', '.join(self.labels)}"
            raise RecognizerError(f"{self.name}: an output of {_show(shape)}, expected {expected}")

    def _probe(self) -> None:
        """Black, white and noise, alone and together: it must answer, and the same each time."""
        black, white = np.zeros(self.sample, np.uint8), np.full(self.sample, 255, np.uint8)
        noise = np.random.default_rng(0).integers(0, 256, self.sample, np.uint8)
        samples = np.stack([black, white, noise])
        together = self.predict(samples)
        alone = np.concatenate([self.predict(samples[i : i + 1]) for i in range(len(samples))])
        if np.abs(together - alone).max() > ALONE_TOLERANCE:
            raise RecognizerError(
                f"{self.name}: what it says of a sample depends on the others in the batch "
                f"(by up to {np.abs(together - alone).max():.2g}); expected a model that was exported for inference"
            )


def _session(content: bytes, device: str, name: str) -> Any:
    """An ONNX Runtime session made from these very bytes, on a GPU if it was asked for and one works."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(LOUDEST)
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = LOUDEST
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # Else ONNX Runtime guesses, and would take its own format, whose tensors nobody has looked at.
    options.add_session_config_entry("session.load_model_format", "ONNX")

    def make(*providers: str) -> Any:
        # Its own way to fall back prints to stdout.
        return onnxruntime.InferenceSession(content, options, providers=list(providers), enable_fallback=0)

    if device != "cpu" and CUDA in onnxruntime.get_available_providers():
        # That it is listed says nothing: without the CUDA libraries this gives a session on the CPU, or fails.
        try:
            return make(CUDA, CPU)
        except Exception:
            pass
    try:
        return make(CPU)
    except Exception as error:
        raise RecognizerError(f"{name}: ONNX Runtime cannot open it ({_reason(error)})") from error


def _fixed(shape: Sequence[object]) -> bool:
    """All of these sizes are numbers, as opposed to names or nothing."""
    return all(isinstance(size, int) and size > 0 for size in shape)


def _show(shape: Sequence[object]) -> str:
    """A shape as people write it; `?` is a size that is not said."""
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"


def _reason(error: Exception) -> str:
    """The telling part of an ONNX Runtime error, on one line."""
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : ", "", " ".join(str(error).split()))[:160]
