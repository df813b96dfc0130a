"""Inspect a SavedModel: a folder with weights and a graph of operations, which is a program.

Its operations are checked against an allow-list, in the graph and in every function of its library. One exception is
needed, since every SavedModel can save itself: the operations that write and read a checkpoint. Writing is allowed only
in functions that the saver's own node calls and nothing else does, and nothing may use that node: no signature, no
initialization, no restoring, no other node. Restoring runs when the model is loaded, so its functions may read a
checkpoint and do nothing else.
"""

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.errors import RefusedModelError, printable_name
from catdog_desktop.model_import.inspection.config_walk import ConfigWalk, parse_config
from catdog_desktop.model_import.inspection.findings import Findings, findings_of
from catdog_desktop.model_import.inspection.graph_operations import COMPUTING, NAMING, REASONS, RESTORING, SAVING
from catdog_desktop.model_import.inspection.protobuf_wire import WireError, messages, numbers, texts

GRAPH: Final = "saved_model.pb"
METADATA: Final = "keras_metadata.pb"
EXTRAS: Final = re.compile(
    r"[^/]+\.(txt|md|json|csv|png|jpe?g)|readme(\.\w+)?|license(\.\w+)?|\.ds_store|thumbs\.db|desktop\.ini|\._.*",
    re.IGNORECASE,
)
"""Files that Lobe, Teachable Machine, systems and people put beside the graph. They are never copied or opened."""
EXTRA_FOLDERS: Final = ("__MACOSX", "example")
"""Written by macOS into zips, and by Lobe beside its graph. Like `EXTRAS`."""
MAX_GRAPH_BYTES: Final = 512 * 2**20
MAX_FOLDER_BYTES: Final = 4 * 2**30
MAX_FILES: Final = 1_000
MAX_NODES: Final = 1_000_000
MAX_ATTRIBUTE_DEPTH: Final = 8
ALLOWED_FILES: Final = re.compile(
    r"saved_model\.pb|keras_metadata\.pb|fingerprint\.pb|variables/variables\.(index|data-\d{5}-of-\d{5})"
)
ALLOWED_FOLDERS: Final = ("assets", "variables", "assets.extra")
AGAIN: Final = N_("Save the model again where you made it (model.export('folder')), without that part.")


def inspect_saved_model(folder: Path) -> Findings:
    """Check the folder, its graph and the configs that Keras saved in it. Raises `RefusedModelError`."""
    where = printable_name(folder.name)
    _check_folder(folder, where)
    here = f"{where}, {GRAPH}"
    try:
        graphs = list(messages(memoryview((folder / GRAPH).read_bytes()), 2))
        if not graphs:
            raise RefusedModelError(_("it is empty"), here, AGAIN)
        for graph in graphs:
            _check_meta_graph(graph, here)
        config, notes = _keras_configs(folder, graphs, where)
        shape, outputs = _signature(graphs[0])
    except WireError as error:
        raise RefusedModelError(_("it is damaged: {reason}").format(reason=error), here, AGAIN) from error
    found = findings_of("saved_model", config, notes=notes)
    return Findings(
        kind=found.kind,
        keras_version=None,
        backend="tensorflow",
        layers=found.layers,
        input_shape=shape or found.input_shape,
        last_activation=found.last_activation,
        has_rescaling=found.has_rescaling,
        outputs=outputs or found.outputs,
        config=config,
        notes=found.notes,
    )


def is_extra(path: Path) -> bool:
    """Whether a file or folder at the top of a SavedModel's folder does not belong to it, and is left out. No links."""
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        return path.name in EXTRA_FOLDERS
    return stat.S_ISREG(mode) and EXTRAS.fullmatch(path.name) is not None


def _check_folder(folder: Path, where: str) -> None:
    """Accept only the files of a SavedModel, no links (which may lead to the user's files), within the limits."""
    total = 0
    for count, path in enumerate(_below(folder)):
        name = path.relative_to(folder).as_posix()
        here = f"{where}, {printable_name(name)}"
        status = path.lstat()
        if count > MAX_FILES:
            raise RefusedModelError(
                _("it has more than {files} files").format(files=format_number(MAX_FILES)), where, AGAIN
            )
        if stat.S_ISDIR(status.st_mode):
            if name not in ALLOWED_FOLDERS:
                raise RefusedModelError(_("it has a folder that does not belong in a SavedModel"), here, AGAIN)
            continue
        if not stat.S_ISREG(status.st_mode):
            raise RefusedModelError(_("it has a link instead of a file"), here, _("Copy the file itself to its place."))
        if name.startswith("assets"):
            raise RefusedModelError(_("it brings files for its operations to read"), here, AGAIN)
        if not ALLOWED_FILES.fullmatch(name):
            raise RefusedModelError(_("it has a file that does not belong in a SavedModel"), here, _("Take it out."))
        total += status.st_size
        if total > MAX_FOLDER_BYTES or (name in (GRAPH, METADATA) and status.st_size > MAX_GRAPH_BYTES):
            raise RefusedModelError(_("it is larger than a model for photos can be"), here, AGAIN)
    if not (folder / GRAPH).is_file():
        raise RefusedModelError(
            _("the folder has no {graph}").format(graph=GRAPH), where, _("Choose the folder that holds saved_model.pb.")
        )


