"""Models whose config would run code, with words of each refusal, and the effect of some in bare Keras."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hostile_models as make


@dataclass(frozen=True)
class Hostile:
    """`make` gets a folder and the marker to write; `said` are words of the refusal, `where` the place it names."""

    name: str
    make: Callable[[Path, Path], Path]
    said: str
    where: str


def archive(config: Callable[[Path], dict[str, Any] | bytes], **members: bytes) -> Callable[[Path, Path], Path]:
    return lambda folder, marker: make.archive(folder / "model.keras", config(marker), **members)


def legacy(config: Callable[[Path], dict[str, Any] | bytes]) -> Callable[[Path, Path], Path]:
    return lambda folder, marker: make.legacy(folder / "model.h5", config(marker))


GOOD = make.sequential(make.dense())


def calling(module: str, name: str, *arguments: Any) -> dict[str, Any]:
    """Return a Lambda that calls a function with the arguments of its inbound node (CVE-2025-1550 and after)."""
    layer = make.keras("Lambda", name="evil", function=make.function(module, name), arguments={})
    return make.functional(layer, {"args": list(arguments), "kwargs": {}})


def calling_in_tf_keras(module: str, name: str, argument: str) -> dict[str, Any]:
    """Return the same for tf_keras, with Keras 2's inbound nodes: the argument is a constant."""
    config = {"name": "evil", "function_type": "function", "arguments": {}, "dtype": "float32"}
    config |= {"output_shape": None, "output_shape_type": "raw"}
    config |= {"function": {**make.function(module, name), "registered_name": None}}
    layers = [
        {**make.OLD_INPUT, "module": "keras.layers", "registered_name": None, "name": "photo", "inbound_nodes": []},
        make.keras("Lambda")
        | {"config": config, "name": "evil", "inbound_nodes": [["_CONSTANT_VALUE", -1, argument, {}]]},
    ]
    ends = {"input_layers": [["photo", 0, 0]], "output_layers": [["photo", 0, 0]]}
    return make.keras("Functional", "keras.src.engine.functional", name="model", layers=layers, **ends)


def wrapped(wrapper: str, layer: dict[str, Any]) -> dict[str, Any]:
    return make.keras(wrapper, name="wrapper", layer=layer)


