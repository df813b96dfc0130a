"""The pipeline: every photo gets a result whatever happens to others, and cancelling takes effect at once."""

import threading
import weakref
from pathlib import Path
from typing import Any

import pytest
from bad_files import BAD_FILES
from pipeline_gate import PATIENCE, Gate, paths, photo_threads, take_all, wait_until

from catdog_desktop import pipeline as pipeline_module
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.pipeline import PhotoCounts, Pipeline, default_jobs
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Verdict

# The app itself silences warnings of Pillow; pytest turns them on again.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_pipeline_classifies_real_photos(jobs: int, model: ModelFile, photo_dir: Path) -> None:
    photos = sorted(photo_dir.iterdir())
    with Pipeline(model, jobs=jobs) as pipeline:
        pipeline.add(photos)
        results = {result.path.stem: result for result in take_all(pipeline)}
        assert pipeline.counts == PhotoCounts(added=6, done=6)
        assert pipeline.counts.open == 0
    verdicts = {name: model.thresholds.judge(r.scores) for name, r in results.items() if r.scores is not None}
    assert verdicts["chelsea"] is Verdict.CAT
    assert verdicts["coffee"] is verdicts["rocket"] is Verdict.NEITHER
    chelsea = results["chelsea"]
    assert (chelsea.info.width, chelsea.info.height) == (451, 300)
    assert chelsea.thumbnail.startswith(b"\xff\xd8")
    assert chelsea.heat_maps is not None
    assert chelsea.info.file_bytes > 0


def test_pipeline_without_thumbnails(model: ModelFile, photo_dir: Path) -> None:
    with Pipeline(model, thumbnails=False) as pipeline:
        pipeline.add([photo_dir / "chelsea.jpg"])
        assert [result.thumbnail for result in take_all(pipeline)] == [b""]


def test_scores_do_not_depend_on_jobs(model: ModelFile, photo_dir: Path) -> None:
    scores = []
    for jobs in (1, 4):
        with Pipeline(model, jobs=jobs, thumbnails=False) as pipeline:
            pipeline.add(photo_dir.iterdir())
            scores.append({result.path: result.scores for result in take_all(pipeline)})
    assert scores[0] == scores[1]


def test_unreadable_photos_do_not_affect_others(model: ModelFile, photo_dir: Path, tmp_path: Path) -> None:
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
        assert pipeline.counts == PhotoCounts(len(bad) + 6, len(bad) + 6, len(bad))
    assert [results[path].error for path in bad] == [entry.sentence for entry in BAD_FILES]
    assert all(results[path].scores is not None for path in good)


