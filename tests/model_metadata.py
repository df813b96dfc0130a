"""Metadata inside TensorFlow Lite models, as the tools of TensorFlow Lite Support write it."""

import io
import zipfile
from collections.abc import Mapping, Sequence

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema


def with_metadata(
    flatbuffer: bytes,
    *,
    mean: Sequence[float] = (),
    deviation: Sequence[float] = (),
    files: Mapping[str, bytes] | None = None,
    locales: Mapping[str, str] | None = None,
) -> bytes:
    """Return a model with metadata: a normalisation of its photo, and lists of classes by their names inside it.

    `locales` gives the language of a list by its name.
    """
    files = files or {}
    model = schema.ModelT.InitFromPackedBuf(flatbuffer)
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(
        metadata(mean, deviation, {name: (locales or {}).get(name, "") for name in files}), "u1"
    )
    entry = schema.MetadataT()
    entry.name, entry.buffer = b"TFLITE_METADATA", len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    if not files:
        return bytes(builder.Output())
    appended = io.BytesIO(bytes(builder.Output()))
    with zipfile.ZipFile(appended, "a") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return appended.getvalue()


def metadata(mean: Sequence[float], deviation: Sequence[float], locales: Mapping[str, str]) -> bytes:
    """Return the flatbuffer of metadata; `locales` has the language ("" for none) of each list of classes."""
    build = flatbuffers.Builder(256)
    units = _vector(build, [_process_unit(build, mean, deviation)]) if mean or deviation else None
    photo = _table(build, 7, {4: units})
    lists = [
        _table(build, 5, {0: build.CreateString(name), 3: build.CreateString(locale) if locale else None}, kind=2)
        for name, locale in locales.items()
    ]
    answer = _table(build, 7, {6: _vector(build, lists)})
    graph = _table(build, 10, {2: _vector(build, [photo]), 3: _vector(build, [answer])})
    whole = _table(build, 8, {0: build.CreateString("a model"), 3: _vector(build, [graph])})
    build.Finish(whole, b"M001")
    return bytes(build.Output())


def _process_unit(build: flatbuffers.Builder, mean: Sequence[float], deviation: Sequence[float]) -> int:
    vectors = [build.CreateNumpyVector(np.array(numbers, np.float32)) for numbers in (mean, deviation)]
    options = _table(build, 2, dict(enumerate(vectors)))
    build.StartObject(2)
    build.PrependUint8Slot(0, 1, 0)  # the union's NormalizationOptions
    build.PrependUOffsetTRelativeSlot(1, options, 0)
    return int(build.EndObject())


def _table(build: flatbuffers.Builder, fields: int, offsets: Mapping[int, int | None], *, kind: int = 0) -> int:
    """Write a table; `kind` is the enumeration in field 2 of AssociatedFile."""
    build.StartObject(fields)
    for index, offset in offsets.items():
        if offset is not None:
            build.PrependUOffsetTRelativeSlot(index, offset, 0)
    if kind:
        build.PrependInt8Slot(2, kind, 0)
    return int(build.EndObject())


def _vector(build: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    build.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        build.PrependUOffsetTRelative(offset)
    return int(build.EndVector())
