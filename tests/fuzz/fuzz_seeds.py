"""Valid files that the fuzzer starts from, made from CC0 photos and small models that the tests have."""

import contextlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from conftest import open_package_photo
from PIL import Image
from raw_files import RAW_MAKERS

DATA = Path(__file__).resolve().parents[1] / "data"
PHOTO_FORMATS: Final = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "HEIF", "RAW")
SUFFIXES: Final = {
    "JPEG": ".jpg", "PNG": ".png", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tif", "WEBP": ".webp", "AVIF": ".avif",
    "HEIF": ".heic", "RAW": ".raw", "tflite": ".tflite", "keras": ".keras", "h5": ".h5", "zip": ".zip",
    "catdog": ".catdog", "xmp": ".xmp", "settings": ".json", "journal": ".jsonl", "store": ".sqlite",
    "conversion": ".model",
}  # fmt: skip
_EDGE: Final = (48, 36)
"""Small, so that most of a file is structure and a decode takes well below a millisecond."""


@cache
def seeds_of(kind: str) -> list[bytes]:
    """Return valid files of a kind: one of `SUFFIXES`."""
    if kind in PHOTO_FORMATS:
        return _photos(kind)
    makers: dict[str, Callable[[], list[bytes]]] = {
        "tflite": lambda: [path.read_bytes() for path in sorted(DATA.glob("tiny_*.tflite"))],
        "keras": lambda: [(DATA / "tiny.keras").read_bytes()],
        "h5": _hdf5,
        "zip": _zipped_saved_model,
        "conversion": lambda: [(DATA / "tiny.keras").read_bytes(), (DATA / "seed_notebook_tf24.h5").read_bytes()],
        "catdog": _archive,
        "xmp": _sidecars,
        "settings": _settings,
        "journal": _journals,
        "store": _stores,
    }
    return makers[kind]()


def _photos(format_name: str) -> list[bytes]:
    if format_name == "HEIF":  # nothing that is installed writes HEIC
        return [(DATA / name).read_bytes() for name in ("chelsea.heic", "chelsea-turned.heic")]
    photo = open_package_photo("chelsea").resize(_EDGE)
    if format_name == "RAW":
        return [make(photo, 6) for make in RAW_MAKERS.values()]
    exif = Image.Exif()
    exif[0x0112], exif[0x0132] = 6, "2019:05:12 10:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2019:05:12 10:00:00"
    several: dict[str, list[dict[str, Any]]] = {
        "JPEG": [{"exif": exif}, {"progressive": True}, {"subsampling": 0, "quality": 30, "restart_marker_blocks": 2}],
        "PNG": [{"exif": exif}, {"compress_level": 0}],
        "GIF": [{}, {"save_all": True, "append_images": [photo.rotate(90)]}],
        "BMP": [{}],
        "TIFF": [
            {"exif": exif},
            *({"compression": name} for name in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")),
        ],
        "WEBP": [{"exif": exif}, {"lossless": True}, {"save_all": True, "append_images": [photo.rotate(180)]}],
        "AVIF": [{}, {"exif": exif.tobytes()}],
    }
    files = [_encoded(photo, format_name, options) for options in several[format_name]]
    modes = {
        "JPEG": ("L", "CMYK"),
        "PNG": ("L", "P", "RGBA", "I;16", "1"),
        "TIFF": ("L", "RGBA", "CMYK", "LAB", "I;16", "F", "1"),
        "GIF": ("L",),
        "BMP": ("L", "P", "1"),
        "WEBP": ("RGBA",),
        "AVIF": ("RGBA",),
    }
    for mode in modes[format_name]:
        grey = photo.convert("L")
        converted = Image.fromarray(_wide(grey)) if mode == "I;16" else _as_mode(photo, mode)
        files.append(_encoded(converted, format_name, {}))
    if format_name == "TIFF":
        files.append(_encoded(photo.convert("1"), "TIFF", {"compression": "group4"}))
    return files


def _wide(grey: Image.Image) -> Any:
    import numpy as np

    return np.asarray(grey).astype(np.uint16) * 257


def _as_mode(photo: Image.Image, mode: str) -> Image.Image:
    if mode == "LAB":
        from PIL import ImageCms

        transform = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        converted = ImageCms.applyTransform(photo, transform)
        assert converted is not None
        return converted
    return photo.convert(mode)


def _encoded(photo: Image.Image, format_name: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, format_name, **options)
    return buffer.getvalue()


def _hdf5() -> list[bytes]:
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["keras_version"] = "2.4.0"
        file.attrs["backend"] = "tensorflow"
        layer = {"class_name": "Dense", "config": {"name": "dense", "units": 1, "activation": "sigmoid"}}
        config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": [layer]}}
        file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = ["dense"]
        group = weights.create_group("dense")
        group.attrs["weight_names"] = ["kernel:0", "bias:0"]
        group.create_dataset("kernel:0", data=[[0.5], [0.25]])
        group.create_dataset("bias:0", data=[0.0])
    return [buffer.getvalue()]


def _zipped_saved_model() -> list[bytes]:
    import hostile_models as make

    with tempfile.TemporaryDirectory() as name:
        folder = make.saved_model(Path(name, "model"))
        make.keras_metadata(folder, make.sequential(make.dense()))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder.parent))
        return [buffer.getvalue()]


def _archive() -> list[bytes]:
    from hashlib import sha256

    from tiny_models import tiny_description, tiny_flatbuffer

    from catdog_desktop.inference.model_file import DESCRIPTION, FLATBUFFER
    from catdog_desktop.model_import.model_archive import export_model

    with tempfile.TemporaryDirectory() as folder:
        flatbuffer, target = tiny_flatbuffer(), Path(folder, "model.catdog")
        Path(folder, FLATBUFFER).write_bytes(flatbuffer)
        Path(folder, DESCRIPTION).write_text(json.dumps(tiny_description(sha256(flatbuffer).hexdigest())))
        export_model(Path(folder), target)
        return [target.read_bytes()]


def _sidecars() -> list[bytes]:
    from catdog_desktop.xmp.packet import merge_keywords

    packet = (
        b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n<rdf:Description rdf:about="" '
        b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="3"/>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
    )
    merged = merge_keywords(packet, ("cat", "animals|cat"))
    assert merged is not None
    return [packet, merged]


def _files_left_by(*commands: tuple[str, ...], pattern: str) -> list[bytes]:
    """Run commands of `catdog` on one photo, in a home of their own; return the files in it that match `pattern`.

    In the commands, `{photo}` and `{folder}` stand for the photo and an empty folder.
    """
    from catdog_desktop.cli import main

    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        home, folder = Path(name, "home"), Path(name, "photos")
        folder.mkdir()
        photo = folder / "cat.jpg"
        open_package_photo("chelsea").save(photo)
        patch.setenv("CATDOG_HOME", str(home))
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for command in commands:
                main([part.format(photo=photo, folder=folder) for part in command])
        return [path.read_bytes() for path in sorted(home.rglob(pattern)) if path.stat().st_size]


def _settings() -> list[bytes]:
    from catdog_desktop.settings import Settings, save_settings

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "settings.json")
        save_settings(path, Settings())
        return [path.read_bytes()]


def _journals() -> list[bytes]:
    sort = ("sort", "{photo}", "{folder}/sorted")
    return _files_left_by(sort, ("undo",), (*sort, "--move", "--yes"), pattern="*.jsonl")


def _stores() -> list[bytes]:
    return _files_left_by(("classify", "{photo}"), pattern="store.sqlite")
