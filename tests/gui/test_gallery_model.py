"""The gallery model against a plain implementation, under `QAbstractItemModelTester`."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from driving import WAIT_MS, scored
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from catdog_desktop.gallery.groups import GROUPINGS
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter
from catdog_desktop.gui.gallery import gallery_model
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, THUMBNAIL_ROLE, GalleryModel
from catdog_desktop.settings import SORT_KEYS
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict

SECONDARY_FILTERS = (
    SecondaryFilter(),
    SecondaryFilter(),
    SecondaryFilter(folder=Path("/photos")),
    SecondaryFilter(folder=Path("/photos/deep"), cat=(0.3, 0.8)),
    SecondaryFilter(first_day=date(2024, 5, 3), dog=(0.0, 0.5)),
    SecondaryFilter(first_day=date(2024, 5, 2), last_day=date(2024, 5, 6)),
    SecondaryFilter(last_day=date(2024, 5, 4)),
)
FEATURES = np.linspace(0.1, 1.0, 8, dtype=np.float32)
THRESHOLDS = (Thresholds(), Thresholds(0.3, 0.7, 0.1), Thresholds(0.9, 0.2, 0.0))


@pytest.fixture
def gallery(qapp: QApplication) -> Iterator[GalleryModel]:
    model = GalleryModel()
    yield model
    model.close()


def names(gallery: GalleryModel) -> list[str]:
    return [gallery.index(number).data() for number in range(gallery.rowCount())]


def headings(gallery: GalleryModel) -> list[object]:
    """Return the group of each shown photo, as the oracle names them."""
    found: list[object] = []
    for group in gallery.groups:
        assert group.first == len(found)
        month = None if group.month is None else (group.month.year, group.month.month)
        found += [group.folder.parts if group.folder is not None else month] * group.count
    return found


def _paths(*stems: str) -> list[Path]:
    return [Path("/photos") / stem for stem in stems]


def _is_near(score: float, low: float, high: float) -> bool:
    """Return whether `score` is within 0.15 of the unsure range, and nearer to it than to 0 and 1."""
    if score < low:
        return low - score < 0.15 and low - score < score
    return score < high or (score - high < 0.15 and score - high < 1 - score)


@dataclass
class _Known:
    """State of a photo in the oracle."""

    number: int = 0
    state: str = "waiting"
    result: Result | None = None


class _Oracle:
    """A plain implementation of the model: no Qt, no increments; computes everything on each call."""

    def __init__(self) -> None:
        self.photos: dict[Path, _Known] = {}
        self.query = Query()
        self.thresholds = Thresholds()

    def verdict(self, path: Path) -> str | None:
        result = self.photos[path].result
        if result is None:
            return None
        if result.correction is not None:
            return result.correction.value
        if result.scores is None:
            return None
        limits, scores = self.thresholds, result.scores
        if abs(scores.cat - limits.cat) < limits.unsure or abs(scores.dog - limits.dog) < limits.unsure:
            return "unsure"
        found = (scores.cat >= limits.cat, scores.dog >= limits.dog)
        return {(True, True): "both", (True, False): "cat", (False, True): "dog", (False, False): "neither"}[found]

    def is_problem(self, path: Path) -> bool:
        known = self.photos[path]
        return known.state == "failed" or (known.result is not None and known.result.info.damaged)

    def is_corrected(self, path: Path) -> bool:
        result = self.photos[path].result
        return result is not None and result.correction is not None

    def doubt(self, path: Path) -> float | None:
        """Return the distance to another verdict; None if it is large or unknown."""
        result = self.photos[path].result
        if result is None or result.scores is None or result.correction is not None:
            return None
        scores, limits = result.scores, self.thresholds
        margin = min(abs(scores.cat - limits.cat), abs(scores.dog - limits.dog))
        looked_at = limits.judge(scores) is Verdict.UNSURE or any(
            _is_near(score, limit - limits.unsure, limit + limits.unsure)
            for score, limit in ((scores.cat, limits.cat), (scores.dog, limits.dog))
        )
        return margin if looked_at else None

    def group(self, path: Path) -> list[int]:
        """Return the numbers of the photos with the same fingerprint, including its own."""
        result = self.photos[path].result
        if result is None or not result.fingerprint:
            return []
        return [
            known.number
            for known in self.photos.values()
            if known.result is not None and known.result.fingerprint == result.fingerprint
        ]

    def others(self, path: Path) -> list[int]:
        return sorted(set(self.group(path)) - {self.photos[path].number})

    def passes(self, path: Path, filter_: Filter) -> bool:
        tests = {
            Filter.ALL: lambda: True,
            Filter.PROBLEM: lambda: self.is_problem(path),
            Filter.CORRECTED: lambda: self.is_corrected(path),
            Filter.TO_CHECK: lambda: self.doubt(path) is not None,
            Filter.DUPLICATES: lambda: len(self.group(path)) > 1,
        }
        return bool(tests.get(filter_, lambda: self.verdict(path) == filter_.value)())

    def is_among(self, path: Path) -> bool:
        """Return whether the photo passes the search and the secondary filter."""
        secondary, result = self.query.secondary, self.photos[path].result
        scores, taken = (result.scores, result.info.date) if result is not None else (None, None)
        if not self.matches_search(path, result):
            return False
        if secondary.folder is not None and secondary.folder not in path.parents:
            return False
        for number, (low, high) in enumerate((secondary.cat, secondary.dog)):
            if (low, high) != (0.0, 1.0):
                percent = None if scores is None else round((scores.cat, scores.dog)[number] * 100)
                if percent is None or not round(low * 100) <= percent <= round(high * 100):
                    return False
        first, last = secondary.first_day, secondary.last_day
        if (first or last) and taken is None:
            return False
        return (first is None or taken.date() >= first) and (last is None or taken.date() <= last)

    def matches_search(self, path: Path, result: Result | None) -> bool:
        search = self.query.search
        if search == "is:dog -img_1":
            return self.verdict(path) == "dog" and "img_1" not in path.name.casefold()
        if search == "cat:>0.4 deep":
            return result is not None and result.scores is not None and result.scores.cat > 0.41 and "deep" in str(path)
        return search.casefold() in str(path).casefold()

    def shown(self) -> list[Path]:
        shown = self.ordered()
        query = self.query
        if query.grouping == "none" or query.filter in (Filter.TO_CHECK, Filter.DUPLICATES):
            return shown
        groups = [self.heading(path) for path in shown]
        keys = sorted({group for group in groups if group is not None})
        if query.descending and query.sort_key == {"month": "date", "folder": "folder"}[query.grouping]:
            keys.reverse()
        return [path for key in [*keys, None] for path, group in zip(shown, groups, strict=True) if group == key]

    def heading(self, path: Path) -> object:
        """Return the group of a photo; None without a date."""
        if self.query.grouping == "folder":
            return path.parent.parts
        result = self.photos[path].result
        date = result.info.date if result is not None else None
        return None if date is None else (date.year, date.month)

    def headings(self) -> list[object]:
        """Return the group of each shown photo; nothing without groups."""
        if self.query.grouping == "none" or self.query.filter in (Filter.TO_CHECK, Filter.DUPLICATES):
            return []
        return [self.heading(path) for path in self.shown()]

    def ordered(self) -> list[Path]:
        query = self.query
        chosen = [path for path in self.photos if self.is_among(path) and self.passes(path, query.filter)]
        if query.filter is Filter.TO_CHECK:
            return sorted(chosen, key=self.doubt)
        if query.filter is Filter.DUPLICATES:
            shown = {self.photos[path].number for path in chosen}
            return sorted(chosen, key=lambda path: min(shown.intersection(self.group(path))))
        if query.sort_key == "added":
            return chosen[::-1] if query.descending else chosen
        values = {path: self._value(path) for path in chosen}
        have = [path for path in chosen if values[path] is not None]
        if query.sort_key in ("name", "folder"):  # descending order is the exact reverse
            have.sort(key=lambda path: values[path])
            return have[::-1] if query.descending else have
        have.sort(key=lambda path: values[path], reverse=query.descending)
        return have + [path for path in chosen if values[path] is None]

    def _value(self, path: Path) -> object:
        if self.query.sort_key == "name":
            # All names are IMG_<number>.jpg, so the natural order is by number.
            return int(path.stem.partition("_")[2])
        result = self.photos[path].result
        if self.query.sort_key == "folder":
            return path.parent.parts, int(path.stem.partition("_")[2])
        if self.query.sort_key == "verdict":
            verdict = self.verdict(path)
            return None if verdict is None else list(Verdict).index(Verdict(verdict))
        if self.query.sort_key == "rating":
            return result.rating if result is not None else None
        if result is None or result.scores is None:
            return None
        limits, scores = self.thresholds, result.scores
        if self.query.sort_key == "certainty":
            return min(abs(scores.cat - limits.cat), abs(scores.dog - limits.dog))
        return {
            "size": result.info.file_bytes,
            "date": result.info.date,
            "cat": result.scores.cat,
            "dog": result.scores.dog,
        }[self.query.sort_key]


class _Game:
    """Makes random changes to the model and to the oracle."""

    def __init__(self, gallery: GalleryModel, seed: int) -> None:
        self.gallery = gallery
        self.oracle = _Oracle()
        self.chance = random.Random(seed)
        self.added = 0

    def move(self) -> str:
        moves = (self.add, self.take, self.take, self.fail, self.stop, self.remove, self.reorder, self.reorder)
        move = self.chance.choice((*moves, self.move_thresholds, self.correct, self.move_files))
        move()
        return move.__name__

    def some(self, most: int) -> list[Path]:
        known = list(self.oracle.photos)
        return self.chance.sample(known, min(len(known), self.chance.randint(0, most)))

    def path(self) -> Path:
        # Each number is in one folder only, so that names are unique.
        number = self.chance.randint(1, 400)
        return Path(("/photos", "/photos/deep", "/photos/deep/er", "/photos2")[number % 4], f"IMG_{number}.jpg")

    def add(self) -> None:
        paths = [self.path() for _ in range(self.chance.randint(1, 40))]
        self.gallery.add(paths)
        for path in paths:
            if path not in self.oracle.photos:
                self.oracle.photos[path] = _Known(self.added)
                self.added += 1

    def take(self) -> None:
        results = []
        for path in self.some(30):
            # Few values, so that there are ties.
            result = scored(
                path, self.chance.randint(1, 9) / 10, self.chance.randint(1, 9) / 10, day=self.chance.randint(1, 9)
            )
            info = replace(result.info, file_bytes=self.chance.randint(1, 9))
            if self.chance.random() < 0.5:
                info = replace(info, date=datetime(2023, self.chance.randint(1, 12), 3))
            result = replace(result, info=info, rating=self.chance.choice((None, 1, 5)))
            content = str(self.chance.randint(1, 60)) if self.chance.random() < 0.8 else ""
            results.append(
                replace(result, info=replace(result.info, damaged=self.chance.random() < 0.1), fingerprint=content)
            )
        self.gallery.apply_results([*results, scored(Path("/not/listed.jpg"), 0.5, 0.5)])
        self.note("done", results)

    def fail(self) -> None:
        results = [Result(path, error="is damaged and cannot be decoded", fingerprint="bad") for path in self.some(5)]
        self.gallery.apply_results(results)
        self.note("failed", results)

    def correct(self) -> None:
        results = []
        for path in self.some(8):
            result = self.oracle.photos[path].result
            if result is not None and result.error is None:
                results.append(replace(result, correction=self.chance.choice((*Verdict, None))))
        self.gallery.apply_results(results)
        self.note("done", results)

    def note(self, state: str, results: list[Result]) -> None:
        for result in results:
            known = self.oracle.photos[result.path]
            known.state, known.result = state, result

    def stop(self) -> None:
        paths = [path for path in self.some(20) if self.oracle.photos[path].state == "waiting"]
        self.gallery.set_state([*paths, Path("/not/listed.jpg")], State.STOPPED)
        for path in paths:
            self.oracle.photos[path].state = "stopped"

    def remove(self) -> None:
        paths = self.some(15)
        self.gallery.remove([*paths, Path("/not/listed.jpg")])
        for path in paths:
            del self.oracle.photos[path]

    def move_files(self) -> None:
        places = {path: path.parent / "elsewhere" / path.name for path in self.some(3)}
        self.gallery.move(places)
        for new in places.values():
            self.oracle.photos.pop(new, None)
        self.oracle.photos = {places.get(path, path): known for path, known in self.oracle.photos.items()}
        for new in places.values():
            known = self.oracle.photos[new]
            known.result = replace(known.result, path=new) if known.result is not None else None

    def reorder(self) -> None:
        self.oracle.query = Query(
            filter=self.chance.choice(list(Filter)) if self.chance.random() < 0.5 else Filter.ALL,
            search=self.chance.choice(("", "", "img_1", "9.JPG", "nowhere", "is:dog -img_1", "cat:>0.4 deep")),
            sort_key=self.chance.choice(SORT_KEYS),
            descending=self.chance.random() < 0.5,
            secondary=self.chance.choice(SECONDARY_FILTERS),
            grouping=self.chance.choice(("none", *GROUPINGS)),
        )
        self.gallery.set_query(self.oracle.query)

    def move_thresholds(self) -> None:
        self.oracle.thresholds = self.chance.choice(THRESHOLDS)
        self.gallery.set_thresholds(self.oracle.thresholds)


@pytest.mark.parametrize("seed", range(7))
@pytest.mark.parametrize("most_gaps", [0, 256], ids=["often numbered anew", "seldom"])
def test_random_changes_agree_with_plain_implementation(
    gallery: GalleryModel, monkeypatch: pytest.MonkeyPatch, seed: int, most_gaps: int
) -> None:
    monkeypatch.setattr(gallery_model, "_MOST_GAPS", most_gaps)
    tester = QAbstractItemModelTester(gallery, QAbstractItemModelTester.FailureReportingMode.Fatal)
    game = _Game(gallery, seed)
    followed: list[tuple[Row, QPersistentModelIndex]] = []
    for step in range(120):
        move = game.move()
        expected = game.oracle.shown()
        shown = [gallery.index(number).data(ROW_ROLE).path for number in range(gallery.rowCount())]
        assert shown == expected, f"step {step}, {move}, {game.oracle.query}"
        for number, path in enumerate(expected):
            row: Row = gallery.index(number).data(ROW_ROLE)
            assert gallery.index_of(path).row() == number
            assert (row.verdict and row.verdict.value) == game.oracle.verdict(path)
            assert row.state.value == game.oracle.photos[path].state
        hidden = set(game.oracle.photos) - set(expected)
        assert all(not gallery.index_of(path).isValid() for path in hidden)
        assert headings(gallery) == game.oracle.headings()
        assert gallery.total == len(game.oracle.photos)
        assert gallery.counts() == {
            filter_: sum(
                game.oracle.is_among(path) and game.oracle.passes(path, filter_) for path in game.oracle.photos
            )
            for filter_ in Filter
        }
        _check_followed(followed)
        indexes = [gallery.index(number) for number in range(0, len(expected), 7)]
        followed = [(index.data(ROW_ROLE), QPersistentModelIndex(index)) for index in indexes]
    assert tester.model() is gallery


def _check_followed(followed: list[tuple[Row, QPersistentModelIndex]]) -> None:
    """Persistent indexes (selection, current photo) keep pointing at their photo, or become invalid."""
    for row, index in followed:
        if index.isValid():
            assert index.data(ROW_ROLE) is row


def test_persistent_index_follows_its_row_through_every_order(gallery: GalleryModel) -> None:
    paths = _paths(*(f"IMG_{number}.jpg" for number in range(50)))
    gallery.add(paths)
    gallery.apply_results([scored(path, (number * 7 % 50) / 50, 0.5) for number, path in enumerate(paths)])
    index = QPersistentModelIndex(gallery.index_of(paths[20]))
    for key in SORT_KEYS:
        for descending in (False, True):
            gallery.set_query(Query(sort_key=key, descending=descending))
            assert index.isValid()
            assert index.data(ROW_ROLE).path == paths[20]


def test_photos_that_come_and_go_leave_nothing_in_the_gallery(gallery: GalleryModel) -> None:
    stays = _paths("b.jpg", "a.jpg", "b.jpg copy.jpg")
    gallery.add(stays)
    gallery.apply_results([replace(scored(path, 0.9, 0.1), fingerprint="same", features=FEATURES) for path in stays])
    for number in range(20):
        passing = _paths(*(f"day {number}/{name}.jpg" for name in range(50)))
        gallery.add(passing)
        gallery.apply_results([replace(scored(path, 0.9, 0.1), features=FEATURES) for path in passing])
        gallery.remove(passing)
    rows, features, _margins = gallery.to_stack()
    assert 3 <= len(rows) == len(features) <= 3 + 256 + 50
    assert [row.path for row in gallery.rows_shown()] == stays
    first = gallery.row_of(stays[0])
    assert first is not None
    assert gallery.has_features(first)
    assert [row.path for row in gallery.duplicates_of(first)] == stays[1:]
    assert gallery.folders() == {str(stays[0].parent): 3}
    gallery.set_query(Query(sort_key="name"))
    assert names(gallery) == ["a.jpg", "b.jpg", "b.jpg copy.jpg"]


@pytest.mark.parametrize("is_open", [False, True])
def test_stacks_stay_when_rows_are_numbered_anew(
    gallery: GalleryModel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, is_open: bool
) -> None:
    monkeypatch.setattr(gallery_model, "_MOST_GAPS", 0)
    paths = _paths(*(f"{number}.jpg" for number in range(9)))
    gallery.add(paths)
    gallery.apply_results([scored(path, 0.9, 0.1) for path in paths])
    gallery.set_stacks([[8, 6, 7]])
    opened = frozenset({7}) if is_open else frozenset()
    gallery.set_query(Query(stacks=True, open_stacks=opened))
    with qtbot.waitSignal(gallery.renumbered, timeout=WAIT_MS):
        gallery.remove(paths[:5])
    stack = gallery.row_of(paths[8])
    assert stack is not None
    assert [row.path for row in gallery.stack_of(stack)] == [paths[8], paths[6], paths[7]]
    assert names(gallery) == (["5.jpg", "8.jpg", "6.jpg", "7.jpg"] if is_open else ["5.jpg", "8.jpg"])
    assert [row.number for row in gallery.rows()] == [0, 1, 2, 3]
    assert gallery.query.open_stacks == (frozenset({2}) if is_open else frozenset())


def test_rows_keep_their_numbers_while_similar_photos_come_first(
    gallery: GalleryModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The photo that they are similar to may be removed itself."""
    monkeypatch.setattr(gallery_model, "_MOST_GAPS", 0)
    paths = _paths("a.jpg", "b.jpg", "c.jpg")
    gallery.add(paths)
    near = FEATURES + np.eye(1, FEATURES.size, dtype=np.float32)[0] / 10
    gallery.apply_results(
        [
            replace(scored(path, 0.9, 0.1), features=vector)
            for path, vector in zip(paths, (FEATURES, -FEATURES, near), strict=True)
        ]
    )
    gallery.set_query(Query(similar_to=(0,)))
    gallery.remove(paths[:1])
    assert names(gallery) == ["c.jpg", "b.jpg"]


