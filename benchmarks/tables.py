"""The results as tables in Markdown, with the targets and whether each is met."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- results: written by `make bench` -->", "<!-- end of results -->"
Row = tuple[str, str, str, str, str]


def render(results: dict[str, Any]) -> str:
    """Return the tables."""
    machine = results["machine"]
    head = [
        f"Measured on {machine['cores']} cores of a machine with {machine['processor']}, {machine['system']}, "
        f"Python {machine['python']}; medians of rounds in which the app and the Keras way take turns.",
        "",
        "| | CatDog | Keras way | ratio | target |",
        "|---|---:|---:|---:|---|",
    ]
    rows = [*_start(results["start"]), *_rates(results), *_memory(results["memory"]), *_size(results["size"])]
    return "\n".join(head + ["| " + " | ".join(row) + " |" for row in rows])


def put_into(readme: Path, text: str) -> None:
    """Replace what stands between the two marks in `readme`."""
    content = readme.read_text(encoding="utf-8")
    before, _, rest = content.partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _start(start: dict[str, Any]) -> Iterator[Row]:
    keras = start["keras"]["first_verdict_ms"]
    for kind in ("frozen", "source"):
        window = start.get(f"window_{kind}")
        if window is None:
            continue
        first, opened = window["first_verdict_ms"], window["window_ms"]
        is_target = kind == "frozen"
        yield _row(f"process start to window, {kind}", f"{opened:.0f} ms", "", opened / keras)
        yield _row(
            f"process start to first verdict, {kind}",
            f"{first:.0f} ms",
            f"{keras:.0f} ms",
            first / keras,
            _target("at most 1 s and a fifth", first <= 1000 and first <= keras / 5) if is_target else "",
        )
        whole = start[f"command_line_{kind}"]["whole_ms"]
        yield _row(
            f"command line, one photo, start to end, {kind}", f"{whole:.0f} ms", f"{keras:.0f} ms", whole / keras
        )


def _rates(results: dict[str, Any]) -> Iterator[Row]:
    for key, what, times in (("small", "500-pixel photos", 15), ("large", "12-megapixel JPEGs", 7)):
        app, keras = results[key]["app"], results[key]["keras"]
        slow = keras["photos_per_s"]
        rate = app["photos_per_s"]
        yield _row(
            f"{what}, with thumbnails (window)",
            f"{rate:.1f} photos/s",
            f"{slow:.1f} photos/s",
            rate / slow,
            _target(f"at least {times} times", rate >= times * slow),
        )
        bare = app["photos_per_s_without_thumbnails"]
        yield _row(f"{what}, without (command line)", f"{bare:.1f} photos/s", f"{slow:.1f} photos/s", bare / slow)
        batches = keras["photos_per_s_in_batches"]
        yield _row(f"{what}, Keras in batches of 32", f"{rate:.1f} photos/s", f"{batches:.1f} photos/s", rate / batches)
        bound = app["bound_per_s"]
        parts = f"{app['decode_ms']:.1f} ms decoding, {app['infer_ms']:.1f} ms inference"
        yield (
            f"{what}: bound = {app['cores']:.0f} cores / ({parts})",
            f"{bound:.1f} photos/s",
            "",
            f"{rate / bound:.0%} of it",
            "",
        )
        one, keras_one = app["one_photo_ms"], 1000 / slow
        yield _row(f"one of the {what}", f"{one:.1f} ms", f"{keras_one:.1f} ms", one / keras_one)


def _memory(memory: dict[str, Any]) -> Iterator[Row]:
    for kind in ("frozen", "source"):
        if kind in memory:
            target = _target("at most 200 MB", memory[kind] <= 200)
            what = f"most memory, window with {memory['photos']:,} photos, {kind} (Keras: one photo)"
            yield _row(
                what, f"{memory[kind]:.0f} MB", f"{memory['keras']:.0f} MB", memory[kind] / memory["keras"], target
            )


def _size(size: dict[str, Any]) -> Iterator[Row]:
    if size["bundle"] is not None:
        bundle, tensorflow = size["bundle"], size["tensorflow"]
        ratio = bundle / tensorflow if tensorflow else None
        other = f"{tensorflow:.0f} MB" if tensorflow else ""
        target = _target("at most 220 MB", bundle <= 220)
        yield _row("bundle, unpacked (Keras: TensorFlow alone)", f"{bundle:.0f} MB", other, ratio, target)


def _row(what: str, ours: str, theirs: str, ratio: float | None, target: str = "") -> Row:
    return what, ours, theirs, "" if ratio is None else f"{ratio:.2g}x" if ratio < 1 else f"{ratio:.1f}x", target


def _target(text: str, met: bool) -> str:
    return f"{text}: {'met' if met else '**not met**'}"
