"""Many photos at once: all results come, whatever happens to single photos, and stopping is at once."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bad_files import BAD_FILES

from catdog_desktop import pipeline as pipeline_module
from catdog_desktop.in_order import WINDOW, classify_in_order
from catdog_desktop.model_file import ModelError, ModelFile
from catdog_desktop.photos import LeftOut, Omission
from catdog_desktop.pipeline import Pipeline, Progress, default_jobs
from catdog_desktop.runtime import Classifier
from catdog_desktop.verdict import Result, Scores, Verdict

PATIENCE = 20.0
"""Seconds after which a test gives up; none waits for them when all is well."""

# The app itself silences what Pillow finds odd; pytest switches warnings on again.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


def wait_until(condition: Callable[[], bool], pipeline: Pipeline) -> None:
    with pipeline._changed:
        assert pipeline._changed.wait_for(condition, PATIENCE)


def take_all(pipeline: Pipeline) -> list[Result]:
    results = []
    end = time.monotonic() + PATIENCE
    while not pipeline.idle:
        assert time.monotonic() < end, "no end"
        results += pipeline.take_results(0.05)
    return results


class Gate:
    """Stands for the classifying of photos: each waits until it is let through."""

    def __init__(self) -> None:
        self._open = threading.Semaphore(0)
        self.started: list[Path] = []
        self._changed = threading.Condition()

    def classify(self, path: Path, *_: object, **__: object) -> Result:
        with self._changed:
            self.started.append(path)
            self._changed.notify_all()
        assert self._open.acquire(timeout=PATIENCE)
        return Result(path, scores=Scores(0.5, 0.5))

    def let_through(self, count: int = 1000) -> None:
        self._open.release(count)

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.started) >= count, PATIENCE)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(pipeline_module, "classify_photo", gate.classify)
    yield gate
    gate.let_through()


def paths(count: int) -> list[Path]:
    return [Path(f"{number}.jpg") for number in range(count)]


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_real_photos_get_their_verdicts(jobs: int, model: ModelFile, photo_dir: Path) -> None:
    photos = sorted(photo_dir.iterdir())
    with Pipeline(model, jobs=jobs) as pipeline:
        pipeline.add(photos)
        results = {result.path.stem: result for result in take_all(pipeline)}
        assert pipeline.progress == Progress(added=6, done=6)
        assert pipeline.progress.open == 0
    verdicts = {name: model.thresholds.judge(r.scores) for name, r in results.items() if r.scores is not None}
    assert verdicts["chelsea"] is Verdict.CAT
    assert verdicts["coffee"] is verdicts["rocket"] is Verdict.NEITHER
    chelsea = results["chelsea"]
    assert (chelsea.width, chelsea.height) == (451, 300)
    assert chelsea.thumbnail.startswith(b"\xff\xd8")
    assert chelsea.heat_maps is not None
    assert chelsea.file_bytes > 0


def test_no_thumbnails_where_none_are_wanted(model: ModelFile, photo_dir: Path) -> None:
    with Pipeline(model, thumbnails=False) as pipeline:
        pipeline.add([photo_dir / "chelsea.jpg"])
        assert [result.thumbnail for result in take_all(pipeline)] == [b""]


def test_the_number_of_threads_does_not_change_scores(model: ModelFile, photo_dir: Path) -> None:
    scores = []
    for jobs in (1, 4):
        with Pipeline(model, jobs=jobs, thumbnails=False) as pipeline:
            pipeline.add(photo_dir.iterdir())
            scores.append({result.path: result.scores for result in take_all(pipeline)})
    assert scores[0] == scores[1]


def test_bad_photos_among_good_ones(model: ModelFile, photo_dir: Path, tmp_path: Path) -> None:
    bad = []
    for number, entry in enumerate(BAD_FILES):
        folder = tmp_path / f"bad-{number}"
        folder.mkdir()
        bad.append(entry.make(folder))
    good = sorted(photo_dir.iterdir())
    with Pipeline(model, jobs=3, thumbnails=False) as pipeline:
        for number in range(max(len(bad), len(good))):
            pipeline.add(bad[number : number + 1] + good[number : number + 1])
        results = {result.path: result for result in take_all(pipeline)}
        assert pipeline.progress == Progress(len(bad) + 6, len(bad) + 6, len(bad))
    assert [results[path].error for path in bad] == [entry.sentence for entry in BAD_FILES]
    assert all(results[path].scores is not None for path in good)


def test_what_no_one_foresaw_costs_one_photo(
    model: ModelFile, photo_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classify = pipeline_module.classify_photo

    def sometimes(path: Path, *args: object, **options: object) -> Result:
        if path.stem == "coffee":
            raise ZeroDivisionError("oh")
        return classify(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline_module, "classify_photo", sometimes)
    with Pipeline(model, jobs=1) as pipeline:
        pipeline.add(sorted(photo_dir.iterdir()))
        results = {result.path.stem: result for result in take_all(pipeline)}
    assert results.pop("coffee").error == "could not be classified (ZeroDivisionError: oh)"
    assert len(results) == 5
    assert all(result.scores for result in results.values())


def test_a_second_interpreter_that_fails_is_said_of_the_photo(
    model: ModelFile, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    made: list[int] = []

    def make(model: ModelFile) -> Classifier | None:
        made.append(1)
        if len(made) == 2:
            raise ModelError("no memory.")
        return Classifier(model)

    monkeypatch.setattr(pipeline_module, "Classifier", make)
    with Pipeline(model, jobs=2) as pipeline:
        pipeline.add(paths(2))
        gate.wait_for(1)
        wait_until(lambda: len(pipeline._results) == 1, pipeline)
        gate.let_through()
        errors = sorted(str(result.error) for result in take_all(pipeline))
    assert errors == ["None", "could not be classified (ModelError: no memory.)"]


def test_an_unusable_model_is_known_at_once(model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(model: ModelFile) -> Classifier:
        raise ModelError("cannot be run.")

    monkeypatch.setattr(pipeline_module, "Classifier", refuse)
    before = threading.active_count()
    with pytest.raises(ModelError):
        Pipeline(model)
    assert threading.active_count() == before


def test_cancel_drops_what_waits_and_keeps_what_is_in_flight(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=2) as pipeline:
        photos = paths(50)
        pipeline.add(photos)
        gate.wait_for(2)
        dropped = pipeline.cancel()
        assert dropped == photos[2:]
        assert pipeline.progress == Progress(added=50, cancelled=48)
        assert pipeline.progress.open == 2
        gate.let_through()
        assert {result.path for result in take_all(pipeline)} == set(photos[:2])
        assert sorted(gate.started) == photos[:2]
        assert pipeline.progress == Progress(added=50, done=2, cancelled=48)
        assert pipeline.cancel() == []


def test_after_cancel_it_goes_on_with_new_photos(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        pipeline.add(paths(5))
        gate.wait_for(1)
        pipeline.cancel()
        pipeline.add([Path("new.jpg")])
        gate.let_through()
        assert [result.path.name for result in take_all(pipeline)] == ["0.jpg", "new.jpg"]


def test_preferred_photos_come_next_and_in_their_order(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        photos = paths(6)
        pipeline.add(photos)
        gate.wait_for(1)
        pipeline.prefer([photos[4], photos[2], photos[0], Path("unknown.jpg")])
        gate.let_through()
        take_all(pipeline)
        assert gate.started == [photos[number] for number in (0, 4, 2, 1, 3, 5)]


def test_discarded_photos_do_not_come(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        photos = paths(4)
        pipeline.add(photos)
        gate.wait_for(1)
        pipeline.discard([photos[0], photos[2], Path("unknown.jpg")])
        assert pipeline.progress == Progress(added=4, cancelled=1)
        gate.let_through()
        take_all(pipeline)
        assert gate.started == [photos[number] for number in (0, 1, 3)]


def test_adding_while_it_runs_and_adding_twice(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        photos = paths(3)
        pipeline.add(photos[:2])
        gate.wait_for(1)
        pipeline.add(photos[1:])
        assert pipeline.progress.added == 3
        gate.let_through()
        assert [result.path for result in take_all(pipeline)] == photos
        pipeline.add(photos[:1])
        assert [result.path for result in take_all(pipeline)] == photos[:1]


def test_results_are_waited_for_and_taken_once(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        assert pipeline.take_results(timeout=PATIENCE) == [], "nothing to come is no reason to wait"
        pipeline.add(paths(1))
        assert pipeline.take_results() == []
        assert pipeline.take_results(timeout=0.001) == []
        assert not pipeline.idle
        gate.let_through()
        assert len(pipeline.take_results(timeout=PATIENCE)) == 1
        assert pipeline.take_results() == []
        assert pipeline.idle


def test_closing_while_busy_waits_only_for_the_photos_in_flight(model: ModelFile, gate: Gate) -> None:
    pipeline = Pipeline(model, jobs=2)
    pipeline.add(paths(500))
    gate.wait_for(2)
    gate.let_through()
    pipeline.close()
    assert len(gate.started) <= 500
    assert not any(thread.is_alive() for thread in pipeline._threads)
    progress = pipeline.progress
    assert progress.done + progress.cancelled == progress.added == 500
    pipeline.close()


def test_leaving_by_an_error_ends_the_threads(model: ModelFile, gate: Gate) -> None:
    gate.let_through()
    pipeline = Pipeline(model, jobs=3)

    def stop() -> None:
        with pipeline:
            pipeline.add(paths(100))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert not any(thread.is_alive() for thread in pipeline._threads)


def test_many_threads_may_use_it_at_once(model: ModelFile, gate: Gate) -> None:
    gate.let_through(10_000)
    with Pipeline(model, jobs=4) as pipeline:
        taken: list[Result] = []

        def use(number: int) -> None:
            mine = [Path(f"{number}-{count}.jpg") for count in range(100)]
            for path in mine:
                pipeline.add([path])
                pipeline.prefer([path])
                taken.extend(pipeline.take_results())
            pipeline.discard(mine[50:])

        threads = [threading.Thread(target=use, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken += take_all(pipeline)
        progress = pipeline.progress
    assert progress.added == 600
    assert progress.open == 0
    assert len({result.path for result in taken}) == len(taken) == progress.done


def test_jobs_are_the_cores_it_may_use() -> None:
    assert default_jobs() >= 1


# --- in order ---


def test_results_in_the_order_of_the_photos(model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    first_may_end = threading.Event()

    def classify(path: Path, *_: object, **__: object) -> Result:
        if path.name == "0.jpg":
            assert first_may_end.wait(PATIENCE)
        if path.name == "9.jpg":
            first_may_end.set()
        return Result(path, scores=Scores(0, 0))

    monkeypatch.setattr(pipeline_module, "classify_photo", classify)
    photos = paths(200)
    with Pipeline(model, jobs=2) as pipeline:
        assert [result.path for result in classify_in_order(pipeline, photos)] == photos


def test_photos_are_taken_only_as_they_are_needed(model: ModelFile, gate: Gate) -> None:
    asked = 0

    def endless() -> Iterator[Path]:
        nonlocal asked
        while True:
            asked += 1
            yield Path(f"{asked}.jpg")

    gate.let_through(10_000)
    with Pipeline(model, jobs=2) as pipeline:
        results = classify_in_order(pipeline, endless())
        for number in range(300):
            assert next(results).path.name == f"{number + 1}.jpg"
            assert asked - number <= WINDOW + 1


def test_left_out_and_finished_results_are_passed_on(model: ModelFile, gate: Gate) -> None:
    gate.let_through()
    known = Result(Path("known.jpg"), error="does not exist")
    omitted = LeftOut(Path("Thumbs.db"), Omission.SYSTEM_FILE)
    with Pipeline(model, jobs=1) as pipeline:
        outcomes = list(classify_in_order(pipeline, [Path("a.jpg"), known, omitted, Path("b.jpg")]))
    assert [outcome for outcome in outcomes if isinstance(outcome, LeftOut)] == [omitted]
    assert [o.path.name for o in outcomes if isinstance(o, Result)] == ["a.jpg", "known.jpg", "b.jpg"]


def test_nothing_in_nothing_out(model: ModelFile) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        assert list(classify_in_order(pipeline, [])) == []
