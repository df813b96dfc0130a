"""Why a model cannot be imported: one family of exceptions, each message a sentence or two for the user."""


class ModelImportError(Exception):
    """A model cannot be imported; the message says why and, where it is known, what to do."""


class NoTensorFlowError(ModelImportError):
    """This installation has no TensorFlow, which a Keras model needs to be converted."""

    INSTALL = "pip install 'catdog-desktop[train]'"
    CONVERT = "catdog import-model {file} --export {stem}.catdog"

    def __init__(self, file_name: str) -> None:
        """`file_name` stands in the command to be typed elsewhere, which `commands` holds line by line."""
        stem = file_name.rpartition(".")[0] or file_name
        convert = self.CONVERT.format(file=_quoted(file_name), stem=_quoted(stem))
        self.commands = (self.INSTALL, convert)
        super().__init__(
            "A Keras model is converted by TensorFlow, which this installation does not have. "
            f"On a computer with Python, run {self.INSTALL} and then {convert}; "
            f"then open the file {stem}.catdog here."
        )


class ImportCancelledError(ModelImportError):
    """The user stopped the import."""

    def __init__(self) -> None:
        super().__init__("The import was stopped. Nothing was changed.")


def _quoted(name: str) -> str:
    return f'"{name}"' if any(sign in name for sign in " '()&;$") else name
