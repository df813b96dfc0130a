"""Translation of texts that users read: gettext with the English sentence as the message id.

Every text for users goes through one of these functions. A placeholder is filled in after the call, so that the whole
sentence is one message: ``_("Marked {name} as a dog.").format(name=name)``.
"""

import gettext as _gettext

_translations: _gettext.NullTranslations = _gettext.NullTranslations()


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
