"""Read keywords and ratings that other programs wrote, so that they can become the user's own verdicts.

Sidecars and metadata inside photos are read, as digiKam, Lightroom, darktable and Windows write them. Keywords that
this app exported are left out: they are its own verdicts, which the user has not confirmed.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.decoding.decode import read_embedded_keywords
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.exporting.xmp_journal import (
    XmpExportError,
    list_xmp_journals,
    read_xmp_journal,
    xmp_journals_folder,
)
from catdog_desktop.progress import Progress
from catdog_desktop.verdict import Verdict
from catdog_desktop.xmp.keyword_words import KeywordWords, translated_words
from catdog_desktop.xmp.packet import MAX_BYTES, XmpError, is_of_catdog, rating_in, sidecar_for, words_in
from catdog_desktop.xmp.sidecars import Sidecars, belongs_to

CAT_WORDS: Final = frozenset({"cat", "cats"})
DOG_WORDS: Final = frozenset({"dog", "dogs"})

OnProgress = Callable[[Progress], object]


@dataclass(frozen=True, slots=True)
class OwnMarks:
    """What the user marked in another program."""

    photo: Path
    verdict: Verdict | None
    rating: int | None
    """1 to 5 stars."""


def words_to_read(kept: Mapping[str, str]) -> dict[str, Verdict]:
    """Return the words that mean an animal, in lower case: English, in the language in use, and those of `kept`.

    `kept` is `Settings.keywords`. Words of further languages are left out: "chat" is French for a cat.
    """
    words = dict.fromkeys(CAT_WORDS, Verdict.CAT) | dict.fromkeys(DOG_WORDS, Verdict.DOG)
    for chosen in (translated_words(), KeywordWords.from_settings(kept)):
        words |= {chosen.cat.casefold(): Verdict.CAT, chosen.dog.casefold(): Verdict.DOG}
    return words


def read_marks(
    photos: Sequence[Path],
    *,
    words: Mapping[str, Verdict] | None = None,
    on_progress: OnProgress = lambda _: None,
    cancel_token: CancelToken | None = None,
) -> list[OwnMarks]:
    """Return the marks of those of `photos` that have any. Files that cannot be read have none.

    `words` are those of `words_to_read`, which without settings are the default. Raises `Cancelled` once `cancel_token`
    is set.
    """
    token = cancel_token or CancelToken()
    known = words_to_read({}) if words is None else words
    before_export = _contents_before_export()
    sidecars = Sidecars()
    found = []
    for number, photo in enumerate(photos, 1):
        token.raise_if_cancelled()
        marks = _marks_of(photo, sidecars, before_export, known)
        if marks.verdict is not None or marks.rating is not None:
            found.append(marks)
        on_progress(Progress(number, len(photos)))
    return found


def verdict_of_words(words: set[str], known: Mapping[str, Verdict]) -> Verdict | None:
    """Return the verdict that keywords state; None if they name neither animal. `known` are the words that do."""
    named = {known[word] for word in words if word in known}
    return Verdict.BOTH if len(named) == 2 else next(iter(named), None)


def _marks_of(
    photo: Path, sidecars: Sidecars, before_export: Mapping[Path, bytes], known: Mapping[str, Verdict]
) -> OwnMarks:
    content = _sidecar_content(photo, sidecars)
    words: set[str] = set()
    rating = None
    if content is not None:
        sidecar, packet = content
        try:
            rating = rating_in(packet)
            exported = before_export.get(sidecar)
            if exported is not None:
                words = words_in(exported) if exported.strip() else set()
            elif not is_of_catdog(packet):
                words = words_in(packet)
        except XmpError:
            words, rating = set(), None
    if not words and rating is None:
        # Programs ignore what is inside a photo once a sidecar has it.
        words, rating = _embedded_marks(photo)
    return OwnMarks(photo, verdict_of_words(words, known), rating)


def _sidecar_content(photo: Path, sidecars: Sidecars) -> tuple[Path, bytes] | None:
    """Return the real path and the content of the sidecar of a photo; None if it has none."""
    sidecar, alternative = sidecars.of(photo)
    try:
        with sidecar.open("rb") as file:
            packet = file.read(MAX_BYTES + 1)
        if sidecar != alternative and not belongs_to(photo, sidecar_for(packet)):
            return None
    except (OSError, ValueError, XmpError):
        return None
    return Path(os.path.realpath(sidecar)), packet


def _embedded_marks(photo: Path) -> tuple[set[str], int | None]:
    try:
        packet, iptc = read_embedded_keywords(photo)
    except PhotoError:
        return set(), None
    words = {keyword.decode("utf-8", "replace").strip("\0 ").casefold() for keyword in iptc}
    raw = packet.encode("utf-8", "replace") if isinstance(packet, str) else packet
    if not raw:
        return words, None
    try:
        return words | words_in(raw), rating_in(raw)
    except XmpError:
        return words, None


def _contents_before_export() -> dict[Path, bytes]:
    """Return the content that sidecars had before the first export that is not undone; empty for new sidecars."""
    contents: dict[Path, bytes] = {}
    for path in list_xmp_journals(xmp_journals_folder()):  # The newest first, so that the oldest counts.
        try:
            journal = read_xmp_journal(path)
        except XmpExportError:
            continue
        for entry in journal.open_entries:
            contents[entry.sidecar] = b"" if entry.before is None else entry.before.content
    return contents