def _below(folder: Path) -> Iterator[Path]:
    """Yield the entries of the folder and of its folders. Deeper folders are refused before they are entered."""
    for path in folder.iterdir():
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from path.iterdir()


# The graph -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Body:
    """Nodes of the graph, or of a function in its library."""

    name: str
    operations: set[str] = field(default_factory=set)
    calls: dict[str, set[str]] = field(default_factory=dict)
    """By function: the nodes that call it."""
    inputs: set[str] = field(default_factory=set)
    """Nodes whose output or completion another node uses."""


def _check_meta_graph(graph: memoryview, where: str) -> None:
    if any(True for _ in messages(graph, 6)):
        raise RefusedModelError(_("it brings files for its operations to read"), where, AGAIN)
    budget = [MAX_NODES]
    main = _Body("the graph")
    functions: dict[str, _Body] = {}
    gradients: set[str] = set()
    for definition in messages(graph, 2):
        _read_nodes(messages(definition, 1), main, budget, where)
        for library in messages(definition, 2):
            for function in messages(library, 1):
                names = list(texts(function, 1, 1))
                body = functions.setdefault(names[-1] if names else "", _Body(names[-1] if names else ""))
                _read_nodes(messages(function, 3), body, budget, where)
            gradients.update(texts(library, 2, 1), texts(library, 2, 2), texts(library, 3, 1))
    _check_operations(main, functions, where)
    _check_savers(graph, main, functions, gradients, where)


def _read_nodes(nodes: Iterator[memoryview], body: _Body, budget: list[int], where: str) -> None:
    for node in nodes:
        budget[0] -= 1
        if budget[0] < 0:
            raise RefusedModelError(
                _("it has more than {nodes} operations").format(nodes=format_number(MAX_NODES)), where, AGAIN
            )
        names = list(texts(node, 1))
        operations = list(texts(node, 2))
        body.operations.update(operations)
        for source in texts(node, 3):
            body.inputs.add(source.removeprefix("^").partition(":")[0])
        for function in [*operations, *_functions_in(node, 5, 2, depth=0, where=where)]:
            body.calls.setdefault(function, set()).update(names or [""])


def _functions_in(message: memoryview, *path: int, depth: int, where: str) -> Iterator[str]:
    """Yield the functions that the attributes at `path` name: `func` and `list.func`, and recursively in theirs."""
    if depth > MAX_ATTRIBUTE_DEPTH:
        raise RefusedModelError(_("its operations are nested too deeply"), where, AGAIN)
    for value in messages(message, *path):
        for named in (*messages(value, 10), *messages(value, 1, 9)):
            yield from texts(named, 1)
            yield from _functions_in(named, 2, 2, depth=depth + 1, where=where)


def _check_operations(main: _Body, functions: dict[str, _Body], where: str) -> None:
    for body in (main, *functions.values()):
        special = body.operations & (SAVING | RESTORING | NAMING) if body is not main else set()
        for operation in sorted(body.operations - COMPUTING - special):
            if operation not in functions:
                unknown = N_("it uses the operation '{operation}', which is not on the list of those that only compute")
                what = _(REASONS.get(operation, unknown)).format(operation=printable_name(operation))
                raise RefusedModelError(what, f"{where}, {printable_name(body.name)}", AGAIN)


