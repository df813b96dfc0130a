"""The classifying thread survives exceptions in commands, walks and the store, and a refused model loses no command."""

import json
import shutil
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import WAIT_MS
from pytestqt.qtbot import QtBot

from catdog_desktop import freed_memory, pipeline, privacy
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.gui import photo_finder
from catdog_desktop.gui import worker as worker_module
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.worker import ClassifyThread
from catdog_desktop.gui.worker_commands import (
    Cancel,
    ClassifyAgain,
    Command,
    FindNewPhotos,
    FindPhotos,
    ForgetPhotos,
    LimitThumbnails,
    LoadFeatures,
    MovePhotos,
    Pause,
    Prioritize,
    ReadStoreSummary,
    RemovePhotos,
    SaveCorrections,
    SaveRatings,
    StopLost,
    UseLearnt,
    UseModel,
)
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Result, Verdict


class UnexpectedError(Exception):
    """What no part of the app raises by itself."""


def fail(*_args: object, **_kwargs: object) -> Any:
    raise UnexpectedError


class Worker:
    """A running thread and everything that it has reported."""

    def __init__(self, thread: ClassifyThread, qtbot: QtBot) -> None:
        self.thread = thread
        self._qtbot = qtbot
        self.results: list[Result] = []
        self.errors: list[type[BaseException]] = []
        self.progress: list[JobProgress] = []
        self.saved: list[dict[Path, Verdict | None] | None] = []
        self.stopped: list[Path] = []
        self.models: list[str] = []
        self.refused: list[str] = []
        self.summaries: list[object] = []
        thread.results_ready.connect(self.results.extend)
        thread.failed.connect(lambda error: self.errors.append(type(error)))
        thread.progress_changed.connect(self.progress.append)
        thread.corrections_saved.connect(self.saved.append)
        thread.photos_stopped.connect(self.stopped.extend)
        thread.model_ready.connect(lambda model: self.models.append(model.name))
        thread.model_refused.connect(self.refused.append)
        thread.store_summary.connect(self.summaries.append)

    def wait_for(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)

    def classify(self, paths: list[Path]) -> list[Path]:
        """Classify `paths`; return the paths of the results once the job has ended."""
        self.results.clear()
        self.progress.clear()
        self.thread.post(FindPhotos(tuple(paths)))
        self.wait_for(lambda: self.progress and not self.progress[-1].busy and len(self.results) >= len(paths))
        return sorted(result.path for result in self.results)


@pytest.fixture
def start(qtbot: QtBot, model_folder: Path) -> Iterator[Callable[..., Worker]]:
    """Return a function that starts a thread with commands posted to it before; each is stopped at the end."""
    threads: list[ClassifyThread] = []

    def start_(*commands: Command, **options: Any) -> Worker:
        thread = ClassifyThread(model_folder, **options)
        threads.append(thread)
        worker = Worker(thread, qtbot)
        for command in commands:
            thread.post(command)
        thread.start()
        return worker

    yield start_
    for thread in threads:
        thread.stop()
        assert thread.wait(WAIT_MS)


@pytest.fixture
def worker(start: Callable[..., Worker]) -> Worker:
    running = start()
    running.wait_for(lambda: running.models)
    return running


PATH = (Path("/nowhere/a.jpg"),)
FAILING: dict[str, tuple[Command, object, str]] = {
    "find": (FindPhotos(PATH), photo_finder, "find_photos"),
    "find new": (FindNewPhotos(PATH), photo_finder, "find_photos"),
    "classify again": (ClassifyAgain(PATH), Pipeline, "add"),
    "correct": (SaveCorrections({PATH[0]: Verdict.CAT}), Store, "correct"),
    "rate": (SaveRatings({PATH[0]: 3}), Store, "rate"),
    "pause": (Pause(paused=True), ClassifyThread, "_hold"),
    "use learnt": (UseLearnt(None, PATH), ClassifyThread, "_use_learnt"),
    "use model": (UseModel(Path("/nowhere")), worker_module, "load_model_file"),
    "remove": (RemovePhotos(PATH), Pipeline, "discard"),
    "load features": (LoadFeatures(PATH), Store, "features"),
    "move": (MovePhotos({PATH[0]: Path("/nowhere/b.jpg")}), Pipeline, "discard"),
    "summary": (ReadStoreSummary(), Store, "remembered"),
    "forget": (ForgetPhotos(frozenset([Kind.RESULTS])), privacy, "forget_photos"),
    "limit": (LimitThumbnails(10**6), Store, "limit_thumbnails"),
    "prioritize": (Prioritize(PATH), Pipeline, "prefer"),
    "cancel": (Cancel(), Pipeline, "cancel"),
    "stop lost": (StopLost(PATH), Pipeline, "not_waiting"),
}


