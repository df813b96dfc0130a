"""Duplicates in the gallery: photos whose files have the same fingerprint."""

import itertools
from collections.abc import Iterable

from catdog_desktop.gallery.photo_row import Row


class DuplicateIndex:
    """Rows by the fingerprint of their files. Rows without a known fingerprint have no duplicates.

    Sets `Row.duplicate_group`. Adding and discarding take constant time, because thousands of rows may be duplicates
    of each other (a camera with its lens cap on).
    """

    def __init__(self) -> None:
        self._single: dict[str, Row] = {}
        """Rows without a duplicate: nearly all of them, and a dict for each would take as much memory as its row."""
        self._groups: dict[str, dict[int, Row]] = {}
        self._next_group = itertools.count()

    def add(self, row: Row) -> list[Row]:
        """Add a row that has its result; return the rows whose `duplicate_group` changed."""
        fingerprint = _fingerprint(row)
        if not fingerprint:
            return []
        if fingerprint in self._groups:
            group = self._groups[fingerprint]
            row.duplicate_group = next(iter(group.values())).duplicate_group
            group[row.number] = row
            return [row]
        other = self._single.setdefault(fingerprint, row)
        if other is row:
            return []
        del self._single[fingerprint]
        self._groups[fingerprint] = {other.number: other, row.number: row}
        other.duplicate_group = row.duplicate_group = next(self._next_group)
        return [other, row]

    def discard(self, row: Row) -> list[Row]:
        """Remove a row, before its result changes; return the rows whose `duplicate_group` changed."""
        fingerprint = _fingerprint(row)
        if self._single.get(fingerprint) is row:
            del self._single[fingerprint]
        group = self._groups.get(fingerprint, {})
        if row.duplicate_group is None or group.pop(row.number, None) is None:
            return []
        row.duplicate_group = None
        if len(group) > 1:
            return [row]
        (rest,) = group.values()
        rest.duplicate_group = None
        self._single[fingerprint] = rest
        del self._groups[fingerprint]
        return [row, rest]

    def renumber(self) -> None:
        """Note that the numbers of rows have changed; their order has not."""
        self._groups = {key: {row.number: row for row in group.values()} for key, group in self._groups.items()}

    def with_fingerprint(self, fingerprint: str) -> list[Row]:
        """Return the rows with this fingerprint, in the order of adding to the gallery."""
        group: Iterable[Row] = self._groups.get(fingerprint, {}).values()
        single = self._single.get(fingerprint)
        return sorted(group, key=lambda row: row.number) if single is None else [single]


def _fingerprint(row: Row) -> str:
    return row.result.fingerprint if row.result is not None else ""
