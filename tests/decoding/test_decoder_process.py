"""Photos of risky formats are decoded in confined processes: same pixels, and a crash costs one photo."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import open_package_photo
from odd_photos import PROFILES
from PIL import Image
from sandbox_probe import children_of, probing_child, task_states

from catdog_desktop.decoding import decode, decoder_process, formats
from catdog_desktop.decoding.decode import decode_for_view, decode_photo
from catdog_desktop.decoding.decoder_process import close_decoders, seconds_allowed
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.decoding.exif import exif_orientation, read_exif

DATA = Path(__file__).resolve().parents[1] / "data"
HEIC = DATA / "chelsea.heic"
CRASHED = (Unreadable.DAMAGED, "is damaged: it crashed its decoder")
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture(autouse=True)
def _fresh_decoders() -> Iterator[None]:
    close_decoders()
    yield
    close_decoders()


def crashing_heic(folder: Path) -> Path:
    """Return a HEIC whose metadata has a type that is not UTF-8, which ends a process that uses pi-heif 1.1."""
    content = HEIC.read_bytes()
    entry = content.index(b"Exif", content.index(b"infe"))
    path = folder / "crashing.heic"
    path.write_bytes(content[:entry] + b"\xd4" + content[entry + 1 :])
    return path


def saved(name: str, **options: object) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        image = open_package_photo("chelsea").resize((300, 200))
        image = image.convert(str(options.pop("mode", "RGB")))
        path = folder / name
        image.save(path, **options)
        return path

    return make


def sixteen_bits(folder: Path) -> Path:
    grey = np.asarray(open_package_photo("chelsea").convert("L"))
    Image.fromarray(grey.astype(np.uint16) * 257).save(folder / "sixteen.tif")
    return folder / "sixteen.tif"


def oriented(suffix: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        exif = Image.Exif()
        exif[0x0112], exif[0x0132] = 6, "2020:01:02 03:04:05"
        exif.get_ifd(0x8769)[0x9003] = "2019:01:02 03:04:05"
        open_package_photo("chelsea").save(folder / f"oriented{suffix}", exif=exif.tobytes())
        return folder / f"oriented{suffix}"

    return make


PHOTOS: dict[str, Callable[[Path], Path]] = {
    "heic": lambda folder: HEIC,
    "turned heic": lambda folder: DATA / "chelsea-turned.heic",
    "webp": saved("a.webp"),
    "transparent webp": saved("a.webp", mode="RGBA"),
    "avif": saved("a.avif"),
    "bmp": saved("a.bmp"),
    "gif": saved("a.gif", mode="P"),
    "transparent gif": saved("a.gif", mode="P", transparency=5),
    "tiff": saved("a.tif"),
    "grey tiff": saved("a.tif", mode="L"),
    "bilevel tiff": saved("a.tif", mode="1"),
    "cmyk tiff": saved("a.tif", mode="CMYK"),
    "16-bit tiff": sixteen_bits,
    **{f"oriented {suffix}": oriented(suffix) for suffix in (".tif", ".webp", ".avif")},
}


@pytest.mark.parametrize("make", PHOTOS.values(), ids=PHOTOS)
def test_decoder_process_gives_the_same_as_this_process(
    make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path)
    remote, view = decode_photo(path, (64, 64)), decode_for_view(path, 100)
    monkeypatch.setattr(formats, "_DECODED_HERE", (b"",))
    here = decode_photo(path, (64, 64))
    assert (remote.info, remote.thumbnail) == (here.info, here.thumbnail)
    assert np.array_equal(remote.pixels, here.pixels)
    assert np.array_equal(view, decode_for_view(path, 100))


def large(name: str, **options: object) -> Callable[[Path], Path]:
    """Return what makes a photo of 1,300 x 900 pixels, turned where its format allows it."""

    def make(folder: Path) -> Path:
        exif = Image.Exif()
        exif[0x0112] = 6
        image = open_package_photo("chelsea").resize((1300, 900)).convert(str(options.pop("mode", "RGB")))
        image.save(folder / name, exif=exif.tobytes(), **options)
        return folder / name

    return make


LARGE: dict[str, Callable[[Path], Path]] = {
    "webp": large("a.webp"),
    "transparent webp": large("a.webp", mode="RGBA"),
    "avif": large("a.avif", speed=10),
    "profile": large("a.webp", icc_profile=PROFILES["Display P3"]),
    "bmp": large("a.bmp"),
    "gif": large("a.gif", mode="P"),
    "tiff": large("a.tif"),
    "bilevel tiff": large("a.tif", mode="1"),
    "cmyk tiff": large("a.tif", mode="CMYK"),
}


@pytest.mark.parametrize("thumbnail", [True, False])
@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_decoder_process_resizes_large_photos_as_this_process_does(
    make: Callable[[Path], Path], thumbnail: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path)
    remote = decode_photo(path, (64, 48), "bicubic", thumbnail=thumbnail)
    assert remote.whole is None
    monkeypatch.setattr(formats, "_DECODED_HERE", (b"",))
    here = decode_photo(path, (64, 48), "bicubic", thumbnail=thumbnail)
    assert (remote.info, remote.thumbnail, bool(remote.thumbnail)) == (here.info, here.thumbnail, thumbnail)
    assert np.array_equal(remote.pixels, here.pixels)


@pytest.mark.parametrize("make", PHOTOS.values(), ids=PHOTOS)
def test_decoder_process_keeps_the_mode_without_a_wanted_size(
    make: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As models of others need it, which were trained on photos as they are stored."""
    path = make(tmp_path)

    def stored() -> tuple[str, tuple[int, int], bytes, object]:
        def use(opened: Image.Image, status: os.stat_result) -> tuple[str, tuple[int, int], bytes, object]:
            orientation = exif_orientation(opened, read_exif(opened))
            opened.load()
            return opened.mode, opened.size, opened.convert("RGBA").tobytes(), orientation

        return decode.read_photo(path, use)

    remote = stored()
    monkeypatch.setattr(formats, "_DECODED_HERE", (b"",))
    assert remote == stored()


