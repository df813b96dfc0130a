"""Places cells of one size in lines, in sections with headings, and finds them by arithmetic."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np


class SectionLayout:
    """Where `count` cells are: `columns` per line, each section beginning with a heading and a new line.

    All heights are in points from the top of the content. Without `starts` there is one section without a heading.
    """

    def __init__(
        self, count: int, columns: int, cell_height: int, heading_height: int = 0, starts: Sequence[int] = ()
    ) -> None:
        """Lay out. `starts` has the first position of each section, in ascending order, and begins with 0."""
        self.count = count
        self._columns = columns
        self._cell = cell_height
        self._heading = heading_height if starts else 0
        starts = starts or (0,)
        bounds = np.array([*starts, count], np.int64)
        lines = -(-np.diff(bounds) // columns)
        ends = np.cumsum(lines * cell_height + self._heading)
        self._starts: list[int] = bounds[:-1].tolist()
        self._ends: list[int] = bounds[1:].tolist()
        self._tops: list[int] = [0, *ends[:-1].tolist()]
        """Top of each section's heading."""
        self.height = int(ends[-1])

    def place(self, position: int) -> tuple[int, int]:
        """Return top and column of a cell."""
        section = self.section_of(position)
        line, column = divmod(position - self._starts[section], self._columns)
        return self._tops[section] + self._heading + line * self._cell, column

    def at(self, y: int, column: int) -> int | None:
        """Return the position of the cell at a height and in a column; None beside the cells."""
        if not 0 <= y < self.height or not 0 <= column < self._columns:
            return None
        section, line = self._line_at(y)
        position = self._starts[section] + line * self._columns + column
        return position if line >= 0 and position < self._ends[section] else None

    def nearest(self, y: int, column: int) -> int:
        """Return the position of the cell at a height and in a column, or of one near it."""
        section, line = self._line_at(min(max(0, y), max(0, self.height - 1)))
        position = self._starts[section] + max(0, line) * self._columns + min(max(0, column), self._columns - 1)
        return max(0, min(position, self._ends[section] - 1))

    def first_of(self, section: int) -> int:
        """Return the first position of a section."""
        return self._starts[section]

    def top_of(self, section: int) -> int:
        """Return the top of a section with its heading."""
        return self._tops[section]

    def within(self, top: int, bottom: int) -> range:
        """Return the positions of the cells in the lines that meet the heights `top` to `bottom`, exclusive."""
        if not self.count or bottom <= 0 or top >= self.height or bottom <= top:
            return range(0)
        section, line = self._line_at(max(0, top))
        first = self._starts[section] + max(0, line) * self._columns
        section, line = self._line_at(min(bottom, self.height) - 1)
        # A heading alone shows no cell of its section.
        end = min(self._starts[section] + (line + 1) * self._columns, self._ends[section])
        return range(first, max(first, end))

    def headings_within(self, top: int, bottom: int) -> Iterator[tuple[int, int]]:
        """Yield section and top of each heading that meets the heights `top` to `bottom`, exclusive."""
        if not self._heading:
            return
        section = max(0, bisect_right(self._tops, top - self._heading))
        while section < len(self._tops) and self._tops[section] < bottom:
            yield section, self._tops[section]
            section += 1

    def heading_at(self, y: int) -> int | None:
        """Return the section whose heading is at this height."""
        return next((section for section, _top in self.headings_within(y, y + 1)), None)

    def above(self, position: int) -> int:
        """Return the cell above, in the line before; the same cell in the first line."""
        top, column = self.place(position)
        section = self.section_of(position)
        if top > self._tops[section] + self._heading:
            return position - self._columns
        if section == 0:
            return position
        start, end = self._starts[section - 1], self._ends[section - 1]
        last_line = start + (end - 1 - start) // self._columns * self._columns
        return min(last_line + column, end - 1)

    def below(self, position: int) -> int:
        """Return the cell below, in the next line; the same cell in the last line."""
        section = self.section_of(position)
        start, end = self._starts[section], self._ends[section]
        line, column = divmod(position - start, self._columns)
        next_line = start + (line + 1) * self._columns
        if next_line < end:
            return min(next_line + column, end - 1)
        if section + 1 == len(self._starts):
            return position
        return min(end + column, self._ends[section + 1] - 1)

    def ranges_touching(self, columns: range, top: int, bottom: int) -> list[tuple[int, int]]:
        """Return first and last position of each run of cells in `columns` from `top` to `bottom`, inclusive."""
        found: list[tuple[int, int]] = []
        positions = self.within(top, bottom + 1)
        first = positions.start
        while first < positions.stop:
            section = self.section_of(first)
            end = min(self._ends[section], positions.stop)
            if len(columns) == self._columns:
                found.append((first, end - 1))
            else:
                found += [
                    (line + columns.start, min(line + columns.stop, end) - 1)
                    for line in range(first, end, self._columns)
                    if line + columns.start < end
                ]
            first = end
        return found

    def section_of(self, position: int) -> int:
        """Return the section of a cell."""
        return max(0, bisect_right(self._starts, position) - 1)

    def _line_at(self, y: int) -> tuple[int, int]:
        """Return the section at a height, and its line; the line is -1 on the heading."""
        section = max(0, bisect_right(self._tops, y) - 1)
        return section, max(-1, (y - self._tops[section] - self._heading) // self._cell)
