"""Half-precision models are changed to full precision, and nothing else changes."""

import json
from pathlib import Path

import hostile_models as make
import pytest

from catdog_desktop.model_import.conversion.full_precision import computes_in_half, to_full_precision
from catdog_desktop.model_import.inspection.inspect_model import inspect_model

POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "mixed_float16"}, "registered_name": None}


@pytest.mark.parametrize("form", [".keras", ".h5"])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16", POLICY], ids=str)
def test_reduced_precision_is_changed_to_full(form: str, policy: object, tmp_path: Path) -> None:
    def config(dtype: object) -> dict[str, object]:
        layer = make.dense(dtype=dtype)
        return make.sequential(layer) if form == ".keras" else make.old_sequential(layer)

    def write(name: str, dtype: object) -> Path:
        if form == ".keras":
            return make.archive(tmp_path / f"{name}{form}", config(dtype))
        return make.legacy(tmp_path / f"{name}{form}", config(dtype))

    whole = POLICY | {"config": {"name": "float32"}} if isinstance(policy, dict) else "float32"
    path, wanted = write("half", policy), inspect_model(write("whole", whole))
    found = inspect_model(path)
    assert computes_in_half(found.config)
    to_full_precision(path, found)
    changed = inspect_model(path)
    assert changed == wanted
    assert not computes_in_half(changed.config)


def test_full_precision_model_is_not_half() -> None:
    config = make.sequential(make.keras("Dense", name="dense", units=1))
    assert not computes_in_half(json.loads(json.dumps(config)))
