"""The recognizers by name: those that come with deadpan, those it rebuilds, and the user's own."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import platformdirs

from deadpan.models import description as descriptions
from deadpan.models.description import Description
from deadpan.models.errors import DeadpanError, ModelUnavailable
from deadpan.models.registry import ModelFile, cache


@dataclass(frozen=True)
class RecognizerEntry(ModelFile):
    """A recognizer's file, and what it looks at and says."""

    description: Description
    folder: Path
    """Where its JSON lies."""
    own: bool
    """The user added it."""

    @property
    def path(self) -> Path:
        """Where its ONNX file lies, or belongs."""
        return (cache() if self.rebuilt else self.folder) / self.file

    @property
    def rebuilt(self) -> bool:
        """It does not come with deadpan, but is made from a file that is fetched."""
        return bool(self.description.rebuilt_from)

    @property
    def card(self) -> Path | None:
        """The Markdown file that says what it was trained on and how well it does, if there is one."""
        return self.folder / self.description.card if self.description.card else None

    @property
    def cure(self) -> str:
        """What to do about a file that is missing or another one."""
        if self.own:
            return f"add it again: `deadpan models add FILE --name {self.name} …`"
        return super().cure if self.rebuilt else "install deadpan again"

    def load(self) -> bytes:
        """The model's checked bytes; never fetches. Raises `ModelUnavailable` or `ModelMismatch` in one line."""
        try:
            return self.read()
        except FileNotFoundError as error:
            raise ModelUnavailable(f"the recognizer {self.name} is not at {self.path}; {self.cure}") from error
        except OSError as error:
            raise ModelUnavailable(f"{self.path}: cannot be read ({error.strerror}); {self.cure}") from error


def shipped_folder() -> Path:
    """The JSON, ONNX and cards that come with deadpan."""
    return Path(str(files("deadpan.models") / "weights"))


def own_folder() -> Path:
    """The user's own, with their JSON beside them."""
    return platformdirs.user_data_path("deadpan") / "models"


def shipped_names() -> list[str]:
    """Names of the recognizers that every deadpan knows."""
    return _names(shipped_folder())


def own_names() -> list[str]:
    """Names of the recognizers that the user added."""
    taken = shipped_names()
    return [name for name in _names(own_folder()) if name not in taken]


def find(name: str) -> RecognizerEntry:
    """The recognizer called `name`; an unknown name is an error that lists the known ones."""
    shipped, own = shipped_names(), own_names()
    if name not in (*shipped, *own):
        raise DeadpanError(f"no recognizer called {name!r}; there is: {', '.join((*shipped, *own))}")
    folder = shipped_folder() if name in shipped else own_folder()
    return entry(descriptions.read(folder / f"{name}.json"), folder, own=name not in shipped)


def entry(described: Description, folder: Path, own: bool) -> RecognizerEntry:
    """The entry of a recognizer whose JSON lies in `folder`."""
    return RecognizerEntry(
        name=described.name,
        file=described.file,
        size=described.size,
        sha256=described.sha256,
        licence=described.licence,
        description=described,
        folder=folder,
        own=own,
    )


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.json"))
