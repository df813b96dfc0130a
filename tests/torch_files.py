"""Writes weights as torch did before its zip files, without torch: five pickles, then the numbers of every storage."""

import pickle
import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from unittest.mock import patch

from numpy.typing import NDArray

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


def write_state_dict(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays by their names; an array that is a view shares the storage of its base."""
    storages: dict[str, _Storage] = {}
    tensors: OrderedDict[str, _Tensor] = OrderedDict()
    for name, array in arrays.items():
        whole = array if array.base is None else array.base
        storage = storages.setdefault(str(id(whole)), _Storage(str(id(whole)), whole))
        tensors[name] = _Tensor(storage, array)
    with patch.dict(sys.modules, {"torch": _torch, "torch._utils": _torch_utils}), path.open("wb") as file:
        for thing in (MAGIC, PROTOCOL, {"little_endian": True}, tensors, sorted(storages)):
            _Pickler(file, 2).dump(thing)
        for key in sorted(storages):
            numbers = storages[key].numbers
            file.write(numbers.size.to_bytes(8, "little") + numbers.tobytes())


class _Storage:
    def __init__(self, key: str, numbers: NDArray[Any]) -> None:
        self.key, self.numbers = key, numbers


class _Tensor:
    def __init__(self, storage: _Storage, view: NDArray[Any]) -> None:
        step = view.itemsize
        start = view.__array_interface__["data"][0] - storage.numbers.__array_interface__["data"][0]
        self._view = start // step, view.shape, tuple(stride // step for stride in view.strides)
        self._storage = storage

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _torch_utils._rebuild_tensor_v2, (self._storage, *self._view, False, OrderedDict())


class _Pickler(pickle.Pickler):
    def persistent_id(self, thing: Any) -> tuple[Any, ...] | None:
        if not isinstance(thing, _Storage):
            return None
        kind = getattr(_torch, _STORAGE_TYPES[thing.numbers.dtype.name])
        return "storage", kind, thing.key, "cpu", thing.numbers.size, None


_STORAGE_TYPES: Final = {"float32": "FloatStorage", "int64": "LongStorage"}
_torch, _torch_utils = ModuleType("torch"), ModuleType("torch._utils")
for _name in _STORAGE_TYPES.values():
    setattr(_torch, _name, type(_name, (), {"__module__": "torch"}))


def _rebuild_tensor_v2() -> None:
    """Only its name is written."""


_rebuild_tensor_v2.__module__ = "torch._utils"
_torch_utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
