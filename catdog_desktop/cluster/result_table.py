"""The table in the Parquet files: one row for each photo, including those that could not be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from catdog_desktop import __version__
from catdog_desktop.cluster.listing import PATH, PATH_BYTES, path_columns
from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.verdict import Result

SCHEMA: Final = pa.schema(
    [
        pa.field(PATH, pa.string(), nullable=False),
        pa.field(PATH_BYTES, pa.binary()),  # Only for names that are not valid UTF-8.
        pa.field("verdict", pa.string()),  # cat, dog, both, neither, unsure; null if error is set.
        pa.field("cat", pa.float32()),
        pa.field("dog", pa.float32()),
        pa.field("error", pa.string()),  # To be read after the name; null if there are scores.
        pa.field("may_pass", pa.bool_(), nullable=False),  # The error is temporary, so --retry tries again.
        pa.field("damaged", pa.bool_(), nullable=False),  # Truncated, and decoded as far as possible.
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("file_bytes", pa.int64()),
        pa.field("taken", pa.timestamp("s")),  # Local time, as cameras write it.
        pa.field("date", pa.timestamp("s")),  # The same, or the best date known, as date_source says.
        pa.field("date_source", pa.string()),
        pa.field("model", pa.string(), nullable=False),
        pa.field("model_sha256", pa.string(), nullable=False),
        pa.field("app_version", pa.string(), nullable=False),
    ]
)


def write_results(path: Path, results: Sequence[Result], model: ModelFile) -> None:
    """Write `results` to `path` atomically. Raises `OSError`."""
    # Programs that read a folder of Parquet files ignore names with a leading underscore.
    with atomic_write(path, temporary=path.with_name(f"_{path.name}.tmp")) as file:
        pq.write_table(_table(results, model), file, compression="zstd")


def _table(results: Sequence[Result], model: ModelFile) -> pa.Table:
    verdicts = [result.verdict(model.thresholds) for result in results]
    readable = [result.error is None for result in results]
    columns = path_columns([result.path for result in results]) | {
        "verdict": [None if verdict is None else verdict.value for verdict in verdicts],
        "cat": [None if result.scores is None else result.scores.cat for result in results],
        "dog": [None if result.scores is None else result.scores.dog for result in results],
        "error": [result.error for result in results],
        "may_pass": [result.error_is_temporary for result in results],
        "damaged": [result.info.damaged for result in results],
        "width": [result.info.width if has_info else None for result, has_info in zip(results, readable, strict=True)],
        "height": [
            result.info.height if has_info else None for result, has_info in zip(results, readable, strict=True)
        ],
        "file_bytes": [
            result.info.file_bytes if has_info else None for result, has_info in zip(results, readable, strict=True)
        ],
        "taken": [result.info.taken for result in results],
        "date": [result.info.date for result in results],
        "date_source": [result.info.date_source and str(result.info.date_source) for result in results],
        "model": [f"{model.name} {model.version}"] * len(results),
        "model_sha256": [model.sha256] * len(results),
        "app_version": [__version__] * len(results),
    }
    return pa.table(columns, SCHEMA)
