"""Why a photo cannot be read, in the user's language.

Problems are stored with the results and written to files, so they are kept in English and translated where they are
shown. Each is a clause that follows the file's name: "is a folder, not a photo". `problem_sentence` gives the sentence
to show where no name is before it; each is one message, since clauses cannot be put into a sentence in every language.
"""

import re
from functools import cache
from typing import Final

from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import N_, _

TOO_MANY_BYTES: Final = N_("is too large ({size} MB; the limit is {limit} MB)")
TOO_MANY_PIXELS: Final = N_("is too large ({width} x {height} pixels; the limit is {limit} megapixels)")
NOT_READ: Final = N_("could not be read ({reason})")
NOT_A_PHOTO: Final = N_("is not a photo ({content})")
NOT_PLAUSIBLE: Final = N_("is damaged: {width} x {height} pixels do not fit into a file of {size} bytes")
TOO_SLOW: Final = N_("is damaged: decoding it took longer than {seconds} seconds")
NO_DECODER: Final = N_("could not be read: its decoder cannot be started ({reason})")
ODD_TIFF: Final = N_("is a TIFF of a kind that cannot be read ({kind}); save it as JPEG or PNG first")
FAILED: Final = N_("could not be classified ({error})")
NO_MODEL: Final = N_("was not classified: {reason}")
DEPTH: Final = N_("{bits}-bit {kind}")
COMPRESSION: Final = N_("compression {number}")

_WITH_FIELDS: Final = (
    TOO_MANY_BYTES, TOO_MANY_PIXELS, NOT_A_PHOTO, NOT_PLAUSIBLE, TOO_SLOW, NO_DECODER, NOT_READ, ODD_TIFF, FAILED,
    NO_MODEL, DEPTH, COMPRESSION,
)  # fmt: skip
SENTENCES: Final = {
    N_("does not exist"): N_("This file does not exist."),
    N_("is no longer there"): N_("This file is no longer there."),
    N_("is too large for this computer's memory"): N_("This file is too large for this computer's memory."),
    N_("is damaged and cannot be decoded"): N_("This file is damaged and cannot be decoded."),
    N_("is damaged: it crashed its decoder"): N_("This file is damaged: it crashed its decoder."),
    N_("is a camera's raw file without an embedded preview; save it as JPEG first"): N_(
        "This is a camera's raw file without an embedded preview. Save it as JPEG first."
    ),
    N_("could not be read: its drive does not answer"): N_("This file could not be read: its drive does not answer."),
    N_("may not be read: you have no permission"): N_("This file may not be read: you have no permission."),
    N_("cannot be found: its name is not valid here"): N_("This file cannot be found: its name is not valid here."),
    N_("is not available: its folder is not there. Is its drive connected?"): N_(
        "This file is not available: its folder is not there. Is its drive connected?"
    ),
    N_("is a folder, not a photo"): N_("This is a folder, not a photo."),
    N_("is not a photo (it is a pipe or a device)"): N_("This is not a photo. It is a pipe or a device."),
    N_("is not a photo (it is empty)"): N_("This is not a photo. The file is empty."),
    TOO_MANY_BYTES: N_("This file is too large: {size} MB. The limit is {limit} MB."),
    TOO_MANY_PIXELS: N_("This photo is too large: {width} x {height} pixels. The limit is {limit} megapixels."),
    NOT_A_PHOTO: N_("This file is not a photo ({content})."),
    NOT_PLAUSIBLE: N_("This file is damaged: {width} x {height} pixels do not fit into a file of {size} bytes."),
    TOO_SLOW: N_("This file is damaged: decoding it took longer than {seconds} seconds."),
    NO_DECODER: N_("This file could not be read: its decoder cannot be started ({reason})."),
    NOT_READ: N_("This file could not be read ({reason})."),
    ODD_TIFF: N_("This TIFF file is of a kind that cannot be read ({kind}). Save it as JPEG or PNG first."),
    FAILED: N_("This photo could not be classified ({error})."),
    NO_MODEL: N_("This photo was not classified: {reason}."),
}
"""The sentence for each problem."""


def problem_text(error: str) -> str:
    """Return the problem `error`, as it was raised or stored, in the language in use; itself if it is unknown."""
    known = _(error) if error else error
    if known != error:
        return known
    template, fields = _parsed(error)
    return _(template).format(**fields) if template else error


def problem_sentence(error: str) -> str:
    """Return the problem `error` as a whole sentence in the language in use.

    A problem of an older version that has no sentence is returned as `problem_text` does.
    """
    if error in SENTENCES:
        return _(SENTENCES[error])
    template, fields = _parsed(error)
    return _(SENTENCES[template]).format(**fields) if template in SENTENCES else problem_text(error)


def _parsed(error: str) -> tuple[str, dict[str, str]]:
    """Return the template of an error and its fields as they are shown; an empty template if it has none."""
    for template in _WITH_FIELDS:
        found = _pattern(template).fullmatch(error)
        if found is not None:
            return template, {name: _field_text(name, value) for name, value in found.groupdict().items()}
    return "", {}


def _field_text(name: str, value: str) -> str:
    if re.fullmatch(r"\d[\d,]*", value):
        return format_number(int(value.replace(",", "")))
    # The kind of a TIFF is a list of terms. Other fields are a term, or a sentence with commas of its own.
    return format_list(map(problem_text, value.split(", "))) if name == "kind" else problem_text(value)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts)), re.DOTALL
    )
