"""Change half-precision models to full precision: LiteRT has no half-precision operations.

With mixed precision, Keras keeps the weights in float32 and rounds between layers to be quick on a GPU. Without the
rounding the answers agree to about three digits.
"""

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any, Final

from catdog_desktop.messages import N_
from catdog_desktop.model_import.inspection.findings import Findings
from catdog_desktop.model_import.inspection.keras_archive import CONFIG

HALF: Final = frozenset({"mixed_float16", "mixed_bfloat16", "float16", "bfloat16"})
NOTE: Final = N_(
    "It was trained in half precision and runs here in full precision: its answers differ from Keras's in the third "
    "digit."
)
_KEYS: Final = ("dtype", "dtype_policy", "name")


def computes_in_half(config: Any) -> bool:
    """Whether any layer of a checked config has a half-precision policy."""
    if isinstance(config, dict):
        return any((key in _KEYS and _is_half(value)) or computes_in_half(value) for key, value in config.items())
    return isinstance(config, list) and any(computes_in_half(item) for item in config)


def to_full_precision(path: Path, findings: Findings) -> None:
    """Change the policies in the copy of a `.keras` or `.h5` model at `path`."""
    config = json.dumps(_in_full_precision(findings.config))
    if findings.kind == "legacy_h5":
        import h5py

        with h5py.File(path, "r+") as file:
            del file.attrs["model_config"]
            file.attrs["model_config"] = config
        return
    changed = path.with_name("changed.keras")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            if info.filename == CONFIG:
                new.writestr(CONFIG, config)
            elif not info.is_dir():
                with old.open(info) as source, new.open(info.filename, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target, 2**20)
    changed.replace(path)


def _is_half(value: object) -> bool:
    return isinstance(value, str) and value in HALF


def _in_full_precision(config: Any) -> Any:
    """Return the config with float32 for every half-precision type and policy."""
    if isinstance(config, dict):
        return {
            key: "float32" if key in _KEYS and _is_half(value) else _in_full_precision(value)
            for key, value in config.items()
        }
    return [_in_full_precision(item) for item in config] if isinstance(config, list) else config