def written_by_tensorflow(marker: Path) -> dict[str, Any]:
    """Return a model in which tf.io.write_file is a layer (tf_keras builds it from its name)."""
    layer = {"class_name": "TFOpLambda", "config": {"name": "evil", "dtype": "float32", "function": "io.write_file"}}
    nodes = [["_CONSTANT_VALUE", -1, str(marker), {"contents": "ran"}]]
    layers = [
        {**make.OLD_INPUT, "name": "photo", "inbound_nodes": []},
        {**layer, "name": "evil", "inbound_nodes": nodes},
        {"class_name": "Flatten", "config": {"name": "end"}, "name": "end", "inbound_nodes": [[["photo", 0, 0, {}]]]},
    ]
    ends = {"input_layers": [["photo", 0, 0]], "output_layers": [["end", 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "model", "layers": layers, **ends}}


def deep(_: Path) -> bytes:
    return b'{"class_name": "Sequential", "config": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}"


def nested(depth: int) -> dict[str, Any]:
    config = make.dense()
    for number in range(depth):
        config = make.sequential(config, name=f"model_{number}")
    return config


def with_compiled(model: dict[str, Any], marker: Path) -> dict[str, Any]:
    loss = {"class_name": "__lambda__", "config": {"value": [make.code_that_writes(marker), None, None]}}
    return {**model, "compile_config": {"optimizer": "adam", "loss": loss}}


CODE = "program code"
CONFIGS = [
    # Code in the config of a .keras archive
    Hostile("lambda", archive(lambda m: make.sequential(make.lambda_layer(m))), "Lambda", "config.json › model › evil"),
    Hostile(
        "lambda in TimeDistributed",
        archive(lambda m: make.sequential(wrapped("TimeDistributed", make.lambda_layer(m)))),
        "Lambda",
        "wrapper › evil",
    ),
    Hostile(
        "lambda in Bidirectional",
        archive(lambda m: make.sequential(wrapped("Bidirectional", make.lambda_layer(m)))),
        "Lambda",
        "wrapper › evil",
    ),
    Hostile(
        "lambda in a nested model",
        archive(lambda m: make.sequential(make.sequential(make.lambda_layer(m), name="inner"))),
        "Lambda",
        "model › inner › evil",
    ),
    Hostile(
        "lambda as activation",
        archive(
            lambda m: make.sequential(
                make.dense()
                | {"config": {"name": "dense", "units": 1, "activation": make.lambda_layer(m)["config"]["function"]}}
            )
        ),
        CODE,
        "model › dense",
    ),
    Hostile(
        "lambda as argument",
        archive(
            lambda m: make.functional(
                make.dense(), {"args": [make.lambda_layer(m)["config"]["function"]], "kwargs": {}}
            )
        ),
        CODE,
        "model › dense",
    ),
    Hostile(
        "function of os (CVE-2025-1550)",
        archive(lambda m: calling("os", "system", f"touch {m}")),
        "Lambda",
        "model › evil",
    ),
    Hostile(
        "activation of builtins",
        archive(
            lambda m: make.sequential(
                make.keras("Activation", name="evil", activation=make.function("builtins", "exec"))
            )
        ),
        "'builtins.exec'",
        "model › evil",
    ),
    Hostile(
        "class of os",
        archive(lambda m: make.sequential(make.keras("system", "os", command=f"touch {m}"))),
        "'system' of os",
        "model › system",
    ),
    Hostile(
        "layer of another module",
        archive(lambda m: make.sequential(make.keras("Dense", "evil.layers", units=1))),
        "'evil.layers'",
        "model › Dense",
    ),
    Hostile(
        "get_file (CVE-2025-8747)",
        archive(lambda m: calling("keras.utils", "get_file", "evil.py", f"file://{m}")),
        "Lambda",
        "model › evil",
    ),
    Hostile(
        "unsafe mode (CVE-2025-9906)",
        archive(lambda m: calling("keras.config", "enable_unsafe_deserialization")),
        "Lambda",
        "model › evil",
    ),
    Hostile(
        "function as initialiser",
        archive(lambda m: make.sequential(make.dense(kernel_initializer=make.function("os", "system")))),
        "'os.system'",
        "model › dense",
    ),
    Hostile(
        "registered initialiser",
        archive(lambda m: make.sequential(make.dense(kernel_initializer="evil>init"))),
        "initialiser 'evil>init'",
        "model › dense",
    ),
    Hostile(
        "named regulariser",
        archive(lambda m: make.sequential(make.dense(kernel_regularizer="evil"))),
        "regulariser 'evil'",
        "model › dense",
    ),
    Hostile(
        "registered name",
        archive(lambda m: make.sequential(make.dense() | {"registered_name": "Popen"})),
        "registered as 'Popen'",
        "model › dense",
    ),
    Hostile(
        "value with a module",
        archive(
            lambda m: make.sequential(
                make.dense(
                    bias_constraint={
                        "class_name": "InputSpec",
                        "module": "subprocess",
                        "registered_name": "Popen",
                        "config": {"args": ["touch", str(m)]},
                    }
                )
            )
        ),
        "'subprocess.Popen'",
        "model › dense",
    ),
    Hostile(
        "custom object",
        archive(lambda m: make.sequential({"class_name": "Custom>Evil", "config": {"name": "evil"}})),
        "'Custom>Evil'",
        "model › evil",
    ),
    Hostile(
        "pickle of torch",
        archive(lambda m: make.sequential(make.keras("TorchModuleWrapper", name="evil", module=make.pickled(m).hex()))),
        "TorchModuleWrapper",
        "model › evil",
    ),
    Hostile(
        "other model",
        archive(lambda m: make.sequential(make.keras("TFSMLayer", name="evil", filepath=str(m)))),
        "TFSMLayer",
        "model › evil",
    ),
    Hostile(
        "vocabulary from a file",
        archive(lambda m: make.sequential(make.keras("StringLookup", name="words", vocabulary="/etc/passwd"))),
        "StringLookup",
        "model › words",
    ),
    Hostile(
        "type by name",
        archive(
            lambda m: make.functional(
                make.dense(),
                {
                    "args": [
                        {
                            "class_name": "__typespec__",
                            "spec_name": "Popen",
                            "module": "subprocess",
                            "registered_name": None,
                            "config": [[str(m)]],
                        }
                    ],
                    "kwargs": {},
                },
            )
        ),
        "type of Python",
        "model › dense",
    ),
    Hostile(
        "loss of a nested model",
        archive(lambda m: make.sequential(with_compiled(make.sequential(make.dense(), name="inner"), m))),
        "__lambda__",
        "model › inner › compile_config",
    ),
    Hostile(
        "method by name",
        archive(lambda m: make.sequential(make.keras("ClassMethod", name="evil", cls_ref="os", method_name="system"))),
        "named method",
        "model › evil",
    ),
    # Code in a legacy .h5
    Hostile(
        "legacy lambda (CVE-2025-9905)",
        legacy(lambda m: make.old_sequential(make.old_lambda_layer(m))),
        "Lambda",
        "model_config › model › evil",
    ),
    Hostile(
        "legacy lambda in TimeDistributed",
        legacy(
            lambda m: make.old_sequential(
                {"class_name": "TimeDistributed", "config": {"name": "wrapper", "layer": make.old_lambda_layer(m)}}
            )
        ),
        "Lambda",
        "wrapper › evil",
    ),
    Hostile(
        "legacy lambda in bytes (CVE-2024-3660)",
        legacy(lambda m: json.dumps(make.old_sequential(make.old_lambda_layer(m))).encode()),
        "Lambda",
        "model › evil",
    ),
    Hostile("tf.io.write_file as layer", legacy(written_by_tensorflow), "'io.write_file'", "model › evil"),
    Hostile(
        "any operation as layer",
        legacy(
            lambda m: make.old_sequential(
                {
                    "class_name": "TensorFlowOpLayer",
                    "config": {"name": "evil", "node_def": {"op": "WriteFile"}, "constants": {"0": str(m), "1": "ran"}},
                }
            )
        ),
        "TensorFlowOpLayer",
        "model › evil",
    ),
    Hostile(
        "code under another name",
        legacy(
            lambda m: make.old_sequential(
                {"class_name": "Dense", "config": {"name": "dense", "units": 1, "function_type": "lambda"}}
            )
        ),
        CODE,
        "model › dense",
    ),
    Hostile(
        "layer of tensorflow_hub",
        legacy(
            lambda m: make.old_sequential(
                {"class_name": "KerasLayer", "config": {"name": "hub", "handle": "https://tfhub.dev/x"}}
            )
        ),
        "'KerasLayer'",
        "model › hub",
    ),
    # Odd configs
    Hostile("config of 100,000 levels", archive(deep), "nested", "config.json"),
    Hostile("models in models", archive(lambda m: nested(60)), "nested", "config.json"),
    Hostile("config in UTF-16", archive(lambda m: json.dumps(GOOD).encode("utf-16")), "not JSON", "config.json"),
    Hostile("endless number", archive(lambda m: b'{"class_name": ' + b"9" * 10_000 + b"}"), "not JSON", "config.json"),
    Hostile(
        "class without a name",
        archive(lambda m: make.sequential({"class_name": 5, "config": {}})),
        "whose name is 5",
        "model",
    ),
    Hostile(
        "name of many lines",
        archive(lambda m: make.sequential(make.keras("Ev\nil\x1b[31m" + "l" * 9999, name="x"))),
        "'Ev�il�[31m",
        "model › x",
    ),
]

BARE: dict[str, tuple[Callable[[Path, Path], Path], str]] = {
    "tf_keras runs a lambda of a legacy .h5 (CVE-2025-9905)": (
        legacy(lambda m: make.old_sequential(make.old_lambda_layer(m))),
        "tf_keras.models.load_model(path)",
    ),
    "tf_keras calls os.system for a .keras (CVE-2025-1550)": (
        archive(lambda m: calling_in_tf_keras("os", "system", f"touch '{m}'")),
        "tf_keras.models.load_model(path)",
    ),
    "tf_keras writes a file by tf.io.write_file": (
        legacy(written_by_tensorflow),
        "tf_keras.models.load_model(path, compile=False)",
    ),
    "Keras 3 runs a lambda of a .keras without its safe mode (CVE-2024-3660)": (
        archive(lambda m: make.sequential(make.lambda_layer(m))),
        "keras.models.load_model(path, safe_mode=False)",
    ),
    "Keras 3 runs a lambda of a legacy .h5 without its safe mode": (
        legacy(lambda m: make.old_sequential(make.old_lambda_layer(m))),
        "keras.models.load_model(path, safe_mode=False)",
    ),
    "TensorFlow writes a file when it is asked for scores": (
        lambda folder, marker: folder / "model",
        "write_saved_model(path, marker); tf.saved_model.load(path).signatures['serving_default'](tf.zeros((1, 4)))",
    ),
}
