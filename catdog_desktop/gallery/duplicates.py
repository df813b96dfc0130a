"""Which photos of the gallery have the same content. Plain data: no Qt in here."""

import itertools
from collections.abc import Iterable

from catdog_desktop.gallery.photo_row import Row


class EqualPhotos:
    """Rows by the content of their files. Rows whose content is not known are equal to none.

    `Row.group` is kept here. Thousands of rows may be equal (a camera with its lens cap on), so each coming and going
    costs the same however many there are.
    """

    def __init__(self) -> None:
        self._single: dict[str, Row] = {}
        """Nearly all photos are alone, and a group for each would take as much as the photo."""
        self._groups: dict[str, dict[int, Row]] = {}
        self._next_group = itertools.count()

    def add(self, row: Row) -> list[Row]:
        """Take in a row with its result; return the rows that were alone and are not any more."""
        content = _content(row)
        if not content:
            return []
        if content in self._groups:
            group = self._groups[content]
            row.group = next(iter(group.values())).group
            group[row.number] = row
            return [row]
        other = self._single.setdefault(content, row)
        if other is row:
            return []
        del self._single[content]
        self._groups[content] = {other.number: other, row.number: row}
        other.group = row.group = next(self._next_group)
        return [other, row]

    def discard(self, row: Row) -> list[Row]:
        """Forget a row before its result changes or it goes; return the rows that are alone from now on."""
        content = _content(row)
        if self._single.get(content) is row:
            del self._single[content]
        group = self._groups.get(content, {})
        if row.group is None or group.pop(row.number, None) is None:
            return []
        row.group = None
        if len(group) > 1:
            return [row]
        (rest,) = group.values()
        rest.group = None
        self._single[content] = rest
        del self._groups[content]
        return [row, rest]

    def with_content(self, content: str) -> list[Row]:
        """Return the rows whose file has this content, in the order in which they were added."""
        group: Iterable[Row] = self._groups.get(content, {}).values()
        single = self._single.get(content)
        return sorted(group, key=lambda row: row.number) if single is None else [single]


def _content(row: Row) -> str:
    return row.result.fingerprint if row.result is not None else ""
