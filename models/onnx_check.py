"""Whether bytes are an ONNX model that is whole in itself: one that names no other file.

ONNX Runtime does not refuse external data: even of a model that it is given as bytes, it opens the files that the
model names in the working folder. So every tensor is looked at before a session is made. The walk reads the protobuf
wire format itself, and only along the fields that lead to tensors: the `onnx` package would be a second parser on the
live path, and this is stricter where a message is odd (a field that occurs twice is looked at twice).
"""

from collections.abc import Iterator

from deadpan.models.errors import RecognizerError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""The wire types; 3 and 4 are groups, which ONNX does not have."""

INNER: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
"""Message → field number → message in it, from onnx.proto3 as of ONNX 1.23: every way from a model to a tensor."""
GRAPH = 7
EXTERNAL_DATA, DATA_LOCATION = 13, 14
"""Fields of a tensor: where its values lie outside the model, and whether they do."""
DEEPEST = 100
"""Messages within messages; protobuf's own limit."""


def check(content: bytes, origin: str) -> None:
    """Raise `RecognizerError`, which calls the model `origin`, unless `content` may be given to ONNX Runtime."""
    if not content:
        raise RecognizerError(f"{origin}: empty; expected an ONNX model")
    try:
        fields = list(_fields(memoryview(content)))
    except ValueError as error:
        raise RecognizerError(f"{origin}: not an ONNX model, or not all of it ({error})") from error
    if not any(number == GRAPH and isinstance(value, memoryview) for number, value in fields):
        raise RecognizerError(f"{origin}: not an ONNX model (it has no graph)")
    try:
        outside = _outside(memoryview(content), "model", 0)
    except ValueError as error:
        raise RecognizerError(f"{origin}: not an ONNX model, or not all of it ({error})") from error
    if outside:
        raise RecognizerError(
            f"{origin}: some of its weights lie in another file; expected a model that is whole "
            "(`onnx.save_model(onnx.load(FILE), NEW, save_as_external_data=False)` makes one)"
        )


def _outside(message: memoryview, kind: str, depth: int) -> bool:
    """A tensor in `message` has its values, or says that it has them, outside the model."""
    if depth > DEEPEST:
        raise ValueError("messages within messages without end")
    inner = INNER[kind]
    for number, value in _fields(message):
        if kind == "tensor" and (number == EXTERNAL_DATA or (number == DATA_LOCATION and value != 0)):
            return True
        if number in inner:
            if not isinstance(value, memoryview):
                raise ValueError(f"field {number} of a {kind} is a number")
            if _outside(value, inner[number], depth + 1):
                return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Each field's number and value: an int, or the bytes of a text or an inner message; `ValueError` if cut off."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        if key >> 32:
            # ONNX Runtime's parser drops what is beyond 32 bits: another field to it than to us.
            raise ValueError("a field's number beyond 32 bits")
        number, wire = key >> 3, key & 7
        if number == 0:
            raise ValueError("a field without a number")
        if wire == VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        if wire == BYTES:
            length, place = _varint(message, place)
        elif wire in (FIXED64, FIXED32):
            length = 8 if wire == FIXED64 else 4
        else:
            raise ValueError(f"a field of the unknown type {wire}")
        if place + length > len(message):
            raise ValueError("it ends in the middle of a field")
        yield number, message[place : place + length]
        place += length


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the least significant first, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise ValueError("it ends in the middle of a number")
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number without end")
