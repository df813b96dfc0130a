"""Geometry of sections against a plain list of lines."""

import random

import pytest

from catdog_desktop.gallery.section_layout import SectionLayout

CELL, HEADING = 40, 25


def plain(count: int, columns: int, starts: list[int]) -> list[tuple[int, int, list[int]]]:
    """Return the lines as top, height and positions; a heading has no positions."""
    lines, top = [], 0
    for start, end in zip(starts or [0], [*(starts or [0])[1:], count], strict=True):
        if starts:
            lines.append((top, HEADING, []))
            top += HEADING
        for first in range(start, end, columns):
            lines.append((top, CELL, list(range(first, min(first + columns, end)))))
            top += CELL
    return lines


@pytest.mark.parametrize("seed", range(20))
def test_layout_agrees_with_plain_lines(seed: int) -> None:
    chance = random.Random(seed)
    count, columns = chance.randint(1, 40), chance.randint(1, 6)
    starts = sorted({0, *(chance.randrange(count) for _ in range(5))}) if seed % 3 else []
    layout = SectionLayout(count, columns, CELL, HEADING, starts)
    lines = plain(count, columns, starts)
    rows = [positions for _top, _height, positions in lines if positions]
    assert layout.height == lines[-1][0] + lines[-1][1]
    for top, height, positions in lines:
        for column, position in enumerate(positions):
            assert layout.place(position) == (top, column)
        for y in (top, top + height - 1):
            assert [layout.at(y, column) for column in range(-1, columns + 1)] == [
                None, *positions, *[None] * (columns - len(positions)), None,
            ]  # fmt: skip
            assert (layout.heading_at(y) is not None) is (not positions)
    assert layout.at(-1, 0) is None
    assert layout.at(layout.height, 0) is None
    for number, positions in enumerate(rows):
        before, after = rows[max(0, number - 1)], rows[min(len(rows) - 1, number + 1)]
        for column, position in enumerate(positions):
            above, below = before[min(column, len(before) - 1)], after[min(column, len(after) - 1)]
            assert layout.above(position) == (above if before is not positions else position)
            assert layout.below(position) == (below if after is not positions else position)
    for _ in range(30):
        top = chance.randint(-50, layout.height + 50)
        bottom = top + chance.randint(0, 200)
        met = [p for y, height, positions in lines if y < bottom and y + height > top for p in positions]
        assert list(layout.within(top, bottom)) == (met if bottom > top else [])
        shown = [y for y, height, positions in lines if not positions and y < bottom and y + height > top]
        assert [y for _section, y in layout.headings_within(top, bottom)] == shown
        chosen = range(chance.randrange(columns), columns)
        touched = [
            p
            for y, height, positions in lines
            if y <= bottom and y + height > top
            for column, p in enumerate(positions)
            if column in chosen
        ]
        ranges = layout.ranges_touching(chosen, top, bottom)
        assert [p for first, last in ranges for p in range(first, last + 1)] == touched


def test_layout_without_cells_is_empty() -> None:
    layout = SectionLayout(0, 3, CELL)
    assert layout.height == 0
    assert list(layout.within(0, 100)) == []
    assert layout.at(0, 0) is None
