"""Every part of a model's config is held against the lists in `allowed`, before Keras sees any of it.

Keras builds a model by looking up and calling what its config names. So the walk visits everything that Keras would:
layers, the layers in wrappers and nested models, initialisers, dtype policies, the arguments of calls (inbound nodes)
and the compile configs of nested models. What is not on a list is refused; nothing is skipped because it looks unused.
"""

import json
import re
from typing import Any, Final

from catdog_desktop.model_import.errors import RefusedModelError, printable_name
from catdog_desktop.model_import.inspection import allow_list

MAX_CONFIG_BYTES: Final = 32 * 2**20
"""The config of EfficientNet-B7 takes one."""
MAX_DEPTH: Final = 100
MAX_VALUES: Final = 3_000_000
MAX_STRING: Final = 4096

CODE_KEYS: Final = frozenset({"function_type", "output_shape_type", "mask_type", "mode_type", "__lambda__", "code"})
"""Keys that only Lambda layers, old merge layers and other carriers of code have."""
NODE_KEYS: Final = frozenset({"class_name", "config", "module", "registered_name"})
TOO_ODD: Final = "Save the model again with Keras, and import the new file."

_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def parse_config(data: str | bytes, where: str) -> dict[str, Any]:
    """Return the JSON object in `data`; it is bounded, but not checked yet.

    Raises `RefusedModelError` if it is too large, nested too deeply, or not JSON.
    """
    if len(data) > MAX_CONFIG_BYTES:
        raise RefusedModelError(f"its description is larger than {MAX_CONFIG_BYTES // 2**20} MB", where, TOO_ODD)
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        if "\0" in text:  # Python's reader would take it for UTF-16, others would not
            raise ValueError("a zero byte")
        config = json.loads(text)
    except RecursionError:
        raise RefusedModelError("its description is nested too deeply", where, TOO_ODD) from None
    except ValueError as error:
        raise RefusedModelError(
            f"its description is not JSON ({printable_name(str(error))})", where, TOO_ODD
        ) from error
    if not isinstance(config, dict):
        raise RefusedModelError("its description is not an object", where, TOO_ODD)
    return config


