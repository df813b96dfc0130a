"""Closed and open stacks in the order of the gallery."""

import numpy as np

from catdog_desktop.gallery.stacked_rows import OpenPlace, StackedRows, StackTable


def table(*stacks: list[int], count: int = 10) -> StackTable:
    made = StackTable()
    made.put(stacks, count)
    return made


def close(
    made: StackTable, order: list[int], opened: set[int] = frozenset(), groups: list[int] | None = None
) -> StackedRows:
    keys = None if groups is None else np.array(groups)
    return made.close_up(np.array(order, np.int32), opened, keys)


def test_close_up_shows_the_best_where_the_first_was() -> None:
    found = close(table([7, 2, 5]), [1, 2, 3, 5, 7, 9])
    assert found.shown.tolist() == [1, 7, 3, 9]
    assert found.behind == {7: [7, 2, 5]}
    assert found.opened == {}


def test_close_up_open_stack_is_side_by_side() -> None:
    found = close(table([7, 2, 5], [9, 3]), [1, 2, 3, 5, 7, 9], {5})
    assert found.shown.tolist() == [1, 7, 2, 5, 9]
    assert found.behind == {9: [9, 3]}
    assert found.opened == {7: OpenPlace(1, 3), 2: OpenPlace(2, 3), 5: OpenPlace(3, 3)}


def test_rows_behind_cards_are_counted_and_listed() -> None:
    found = close(table([7, 2, 5], [9, 3], [8, 6]), [1, 2, 3, 5, 6, 7, 8, 9], {9})
    assert found.shown.tolist() == [1, 7, 9, 3, 8]
    assert found.with_hidden(found.shown).tolist() == [1, 7, 2, 5, 9, 3, 8, 6]
    assert found.hidden_behind(np.array([1, 7, 9], np.int32)) == 2
    assert found.but_best() == [2, 5, 6, 3]
    assert found.hidden.tolist() == [2, 5, 6]
    assert found.cards.tolist() == [7, 7, 8]


def test_close_up_hidden_photos_do_not_count() -> None:
    found = close(table([7, 2, 5]), [1, 5, 2])
    assert found.shown.tolist() == [1, 2], "the best that is shown"
    assert found.behind == {2: [2, 5]}
    assert close(table([7, 2, 5]), [1, 5, 8]).behind == {}, "one photo is no stack"


def test_close_up_does_not_cross_groups() -> None:
    found = close(table([7, 2, 5, 3]), [2, 7, 3, 5], groups=[1, 1, 2, 2])
    assert found.shown.tolist() == [7, 5]
    assert found.behind == {7: [7, 2], 5: [5, 3]}


def test_close_up_rows_added_since_are_in_no_stack() -> None:
    found = close(table([1, 0], count=2), [0, 5, 1, 9], {9})
    assert found.shown.tolist() == [1, 5, 9]


def test_members_are_in_order_with_the_best_first() -> None:
    made = table([7, 2, 5])
    assert made.members(5) == [7, 2, 5]
    assert made.members(4) == []
    assert made.members(99) == []
    assert not made.is_empty
    assert StackTable().is_empty


def test_close_up_agrees_with_a_simple_loop() -> None:
    chance = np.random.default_rng(2)
    for _ in range(50):
        numbers = chance.permutation(60)
        stacks = [part.tolist() for part in np.split(numbers[:40], sorted(chance.choice(40, 9, replace=False)))]
        order = chance.permutation(60)[:45].tolist()
        opened = set(chance.choice(60, 3).tolist())
        shown, seen = [], set()
        for number in order:
            stack = next((stack for stack in stacks if number in stack), [number])
            members = [member for member in stack if member in order]
            if number not in seen:
                shown += members if opened & set(stack) else members[:1]
                seen.update(members)
        assert close(table(*stacks, count=60), order, opened).shown.tolist() == shown
