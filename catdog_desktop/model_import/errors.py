"""Why a model cannot be imported: one family of exceptions, each text a sentence or two for the user."""

from typing import Final

from catdog_desktop.messages import N_, MessageError, _

LONGEST_NAME: Final = 80


class ModelImportError(MessageError):
    """A model cannot be imported. The text says why and, where it is known, what to do."""


class RefusedModelError(ModelImportError):
    """Inspection refuses a model file, which is therefore never opened."""

    def __init__(self, what: str, where: str, advice: str = "") -> None:
        """Name what was found, where in the file, and what to do: three parts of the message.

        `what` and `advice` are translated here if they are marked with `N_()`, as those of tables are.
        """
        self.what = _(what)
        self.where = where
        self.advice = _(advice) if advice else _("Use a model from a source that you trust, saved without it.")
        sentence = N_("The model was not opened: {what} (found in {where}). {advice}")
        super().__init__(sentence, what=self.what, where=where, advice=self.advice)


class NoTensorFlowError(ModelImportError):
    """TensorFlow, which converts Keras models, is not installed."""

    INSTALL = "pip install 'catdog-desktop[train]'"
    CONVERT = "catdog import-model {file} --export {stem}.catdog"

    def __init__(self, file_name: str) -> None:
        """`file_name` is the model's; it becomes part of `commands`."""
        stem = file_name.rpartition(".")[0] or file_name
        self.commands = (self.INSTALL, self.CONVERT.format(file=_quoted(file_name), stem=_quoted(stem)))
        """Commands to run on a computer with Python, one after the other."""
        sentence = N_(
            "A Keras model is converted by TensorFlow, which this installation does not have. "
            "On a computer with Python, run {install} and then {convert}; then open the file {file} here."
        )
        super().__init__(sentence, install=self.INSTALL, convert=self.commands[1], file=f"{stem}.catdog")


def printable_name(name: object) -> str:
    """Return a name from a file as it may stand in a sentence: printable, on one line, short."""
    text = name if isinstance(name, str) else repr(name)[: 2 * LONGEST_NAME]
    text = "".join(character if character.isprintable() else "�" for character in text[: LONGEST_NAME + 1])
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"


def _quoted(name: str) -> str:
    return f'"{name}"' if any(character in name for character in " '()&;$") else name