def test_sort_by_name_is_natural(gallery: GalleryModel) -> None:
    gallery.add(_paths("img10.jpg", "IMG9.jpg", "img2.jpg", "b.jpg", "A.jpg", "img2b.jpg", "10.jpg", "9.jpg"))
    gallery.set_query(Query(sort_key="name"))
    assert names(gallery) == [
        "9.jpg", "10.jpg", "A.jpg", "b.jpg", "img2.jpg", "img2b.jpg", "IMG9.jpg", "img10.jpg",
    ]  # fmt: skip


def test_unusual_names_are_sorted_and_shown(gallery: GalleryModel) -> None:
    odd = _paths("²³.jpg", "١٢.jpg", "a\nb.jpg", "\udcff.jpg", "1" * 200, "猫.jpg", " ", "-5.jpg")
    gallery.add(odd)
    gallery.set_query(Query(sort_key="name"))
    assert gallery.rowCount() == len(odd)
    for number in range(len(odd)):
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            text = gallery.index(number).data(role)
            assert text
            text.encode("utf-8")


def test_photos_without_score_come_last_in_both_directions(gallery: GalleryModel) -> None:
    gallery.add(_paths("waits.jpg", "low.jpg", "high.jpg", "broken.jpg"))
    gallery.apply_results([scored(Path("/photos/low.jpg"), 0.1, 0.9), scored(Path("/photos/high.jpg"), 0.9, 0.1)])
    gallery.apply_results([Result(Path("/photos/broken.jpg"), error="is damaged and cannot be decoded")])
    gallery.set_query(Query(sort_key="cat"))
    assert names(gallery) == ["low.jpg", "high.jpg", "waits.jpg", "broken.jpg"]
    gallery.set_query(Query(sort_key="cat", descending=True))
    assert names(gallery) == ["high.jpg", "low.jpg", "waits.jpg", "broken.jpg"]