def test_failing_commands_cover_every_command() -> None:
    assert {type(command) for command, _, _ in FAILING.values()} == set(Command.__args__)


@pytest.mark.parametrize("name", FAILING)
def test_command_that_raises_is_reported_and_thread_goes_on(
    worker: Worker, cat: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    command, owner, attribute = FAILING[name]
    with monkeypatch.context() as broken:
        broken.setattr(owner, attribute, fail)
        worker.thread.post(command)
        worker.wait_for(lambda: worker.errors == [UnexpectedError])
    assert worker.classify([cat]) == [cat]
    assert worker.errors == [UnexpectedError]
    assert not worker.progress[-1].busy


def test_features_that_raise_are_still_answered(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[int] = []
    worker.thread.features_loaded.connect(loaded.append)
    with monkeypatch.context() as broken:
        broken.setattr(Store, "features", fail)
        worker.thread.post(LoadFeatures(PATH))
        worker.wait_for(lambda: loaded == [1])
    worker.thread.post(LoadFeatures(PATH))
    worker.wait_for(lambda: loaded == [1, 2])


def test_correction_that_raises_is_still_answered(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are matched to corrections by their order: one that is missing would shift all that follow."""
    with monkeypatch.context() as broken:
        broken.setattr(Store, "correct", fail)
        worker.thread.post(SaveCorrections({PATH[0]: Verdict.CAT}))
        worker.wait_for(lambda: worker.saved == [None])
    worker.thread.post(SaveCorrections({PATH[0]: Verdict.DOG}))
    worker.wait_for(lambda: worker.saved == [None, {PATH[0]: None}])


def test_walk_that_raises_keeps_photos_found_before(
    worker: Worker, make_photos: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = make_photos(3)

    def break_off(_paths: object, _rules: object) -> Iterator[Path]:
        yield from paths[:2]
        raise UnexpectedError

    with monkeypatch.context() as broken:
        broken.setattr(photo_finder, "find_photos", break_off)
        worker.thread.post(FindPhotos(tuple(paths)))
        worker.wait_for(lambda: worker.errors == [UnexpectedError] and len(worker.results) == 2)
        worker.wait_for(lambda: not worker.progress[-1].busy)
    worker.thread.post(FindNewPhotos(tuple(paths)))
    worker.wait_for(lambda: sorted(result.path for result in worker.results) == paths)


def test_crash_outside_commands_stops_photos_and_next_command_starts_anew(
    worker: Worker, cat: Path, make_photos: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert worker.classify([cat]) == [cat]
    [photo] = make_photos(1)
    with monkeypatch.context() as broken:
        broken.setattr(Pipeline, "take_results", fail)
        worker.progress.clear()
        worker.thread.post(FindPhotos((photo,)))
        worker.wait_for(lambda: worker.errors == [UnexpectedError] and worker.progress)
        assert not worker.progress[-1].busy, "the window must not look busy for ever"
        assert {cat, photo} <= set(worker.stopped)
    worker.results.clear()
    worker.thread.post(ClassifyAgain((photo,)))
    worker.wait_for(lambda: [result.path for result in worker.results] == [photo])
    assert len(worker.models) == 1, "the same model is not announced again, which would reset the gallery"


def test_store_that_raises_at_the_start_is_reported_and_opened_again(
    start: Callable[..., Worker], cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Store, "open", fail)
        worker = start()
        worker.wait_for(lambda: worker.errors == [UnexpectedError])
    assert worker.classify([cat]) == [cat]


def test_model_that_raises_at_the_start_fails_each_photo_with_the_reason(
    start: Callable[..., Worker], cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "load_model_file", fail)
    worker = start()
    assert worker.classify([cat]) == [cat]
    assert worker.errors == [UnexpectedError]
    assert worker.results[0].error == "was not classified: The model could not be loaded"


def test_refused_model_leaves_later_commands_to_the_current_one(
    start: Callable[..., Worker], cat: Path, tmp_path: Path
) -> None:
    """All commands are in the queue before the thread looks at it, and nothing wakes it later."""
    worker = start(UseModel(tmp_path / "no model"), FindPhotos((cat,)), ReadStoreSummary())
    worker.wait_for(lambda: worker.refused and worker.summaries and [one.path for one in worker.results] == [cat])
    assert worker.models == ["catdog"]


class LoadedModels:
    """Records how many classifiers there were when each was loaded. A name in `refused` cannot be loaded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._alive: weakref.WeakSet[Classifier] = weakref.WeakSet()
        self.loads: list[tuple[str, int]] = []
        self.refused: set[str] = set()
        monkeypatch.setattr(pipeline, "Classifier", self._load)

    def _load(self, model: ModelFile) -> Classifier:
        self.loads.append((model.name, len(self._alive)))
        if model.name in self.refused:
            raise ModelError("cannot be run.", model.folder)
        classifier = Classifier(model)
        self._alive.add(classifier)
        return classifier


@pytest.fixture
def other_model(model_folder: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    shutil.copytree(model_folder, folder)
    description = folder / "model.json"
    description.write_text(json.dumps(json.loads(description.read_text()) | {"name": "other"}))
    return folder


def test_next_model_is_loaded_after_the_memory_of_the_one_before_was_freed(
    start: Callable[..., Worker],
    make_photos: Callable[..., list[Path]],
    model_folder: Path,
    other_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = LoadedModels(monkeypatch)
    worker = start(jobs=1)
    photos = make_photos(3)
    assert worker.classify(photos) == photos
    for folder in (other_model, model_folder, other_model):
        worker.thread.post(UseModel(folder))
    worker.wait_for(lambda: len(worker.models) == 4)
    assert models.loads == [("catdog", 0), ("other", 0), ("catdog", 0), ("other", 0)]


def test_model_that_cannot_be_loaded_leaves_waiting_photos_to_the_current_one(
    start: Callable[..., Worker],
    make_photos: Callable[..., list[Path]],
    other_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = LoadedModels(monkeypatch)
    models.refused.add("other")
    photos = make_photos(6)
    worker = start(Pause(paused=True), FindPhotos(tuple(photos)), UseModel(other_model), Pause(paused=False), jobs=1)
    worker.wait_for(lambda: worker.progress and not worker.progress[-1].busy and len(worker.results) >= len(photos))
    assert sorted(result.path for result in worker.results) == photos
    assert all(result.scores is not None for result in worker.results)
    assert worker.models == ["catdog"]
    assert len(worker.refused) == 1
    assert models.loads == [("catdog", 0), ("other", 0), ("catdog", 0)]


def test_move_of_swapped_files_keeps_both_known(
    worker: Worker, make_photos: Callable[..., list[Path]], folder: Path
) -> None:
    one, other = paths = make_photos(2)
    assert worker.classify(paths) == paths
    skipped: list[Path] = []
    worker.thread.photos_skipped.connect(lambda items: skipped.extend(item.path for item in items))
    worker.thread.post(MovePhotos({one: other, other: folder / "elsewhere.jpg"}))
    worker.progress.clear()
    worker.thread.post(FindPhotos((other,)))
    worker.wait_for(lambda: worker.progress and not worker.progress[-1].busy)
    assert skipped == [other], "it is the first photo, which is known already"
    assert worker.classify([one]) == [one], "nothing that is known is at its old path"


def test_walk_skips_excluded_files_and_system_folders(start: Callable[..., Worker], cat: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    names = ("a.jpg", "drafts/b.jpg", "@eaDir/c.jpg", "d.jpg_original")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(cat.read_bytes())
    worker = start(exclude=("drafts/",))
    skipped: list[Skipped] = []
    worker.thread.photos_skipped.connect(skipped.extend)
    assert worker.classify([folder]) == [folder / "a.jpg"]
    reasons = {item.path.relative_to(folder).as_posix(): item.reason for item in skipped}
    assert reasons == {
        "drafts": SkipReason.EXCLUDED,
        "@eaDir": SkipReason.SYSTEM_FOLDER,
        "d.jpg_original": SkipReason.BACKUP_FILE,
    }


@pytest.mark.parametrize("seconds", [0.0, 0.3], ids=["at once", "after a wait"])
def test_idle_thread_returns_freed_memory_once_after_work(
    start: Callable[..., Worker], cat: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    returned: list[bool] = []
    monkeypatch.setattr(freed_memory, "RETURN_SECONDS", seconds)
    monkeypatch.setattr(freed_memory, "return_freed_memory", lambda: returned.append(True))
    worker = start()
    worker.wait_for(lambda: worker.models)
    worker.thread.post(ReadStoreSummary())
    worker.wait_for(lambda: worker.summaries)
    assert not returned, "there was no work"
    worker.classify([cat])
    worker.wait_for(lambda: returned)
    for summaries in (2, 3):
        worker.thread.post(ReadStoreSummary())
        worker.wait_for(lambda count=summaries: len(worker.summaries) == count)
    assert len(returned) == 1
