"""`deadpan calibrate leftover`: learns what holding a face leaves of its expressions, for the decoy over it."""

import io
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from deadpan.app.commands.options import Jobs, LandmarkerFile, face_landmarker, refuse_overwriting
from deadpan.app.commands.outputs import check_place
from deadpan.app.commands.progress import progress
from deadpan.app.commands.stopping import stoppable
from deadpan.models import fetch
from deadpan.models.errors import DeadpanError


@stoppable()
def leftover(
    pictures: Annotated[list[Path], typer.Argument(help="Each with one person, who faces the camera.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the fields.")] = Path("leftover.npy"),
    jobs: Jobs = 2,
    landmarker: LandmarkerFile = None,
) -> None:
    """Learn what `still` leaves of expressions to whoever trains on it: its decoy takes that shape.

    For whoever builds deadpan: its stickers/leftover.npy was made so. Some seconds a picture.
    """
    check_place("-o", output)
    model = face_landmarker(landmarker)
    from deadpan.calibration.decoy.leftover import learn
    from deadpan.calibration.synthetic.faces import SIZE, WIDTH
    from deadpan.calibration.synthetic.still import find

    stills = []
    for path in pictures:
        refuse_overwriting(path, {"-o": output})
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            raise DeadpanError(f"{path}: not a picture that can be read")
        stills.append(find(path.stem, np.asarray(image, np.uint8), model).scaled(WIDTH).framed(SIZE))
    with progress() as told:
        fields = learn(stills, model, jobs, lambda done, of: told("showing", done, of))
    content = io.BytesIO()
    np.save(content, fields.astype(np.float16))
    fetch.store(output, content.getvalue())
    print(f"{len(fields)} fields of {len(stills)} people: {output}")
