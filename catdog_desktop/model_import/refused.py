"""A model file is refused: the one exception of the inspection, and the words for what it found."""

from typing import Final

from catdog_desktop.model_import.errors import ModelImportError

LONGEST_NAME: Final = 80


class RefusedModelError(ModelImportError):
    """A model file is not opened. `what` was found, `where` in the file, and `advice` says what to do."""

    def __init__(self, what: str, where: str, advice: str = "") -> None:
        self.what = what
        self.where = where
        self.advice = advice or "Use a model from a source that you trust, saved without it."
        super().__init__(f"The model was not opened: {what} (found in {where}). {self.advice}")


def shown(name: object) -> str:
    """Return a name out of a file as it may stand in a sentence: printable, on one line, short."""
    text = name if isinstance(name, str) else repr(name)[: 2 * LONGEST_NAME]
    text = "".join(sign if sign.isprintable() else "�" for sign in text[: LONGEST_NAME + 1])
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
