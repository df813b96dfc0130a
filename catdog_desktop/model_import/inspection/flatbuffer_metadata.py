"""Metadata inside a TensorFlow Lite model: how photos are normalised, and which of its files lists the classes.

A second flatbuffer in a buffer of the first, following metadata_schema.fbs of TensorFlow Lite Support: ModelMetadata,
SubGraphMetadata, TensorMetadata, ProcessUnit, NormalizationOptions, AssociatedFile. It is data. Damaged metadata is
ignored, since the model works without it.
"""

import math
import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

from catdog_desktop.model_import.inspection.flatbuffer_table import FlatbufferTable

IDENTIFIER: Final = b"M001"
NAME: Final = "TFLITE_METADATA"
_MODEL_BUFFERS: Final = 4
_MODEL_METADATA: Final = 6
_MOST_FILES: Final = 10


class _Field(IntEnum):
    """Fields of the tables, by table and name; and the two numbers of unions and enumerations that are used."""

    METADATA_NAME = 0
    METADATA_BUFFER = 1
    BUFFER_DATA = 0
    MODEL_SUBGRAPHS = 3
    GRAPH_INPUTS = 2
    GRAPH_OUTPUTS = 3
    TENSOR_PROCESS_UNITS = 4
    TENSOR_FILES = 6
    UNIT_TYPE = 0
    UNIT_OPTIONS = 1
    OPTIONS_MEAN = 0
    OPTIONS_STD = 1
    FILE_NAME = 0
    FILE_TYPE = 2
    FILE_LOCALE = 3


_NORMALIZATION: Final = 1
"""In the union ProcessUnitOptions."""
_AXIS_LABELS: Final = 2
"""In AssociatedFileType: names by position in the output."""


@dataclass(frozen=True, slots=True)
class FlatbufferMetadata:
    """What the metadata of a model says about its photo and its classes."""

    mean: tuple[float, ...] = ()
    """Subtracted from pixels of 0..255, for all channels or one for each (red, green, blue); empty: not stated."""
    deviation: tuple[float, ...] = ()
    """What the difference is divided by; as long as `mean`."""
    label_files: tuple[str, ...] = ()
    """Names of the files inside the model that list the classes, those without a language first."""


def read_metadata(path: Path) -> FlatbufferMetadata:
    """Return what the metadata of an inspected flatbuffer says; nothing if it has none or if it is damaged.

    Raises `OSError`.
    """
    try:
        return _read(path.read_bytes())
    except (struct.error, IndexError, OverflowError):
        return FlatbufferMetadata()


def _read(data: bytes) -> FlatbufferMetadata:
    model = FlatbufferTable(data, struct.unpack_from("<I", data)[0])
    for entry in model.tables(_MODEL_METADATA):
        if entry.text(_Field.METADATA_NAME) == NAME:
            buffer = model.tables(_MODEL_BUFFERS)[entry.number(_Field.METADATA_BUFFER, "<I")]
            return _parse(buffer.octets(_Field.BUFFER_DATA))
    return FlatbufferMetadata()


def _parse(data: bytes) -> FlatbufferMetadata:
    if data[4:8] != IDENTIFIER:
        return FlatbufferMetadata()
    graphs = FlatbufferTable(data, struct.unpack_from("<I", data)[0]).tables(_Field.MODEL_SUBGRAPHS)
    if not graphs:
        return FlatbufferMetadata()
    inputs, outputs = graphs[0].tables(_Field.GRAPH_INPUTS), graphs[0].tables(_Field.GRAPH_OUTPUTS)
    mean, deviation = _normalization(inputs[0]) if len(inputs) == 1 else ((), ())
    return FlatbufferMetadata(mean, deviation, _label_files(outputs))


def _normalization(photo: FlatbufferTable) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and deviation, each of one number or three; both empty without usable ones."""
    for unit in photo.tables(_Field.TENSOR_PROCESS_UNITS):
        options = unit.table(_Field.UNIT_OPTIONS)
        if unit.number(_Field.UNIT_TYPE, "<B") != _NORMALIZATION or options is None:
            continue
        mean, deviation = options.floats(_Field.OPTIONS_MEAN), options.floats(_Field.OPTIONS_STD)
        # The schema says that one number stands for all channels; writers mix both.
        if len(mean) != len(deviation) and 1 in (len(mean), len(deviation)):
            count = max(len(mean), len(deviation))
            mean, deviation = (numbers * count if len(numbers) == 1 else numbers for numbers in (mean, deviation))
        usable = all(math.isfinite(number) for number in mean) and all(0 < number < math.inf for number in deviation)
        if len(mean) == len(deviation) and len(mean) in (1, 3) and usable:
            return mean, deviation
    return (), ()


def _label_files(outputs: list[FlatbufferTable]) -> tuple[str, ...]:
    found = [
        (bool(file.text(_Field.FILE_LOCALE)), file.text(_Field.FILE_NAME))
        for output in outputs[:_MOST_FILES]
        for file in output.tables(_Field.TENSOR_FILES)[:_MOST_FILES]
        if file.number(_Field.FILE_TYPE, "<b") == _AXIS_LABELS
    ]
    found.sort(key=lambda file: file[0])
    return tuple(name for _has_language, name in found if name)[:_MOST_FILES]
