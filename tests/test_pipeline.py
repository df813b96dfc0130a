"""The pipeline: every photo gets a result whatever happens to others, and cancelling takes effect at once."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bad_files import BAD_FILES

from catdog_desktop import pipeline as pipeline_module
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.inference import classify as classify_module
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.ordered_results import WINDOW, classify_in_order
from catdog_desktop.pipeline import PhotoCounts, Pipeline, default_jobs
from catdog_desktop.store.store import Store, StoreError
from catdog_desktop.verdict import Result, Scores, Verdict

PATIENCE = 20.0
"""Seconds after which a test fails; a passing test never waits that long."""

# The app itself silences warnings of Pillow; pytest turns them on again.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


def wait_until(condition: Callable[[], bool]) -> None:
    """Poll `condition`: progress has no signal."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "the condition never became true"
        threading.Event().wait(0.002)


def photo_threads() -> list[str]:
    """Return the names of all living pipeline threads."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("photos-")]


def take_all(pipeline: Pipeline) -> list[Result]:
    results = []
    end = time.monotonic() + PATIENCE
    while not pipeline.idle:
        assert time.monotonic() < end, "no end"
        results += pipeline.take_results(0.05)
    return results


class Gate:
    """A fake `classify_photo`: each photo waits until it is let through."""

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


# --- with a store ---


def own_copies(folder: Path, count: int) -> list[Path]:
    """Make photos of different content that all show the cat: bytes after the end of a JPEG are ignored."""
    cat = (folder / "chelsea.jpg").read_bytes()
    made = [folder / "copies" / f"{number}.jpg" for number in range(count)]
    made[0].parent.mkdir()
    for number, path in enumerate(made):
        path.write_bytes(cat + number.to_bytes(4, "big"))
    return made


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open() as store:
        yield store


def classify_all(
    model: ModelFile, photos: Iterable[Path], store: Store, **options: Any
) -> tuple[list[Result], PhotoCounts]:
    with Pipeline(model, store=store, **options) as pipeline:
        pipeline.add(photos)
        results = take_all(pipeline)
        assert pipeline.complaint is None
        return results, pipeline.counts


def test_known_photos_are_not_classified(
    model: ModelFile, photo_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = sorted(photo_dir.iterdir())
    first, progress = classify_all(model, photos, store)
    assert progress == PhotoCounts(added=6, done=6)
    assert all(result.fingerprint and result.thumbnail for result in first)
    monkeypatch.setattr(classify_module, "read_for_model", pytest.fail)
    monkeypatch.setattr(pipeline_module, "Classifier", lambda model: None)
    again, progress = classify_all(model, photos, store)
    assert progress == PhotoCounts(added=6, done=6, known=6)
    by_path = {result.path: result for result in first}
    assert {r.path: r for r in again} == {path: replace(r, thumbnail=b"") for path, r in by_path.items()}
    assert store.thumbnail(photos[0], by_path[photos[0]].fingerprint) == by_path[photos[0]].thumbnail


@pytest.mark.parametrize("how", ["pipeline", "photos"])
def test_rescan_classifies_known_photos(model: ModelFile, photo_dir: Path, store: Store, how: str) -> None:
    photos = sorted(photo_dir.iterdir())
    classify_all(model, photos, store)
    store.correct({photos[0]: Verdict.BOTH})
    with Pipeline(model, store=store, rescan=how == "pipeline") as pipeline:
        pipeline.add(photos, afresh=how == "photos")
        results = {result.path: result for result in take_all(pipeline)}
        assert pipeline.counts == PhotoCounts(added=6, done=6)
    assert results[photos[0]].correction is Verdict.BOTH, "it stands whatever is found"
    assert results[photos[1]].correction is None


def judged_by_earlier(store: Store, photos: list[Path], scores: Scores) -> None:
    """Keep results of an earlier version of the model."""
    store.keep([Result(photo, scores=scores) for photo in photos], EARLIER)


EARLIER = "e" * 64


def test_photos_of_an_earlier_version_keep_their_verdict_until_judged_again(
    model: ModelFile, photo_dir: Path, store: Store
) -> None:
    photos = own_copies(photo_dir, 4)
    judged_by_earlier(store, photos[:2], Scores(0.0, 0.0))
    judged_by_earlier(store, photos[2:3], Scores(0.99, 0.0))
    newer = replace(model, replaces=("f" * 64, EARLIER))
    results, counts = classify_all(newer, photos, store, show_older=True)
    of_earlier = [result for result in results if result.older_model]
    assert [result.path for result in of_earlier] == photos[:3]
    assert [result.verdict(model.thresholds) for result in of_earlier] == [
        Verdict.NEITHER,
        Verdict.NEITHER,
        Verdict.CAT,
    ]
    assert results[: len(of_earlier)] == of_earlier, "at once"
    final = {result.path: result for result in results if not result.older_model}
    assert set(final) == set(photos)
    assert all(result.verdict(model.thresholds) is Verdict.CAT for result in final.values())
    assert counts == PhotoCounts(added=4, done=4, judged_again=3, changed=2)
    again, counts = classify_all(newer, photos, store, show_older=True)
    assert not any(result.older_model for result in again)
    assert counts.known == 4


def test_photos_of_an_earlier_version_are_judged_after_all_others(
    model: ModelFile, photo_dir: Path, store: Store, gate: Gate
) -> None:
    photos = own_copies(photo_dir, 6)
    judged_by_earlier(store, photos[:3], Scores(0.0, 0.0))
    with Pipeline(replace(model, replaces=(EARLIER,)), jobs=1, store=store, show_older=True) as pipeline:
        pipeline.add(photos)
        gate.let_through()
        take_all(pipeline)
    assert gate.started == [*photos[3:], *photos[:3]]


def test_cancelled_photos_of_an_earlier_version_keep_its_verdict(
    model: ModelFile, photo_dir: Path, store: Store, gate: Gate
) -> None:
    photos = own_copies(photo_dir, 3)
    judged_by_earlier(store, photos, Scores(0.0, 0.0))
    with Pipeline(replace(model, replaces=(EARLIER,)), jobs=1, store=store, show_older=True) as pipeline:
        pipeline.add(photos)
        gate.wait_for(1)
        assert set(pipeline.cancel()) == set(photos[1:])
        gate.let_through()
        results = take_all(pipeline)
    assert sorted(result.path for result in results if result.older_model) == photos


def test_photos_of_an_earlier_version_come_once_without_show_older(
    model: ModelFile, photo_dir: Path, store: Store
) -> None:
    photos = own_copies(photo_dir, 2)
    judged_by_earlier(store, photos, Scores(0.0, 0.0))
    results, counts = classify_all(replace(model, replaces=(EARLIER,)), photos, store)
    assert len(results) == 2
    assert not any(result.older_model for result in results)
    assert counts.judged_again == 0


def test_correction_after_another_program_wrote_keywords(model: ModelFile, photo_dir: Path, store: Store) -> None:
    """New fingerprint, same pixels. Another photo at the path has other scores."""
    cat, place = photo_dir / "chelsea.jpg", photo_dir / "rocket.jpg"
    classify_all(model, [cat, place], store)
    store.correct({cat: Verdict.BOTH, place: Verdict.DOG})
    cat.write_bytes(cat.read_bytes() + b"a keyword")
    place.write_bytes((photo_dir / "coffee.jpg").read_bytes() + b"another photo")
    for known in (0, 2):
        results, progress = classify_all(model, [cat, place], store)
        assert {result.path: result.correction for result in results} == {cat: Verdict.BOTH, place: None}
        assert progress.known == known
    store.correct({cat: None})
    cat.write_bytes(cat.read_bytes() + b"and another")
    (result,), _ = classify_all(model, [cat], store)
    assert result.correction is None, "nor does one come back that was taken back"


def test_wait_until_kept(model: ModelFile, store: Store, monkeypatch: pytest.MonkeyPatch, photo_dir: Path) -> None:
    keeping, go_on = threading.Event(), threading.Event()
    keep = Store.keep

    def slow(self: Store, *args: Any) -> None:
        keeping.set()
        assert go_on.wait(PATIENCE)
        keep(self, *args)

    monkeypatch.setattr(Store, "keep", slow)
    photo = photo_dir / "chelsea.jpg"
    with Pipeline(model, jobs=1, store=store) as pipeline:
        pipeline.wait_until_kept()
        pipeline.add([photo])
        take_all(pipeline)
        assert keeping.wait(PATIENCE)
        threading.Timer(0.05, go_on.set).start()
        pipeline.wait_until_kept()
        assert photo in store.known([photo], model.identity)
    with Pipeline(model, jobs=1) as without:
        without.wait_until_kept()


def test_pipeline_classifies_new_and_changed_photos_only(model: ModelFile, photo_dir: Path, store: Store) -> None:
    classify_all(model, photo_dir.iterdir(), store)
    (photo_dir / "rocket.jpg").write_bytes((photo_dir / "chelsea.jpg").read_bytes() + b"changed")
    (photo_dir / "coffee.jpg").rename(photo_dir / "moved.jpg")
    results, progress = classify_all(model, photo_dir.iterdir(), store)
    assert progress == PhotoCounts(added=6, done=6, known=5)
    scores = {result.path.stem: result.scores for result in results}
    assert scores["rocket"] == scores["chelsea"]


def test_errors_are_stored_unless_passing(
    model: ModelFile, photo_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, locked, large, odd = (photo_dir / f"{name}.jpg" for name in ("text", "locked", "large", "odd"))
    for path in (text, locked, large, odd):
        path.write_text(f"this is {path.stem}")
    decode = classify_module.read_for_model

    def refuse(path: Path, *args: Any, **options: Any) -> Any:
        if path == locked:
            raise PhotoError(Unreadable.NOT_ALLOWED, "may not be read: you have no permission")
        if path == large:
            raise PhotoError(Unreadable.TOO_LARGE, "is too large for this computer's memory") from MemoryError()
        if path == odd:
            raise ZeroDivisionError
        return decode(path, *args, **options)

    bad = [text, locked, large, odd, photo_dir / "gone.jpg"]
    with monkeypatch.context() as locking:
        locking.setattr(classify_module, "read_for_model", refuse)
        _, progress = classify_all(model, bad, store)
        assert progress == PhotoCounts(added=5, done=5, failed=5)
    results, progress = classify_all(model, bad, store)
    assert progress == PhotoCounts(added=5, done=5, failed=5, known=1)
    assert {r.path.stem: r.error for r in results} == dict.fromkeys(
        ("text", "locked", "large", "odd"), "is not a photo (it holds text)"
    ) | {"gone": "is no longer there"}


def test_photo_changed_while_read_is_not_stored(
    model: ModelFile, photo_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    classify = pipeline_module.classify_photo

    def change(path: Path, *args: Any, **options: Any) -> Result:
        result = classify(path, *args, **options)
        path.write_bytes((photo_dir / "chelsea.jpg").read_bytes())
        return result

    with monkeypatch.context() as changing:
        changing.setattr(pipeline_module, "classify_photo", change)
        classify_all(model, [photo_dir / "rocket.jpg"], store)
    (result,), progress = classify_all(model, [photo_dir / "rocket.jpg"], store)
    assert progress.known == 0
    assert result.scores is not None
    assert model.thresholds.judge(result.scores) is Verdict.CAT


def test_results_are_stored_while_running(
    model: ModelFile, photo_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread of its own stores them; each transaction has the results that came during the last."""
    kept: list[tuple[int, str]] = []
    enough = threading.Event()
    keep = Store.keep

    def listen(self: Store, results: list[Result], *args: Any) -> None:
        if not kept:  # a slow disk
            wait_until(lambda: pipeline.counts.done == 20)
        keep(self, results, *args)
        kept.append((len(results), threading.current_thread().name))
        if sum(count for count, _ in kept) == 20:
            enough.set()

    monkeypatch.setattr(Store, "keep", listen)
    with Pipeline(model, store=store, thumbnails=False) as pipeline:
        pipeline.add(own_copies(photo_dir, 20))
        assert enough.wait(PATIENCE), "nothing need happen for it"
    assert {name for _, name in kept} == {"photos-store"}
    assert len(kept) == 2


