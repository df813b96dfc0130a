"""The results as tables in Markdown, with the targets and whether each is met."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- results: written by `make bench` -->", "<!-- end of results -->"
Row = tuple[str, str, str, str, str]


def render(results: dict[str, Any]) -> str:
    """Return the results as a table."""
    machine = results["machine"]
    head = [
        f"Measured on {machine['cores']} cores of a machine with {machine['processor']}, {machine['system']}, "
        f"Python {machine['python']}; medians of rounds in which the app and the Keras way take turns.",
        "",
        "| | CatDog | Keras way | ratio | target |",
        "|---|---:|---:|---:|---|",
    ]
    renderers: dict[str, Callable[[dict[str, Any]], Iterator[Row]]] = {
        "start": _start,
        "small": lambda part: _rates(part, "500-pixel photos", 18),
        "large": lambda part: _rates(part, "12-megapixel JPEGs", 7.5),
        "memory": _memory,
        "size": _size,
        "many": _many,
        "cluster": _cluster,
        "imported": _imported,
    }
    rows = [row for part, render_part in renderers.items() if part in results for row in render_part(results[part])]
    return "\n".join(head + ["| " + " | ".join(row) + " |" for row in rows])


def put_into(readme: Path, text: str) -> None:
    """Replace the text between the two marks in `readme`."""
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


def _rates(part: dict[str, Any], what: str, times: float) -> Iterator[Row]:
    app, keras = part["app"], part["keras"]
    slow = keras["photos_per_s"]
    rate, bare = app["photos_per_s"], app["photos_per_s_without_thumbnails"]
    for kind, fast in (("with thumbnails", rate), ("without, as Keras", bare)):
        yield _row(
            f"{what}, {kind}",
            f"{fast:.1f} photos/s",
            f"{slow:.1f} photos/s",
            fast / slow,
            _target(f"at least {times} times", fast >= times * slow),
        )
    kept = app["photos_per_s_with_store"]
    yield _row(f"{what}, with thumbnails, all kept in the store", f"{kept:.1f} photos/s", "", kept / slow)
    batches = keras["photos_per_s_in_batches"]
    yield _row(f"{what}, Keras in batches of 32", f"{rate:.1f} photos/s", f"{batches:.1f} photos/s", rate / batches)
    for more, kind in (("", "with thumbnails"), ("_without_thumbnail", "without")):
        share, bound = app[f"share_of_bound{more}{'s' if more else ''}"], app[f"bound_per_s{more}{'s' if more else ''}"]
        parts = f"{app[f'decode_ms{more}']:.1f} ms decoding, {app['infer_ms']:.1f} ms inference"
        yield (
            f"{what}, {kind}: bound = {app['cores']:.0f} cores / ({parts})",
            f"{bound:.1f} photos/s",
            "",
            f"{share:.0%} of it",
            _target("at least 90 %", share >= 0.9),
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


def _many(part: dict[str, Any]) -> Iterator[Row]:
    few, new, known, store = part["few"], part["many"], part["known"], part["store"]
    how = "frozen" if part["frozen"] else "source"
    count = f"{new['photos']:,}"
    growth = new["ms_per_photo"] / few["ms_per_photo"]
    yield _row(
        f"window, {how}: time per photo at {count} (and at {few['photos']:,.0f})",
        f"{new['ms_per_photo']:.2f} ms ({few['ms_per_photo']:.2f} ms)",
        "",
        None,
        _target(f"at most a tenth more (it is {growth - 1:+.0%})", growth <= 1.1),
    )
    yield _row(
        f"most memory with {count} photos in it",
        f"{new['rss_mb']:.0f} MB",
        "",
        None,
        _target("at most 300 MB", new["rss_mb"] <= 300),
    )
    late = new["late_ms"]
    yield _row(
        f"GUI thread while {count} run: lateness of a 5 ms timer, 99.9th percentile (and the most)",
        f"{late:.1f} ms ({new['latest_ms']:.0f} ms)",
        "",
        None,
        _target("at most 50 ms", late <= 50),
    )
    yield _row(
        f"known folder of {count}: from the drop to all verdicts, and to the thumbnails in sight",
        f"{known['all_ms']:.0f} ms, {known['shown_ms']:.0f} ms",
        "",
        None,
        _target("at most 1.5 s", max(known["all_ms"], known["shown_ms"]) <= 1500),
    )
    yield _row(f"looking {count} photos up in the store, alone", f"{store['look_up_ms']:.0f} ms", "", None)
    sizes = ", ".join(f"{name.removesuffix('.sqlite')} {size:.1f} MB" for name, size in sorted(store["mb"].items()))
    yield _row(f"on the disk for {count} photos", sizes, "", None)


def _cluster(part: dict[str, Any]) -> Iterator[Row]:
    rate, local = part["photos_per_s"], part["pipeline_photos_per_s"]
    yield (
        f"cluster of {part['cores']:.0f} worker processes, 500-pixel photos (pipeline of one process)",
        f"{rate:.1f} photos/s ({local:.1f} photos/s)",
        "",
        f"{rate / local:.0%} of it",
        "",
    )
    cores = part["cores"]
    yield _row(
        "what the cluster adds to a photo, and to a job at its start",
        f"{1000 * cores * (1 / rate - 1 / local):.2f} ms of a core, {part['start_s']:.1f} s",
        "",
        None,
    )


def _imported(part: dict[str, Any]) -> Iterator[Row]:
    app, keras = part["app"], part["keras"]
    for key, what, unit, digits in (
        ("photo_ms", "the blog's model, imported: a photo, read as Keras reads it (Keras: the same model)", "ms", 1),
        ("inference_ms", "inference alone (Keras: `model.predict`)", "ms", 1),
        ("rss_mb", "most memory", "MB", 0),
    ):
        ours, theirs = app[key], keras[key]
        yield _row(what, f"{ours:.{digits}f} {unit}", f"{theirs:.{digits}f} {unit}", ours / theirs)
    yield _row(
        "largest difference of the answers", f"{part['apart']:.1g}", "", None, _target("0.001", part["apart"] <= 1e-3)
    )
    yield _row("importing it, from the file to the model", f"{part['import_s']:.0f} s", "", None)


def _row(what: str, ours: str, theirs: str, ratio: float | None, target: str = "") -> Row:
    return what, ours, theirs, "" if ratio is None else f"{ratio:.2g}x" if ratio < 1 else f"{ratio:.1f}x", target


def _target(text: str, met: bool) -> str:
    return f"{text}: {'met' if met else '**not met**'}"
