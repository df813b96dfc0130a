"""Similar photos first, look-alikes selected and marked with one key, suspicious photos to check."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from photo_kinds import Kind
from PySide6.QtCore import Qt

from catdog_desktop.gallery.query import Filter
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Verdict

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def farm(app: App, make_photos: Callable[..., list[Path]], model: ModelFile) -> dict[str, list[Path]]:
    """Add 6 dogs and 6 sheep by turns; the app takes all of them for dogs."""
    paths = make_photos(12, stem="farm_")
    kinds = {"dog": Kind(2, 0.01, 0.95), "sheep": Kind(1, 0.01, 0.9)}
    found: dict[str, list[Path]] = {"dog": paths[::2], "sheep": paths[1::2]}
    with Store.open() as store:
        for name, members in found.items():
            kind = kinds[name]
            store.keep([Result(path, scores=kind.scores, features=kind.features()) for path in members], model.identity)
    app.add(*paths)
    return found


def test_similar_photos_come_first_until_the_order_is_ended(app: App, farm: dict[str, list[Path]]) -> None:
    before = app.names
    app.select([farm["sheep"][3]])
    app.key(Qt.Key.Key_L, CTRL, on=app.window.gallery)
    app.wait_for(lambda: "come first" in app.message)
    names = app.names
    assert names[0] == farm["sheep"][3].name
    assert set(names[:6]) == {path.name for path in farm["sheep"]}
    assert app.message.startswith(f"The photos most like {farm['sheep'][3].name} come first.")
    app.follow("usual-order")
    assert app.names == before


def test_similar_to_several_photos_uses_their_mean(app: App, farm: dict[str, list[Path]]) -> None:
    app.select(farm["dog"][:3])
    app.run("photos.similar")
    app.wait_for(lambda: "come first" in app.message)
    assert set(app.names[:6]) == {path.name for path in farm["dog"]}
    assert app.message.startswith("The photos most like these 3 photos come first.")


def test_look_alikes_are_selected_and_marked_with_one_key(app: App, farm: dict[str, list[Path]]) -> None:
    app.select([farm["sheep"][0]])
    app.key(Qt.Key.Key_N, on=app.window.gallery)
    app.key(Qt.Key.Key_L, CTRL | ALT, on=app.window.gallery)
    app.wait_for(lambda: "selected" in app.message)
    assert {row.path for row in app.window.gallery.selected_rows} == set(farm["sheep"][1:])
    assert "5 photos like farm_2.jpg have another verdict and are selected." in app.message
    app.key(Qt.Key.Key_N, on=app.window.gallery)
    assert {app.row(path).verdict for path in farm["sheep"]} == {Verdict.NEITHER}
    assert {app.row(path).verdict for path in farm["dog"]} == {Verdict.DOG}


def test_mark_offers_to_select_look_alikes(app: App, farm: dict[str, list[Path]]) -> None:
    app.select([farm["sheep"][0]])
    app.key(Qt.Key.Key_N, on=app.window.gallery)
    app.wait_for(lambda: "Select 5 photos like it" in app.message)
    app.window.gallery.step(1)
    app.follow("select-alike")
    assert {row.path for row in app.window.gallery.selected_rows} == set(farm["sheep"][1:])


def test_photo_unlike_its_look_alikes_is_to_be_checked(app: App, farm: dict[str, list[Path]]) -> None:
    counts = app.window.session.gallery.counts
    assert counts()[Filter.TO_CHECK] == 0
    app.select([farm["sheep"][0]])
    app.key(Qt.Key.Key_N, on=app.window.gallery)
    app.wait_for(lambda: counts()[Filter.TO_CHECK] == 5)
    app.window.filtering.set_filter(Filter.TO_CHECK)
    assert set(app.names) == {path.name for path in farm["sheep"][1:]}


def test_known_photos_unlike_a_checked_one_are_to_be_checked(
    app: App, make_photos: Callable[..., list[Path]], model: ModelFile
) -> None:
    kind, paths = Kind(1, 0.01, 0.9), make_photos(5)
    with Store.open() as store:
        store.keep([Result(path, scores=kind.scores, features=kind.features()) for path in paths], model.identity)
        store.correct({paths[0]: Verdict.NEITHER})
    app.add(*paths)
    app.wait_for(lambda: app.window.session.gallery.counts()[Filter.TO_CHECK] == 4)
    app.window.filtering.set_filter(Filter.TO_CHECK)
    assert set(app.names) == {path.name for path in paths[1:]}


def test_features_of_known_photos_are_not_loaded_before_they_are_needed(app: App, farm: dict[str, list[Path]]) -> None:
    gallery, features = app.window.session.gallery, app.window.session.features
    rows = [app.row(path) for paths in farm.values() for path in paths]
    app.select([rows[0].path])
    assert app.action("photos.similar").isEnabled()
    assert not any(gallery.has_features(row) for row in rows)
    assert not features.is_complete
    called: list[bool] = []
    features.want(lambda: called.append(features.is_complete))
    app.wait_for(lambda: called)
    assert called == [True]
    assert all(gallery.has_features(row) for row in rows)
    features.want(lambda: called.append(True))  # They are there, so nothing is waited for.
    assert called == [True, True]


def test_mark_offers_nothing_below_a_later_message(app: App, farm: dict[str, list[Path]]) -> None:
    app.select([farm["sheep"][0]])
    app.key(Qt.Key.Key_N, on=app.window.gallery)
    app.window.status.say("Something else.")
    app.wait_for(lambda: app.window.session.features.is_complete)
    assert app.message == "Something else."


def test_similar_photos_need_features(app: App, cat: Path) -> None:
    assert not app.action("photos.similar").isEnabled()
    app.add(cat)
    app.select([cat])
    app.wait_for(lambda: app.action("photos.similar").isEnabled())
