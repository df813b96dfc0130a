"""Check every part of a model's config against the lists in `allow_list`, before Keras reads any of it.

Keras builds a model by looking up and calling what its config names. So the walk visits everything that Keras would:
layers, the layers in wrappers and nested models, initializers, dtype policies, the arguments of calls (inbound nodes)
and the compile configs of nested models. What is not on a list is refused, even if it seems to be unused.
"""

import json
import re
from typing import Any, Final

from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import N_, _
from catdog_desktop.model_import.errors import RefusedModelError, printable_name
from catdog_desktop.model_import.inspection import allow_list

MAX_CONFIG_BYTES: Final = 32 * 2**20
"""The config of EfficientNet-B7 has 1 MB."""
MAX_DEPTH: Final = 100
MAX_VALUES: Final = 3_000_000
MAX_STRING: Final = 4096

CODE_KEYS: Final = frozenset({"function_type", "output_shape_type", "mask_type", "mode_type", "__lambda__", "code"})
"""Keys that occur only with program code: in Lambda layers, old merge layers and similar ones."""
NODE_KEYS: Final = frozenset({"class_name", "config", "module", "registered_name"})
TOO_ODD: Final = N_("Save the model again with Keras, and import the new file.")

_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def parse_config(data: str | bytes, where: str) -> dict[str, Any]:
    """Return the JSON object in `data`; its size is limited, its content is not checked yet.

    Raises `RefusedModelError` if it is too large, nested too deeply, or not JSON.
    """
    if len(data) > MAX_CONFIG_BYTES:
        raise RefusedModelError(
            _("its description is larger than {megabytes} MB").format(megabytes=MAX_CONFIG_BYTES // 2**20),
            where,
            TOO_ODD,
        )
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        if "\0" in text:  # Python would decode it as UTF-16, other readers would not
            raise ValueError("a zero byte")
        config = json.loads(text)
    except RecursionError:
        raise RefusedModelError(_("its description is nested too deeply"), where, TOO_ODD) from None
    except ValueError as error:
        raise RefusedModelError(
            _("its description is not JSON ({reason})").format(reason=printable_name(str(error))), where, TOO_ODD
        ) from error
    if not isinstance(config, dict):
        raise RefusedModelError(_("its description is not an object"), where, TOO_ODD)
    return config


class ConfigWalk:
    """One walk over one config. `notes` collects what is unusual but cannot run."""

    def __init__(self, *, custom_is_noted: bool = False) -> None:
        """With `custom_is_noted`, an unknown class becomes a note: for configs that nothing is built from."""
        self.notes: list[str] = []
        self._custom_is_noted = custom_is_noted
        self._values = 0

    def model(self, config: dict[str, Any], where: str) -> None:
        """Check a whole model, but for its compile config (see `compile_config`): it is loaded without compiling."""
        rest = {key: value for key, value in config.items() if key != "compile_config"}
        if not isinstance(rest.get("class_name"), str):
            raise RefusedModelError(_("its description names no model"), where, TOO_ODD)
        if rest["class_name"] in allow_list.LAYERS:
            raise RefusedModelError(
                _("it is a single {value}, not a model").format(value=printable_name(rest["class_name"])),
                where,
                TOO_ODD,
            )
        self._node(rest, where, 0, in_call=False)

    def saved_layer(self, config: dict[str, Any], where: str) -> None:
        """Check what Keras saved of a layer or model in a SavedModel: its config and some more keys."""
        rest = {key: value for key, value in config.items() if key not in ("training_config", "compile_config")}
        self.compile_config(config.get("training_config"), where)
        if "class_name" in rest:
            self._node(rest, where, 0, in_call=False)
        else:
            self._mapping(rest, where, 0, in_call=False)

    def compile_config(self, config: Any, where: str) -> None:
        """Note what is custom in a compile or training config, which is not used (`compile=False`)."""
        try:
            self._compile(config, where, 0)
        except RefusedModelError as error:
            self.notes.append(_("Its training configuration is ignored: {what}.").format(what=error.what))

    # Values -------------------------------------------------------------------------------------------------------

    def _count(self, where: str, depth: int) -> None:
        self._values += 1
        if depth > MAX_DEPTH:
            raise RefusedModelError(
                _("its description is nested more than {depth} deep").format(depth=MAX_DEPTH), where, TOO_ODD
            )
        if self._values > MAX_VALUES:
            raise RefusedModelError(
                _("its description has more than {values} values").format(values=format_number(MAX_VALUES)),
                where,
                TOO_ODD,
            )

    def _value(self, value: Any, key: str, where: str, depth: int, *, in_call: bool) -> None:
        """Check any value. `in_call`: it is an argument of a call, where no layer or class may be built."""
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
                    _("it holds program code ({key})").format(key=printable_name(key)),
                    where,
                    allow_list.ADVICE["Lambda"],
                )
            if key == "module" and "class_name" not in mapping:
                raise RefusedModelError(
                    _("it names a module to be loaded, {value}").format(value=printable_name(value)), where
                )
            if key == "compile_config":
                self._compile(value, f"{where} › compile_config", depth + 1)
            else:
                inside = in_call or key in ("inbound_nodes", "build_config")
                self._value(value, key, where, depth + 1, in_call=inside)

    def _string(self, value: str, key: str, where: str, *, in_call: bool) -> None:
        if len(value) > MAX_STRING:
            raise RefusedModelError(
                _("'{key}' is a text of {count} characters").format(
                    key=printable_name(key), count=format_number(len(value))
                ),
                where,
                TOO_ODD,
            )
        if in_call:
            return
        for ending, names, called in (
            ("activation", allow_list.ACTIVATIONS | allow_list.ACTIVATION_LAYERS, "activation"),
            ("initializer", allow_list.INITIALISERS, "initialiser"),
            ("regularizer", allow_list.REGULARISERS, "regulariser"),
            ("constraint", allow_list.CONSTRAINTS, "constraint"),
        ):
            if key.endswith(ending) and value not in names:
                raise RefusedModelError(
                    _("it uses the {called} '{value}', which is not Keras's").format(
                        called=called, value=printable_name(value)
                    ),
                    where,
                )
        if key in ("dtype", "dtype_policy") and value not in allow_list.DTYPES:
            raise RefusedModelError(
                _("it uses the number type '{value}', which is not Keras's").format(value=printable_name(value)), where
            )

    # Classes ------------------------------------------------------------------------------------------------------

    def _node(self, node: dict[str, Any], where: str, depth: int, *, in_call: bool, key: str = "") -> None:
        """Check a dict that names a class, and everything in it."""
        self._count(where, depth)
        name = node["class_name"]
        if not isinstance(name, str):
            raise RefusedModelError(
                _("it has a class whose name is {name}").format(name=printable_name(name)), where, TOO_ODD
            )
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
            raise RefusedModelError(
                _("it makes a {name} among the arguments of a call").format(name=printable_name(name)), here, TOO_ODD
            )
        if name in allow_list.FUNCTION_LAYERS:
            self._named_function(config, here)
        elif not (config is None or isinstance(config, dict) or (family == "model" and isinstance(config, list))):
            raise RefusedModelError(
                _("its {name} has a config that is not an object").format(name=printable_name(name)), here, TOO_ODD
            )
        self._value(config, "config", here, depth + 1, in_call=False)
        self._mapping({k: v for k, v in node.items() if k not in NODE_KEYS}, here, depth + 1, in_call=False)

    def _family(self, node: dict[str, Any], name: str, here: str) -> str | None:
        """Return the family that allows the name, and the module if there is one; None if it is only noted."""
        if name == "function":
            function = f"{printable_name(node.get('module'))}.{printable_name(node.get('config'))}"
            raise RefusedModelError(_("it names the function '{name}' to be called").format(name=function), here)
        if reason := allow_list.REASONS.get(name):
            raise RefusedModelError(reason, here, allow_list.ADVICE.get(name, ""))
        families = [family for family, (names, _modules) in allow_list.FAMILIES.items() if name in names]
        module, registered = node.get("module"), node.get("registered_name")
        if not families:
            if self._custom_is_noted:
                # A SavedModel: what the class computes is in the graph.
                self.notes.append(
                    _("It has the custom class {name}, whose code is not needed here.").format(
                        name=printable_name(name)
                    )
                )
                return None
            what = (
                _("it uses '{name}' of {module}, which is not one of Keras's layers")
                if isinstance(module, str)
                else _("it uses '{name}', which is not one of Keras's layers")
            ).format(name=printable_name(name), module=printable_name(module))
            raise RefusedModelError(
                what, here, allow_list.ADVICE.get(name.rpartition(">")[2], allow_list.CUSTOM_ADVICE)
            )
        if registered not in (None, name):
            raise RefusedModelError(
                _("its {name} is registered as '{registered}', which is not Keras's own").format(
                    name=printable_name(name), registered=printable_name(registered)
                ),
                here,
            )
        if module is None:
            return families[0]
        for family in families:
            if isinstance(module, str) and allow_list.FAMILIES[family][1].fullmatch(module):
                return family
        raise RefusedModelError(
            _("its {name} comes from '{module}', which is not Keras").format(
                name=printable_name(name), module=printable_name(module)
            ),
            here,
        )

    def _plain_activation(self, node: dict[str, Any], here: str) -> None:
        """Check an activation as Keras 2.12 and 2.13 wrote `"relu"`: a function of `builtins`, by name."""
        name, module, registered = node.get("config"), node.get("module"), node.get("registered_name")
        plain = isinstance(name, str) and name in allow_list.ACTIVATIONS
        if not plain or module not in ("builtins", "keras.activations") or registered not in (None, name):
            called = f"{printable_name(module)}.{printable_name(name)}"
            raise RefusedModelError(
                _("its activation is the function '{called}', which is not one of Keras's").format(called=called), here
            )
        self._mapping({k: v for k, v in node.items() if k not in NODE_KEYS}, here, 0, in_call=True)

    def _named_function(self, config: Any, here: str) -> None:
        function = config.get("function") if isinstance(config, dict) else None
        if not isinstance(function, str) or function.removeprefix("compat.v1.") not in allow_list.TF_FUNCTIONS:
            called = printable_name(function)
            what = _("it calls TensorFlow's function '{called}', which is not on the list of plain arithmetic").format(
                called=called
            )
            raise RefusedModelError(what, here, allow_list.ADVICE["Lambda"])

    def _data(self, node: dict[str, Any], name: str, where: str, depth: int) -> None:
        """Check a value that is written like a class. With a module or a registered name, Keras would look it up."""
        if node.get("module") is not None or node.get("registered_name") is not None:
            called = f"{printable_name(node.get('module'))}.{printable_name(node.get('registered_name') or name)}"
            raise RefusedModelError(
                _("it uses '{called}' in a place where a plain value belongs").format(called=called), where, TOO_ODD
            )
        if name in ("__numpy__", "__tensor__"):
            config = node.get("config")
            if not isinstance(config, dict) or config.get("dtype") not in allow_list.DTYPES - {"string"}:
                raise RefusedModelError(_("it holds an array that is not of numbers"), where, TOO_ODD)
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
                    raise RefusedModelError(_("it holds program code ({key})").format(key=printable_name(key)), where)
                if key not in ("class_name", "module", "registered_name"):
                    self._compile(item, where, depth + 1)
        elif isinstance(value, list):
            for item in value:
                self._compile(item, where, depth + 1)
        elif isinstance(value, str) and not _IDENTIFIER.fullmatch(value):
            raise RefusedModelError(_("it was compiled with '{value}'").format(value=printable_name(value)), where)

    def _compile_class(self, node: dict[str, Any], where: str) -> None:
        name, module, registered = node["class_name"], node.get("module"), node.get("registered_name")
        if isinstance(name, str) and name in allow_list.DTYPE_POLICIES | {"__tuple__", "__numpy__"}:
            return
        plain = name.removeprefix("Custom>") if isinstance(name, str) else ""
        own = plain in allow_list.OPTIMISERS | allow_list.LOSSES_AND_METRICS
        from_keras = module is None or (isinstance(module, str) and allow_list.COMPILE_MODULE.fullmatch(module))
        if not own or not from_keras or registered not in (None, name, plain):
            raise RefusedModelError(
                _("it was compiled with '{name}', which is not Keras's").format(name=printable_name(name)), where
            )


def _own_name(node: dict[str, Any]) -> str | None:
    config = node.get("config")
    name = config.get("name") if isinstance(config, dict) else node.get("name")
    return name if isinstance(name, str) else None
