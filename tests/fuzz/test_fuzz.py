"""The fuzzer itself: cases are repeatable, damage reaches the fields of a format, and no defect is missed."""

import io
import json
import sys
import zipfile
from pathlib import Path
from random import Random

import pytest
from fuzz_mutations import fields_of, mutate, mutate_member
from fuzz_seeds import PHOTO_FORMATS, seeds_of
from fuzz_targets import FIELDS_OF
from run_fuzz import KINDS, MOST_MB, Worker, case, fuzz

FAKE_WORKER = """
import json, os, sys, time
for line in sys.stdin:
    kind, first, last, seed = json.loads(line)
    for number in range(first, last):
        print(json.dumps({"begun": number}), flush=True)
        if number == 3:
            os.kill(os.getpid(), 11)
        if number == 5:
            time.sleep(60)
        print(json.dumps({"number": number, "outcome": "read"}), flush=True)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_case_by_number_is_repeatable_and_differs_from_seed(kind: str) -> None:
    seeds = seeds_of(kind)
    assert seeds
    cases = [case(kind, number, 1, seeds) for number in range(20)]
    assert cases == [case(kind, number, 1, seeds) for number in range(20)]
    assert len(set(cases) - set(seeds)) > 15


@pytest.mark.parametrize("kind", [*PHOTO_FORMATS, "tflite", "xmp"])
def test_fields_of_a_valid_file_lie_inside_it(kind: str) -> None:
    for data in seeds_of(kind):
        fields = list(fields_of(data, FIELDS_OF.get(kind, kind)))
        assert len(fields) > 10
        assert sum(field.start + field.size > len(data) for field in fields) <= 2


def test_mutation_of_heic_renames_boxes_to_other_than_text() -> None:
    (data, *_), rng = seeds_of("HEIF"), Random(7)
    mutated = [mutate(data, "HEIF", rng, [data]) for _ in range(400)]
    kinds = [changed[place : place + 4] for changed in mutated for place in (4, 36) if len(changed) > 40]
    assert any(max(kind) > 0x7F for kind in kinds)


@pytest.mark.slow
def test_worker_that_crashes_or_hangs_costs_one_case_each() -> None:
    worker = Worker([sys.executable, "-c", FAKE_WORKER], hang_seconds=3)
    try:
        records = worker.run("JPEG", 0, 8, 1)
    finally:
        worker.close()
    outcomes = [record["outcome"] for record in records]
    assert [record["number"] for record in records] == list(range(8))
    assert outcomes == ["read"] * 3 + ["DEFECT ended by SIGSEGV", "read", "DEFECT hang", "read", "read"]


def test_run_that_was_stopped_continues_from_its_state_file(tmp_path: Path) -> None:
    state, kept = tmp_path / "fuzz.json", tmp_path / "kept"
    fuzz({"xmp": 20}, 1, state, kept)
    counts = fuzz({"xmp": 60}, 1, state, kept)
    assert sum(counts["xmp"].values()) == 60
    assert json.loads(state.read_text())["done"] == {"xmp": 60}
    with pytest.raises(SystemExit, match="belongs to seed 1"):
        fuzz({"xmp": 60}, 2, state, kept)


@pytest.mark.slow
def test_end_of_a_child_is_counted_and_no_defect() -> None:
    worker = Worker([sys.executable, "-c", FAKE_WORKER], hang_seconds=3)
    try:
        records = worker.run("h5", 2, 7, 1)
    finally:
        worker.close()
    expected = ["read", "inspection crashed", "read", "inspection took too long", "read"]
    assert [record["outcome"] for record in records] == expected


def test_worker_that_cannot_start_is_reported() -> None:
    worker = Worker([sys.executable, "-c", ""])
    with pytest.raises(RuntimeError, match="the worker cannot make case 0 of JPEG"):
        worker.run("JPEG", 0, 3, 1)
    worker.close()


def test_kinds_advance_at_the_same_pace(tmp_path: Path) -> None:
    state = tmp_path / "fuzz.json"
    fuzz({"xmp": 40, "settings": 10}, 1, state, tmp_path / "kept", jobs=2)
    content = json.loads(state.read_text())
    assert content["done"] == {"xmp": 40, "settings": 10}
    assert 0 < max(content["mb"].values()) < MOST_MB


def test_member_of_a_zip_is_mutated_with_right_checksums() -> None:
    [seed] = seeds_of("keras")
    changed = [mutate_member(seed, Random(number)) for number in range(20)]
    for content in changed:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
    assert len(set(changed)) > 15


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "settings", "journal"])
def test_damaged_files_are_read_or_refused(kind: str, tmp_path: Path) -> None:
    counts = fuzz({kind: 120}, 3, tmp_path / "fuzz.json", tmp_path / "kept")
    assert sum(counts[kind].values()) == 120
    assert not [name for name in counts[kind] if name.startswith("DEFECT")]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures memory in /proc")
def test_ten_thousand_damaged_files_cost_themselves_alone(tmp_path: Path) -> None:
    each = 10_000 // len(KINDS) + 1
    counts = fuzz(dict.fromkeys(KINDS, each), 1, tmp_path / "fuzz.json", tmp_path / "kept", jobs=2)
    assert {kind: sum(outcomes.values()) for kind, outcomes in counts.items()} == dict.fromkeys(KINDS, each)
    assert not [name for outcomes in counts.values() for name in outcomes if name.startswith("DEFECT")]
