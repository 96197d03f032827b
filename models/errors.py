"""The root of every error that deadpan raises for a person to read."""


class DeadpanError(Exception):
    """One line that says what was got, what was expected and what to do."""


class ModelMismatch(DeadpanError):
    """A model file is not the one that the registry names."""


class ModelUnavailable(DeadpanError):
    """A model file is neither in the cache nor to be had."""


class RecognizerError(DeadpanError):
    """A file is no recognizer that deadpan can use, or a recognizer gives no answer that makes sense."""
