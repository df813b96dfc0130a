"""Which photos of the gallery have the same content. Plain data: no Qt in here."""

from catdog_desktop.gui.rows import Row


class EqualPhotos:
    """Rows by the content of their files. Rows whose content is not known are equal to none."""

    def __init__(self) -> None:
        self._single: dict[str, Row] = {}
        self._groups: dict[str, list[Row]] = {}
        """Only of two and more: nearly all photos are alone, and a list for each would take as much as the photo."""

    def add(self, row: Row) -> list[Row]:
        """Take in a row with its result; return the rows, itself among them, that have others from now on."""
        content = _content(row)
        if not content:
            return []
        if content in self._groups:
            self._groups[content].append(row)
            return self._groups[content]
        other = self._single.setdefault(content, row)
        if other is row:
            return []
        del self._single[content]
        self._groups[content] = [other, row]
        return self._groups[content]

    def discard(self, row: Row) -> list[Row]:
        """Forget a row before its result changes or it goes; return those that were equal to it, without itself."""
        content = _content(row)
        if self._single.get(content) is row:
            del self._single[content]
        group = self._groups.get(content)
        if group is None or row not in group:
            return []
        rest = self._groups[content] = [other for other in group if other is not row]
        if len(rest) == 1:
            self._single[content] = rest[0]
            del self._groups[content]
        return rest

    def with_content(self, content: str) -> list[Row]:
        """Return the rows whose file has this content, in the order in which they were added."""
        group = self._groups.get(content)
        if group is not None:
            return sorted(group, key=lambda row: row.number)
        single = self._single.get(content)
        return [] if single is None else [single]


def _content(row: Row) -> str:
    return row.result.content if row.result is not None else ""