def test_crashing_photo_costs_itself_and_no_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    crashing = crashing_heic(tmp_path)
    for _ in range(2):
        with pytest.raises(PhotoError) as caught:
            decode_photo(crashing, (64, 64))
        assert (caught.value.reason, str(caught.value)) == CRASHED
        assert decode_photo(HEIC, (64, 64)).info.width == 225
    assert capfd.readouterr() == ("", "")


def test_crashing_photo_in_a_folder_gives_one_error_line(
    tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from catdog_desktop.cli import main

    crashing_heic(tmp_path)
    (tmp_path / "good.heic").write_bytes(HEIC.read_bytes())
    assert main(["classify", "--model", str(model_folder), "--format", "jsonl", str(tmp_path)]) in (0, 1)
    printed = capsys.readouterr()
    lines = (printed.out + printed.err).splitlines()
    assert len([line for line in lines if "crashed its decoder" in line]) == 1
    assert any("good.heic" in line and '"verdict"' in line for line in lines)


def test_damaged_tiff_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = saved("a.tif", compression="group4", mode="1")(tmp_path)
    content = bytearray(path.read_bytes())
    content[20:2_000:3] = bytes(len(content[20:2_000:3]))
    path.write_bytes(content)
    with contextlib.suppress(PhotoError):
        decode_photo(path, (64, 64))
    assert capfd.readouterr() == ("", "")


@linux
def test_decoders_are_kept_and_replaced_after_a_crash(tmp_path: Path) -> None:
    before = set(children_of(os.getpid()))
    decode_photo(HEIC, (64, 64))
    first = set(children_of(os.getpid())) - before
    assert len(first) == 1
    decode_photo(HEIC, (64, 64))
    assert set(children_of(os.getpid())) - before == first
    with pytest.raises(PhotoError):
        decode_photo(crashing_heic(tmp_path), (64, 64))
    assert set(children_of(os.getpid())) == before
    decode_photo(HEIC, (64, 64))
    assert len(set(children_of(os.getpid())) - before) == 1


@linux
def test_jpeg_and_png_start_no_decoder(photo_dir: Path) -> None:
    before = children_of(os.getpid())
    names = [path for path in photo_dir.iterdir() if path.suffix in (".jpg", ".png")]
    assert names
    for path in names:
        decode_photo(path, (64, 64))
    assert children_of(os.getpid()) == before


@linux
def test_other_file_with_a_photo_name_starts_no_decoder(tmp_path: Path) -> None:
    path = tmp_path / "text.heic"
    path.write_text("This is text.")
    before = children_of(os.getpid())
    with pytest.raises(PhotoError, match="it holds text"):
        decode_photo(path, (64, 64))
    assert children_of(os.getpid()) == before


@linux
def test_decoder_threads_are_all_confined() -> None:
    before = set(children_of(os.getpid()))
    decode_photo(HEIC, (64, 64))
    [process] = set(children_of(os.getpid())) - before
    mine = task_states(os.getpid())[0]
    for state in task_states(process):
        assert (state["Seccomp"], state["NoNewPrivs"]) == ("2", "1")
        assert state["net"] != mine["net"]
    environment = Path(f"/proc/{process}/environ").read_bytes()
    assert b"CATDOG_HOME" not in environment


@linux
def test_threads_that_decode_at_once_have_a_decoder_each() -> None:
    before = set(children_of(os.getpid()))
    start = threading.Barrier(2)
    widths: list[int] = []

    def work() -> None:
        def use(opened: Image.Image, status: os.stat_result) -> int:
            start.wait(60)  # both photos are open at the same time
            opened.load()
            return opened.width

        widths.append(decode.read_photo(HEIC, use))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert widths == [225, 225]
    assert len(set(children_of(os.getpid())) - before) == 2


def test_decoder_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    command = probing_child(task="decode", function="hang", serves=True)
    monkeypatch.setattr(decoder_process, "child_command", lambda: command)
    monkeypatch.setattr(decoder_process, "_readable", (str(Path(__file__).resolve().parents[1]),))
    monkeypatch.setattr(decoder_process, "SECONDS", 2.0)
    begun = time.monotonic()
    with pytest.raises(PhotoError, match="took longer than 2 seconds") as caught:
        decode_photo(HEIC, (64, 64))
    assert caught.value.reason is Unreadable.DAMAGED
    assert time.monotonic() - begun < 20


def test_decoder_that_sends_nonsense_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    command = probing_child(task="decode", function="send_nonsense", serves=True)
    monkeypatch.setattr(decoder_process, "child_command", lambda: command)
    monkeypatch.setattr(decoder_process, "_readable", (str(Path(__file__).resolve().parents[1]),))
    with pytest.raises(PhotoError) as caught:
        decode_photo(HEIC, (64, 64))
    assert (caught.value.reason, str(caught.value)) == CRASHED


@pytest.mark.parametrize("change", ["no thumbnail", "large thumbnail", "other size", "other mode", "fewer bytes"])
def test_decoder_that_sends_another_thumbnail_is_ended(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    command = probing_child(task="decode", function=f"send_{change.replace(' ', '_')}", serves=True)
    monkeypatch.setattr(decoder_process, "child_command", lambda: command)
    monkeypatch.setattr(decoder_process, "_readable", (str(Path(__file__).resolve().parents[1]),))
    with pytest.raises(PhotoError) as caught:
        decode_photo(HEIC, (64, 64))
    assert (caught.value.reason, str(caught.value)) == CRASHED


def test_decoder_that_cannot_be_started_gives_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoder_process, "child_command", lambda: ["/nothing/here"])
    with pytest.raises(PhotoError, match="its decoder cannot be started") as caught:
        decode_photo(HEIC, (64, 64))
    assert caught.value.reason is Unreadable.NOT_ALLOWED


@pytest.mark.parametrize(("megapixels", "seconds"), [(0, 20), (24, 20), (100, 96), (200, 196)])
def test_time_limit_grows_with_the_photo(megapixels: int, seconds: int) -> None:
    assert seconds_allowed(megapixels * 10**6) == seconds


def test_photo_larger_than_the_shared_memory_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is copied into the work folder of the process instead."""
    monkeypatch.setattr("catdog_desktop.sandbox.shared_file.MAX_BYTES_IN_MEMORY", 100)
    assert decode_photo(HEIC, (64, 64)).info.width == 225
    assert decode_photo(saved("a.webp")(tmp_path), (64, 64)).info.width == 300


def test_metadata_reaches_this_process(tmp_path: Path) -> None:
    path = oriented(".tif")(tmp_path)
    exif = decode.read_photo(path, lambda opened, status: read_exif(opened))
    assert exif.get(0x0132) == "2020:01:02 03:04:05"
    assert exif.get_ifd(0x8769)[0x9003] == "2019:01:02 03:04:05"


def test_keywords_reach_this_process(tmp_path: Path) -> None:
    records = b"".join(b"\x1c\x02\x19" + len(word).to_bytes(2, "big") + word for word in (b"Zoo", b"Garden"))
    webp, tiff = tmp_path / "a.webp", tmp_path / "a.tif"
    open_package_photo("chelsea").save(webp, xmp=b"<x:xmpmeta/>")
    open_package_photo("chelsea").save(tiff, tiffinfo={33723: records})
    assert decode.read_embedded_keywords(webp) == (b"<x:xmpmeta/>", [])
    assert decode.read_embedded_keywords(tiff)[1] == [b"Zoo", b"Garden"]


@linux
def test_decoder_reads_small_photos_after_many_others(tmp_path: Path) -> None:
    """Threads of decoders leave stacks and heaps, which must not be missing for the next photo."""
    large = open_package_photo("chelsea").resize((2400, 1600))
    paths = [tmp_path / f"large{suffix}" for suffix in (".avif", ".webp", ".tif", ".gif")]
    for path in paths:
        large.save(path, **({"speed": 10} if path.suffix == ".avif" else {}))
    paths += [HEIC, saved("a.avif", speed=10)(tmp_path), saved("a.tif", mode="CMYK")(tmp_path)]
    for _ in range(4):
        for path in paths:
            assert decode_photo(path, (64, 64)).info.width in (2400, 225, 300)


def changed_child(folder: Path, change: str) -> list[str]:
    """Return a command of a decoder process that runs `change` before it serves."""
    command = decoder_process.child_command()
    late = "sys.exit(child.main())"
    assert command[-1].endswith(late)
    program = (
        command[-1][: -len(late)] + "child.TASKS['decode'] = child.TaskEntry('changed_decoder', 'serve', serves=True); "
    )
    start = f"from catdog_desktop.decoding import decoder_child; {change}"
    (folder / "changed_decoder.py").write_text(f"{start}\nserve = decoder_child.serve\n")
    program += f"sys.path.insert(0, {str(folder)!r}); {late}"
    return [*command[:-1], program]


@linux
@pytest.mark.parametrize("is_damaged", [False, True])
def test_decoder_that_holds_much_memory_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_damaged: bool
) -> None:
    before = set(children_of(os.getpid()))
    command = changed_child(tmp_path, "decoder_child.SPENT_BYTES = 2**20")
    monkeypatch.setattr(decoder_process, "child_command", lambda: command)
    monkeypatch.setattr(decoder_process, "_readable", (str(tmp_path),))
    if is_damaged:
        damaged = tmp_path / "damaged.heic"
        damaged.write_bytes(HEIC.read_bytes()[:1000])
        with pytest.raises(PhotoError, match="is damaged and cannot be decoded"):
            decode_photo(damaged, (64, 64))
    else:
        assert decode_photo(HEIC, (64, 64)).info.width == 225
    assert set(children_of(os.getpid())) == before


@linux
def test_decoder_is_kept_after_a_photo_with_too_many_pixels(tmp_path: Path) -> None:
    """It has read the header only; to start another process takes as long as to decode a hundred small photos."""
    before = set(children_of(os.getpid()))
    assert decode_photo(HEIC, (64, 64)).info.width == 225
    first = set(children_of(os.getpid())) - before
    content = bytearray(saved("a.bmp")(tmp_path).read_bytes())
    content[18:26] = (60_000).to_bytes(4, "little") * 2  # width and height
    (tmp_path / "huge.bmp").write_bytes(content)
    with pytest.raises(PhotoError) as caught:
        decode_photo(tmp_path / "huge.bmp", (64, 64))
    assert caught.value.reason is Unreadable.TOO_LARGE
    assert decode_photo(HEIC, (64, 64)).info.width == 225
    assert set(children_of(os.getpid())) - before == first


def test_black_and_white_bmp_with_a_false_height_is_damaged(tmp_path: Path) -> None:
    """One of 48 by 1,048,612 pixels in a file of 5 kB took 1.1 GB in both processes."""
    content = bytearray(saved("a.bmp", mode="1")(tmp_path).read_bytes())
    content[18:26] = (48).to_bytes(4, "little") + (1_048_612).to_bytes(4, "little")
    (tmp_path / "a.bmp").write_bytes(content)
    with pytest.raises(PhotoError, match="pixels do not fit into a file of"):
        decode_photo(tmp_path / "a.bmp", (64, 64))


@linux
@pytest.mark.parametrize(
    ("height", "refused"), [(458_788, True), (240_000, False)], ids=["not plausible", "largest plausible"]
)
def test_animated_webp_with_a_large_canvas_takes_little_memory(tmp_path: Path, height: int, refused: bool) -> None:
    """Its canvas is held several times. One of 48 by 458,788 pixels in a file of 1.7 kB took 0.7 GB."""
    before = set(children_of(os.getpid()))
    photo = open_package_photo("chelsea").resize((48, 36))
    photo.save(tmp_path / "a.webp", save_all=True, append_images=[photo.rotate(180)])
    content = bytearray((tmp_path / "a.webp").read_bytes())
    assert content[12:16] == b"VP8X"
    content[27:30] = (height - 1).to_bytes(3, "little")
    (tmp_path / "a.webp").write_bytes(content)
    assert decode_photo(HEIC, (64, 64)).info.width == 225
    [process] = set(children_of(os.getpid())) - before
    if refused:
        with pytest.raises(PhotoError, match="pixels do not fit into a file of"):
            decode_photo(tmp_path / "a.webp", (64, 64))
    else:
        assert decode_photo(tmp_path / "a.webp", (64, 64)).info.height == height
    status = Path(f"/proc/{process}/status").read_text()
    peak_kb = int(status.partition("VmHWM:")[2].split()[0])
    assert peak_kb < 300 * 1024
