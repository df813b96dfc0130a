"""Why a photo cannot be read, in the user's language.

Problems are stored with the results and written to files, so they are kept in English and translated where they are
shown. Each is a clause that follows the file's name: "is a folder, not a photo".
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
DEPTH: Final = N_("{bits}-bit {kind}")
COMPRESSION: Final = N_("compression {number}")

_WITH_FIELDS: Final = (
    TOO_MANY_BYTES, TOO_MANY_PIXELS, NOT_A_PHOTO, NOT_PLAUSIBLE, TOO_SLOW, NO_DECODER, NOT_READ, ODD_TIFF, DEPTH,
    COMPRESSION,
)  # fmt: skip


def problem_text(error: str) -> str:
    """Return the problem `error`, as it was raised or stored, in the language in use; itself if it is unknown."""
    known = _(error) if error else error
    if known != error:
        return known
    for template in _WITH_FIELDS:
        found = _pattern(template).fullmatch(error)
        if found is not None:
            return _(template).format(**{name: _field_text(value) for name, value in found.groupdict().items()})
    return error


def _field_text(value: str) -> str:
    if re.fullmatch(r"\d[\d,]*", value):
        return format_number(int(value.replace(",", "")))
    return format_list(map(problem_text, value.split(", ")))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts)), re.DOTALL
    )