def test_result_that_passes_the_filter_inserts_its_row(gallery: GalleryModel) -> None:
    gallery.add(_paths("a.jpg", "b.jpg"))
    gallery.set_query(Query(filter=Filter.CAT))
    assert names(gallery) == []
    gallery.apply_results([scored(Path("/photos/b.jpg"), 0.95, 0.05)])
    assert names(gallery) == ["b.jpg"]


def test_results_emit_data_changed_for_their_rows_only(gallery: GalleryModel) -> None:
    paths = _paths(*(f"{number}.jpg" for number in range(10)))
    gallery.add(paths)
    changed: list[tuple[int, int]] = []
    gallery.dataChanged.connect(lambda first, last, roles: changed.append((first.row(), last.row())))
    gallery.apply_results([scored(paths[number], 0.9, 0.1) for number in (7, 2, 3, 9)])
    assert changed == [(2, 3), (7, 7), (9, 9)]


def test_selection_survives_sorting(gallery: GalleryModel) -> None:
    paths = _paths("c.jpg", "a.jpg", "b.jpg")
    gallery.add(paths)
    selection = QItemSelectionModel(gallery)
    for path in paths[:2]:
        selection.select(gallery.index_of(path), QItemSelectionModel.SelectionFlag.Select)
    gallery.set_query(Query(sort_key="name", descending=True))
    assert {index.data() for index in selection.selectedIndexes()} == {"c.jpg", "a.jpg"}