def test_unexpected_error_fails_one_photo(model: ModelFile, photo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_worker_failure_after_classifying_ends_only_that_photo(
    model: ModelFile, photo_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = sorted(photo_dir.iterdir())
    remembered = Pipeline._with_stored_data

    def fail_once(pipeline: Pipeline, store: Store, result: Result, signature: Any) -> Result:
        if result.path == photos[0]:
            raise RuntimeError("nobody expected this")
        return remembered(pipeline, store, result, signature)

    monkeypatch.setattr(Pipeline, "_with_stored_data", fail_once)
    with Pipeline(model, jobs=2, store=store) as pipeline:
        pipeline.add(photos)
        results = {result.path: result for result in take_all(pipeline)}
        assert pipeline.counts.open == 0
    assert "nobody expected this" in (results[photos[0]].error or "")
    assert all(results[path].scores is not None for path in photos[1:])


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_pipeline_one_photo_loads_model_once(
    model: ModelFile, photo_dir: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    photo = min(photo_dir.iterdir())
    loaded: list[ModelFile] = []

    def load(model: ModelFile) -> Classifier:
        loaded.append(model)
        return Classifier(model)

    monkeypatch.setattr(pipeline_module, "Classifier", load)
    with Pipeline(model, jobs=jobs) as pipeline:
        pipeline.add([photo])
        results = take_all(pipeline)
    assert [result.path for result in results] == [photo]
    assert len(loaded) == 1


def test_failing_second_interpreter_fails_its_photo(
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
        wait_until(lambda: pipeline.counts.done == 1)
        gate.let_through()
        errors = sorted(str(result.error) for result in take_all(pipeline))
    assert errors == ["None", "could not be classified (ModelError: no memory.)"]


def test_unusable_model_raises_in_the_constructor(model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(model: ModelFile) -> Classifier:
        raise ModelError("cannot be run.")

    monkeypatch.setattr(pipeline_module, "Classifier", refuse)
    before = threading.active_count()
    with pytest.raises(ModelError):
        Pipeline(model)
    assert threading.active_count() == before


def test_unloaded_pipeline_has_no_model_and_begins_no_photo(
    model: ModelFile, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    alive: weakref.WeakSet[Classifier] = weakref.WeakSet()
    loaded: list[int] = []

    def load(model: ModelFile) -> Classifier:
        classifier = Classifier(model)
        alive.add(classifier)
        loaded.append(len(alive))
        return classifier

    monkeypatch.setattr(pipeline_module, "Classifier", load)
    with Pipeline(model, jobs=2) as pipeline:
        pipeline.add(paths(5))
        gate.wait_for(2)
        assert len(alive) == 2
        pipeline.pause(paused=True)  # So that no other photo begins before `unloaded` waits for these two.
        letting = threading.Thread(target=gate.let_through, args=[2])
        letting.start()
        with pipeline.unloaded():
            pipeline.pause(paused=False)
            assert not alive
            assert (pipeline.counts.done, len(gate.started)) == (2, 2)
        letting.join()
        gate.let_through()
        assert sorted(result.path for result in take_all(pipeline)) == paths(5)
    assert sorted(gate.started) == paths(5), "each photo once"
    assert loaded in ([1, 2, 1], [1, 2, 1, 2]), "as many as photos in flight, those before are gone"


def test_cancel_drops_waiting_photos_only(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=2) as pipeline:
        photos = paths(50)
        pipeline.add(photos)
        gate.wait_for(2)
        dropped = pipeline.cancel()
        assert dropped == photos[2:]
        assert pipeline.counts == PhotoCounts(added=50, cancelled=48)
        assert pipeline.counts.open == 2
        gate.let_through()
        assert {result.path for result in take_all(pipeline)} == set(photos[:2])
        assert sorted(gate.started) == photos[:2]
        assert pipeline.counts == PhotoCounts(added=50, done=2, cancelled=48)
        assert pipeline.cancel() == []


def test_add_after_cancel(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        pipeline.add(paths(5))
        gate.wait_for(1)
        pipeline.cancel()
        pipeline.add([Path("new.jpg")])
        gate.let_through()
        assert [result.path.name for result in take_all(pipeline)] == ["0.jpg", "new.jpg"]


def test_prefer_moves_photos_to_the_front(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        photos = paths(6)
        pipeline.add(photos)
        gate.wait_for(1)
        pipeline.prefer([photos[4], photos[2], photos[0], Path("unknown.jpg")])
        gate.let_through()
        take_all(pipeline)
        assert gate.started == [photos[number] for number in (0, 4, 2, 1, 3, 5)]


def test_discard_waiting_photos(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        photos = paths(4)
        pipeline.add(photos)
        gate.wait_for(1)
        pipeline.discard([photos[0], photos[2], Path("unknown.jpg")])
        assert pipeline.counts == PhotoCounts(added=4, cancelled=1)
        gate.let_through()
        take_all(pipeline)
        assert gate.started == [photos[number] for number in (0, 1, 3)]


def test_add_while_running_and_twice(model: ModelFile, gate: Gate) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        photos = paths(3)
        pipeline.add(photos[:2])
        gate.wait_for(1)
        pipeline.add(photos[1:])
        assert pipeline.counts.added == 3
        gate.let_through()
        assert [result.path for result in take_all(pipeline)] == photos
        pipeline.add(photos[:1])
        assert [result.path for result in take_all(pipeline)] == photos[:1]


def test_take_results_waits_and_returns_each_once(model: ModelFile, gate: Gate) -> None:
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


def test_close_while_busy_waits_for_photos_in_flight(model: ModelFile, gate: Gate) -> None:
    pipeline = Pipeline(model, jobs=2)
    pipeline.add(paths(500))
    gate.wait_for(2)
    gate.let_through()
    pipeline.close()
    assert len(gate.started) <= 500
    assert photo_threads() == []
    progress = pipeline.counts
    assert progress.done + progress.cancelled == progress.added == 500
    pipeline.close()


def test_exception_in_with_block_ends_the_threads(model: ModelFile, gate: Gate) -> None:
    gate.let_through()
    pipeline = Pipeline(model, jobs=3)

    def stop() -> None:
        with pipeline:
            pipeline.add(paths(100))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert photo_threads() == []


def test_pipeline_used_by_many_threads(model: ModelFile, gate: Gate) -> None:
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
        progress = pipeline.counts
    assert progress.added == 600
    assert progress.open == 0
    assert len({result.path for result in taken}) == len(taken) == progress.done


def test_default_jobs_is_the_number_of_usable_cores() -> None:
    assert default_jobs() >= 1