class ConfigWalk:
    """One walk over one config. `notes` collects what is odd but cannot run."""

    def __init__(self, *, custom_is_noted: bool = False) -> None:
        """With `custom_is_noted`, an unknown class is a note: for configs that nothing is built from."""
        self.notes: list[str] = []
        self._custom_is_noted = custom_is_noted
        self._values = 0

    def model(self, config: dict[str, Any], where: str) -> None:
        """Check a whole model. Its own compile config is left to `compile_config`: we load without compiling."""
        rest = {key: value for key, value in config.items() if key != "compile_config"}
        if not isinstance(rest.get("class_name"), str):
            raise RefusedModelError("its description names no model", where, TOO_ODD)
        if rest["class_name"] in allow_list.LAYERS:
            raise RefusedModelError(f"it is a single {printable_name(rest['class_name'])}, not a model", where, TOO_ODD)
        self._node(rest, where, 0, in_call=False)

    def saved_layer(self, config: dict[str, Any], where: str) -> None:
        """Check what Keras left of a layer or model in a SavedModel: its config and more beside it."""
        rest = {key: value for key, value in config.items() if key not in ("training_config", "compile_config")}
        self.compile_config(config.get("training_config"), where)
        if "class_name" in rest:
            self._node(rest, where, 0, in_call=False)
        else:
            self._mapping(rest, where, 0, in_call=False)

    def compile_config(self, config: Any, where: str) -> None:
        """Note what is custom in a compile or training config that nobody will use (`compile=False`)."""
        try:
            self._compile(config, where, 0)
        except RefusedModelError as error:
            self.notes.append(f"How it was trained is left out: {error.what}.")

    # Values -------------------------------------------------------------------------------------------------------

    def _count(self, where: str, depth: int) -> None:
        self._values += 1
        if depth > MAX_DEPTH:
            raise RefusedModelError(f"its description is nested more than {MAX_DEPTH} deep", where, TOO_ODD)
        if self._values > MAX_VALUES:
            raise RefusedModelError(f"its description has more than {MAX_VALUES:,} values", where, TOO_ODD)

    def _value(self, value: Any, key: str, where: str, depth: int, *, in_call: bool) -> None:
        """Check any value. `in_call`: it is an argument of a call, where no layer or class may be made."""
        self._count(where, depth)
        if isinstance(value, dict):
            if "class_name" in value:
                self._node(value, where, depth, in_call=in_call, key=key)
            else:
                self._mapping(value, where, depth, in_call=in_call)
        elif isinstance(value, list):
            for item in value:
                self._value(item, key, where, depth + 1, in_call=in_call)
        elif isinstance(value, str):
            self._string(value, key, where, in_call=in_call)

    def _mapping(self, mapping: dict[str, Any], where: str, depth: int, *, in_call: bool) -> None:
        for key, value in mapping.items():
            if key in CODE_KEYS:
                raise RefusedModelError(
                    f"it holds program code ({printable_name(key)})", where, allow_list.ADVICE["Lambda"]
                )
            if key == "module" and "class_name" not in mapping:
                raise RefusedModelError(f"it names a module to be loaded, {printable_name(value)}", where)
            if key == "compile_config":
                self._compile(value, f"{where} › compile_config", depth + 1)
            else:
                inside = in_call or key in ("inbound_nodes", "build_config")
                self._value(value, key, where, depth + 1, in_call=inside)

    def _string(self, value: str, key: str, where: str, *, in_call: bool) -> None:
        if len(value) > MAX_STRING:
            raise RefusedModelError(f"'{printable_name(key)}' is a text of {len(value):,} letters", where, TOO_ODD)
        if in_call:
            return
        for ending, names, called in (
            ("activation", allow_list.ACTIVATIONS | allow_list.ACTIVATION_LAYERS, "activation"),
            ("initializer", allow_list.INITIALISERS, "initialiser"),
            ("regularizer", allow_list.REGULARISERS, "regulariser"),
            ("constraint", allow_list.CONSTRAINTS, "constraint"),
        ):
            if key.endswith(ending) and value not in names:
                raise RefusedModelError(f"it uses the {called} '{printable_name(value)}', which is not Keras's", where)
        if key in ("dtype", "dtype_policy") and value not in allow_list.DTYPES:
            raise RefusedModelError(f"it uses the number type '{printable_name(value)}', which is not Keras's", where)

    # Classes ------------------------------------------------------------------------------------------------------

    def _node(self, node: dict[str, Any], where: str, depth: int, *, in_call: bool, key: str = "") -> None:
        """Check a dict that names a class, and all that is in it."""
        self._count(where, depth)
        name = node["class_name"]
        if not isinstance(name, str):
            raise RefusedModelError(f"it has a class whose name is {printable_name(name)}", where, TOO_ODD)
        if name in allow_list.DATA or (name == "TypeSpec" and node.get("type_spec") == "tf.TensorSpec"):
            self._data(node, name, where, depth)
            return
        config = node.get("config")
        here = f"{where} › {printable_name(_own_name(node) or name)}"
        if name == "function" and not in_call and key.endswith("activation"):
            self._plain_activation(node, here)
            return
        family = self._family(node, name, here)
        if family is None:
            return
        if in_call:
            raise RefusedModelError(f"it makes a {printable_name(name)} among the arguments of a call", here, TOO_ODD)
        if name in allow_list.FUNCTION_LAYERS:
            self._named_function(config, here)
        elif not (config is None or isinstance(config, dict) or (family == "model" and isinstance(config, list))):
            raise RefusedModelError(f"its {printable_name(name)} has a config that is not an object", here, TOO_ODD)
        self._value(config, "config", here, depth + 1, in_call=False)
        self._mapping({k: v for k, v in node.items() if k not in NODE_KEYS}, here, depth + 1, in_call=False)

    def _family(self, node: dict[str, Any], name: str, here: str) -> str | None:
        """Return the family in which the name, and the module if it gives one, are allowed; None: noted only."""
        if reason := allow_list.REASONS.get(name):
            raise RefusedModelError(reason + _what_function(node), here, allow_list.ADVICE.get(name, ""))
        families = [family for family, (names, _) in allow_list.FAMILIES.items() if name in names]
        module, registered = node.get("module"), node.get("registered_name")
        if not families:
            if self._custom_is_noted:
                # A SavedModel: what the class computes is in the graph.
                self.notes.append(f"It has a class of its own, {printable_name(name)}, whose code is not needed here.")
                return None
            source = f" of {printable_name(module)}" if isinstance(module, str) else ""
            advice = allow_list.ADVICE.get(name.rpartition(">")[2], allow_list.CUSTOM_ADVICE)
            raise RefusedModelError(
                f"it uses '{printable_name(name)}'{source}, which is not one of Keras's layers", here, advice
            )
        if registered not in (None, name):
            raise RefusedModelError(
                f"its {printable_name(name)} is registered as '{printable_name(registered)}', which is not Keras's own",
                here,
            )
        if module is None:
            return families[0]
        for family in families:
            if isinstance(module, str) and allow_list.FAMILIES[family][1].fullmatch(module):
                return family
        raise RefusedModelError(
            f"its {printable_name(name)} comes from '{printable_name(module)}', which is not Keras", here
        )

    def _plain_activation(self, node: dict[str, Any], here: str) -> None:
        """Keras 2.12 and 2.13 wrote `"relu"` as a function of `builtins`, by name."""
        name, module, registered = node.get("config"), node.get("module"), node.get("registered_name")
        plain = isinstance(name, str) and name in allow_list.ACTIVATIONS
        if not plain or module not in ("builtins", "keras.activations") or registered not in (None, name):
            called = f"{printable_name(module)}.{printable_name(name)}"
            raise RefusedModelError(f"its activation is the function '{called}', which is not one of Keras's", here)
        self._mapping({k: v for k, v in node.items() if k not in NODE_KEYS}, here, 0, in_call=True)

    def _named_function(self, config: Any, here: str) -> None:
        function = config.get("function") if isinstance(config, dict) else None
        if not isinstance(function, str) or function.removeprefix("compat.v1.") not in allow_list.TF_FUNCTIONS:
            called = printable_name(function)
            what = f"it calls TensorFlow's function '{called}', which is not on the list of plain arithmetic"
            raise RefusedModelError(what, here, allow_list.ADVICE["Lambda"])

    def _data(self, node: dict[str, Any], name: str, where: str, depth: int) -> None:
        """Check a value that is written like a class. With a module, or registered, it would be looked up after all."""
        if node.get("module") is not None or node.get("registered_name") is not None:
            called = f"{printable_name(node.get('module'))}.{printable_name(node.get('registered_name') or name)}"
            raise RefusedModelError(f"it uses '{called}' in a place where a plain value belongs", where, TOO_ODD)
        if name in ("__numpy__", "__tensor__"):
            config = node.get("config")
            if not isinstance(config, dict) or config.get("dtype") not in allow_list.DTYPES - {"string"}:
                raise RefusedModelError("it holds an array that is not of numbers", where, TOO_ODD)
        self._mapping({k: v for k, v in node.items() if k != "class_name"}, where, depth + 1, in_call=True)

    # Compile configs ----------------------------------------------------------------------------------------------

    def _compile(self, value: Any, where: str, depth: int) -> None:
        """Check a compile config: Keras builds those of nested models even with `compile=False`."""
        self._count(where, depth)
        if isinstance(value, dict):
            if "class_name" in value:
                self._compile_class(value, where)
            for key, item in value.items():
                if key in CODE_KEYS:
                    raise RefusedModelError(f"it holds program code ({printable_name(key)})", where)
                if key not in ("class_name", "module", "registered_name"):
                    self._compile(item, where, depth + 1)
        elif isinstance(value, list):
            for item in value:
                self._compile(item, where, depth + 1)
        elif isinstance(value, str) and not _IDENTIFIER.fullmatch(value):
            raise RefusedModelError(f"it was compiled with '{printable_name(value)}'", where)

    def _compile_class(self, node: dict[str, Any], where: str) -> None:
        name, module, registered = node["class_name"], node.get("module"), node.get("registered_name")
        if isinstance(name, str) and name in allow_list.DTYPE_POLICIES | {"__tuple__", "__numpy__"}:
            return
        plain = name.removeprefix("Custom>") if isinstance(name, str) else ""
        own = plain in allow_list.OPTIMISERS | allow_list.LOSSES_AND_METRICS
        from_keras = module is None or (isinstance(module, str) and allow_list.COMPILE_MODULE.fullmatch(module))
        if not own or not from_keras or registered not in (None, name, plain):
            raise RefusedModelError(f"it was compiled with '{printable_name(name)}', which is not Keras's", where)


def _own_name(node: dict[str, Any]) -> str | None:
    config = node.get("config")
    name = config.get("name") if isinstance(config, dict) else node.get("name")
    return name if isinstance(name, str) else None


def _what_function(node: dict[str, Any]) -> str:
    """Name the function that a config would call, where it says so in words."""
    if node.get("class_name") != "function":
        return ""
    return f", '{printable_name(node.get('module'))}.{printable_name(node.get('config'))}'"