def test_thresholds_change_verdicts_and_keep_results(gallery: GalleryModel) -> None:
    path = Path("/photos/a.jpg")
    gallery.add([path])
    result = scored(path, 0.6, 0.1)
    gallery.apply_results([result])
    gallery.set_thresholds(Thresholds(0.5, 0.5, 0.0))
    row = gallery.row_of(path)
    assert row is not None
    assert row.verdict is not None
    assert row.verdict.value == "cat"
    gallery.set_thresholds(Thresholds(0.7, 0.5, 0.0))
    assert row.verdict.value == "neither"
    assert row.result is result
    assert row.result.scores == Scores(0.6, 0.1)


def test_thumbnail_is_decoded_later_and_announced(gallery: GalleryModel, jpegs: dict[str, bytes], qtbot: QtBot) -> None:
    path = Path("/photos/a.jpg")
    gallery.add([path])
    gallery.apply_results([scored(path, 0.9, 0.1, thumbnail=jpegs["chelsea"])])
    with qtbot.waitSignal(
        gallery.dataChanged, timeout=WAIT_MS, check_params_cb=lambda first, last, roles: THUMBNAIL_ROLE in roles
    ):
        assert gallery.index(0).data(THUMBNAIL_ROLE) is None
    image = gallery.index(0).data(THUMBNAIL_ROLE)
    assert (image.width(), image.height()) == (320, 213)
    assert image.pixelColor(160, 60).red() > image.pixelColor(160, 60).blue(), "the cat is ginger, not blue"


