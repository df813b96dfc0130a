"""Inspect an HDF5 file without following its references to other files.

HDF5 can name other files (external links, external storage, virtual datasets), load filters as plug-ins, and declare
arrays far larger than itself. Keras writes none of these, but follows all of them.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.errors import RefusedModelError, printable_name

SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
MAX_OBJECTS: Final = 100_000
MAX_ATTRIBUTES: Final = 100_000
MAX_ATTRIBUTE_VALUES: Final = 20_000
MAX_WEIGHT_BYTES: Final = 4 * 2**30
BOMB_FLOOR_BYTES: Final = 16 * 2**20
MAX_EXPANSION: Final = 200
MAX_MEMORY_BYTES: Final = 256 * 2**20
"""What the library may allocate for an inspection, which reads no weights."""
FILTERS: Final = {1: "gzip", 2: "shuffle", 3: "fletcher32", 32000: "lzf"}
"""Filters that are part of the library. For any other it looks for a plug-in, which is program code."""
AGAIN: Final = N_("Save the model again with Keras, and import the new file.")


def check_hdf5(path: Path, where: str) -> dict[str, Any]:
    """Check all objects of the file; return the root attributes that describe a model, as text.

    Raises `RefusedModelError`; `where` names the file in its message.
    """
    import h5py

    try:
        with _limited_memory(), h5py.File(path, "r") as file:
            if file.userblock_size:
                raise RefusedModelError(_("it has other data before its HDF5 data"), where, AGAIN)
            _check_objects(file, where)
            return {name: _text(file, name, where) for name in _DESCRIBING if name in file.attrs}
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, UnicodeError, MemoryError) as error:
        raise RefusedModelError(
            _("it is not a whole HDF5 file ({reason})").format(reason=printable_name(str(error))), where, AGAIN
        ) from error


@contextlib.contextmanager
def _limited_memory() -> Iterator[None]:
    """Limit the memory of this process (Linux), the child that inspects.

    The library allocates a text of the length that the file claims, before it looks whether the file has it.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allocated = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5]) * os.sysconf("SC_PAGE_SIZE")
    wanted = allocated + MAX_MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if soft == resource.RLIM_INFINITY else min(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


_DESCRIBING: Final = ("model_config", "keras_version", "backend", "training_config")


def _text(file: Any, name: str, where: str) -> str:
    """Return a root attribute, which is bytes in old files and text in new ones."""
    shape = file.attrs.get_id(name).shape
    if shape != ():
        raise RefusedModelError(_("its attribute {name} is not a text").format(name=name), where, AGAIN)
    value = file.attrs[name]
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if not isinstance(value, str):
        raise RefusedModelError(_("its attribute {name} is not a text").format(name=name), where, AGAIN)
    return value


def _check_objects(file: Any, where: str) -> None:
    """Visit every object once, without recursion: hard links may form cycles, and the file decides the depth."""
    import h5py

    seen = {h5py.h5o.get_info(file.id).addr}
    waiting = [(file["/"], "/")]
    totals = _Totals(where)
    totals.attributes(file["/"], "/")
    while waiting:
        group, path = waiting.pop()
        for name, child in _children(group, path, where):
            address = h5py.h5o.get_info(child.id).addr
            if address in seen:
                continue
            seen.add(address)
            if len(seen) > MAX_OBJECTS:
                raise RefusedModelError(
                    _("it has more than {objects} objects").format(objects=format_number(MAX_OBJECTS)), where, AGAIN
                )
            below = f"{path}{printable_name(name)}"
            totals.attributes(child, below)
            if isinstance(child, h5py.Group):
                waiting.append((child, f"{below}/"))
            elif isinstance(child, h5py.Dataset):
                totals.dataset(child, below)
            else:
                raise RefusedModelError(_("it holds a data type of its own"), f"{where}, {below}", AGAIN)


def _children(group: Any, path: str, where: str) -> Iterator[tuple[str, Any]]:
    import h5py

    for name in group:
        link = group.get(name, getlink=True)
        here = f"{where}, {path}{printable_name(name)}"
        if isinstance(link, h5py.ExternalLink):
            raise RefusedModelError(
                _("it has a link to another file, '{filename}'").format(filename=printable_name(link.filename)),
                here,
                AGAIN,
            )
        if not isinstance(link, h5py.HardLink):
            raise RefusedModelError(_("it has a link instead of data"), here, AGAIN)
        yield name, group[name]


class _Totals:
    """Totals of all objects, checked against the limits."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._bytes = 0
        self._attributes = 0

    def attributes(self, item: Any, path: str) -> None:
        """Check types and sizes of the attributes of `item`, without reading any."""
        here = f"{self._where}, attributes of {path}"
        self._attributes += len(item.attrs)
        if self._attributes > MAX_ATTRIBUTES:
            raise RefusedModelError(
                _("it has more than {attributes} attributes").format(attributes=format_number(MAX_ATTRIBUTES)),
                here,
                AGAIN,
            )
        for name in item.attrs:
            attribute = item.attrs.get_id(name)
            self._check_type(attribute.get_type(), f"{here}, {printable_name(name)}", text=True)
            count = 1
            for length in attribute.shape or ():
                count *= length
            if count > MAX_ATTRIBUTE_VALUES:
                raise RefusedModelError(
                    _("it has an attribute of {count} values").format(count=format_number(count)),
                    f"{here}, {printable_name(name)}",
                    AGAIN,
                )

    def dataset(self, dataset: Any, path: str) -> None:
        here = f"{self._where}, {path}"
        creation = dataset.id.get_create_plist()
        if creation.get_external_count():
            named = creation.get_external(0)[0]
            file = named.decode("utf-8", "replace") if isinstance(named, bytes) else named
            raise RefusedModelError(
                _("it reads its weights out of another file, '{file}'").format(file=printable_name(file)), here, AGAIN
            )
        if dataset.is_virtual:
            raise RefusedModelError(_("it is put together from other files"), here, AGAIN)
        for index in range(creation.get_nfilters()):
            number = creation.get_filter(index)[0]
            if number not in FILTERS:
                raise RefusedModelError(_("it needs the HDF5 plug-in {number}").format(number=number), here, AGAIN)
        if not _is_bfloat16(dataset):
            self._check_type(dataset.id.get_type(), here, text=False)
        size = dataset.id.get_type().get_size()
        for length in dataset.shape or ():
            size *= length
        self._bytes += size
        stored = dataset.id.get_storage_size()
        if size > BOMB_FLOOR_BYTES and size > MAX_EXPANSION * stored:
            raise RefusedModelError(
                _("it would unpack {stored} bytes to {size}").format(
                    stored=format_number(stored), size=format_number(size)
                ),
                here,
                AGAIN,
            )
        if self._bytes > MAX_WEIGHT_BYTES:
            raise RefusedModelError(
                _("its weights take more than {gigabytes} GB").format(gigabytes=MAX_WEIGHT_BYTES // 2**30),
                here,
                AGAIN,
            )

    @staticmethod
    def _check_type(kind: Any, here: str, *, text: bool) -> None:
        """Accept numbers, and text if `text` (its size is limited with that of the attribute)."""
        import h5py

        if isinstance(kind, h5py.h5t.TypeStringID):
            if not text:
                raise RefusedModelError(_("it holds texts where weights belong"), here, AGAIN)
            return
        if kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM):
            raise RefusedModelError(
                _("it holds data that is neither numbers nor text (a pickled object, a reference or raw bytes)"),
                here,
                AGAIN,
            )


def _is_bfloat16(dataset: Any) -> bool:
    """Whether a dataset is bfloat16, which HDF5 does not have: Keras stores two opaque bytes and an attribute."""
    import h5py

    kind = dataset.id.get_type()
    if not isinstance(kind, h5py.h5t.TypeOpaqueID) or kind.get_size() != 2 or kind.get_tag():
        return False
    return (
        "dtype" in dataset.attrs and dataset.attrs.get_id("dtype").shape == () and dataset.attrs["dtype"] == "bfloat16"
    )
