"""The table of the benchmarks states what was measured. These tests measure nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import open_package_photo
from PIL import Image

from benchmarks import tables
from benchmarks.__main__ import LAYOUT
from benchmarks.many_photos import write_distinct
from catdog_desktop.store.fingerprint import file_fingerprint

RATES = {
    "app": {
        "photos_per_s": 190.0,
        "photos_per_s_without_thumbnails": 170.0,
        "photos_per_s_with_store": 185.0,
        "bound_per_s": 200.0,
        "bound_per_s_without_thumbnails": 200.0,
        "share_of_bound": 0.95,
        "share_of_bound_without_thumbnails": 0.85,
        "decode_ms": 3.0,
        "decode_ms_without_thumbnail": 2.0,
        "infer_ms": 7.0,
        "one_photo_ms": 10.0,
        "cores": 2,
    },
    "keras": {"photos_per_s": 10.0, "photos_per_s_in_batches": 20.0},
}
WINDOW = {"photos": 10_000, "ms_per_photo": 8.0, "all_ms": 900.0, "shown_ms": 950.0, "late_ms": 20.0}
WINDOW |= {"latest_ms": 80.0, "rss_mb": 250.0}
MANY = {
    "frozen": True,
    "few": WINDOW | {"photos": 1_000, "ms_per_photo": 7.5},
    "many": WINDOW,
    "known": WINDOW,
    "store": {"look_up_ms": 150.0, "mb": {"store.sqlite": 3.1, "thumbnails.sqlite": 136.2}},
}
CLUSTER = {"photos_per_s": 150.0, "pipeline_photos_per_s": 160.0, "start_s": 0.5, "cores": 2}
MACHINE = {"cores": 2, "processor": "a processor", "system": "Linux", "python": "3.11"}


def lines(**parts: Any) -> list[str]:
    return tables.render({"machine": MACHINE} | parts).splitlines()


def line(start: str, **parts: Any) -> str:
    (found,) = [text for text in lines(**parts) if text.startswith(f"| {start}")]
    return found


def test_table_says_whether_target_is_met() -> None:
    assert "19.0x | at least 18 times: met" in line("500-pixel photos, with thumbnails |", small=RATES)
    assert "17.0x | at least 18 times: **not met**" in line("500-pixel photos, without, as Keras", small=RATES)
    assert "95% of it | at least 90 %: met" in line("500-pixel photos, with thumbnails: bound", small=RATES)
    assert "85% of it | at least 90 %: **not met**" in line("500-pixel photos, without: bound", small=RATES)
    assert "19.0x | at least 7.5 times: met" in line("12-megapixel JPEGs, with thumbnails |", large=RATES)


@pytest.mark.parametrize(
    ("start", "change", "met"),
    [
        ("window, frozen: time per photo", {}, True),
        ("window, frozen: time per photo", {"ms_per_photo": 8.3}, False),
        ("most memory with 10,000", {}, True),
        ("most memory with 10,000", {"rss_mb": 301.0}, False),
        ("GUI thread while 10,000 run", {}, True),
        ("GUI thread while 10,000 run", {"late_ms": 50.1}, False),
    ],
)
def test_table_of_10000_photos_says_whether_target_is_met(start: str, change: dict[str, float], met: bool) -> None:
    text = line(start, many=MANY | {"many": WINDOW | change})
    assert text.endswith(": met |" if met else ": **not met** |")


def test_table_known_folder_includes_thumbnails() -> None:
    assert line("known folder of 10,000", many=MANY).endswith(": met |")
    late = MANY | {"known": WINDOW | {"shown_ms": 1501.0}}
    assert line("known folder of 10,000", many=late).endswith(": **not met** |")


def test_table_compares_cluster_with_pipeline() -> None:
    assert "| 94% of it |" in line("cluster of 2 worker processes", cluster=CLUSTER)
    assert "0.83 ms of a core, 0.5 s" in line("what the cluster adds", cluster=CLUSTER)


def test_table_omits_what_was_not_measured() -> None:
    assert [text for text in lines() if text.startswith("|")] == lines()[-2:]


def test_put_into_replaces_old_table(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"Before\n{tables.BEGIN}\nold\n{tables.END}\nAfter\n")
    for text in ("one", "two"):
        tables.put_into(readme, text)
    assert readme.read_text() == f"Before\n{tables.BEGIN}\n\ntwo\n\n{tables.END}\nAfter\n"


def test_saved_results_match_the_readme() -> None:
    kept = Path(tables.__file__).with_name("results.json")
    results = json.loads(kept.read_text(encoding="utf-8"))
    if results.get("layout") != LAYOUT:
        pytest.skip("the figures are older than the table: run `make bench`")
    assert tables.render(results) in kept.with_name("README.md").read_text(encoding="utf-8")


def test_write_distinct_photos_differ_in_fingerprint_only(tmp_path: Path) -> None:
    original = tmp_path / "original.jpg"
    open_package_photo("chelsea").save(original)
    write_distinct([original], tmp_path / "many", 1_001)
    made = sorted((tmp_path / "many").rglob("*.jpg"))
    assert len({file_fingerprint(path) for path in made}) == 1_001
    assert [folder.name for folder in sorted((tmp_path / "many").iterdir())] == ["000", "001", "002"]
    with Image.open(made[-1]) as photo, Image.open(original) as same:
        assert photo.tobytes() == same.tobytes()
        assert photo.info["comment"] == b"photo 1000"