def test_thumbnail_of_photo_that_was_removed_meanwhile_is_dropped(
    gallery: GalleryModel, jpegs: dict[str, bytes], qtbot: QtBot
) -> None:
    paths = [Path("/photos/a.jpg"), Path("/photos/b.jpg")]
    gallery.add(paths)
    gallery.apply_results([scored(path, 0.9, 0.1, thumbnail=jpegs["chelsea"]) for path in paths])
    decoded: list[Path] = []
    gallery._thumbnails.ready.connect(decoded.extend)
    for number in range(2):
        assert gallery.index(number).data(THUMBNAIL_ROLE) is None
    gallery.remove(paths[:1])
    qtbot.waitUntil(lambda: len(decoded) == 2, timeout=WAIT_MS)
    assert list(gallery._thumbnails._kept) == paths[1:]


def test_photo_without_thumbnail_requests_none(gallery: GalleryModel) -> None:
    path = Path("/photos/a.jpg")
    gallery.add([path])
    assert gallery.index(0).data(THUMBNAIL_ROLE) is None
    gallery.apply_results([Result(path, error="is no longer there")])
    assert gallery.index(0).data(THUMBNAIL_ROLE) is None


def test_sort_and_filter_with_5000_rows(gallery: GalleryModel) -> None:
    chance = random.Random(5000)
    numbers = list(range(5000))
    chance.shuffle(numbers)
    paths = _paths(*(f"IMG_{number}.jpg" for number in numbers))
    gallery.add(paths)
    scores = {path: (chance.random(), chance.random()) for path in paths}
    gallery.apply_results([scored(path, *scores[path]) for path in paths])
    gallery.set_thresholds(Thresholds(0.5, 0.5, 0.0))
    gallery.set_query(Query(sort_key="cat", descending=True))
    assert names(gallery) == [path.name for path in sorted(paths, key=lambda path: -scores[path][0])]
    gallery.set_query(Query(filter=Filter.BOTH, sort_key="name"))
    both = sorted(int(path.stem[4:]) for path in paths if min(scores[path]) >= 0.5)
    assert names(gallery) == [f"IMG_{number}.jpg" for number in both]
    gallery.set_query(Query(search="_77"))
    assert names(gallery) == [path.name for path in paths if "_77" in path.name]
    gallery.set_query(Query())
    assert names(gallery) == [path.name for path in paths]