def test_close_stores_results(model: ModelFile, photo_dir: Path, store: Store, gate: Gate) -> None:
    photos = own_copies(photo_dir, 30)
    with Pipeline(model, jobs=2, store=store) as pipeline:
        pipeline.add(photos)
        gate.wait_for(2)
        gate.let_through(5)
        gate.wait_for(7)
        gate.let_through(2)
    assert set(store.known(photos, model.identity)) >= set(gate.started[:7])


def test_prefer_cancel_and_discard_during_look_up(
    model: ModelFile, photo_dir: Path, store: Store, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, go_on = threading.Event(), threading.Event()
    known = Store.known

    def wait(self: Store, *args: Any, **options: Any) -> dict[Path, Result]:
        looking.set()
        assert go_on.wait(PATIENCE)
        return known(self, *args, **options)

    monkeypatch.setattr(Store, "known", wait)
    photos = paths(8)
    with Pipeline(model, jobs=1, store=store) as pipeline:
        pipeline.add(photos[:2])
        assert looking.wait(PATIENCE)
        assert pipeline.cancel() == photos[:2]
        assert pipeline.idle
        pipeline.add(photos)
        pipeline.add(photos[:3])
        pipeline.prefer([photos[6], photos[3]])
        pipeline.discard([photos[1]])
        pipeline.add([photos[7]], afresh=True)
        gate.wait_for(1)
        go_on.set()
        gate.let_through()
        results = take_all(pipeline)
        assert pipeline.counts == PhotoCounts(added=10, done=7, cancelled=3)
    # The first was being looked up already when it was given again: it may be ready before those that are preferred.
    assert [path for path in gate.started if path != photos[0]] == [photos[number] for number in (7, 6, 3, 2, 4, 5)]
    assert len(results) == len(set(gate.started)) == 7


def test_failing_store_does_not_stop_classification(
    model: ModelFile, photo_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("It cannot be used (the disk is full).")

    for name in ("known", "keep", "own_data_of"):
        monkeypatch.setattr(Store, name, fail)
    with Pipeline(model, store=store) as pipeline:
        pipeline.add(photo_dir.iterdir())
        results = take_all(pipeline)
    assert sum(result.scores is not None for result in results) == 6
    assert pipeline.complaint == (
        "Not all results can be stored for the next time: It cannot be used (the disk is full)."
    )


def test_close_ends_the_store_thread(model: ModelFile, store: Store) -> None:
    pipeline = Pipeline(model, jobs=2, store=store)
    assert len(photo_threads()) == 3
    pipeline.close()
    assert photo_threads() == []


# --- in order ---


def test_classify_in_order_keeps_the_order(model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_classify_in_order_takes_photos_as_needed(model: ModelFile, gate: Gate) -> None:
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


def test_classify_in_order_passes_skipped_and_finished(model: ModelFile, gate: Gate) -> None:
    gate.let_through()
    known = Result(Path("known.jpg"), error="does not exist")
    omitted = Skipped(Path("Thumbs.db"), SkipReason.SYSTEM_FILE)
    with Pipeline(model, jobs=1) as pipeline:
        outcomes = list(classify_in_order(pipeline, [Path("a.jpg"), known, omitted, Path("b.jpg")]))
    assert [outcome for outcome in outcomes if isinstance(outcome, Skipped)] == [omitted]
    assert [o.path.name for o in outcomes if isinstance(o, Result)] == ["a.jpg", "known.jpg", "b.jpg"]


def test_classify_in_order_of_nothing(model: ModelFile) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        assert list(classify_in_order(pipeline, [])) == []