def _check_savers(graph: memoryview, main: _Body, functions: dict[str, _Body], gradients: set[str], where: str) -> None:
    """Check which functions read and write files, and what calls them. The rules are in the module's docstring."""
    writing = {name for name, body in functions.items() if body.operations & (SAVING | NAMING)}
    reading = {name for name, body in functions.items() if body.operations & RESTORING}
    save_nodes = {name.partition(":")[0] for name in texts(graph, 3, 2)}
    restore_nodes = {name.partition(":")[0] for name in texts(graph, 3, 3)}
    started = set(_tensor_names(graph))
    for name in [*sorted(writing), *sorted(reading - writing)]:
        operation = sorted(functions[name].operations & (SAVING | NAMING | RESTORING))[0]
        naming = N_("it uses the operation '{operation}', which makes up file names")
        what = _(REASONS.get(operation, naming)).format(operation=operation)
        here = f"{where}, {printable_name(name)}"
        callers = main.calls.get(name, set())
        elsewhere = any(name in body.calls for body in functions.values()) or name in gradients
        right = save_nodes if name in writing else restore_nodes
        if elsewhere or not callers <= right or _names_function(graph, name):
            raise RefusedModelError(_("{what}, outside of its own saving").format(what=what), here, AGAIN)
        if name in writing and (callers & (restore_nodes | started | main.inputs) or name in reading):
            raise RefusedModelError(_("{what}, and calls it where it must not").format(what=what), here, AGAIN)
        if name in reading and functions[name].operations - RESTORING - _WITH_RESTORING:
            raise RefusedModelError(_("it does more than read its weights when it is loaded"), here, AGAIN)


_WITH_RESTORING: Final = frozenset({"AssignVariableOp", "Const", "Identity", "IdentityN", "NoOp", "Cast", "Reshape"})


def _tensor_names(graph: memoryview) -> Iterator[str]:
    """Yield the nodes that signatures and collections (initialization among them) name."""
    for info in (*messages(graph, 5, 2, 1, 2), *messages(graph, 5, 2, 2, 2)):
        for name in (*texts(info, 1), *texts(info, 4, 1), *texts(info, 4, 2), *texts(info, 4, 3)):
            yield name.partition(":")[0]
        for part in messages(info, 5, 2):
            yield from (name.partition(":")[0] for name in texts(part, 1))
    for collection in messages(graph, 4, 2):
        yield from (name.removeprefix("^").partition(":")[0] for name in texts(collection, 1, 1))


def _names_function(graph: memoryview, name: str) -> bool:
    """Whether the object graph, through which Python calls functions, contains the name."""
    return any(name.encode() in bytes(objects) for objects in messages(graph, 7))


def _signature(graph: memoryview) -> tuple[tuple[int | None, ...] | None, int | None]:
    """Return the shape of the only input of `serving_default`, and the last dimension of its only output."""
    for entry in messages(graph, 5):
        if list(texts(entry, 1)) != ["serving_default"]:
            continue
        inputs, outputs = list(messages(entry, 2, 1, 2)), list(messages(entry, 2, 2, 2))
        shape = _tensor_shape(inputs[0]) if len(inputs) == 1 else None
        end = _tensor_shape(outputs[0]) if len(outputs) == 1 else None
        return shape, end[-1] if end else None
    return None, None


def _tensor_shape(info: memoryview) -> tuple[int | None, ...] | None:
    if any(numbers(info, 3, 3)):
        return None
    sizes = [next(numbers(dimension, 1), 0) for dimension in messages(info, 3, 2)]
    return tuple(size if size < 2**63 else None for size in sizes) or None


# Configs of Keras ----------------------------------------------------------------------------------------------------


def _keras_configs(folder: Path, graphs: list[memoryview], where: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Walk every config in `keras_metadata.pb`, and in the graph, where TensorFlow below 2.5 kept them.

    Nothing is built from them here: the conversion runs the graph's own functions. So a class that Keras does not know
    becomes a note, while code and known dangers are refused: another program may build them. Returns the model's
    config.
    """
    found: list[tuple[str, str, memoryview]] = []
    metadata = folder / METADATA
    if metadata.is_file():
        here = f"{where}, {METADATA}"
        for item in messages(memoryview(metadata.read_bytes()), 1):
            found += [(here, "".join(texts(item, 4)), text) for text in messages(item, 5)]
    for graph in graphs:
        for item in messages(graph, 7, 1, 4):
            found += [(f"{where}, {GRAPH}", "".join(texts(item, 1)), text) for text in messages(item, 3)]
    walk = ConfigWalk(custom_is_noted=True)
    root: dict[str, Any] = {}
    for here, identifier, text in found:
        if not text or not identifier.startswith("_tf_keras"):
            continue
        config = parse_config(bytes(text), here)
        if identifier == "_tf_keras_metric":
            walk.compile_config(config, here)
        else:
            walk.saved_layer(config, here)
        if not root and isinstance(config.get("config"), dict) and "layers" in config["config"]:
            root = _plain(config)
    return root, tuple(dict.fromkeys(walk.notes))


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a saved layer's config that a model's config has."""
    kept = {key: config[key] for key in ("class_name", "config", "name", "build_input_shape") if key in config}
    plain: dict[str, Any] = json.loads(json.dumps(kept))
    return plain
