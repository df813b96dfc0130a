"""Translation of texts that users read: gettext with the English sentence as the message id.

Every text for users goes through one of these functions. A placeholder is filled in after the call, so that the whole
sentence is one message: ``_("Marked {name} as a dog.").format(name=name)``.
"""

import gettext as _gettext

_translations: _gettext.NullTranslations = _gettext.NullTranslations()


def _(message: str) -> str:
    """Return `message` in the user's language."""
    return _translations.gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return `singular` or `plural`, whichever the user's language uses for `count` things."""
    return _translations.ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """Return `message` in the user's language as used in `context`, for words with several meanings."""
    return _translations.pgettext(context, message)
