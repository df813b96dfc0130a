"""The pipeline with a store: known photos are not classified, and results are kept while it runs."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pipeline_gate import PATIENCE, Gate, paths, photo_threads, take_all, wait_until

from catdog_desktop import pipeline as pipeline_module
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.inference import classify as classify_module
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.learning.head import Head
from catdog_desktop.pipeline import PhotoCounts, Pipeline
from catdog_desktop.store.errors import StoreError, StoreProblem
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict


def own_copies(folder: Path, count: int) -> list[Path]:
    """Make photos of different content that all show the cat: bytes after the end of a JPEG are ignored."""
    cat = (folder / "chelsea.jpg").read_bytes()
    made = [folder / "copies" / f"{number}.jpg" for number in range(count)]
    made[0].parent.mkdir()
    for number, path in enumerate(made):
        path.write_bytes(cat + number.to_bytes(4, "big"))
    return made


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


def test_error_while_verdicts_of_two_versions_are_compared_costs_no_photo(
    model: ModelFile, photo_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, left = Thresholds.judge, 1

    def fail_once(thresholds: Thresholds, scores: Scores | None) -> Verdict:
        nonlocal left
        left -= 1
        if left == 0:
            raise LookupError("raised by the test")
        return judge(thresholds, scores)  # type: ignore[arg-type]

    photos = own_copies(photo_dir, 2)
    judged_by_earlier(store, photos, Scores(0.0, 0.0))
    monkeypatch.setattr(Thresholds, "judge", fail_once)
    results, counts = classify_all(replace(model, replaces=(EARLIER,)), photos, store, show_older=True, jobs=1)
    final = [result for result in results if not result.older_model]
    assert sorted(result.path for result in final) == photos
    assert sum(result.error is not None for result in final) == 1
    assert counts.judged_again == 2


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
        raise StoreError(StoreProblem.UNUSABLE, "store.sqlite", "the disk is full")

    for name in ("known", "keep", "own_data_of"):
        monkeypatch.setattr(Store, name, fail)
    with Pipeline(model, store=store) as pipeline:
        pipeline.add(photo_dir.iterdir())
        results = take_all(pipeline)
    assert sum(result.scores is not None for result in results) == 6
    assert pipeline.complaint == (
        "Not all results can be stored for the next time: store.sqlite cannot be used (the disk is full)."
    )


@pytest.mark.parametrize("name", ["_look_up", "_keep"])
@pytest.mark.parametrize("always", [True, False], ids=["always", "once"])
def test_unexpected_error_in_the_store_thread_lets_nobody_wait(
    model: ModelFile, photo_dir: Path, store: Store, monkeypatch: pytest.MonkeyPatch, name: str, always: bool
) -> None:
    method, left = getattr(Pipeline, name), 1

    def fail(pipeline: Pipeline, *given: object) -> None:
        nonlocal left
        left -= 1
        if always or left == 0:
            raise LookupError("raised by the test")
        method(pipeline, *given)

    monkeypatch.setattr(Pipeline, name, fail)
    with Pipeline(model, store=store) as pipeline:
        pipeline.add(photo_dir.iterdir())
        results = take_all(pipeline)
        waiting = threading.Thread(target=pipeline.wait_until_kept, daemon=True)
        waiting.start()
        waiting.join(PATIENCE)
        assert not waiting.is_alive()
    assert sum(result.scores is not None for result in results) == 6
    assert pipeline.complaint == "Not all results can be stored for the next time: raised by the test"
    assert photo_threads() == []


@pytest.mark.parametrize("name", ["_next", "_classify", "_with_stored_data", "_finish"])
@pytest.mark.parametrize("kind", [LookupError, SystemExit])
def test_unexpected_error_in_a_worker_thread_costs_at_most_its_photo(
    model: ModelFile,
    photo_dir: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    kind: type[BaseException],
) -> None:
    method, left = getattr(Pipeline, name), 2

    def fail(pipeline: Pipeline, *given: object) -> object:
        nonlocal left
        left -= 1
        if left == 0:
            raise kind("raised by the test")
        return method(pipeline, *given)

    monkeypatch.setattr(Pipeline, name, fail)
    photos = sorted(photo_dir.iterdir())
    with Pipeline(model, store=store, jobs=1) as pipeline:
        pipeline.add(photos)
        results = take_all(pipeline)
        pipeline.wait_until_kept()
    assert left < 0
    assert sorted(result.path for result in results) == photos
    errors = [result.error for result in results if result.error]
    assert errors == ([] if name == "_next" else [f"could not be classified ({kind.__name__}: raised by the test)"])


def test_thread_that_cannot_be_set_up_classifies_all_the_same(model: ModelFile, photo_dir: Path) -> None:
    def fail() -> None:
        raise LookupError("raised by the test")

    with Pipeline(model, jobs=1, set_up_thread=fail) as pipeline:
        pipeline.add(photo_dir.iterdir())
        assert sum(result.scores is not None for result in take_all(pipeline)) == 6


def test_close_ends_the_store_thread(model: ModelFile, store: Store) -> None:
    pipeline = Pipeline(model, jobs=2, store=store)
    assert len(photo_threads()) == 3
    pipeline.close()
    assert photo_threads() == []


def test_head_used_after_photos_were_looked_up_changes_their_scores(
    model: ModelFile, photo_dir: Path, store: Store
) -> None:
    photos = sorted(photo_dir.iterdir())
    first, _ = classify_all(model, photos, store)
    dimensions = max(len(result.features) for result in first if result.features is not None)
    head = Head(np.full((dimensions, 2), 0.5, np.float32))
    with Pipeline(model, store=store) as pipeline:
        pipeline.add(photos)
        wait_until(lambda: pipeline.counts.known == len(photos))
        pipeline.use_head(head)
        late = take_all(pipeline)
    with Pipeline(model, store=store, head=head) as pipeline:
        pipeline.add(photos)
        early = take_all(pipeline)

    assert {result.path: result.scores for result in late} == {result.path: result.scores for result in early}
    own = {result.path: result.scores for result in first}
    assert all(result.model_scores == own[result.path] != result.scores for result in late)


def test_results_whose_scores_could_not_be_changed_are_taken_later(
    model: ModelFile, photo_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_given: object) -> list[Result]:
        raise MemoryError

    photos = sorted(photo_dir.iterdir())
    with Pipeline(model, head=Head(np.zeros((1, 2), np.float32))) as pipeline:
        pipeline.add(photos)
        with monkeypatch.context() as patch:
            patch.setattr(pipeline_module, "with_head", fail)
            while pipeline.counts.open:
                with pytest.raises(MemoryError):
                    pipeline.take_results(timeout=PATIENCE)
        assert sorted(result.path for result in take_all(pipeline)) == photos


def test_photos_queued_before_an_error_are_classified(model: ModelFile, photo_dir: Path) -> None:
    photos = sorted(photo_dir.iterdir())

    def paths_that_end() -> Iterator[Path]:
        yield from photos[:2]
        raise LookupError("raised by the test")

    with Pipeline(model, jobs=1) as pipeline:
        pipeline.add(photos[2:3])
        results = take_all(pipeline)
        wait_until(lambda: bool(pipeline._changed._waiters))  # type: ignore[attr-defined]
        with pytest.raises(LookupError):
            pipeline.add(paths_that_end())
        results += take_all(pipeline)
    assert [result.path for result in results] == [photos[2], *photos[:2]]
