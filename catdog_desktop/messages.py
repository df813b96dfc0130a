"""Translation of texts that users read: gettext with the English sentence as the message id.

Every text for users goes through one of these functions. A placeholder is filled in after the call, so that the whole
sentence is one message: ``_("Marked {name} as a dog.").format(name=name)``.
"""

import gettext as _gettext
import struct
from pathlib import Path

RIGHT_TO_LEFT = frozenset({"ar"})
"""Languages that are written from right to left."""

_translations: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"
_catalog_path: Path | None = None


def _(message: str) -> str:
    """Return `message` in the user's language."""
    return _translations.gettext(message)


def N_(message: str) -> str:  # noqa: N802  The usual name of this marker.
    """Mark `message` for translation and return it unchanged. `_()` translates it where it is shown.

    For texts that are defined when a module is imported, since the language may be chosen or changed later.
    """
    return message


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return `singular` or `plural`, whichever the user's language uses for `count` things."""
    return _translations.ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Return `message` in the user's language as used in `context`, for words with several meanings."""
    return _translations.pgettext(context, message)


class MessageError(Exception):
    """An error that users read. `str` makes the text, in the language that is in use then.

    The text is a sentence, or what follows the name of the file in one: each subclass says which.
    """

    def __init__(self, template: str, /, **fields: object) -> None:
        """`template` is marked with `N_()`. `fields` are the values of its placeholders."""
        super().__init__(template)
        self.template = template
        self.fields = fields

    def __str__(self) -> str:
        text = _(self.template) if self.template else ""
        return text.format(**self.fields) if self.fields else text


def language() -> str:
    """Return the code of the language in use, such as "en" or "pt_BR"."""
    return _language


def catalog_path() -> Path | None:
    """Return the path of the catalog in use, None for English. The catalogs of other texts are beside it."""
    return _catalog_path


def use_catalog(path: Path | None) -> str:
    """Translate with the compiled catalog at `path` from now on; None, or one that cannot be read, means English.

    Returns the code of the language, which the header of the catalog names.
    """
    global _catalog_path, _language, _translations
    _translations, _language, _catalog_path = _gettext.NullTranslations(), "en", None
    if path is None:
        return _language
    try:
        with path.open("rb") as file:
            _translations = _gettext.GNUTranslations(file)
    except (OSError, ValueError, struct.error):
        return _language
    _language = _translations.info().get("language", "en")
    _catalog_path = path
    return _language
