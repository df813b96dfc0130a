"""Harmless models pass the inspection, whatever wrote them, and its findings are right."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import hostile_models as make
import pytest

from catdog_desktop.model_import.inspection.inspect_model import (
    Findings,
    RefusedModelError,
    inspect_model,
    saved_model_in,
    unpack_safely,
)
from catdog_desktop.paths import default_model

WRITE_MODELS = """
import sys
import keras, tf_keras
import tensorflow as tf

def small(k, last):
    return k.Sequential([
        k.Input((64, 64, 3)), k.layers.Rescaling(1 / 255),
        k.layers.Conv2D(4, 3, activation="relu", kernel_regularizer=k.regularizers.l2(1e-4),
                        kernel_constraint=k.constraints.MaxNorm(3), kernel_initializer="he_normal"),
        k.layers.MaxPooling2D(), k.layers.LeakyReLU(), k.layers.Flatten(), last(k)], name="small")

def cats_vs_dogs(k):
    augmentation = k.Sequential([k.layers.RandomFlip("horizontal"), k.layers.RandomRotation(0.1)])
    photo = k.Input((64, 64, 3))
    x = k.layers.Rescaling(1 / 127.5, offset=-1)(augmentation(photo))
    x = k.layers.Conv2D(4, 3, strides=2, padding="same")(x)
    x = k.layers.Activation("relu")(k.layers.BatchNormalization()(x))
    x = k.layers.add([x, k.layers.SeparableConv2D(4, 3, padding="same")(x)])
    x = k.layers.Dropout(0.5)(k.layers.GlobalAveragePooling2D()(x))
    return k.Model(photo, k.layers.Dense(1, activation="sigmoid")(x))

def arithmetic(k):
    photo = k.Input((64, 64, 1))
    x = k.layers.Conv2D(4, 3)(photo / 127.5 - 1.0)
    x = tf.reduce_mean(tf.nn.relu(x), axis=[1, 2]) if k is tf_keras else k.ops.mean(k.ops.relu(x), axis=(1, 2))
    return k.Model(photo, k.layers.Dense(2)(x))

def wrapped(k):
    return k.Sequential([k.Input((2, 16, 16, 3)), k.layers.TimeDistributed(k.layers.Conv2D(2, 3)),
                         k.layers.TimeDistributed(k.layers.GlobalAveragePooling2D()),
                         k.layers.Bidirectional(k.layers.LSTM(2)), k.layers.Dense(2, activation="softmax")])

def transfer(k):
    backbone = k.applications.MobileNetV2(weights=None, input_shape=(96, 96, 3), include_top=False, alpha=0.35)
    photo = k.Input((96, 96, 3))
    x = backbone(k.applications.mobilenet_v2.preprocess_input(photo), training=False)
    return k.Model(photo, k.layers.Dense(1)(k.layers.GlobalAveragePooling2D()(x)))

def efficient(k):
    return k.applications.EfficientNetB0(weights=None)

for k in (keras, tf_keras):
    models = {
        "sigmoid": small(k, lambda k: k.layers.Dense(1, activation="sigmoid")),
        "cats_vs_dogs": cats_vs_dogs(k), "arithmetic": arithmetic(k), "wrapped": wrapped(k),
        "transfer": transfer(k), "efficient": efficient(k),
    }
    for name, model in models.items():
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        for ending in ("keras", "h5"):
            model.save(f"{k.__name__}_{name}.{ending}")
    for name in ("sigmoid", "arithmetic"):
        model = models[name]
        (model.save if k is tf_keras else model.export)(f"{k.__name__}_{name}")
"""

WRITERS = ("keras", "tf_keras")
FORMS = (".keras", ".h5")
MODELS = {
    "sigmoid": ((None, 64, 64, 3), "sigmoid", 1, True),
    "cats_vs_dogs": ((None, 64, 64, 3), "sigmoid", 1, True),
    "arithmetic": ((None, 64, 64, 1), "linear", 2, True),
    "wrapped": ((None, 2, 16, 16, 3), "softmax", 2, False),
    "transfer": ((None, 96, 96, 3), "linear", 1, True),
    "efficient": ((None, 224, 224, 3), "softmax", 1000, True),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that Keras 3 and tf_keras wrote, in a process of their own."""
    folder = tmp_path_factory.mktemp("models")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    run = subprocess.run(
        [sys.executable, "-c", WRITE_MODELS], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", MODELS)
def test_inspect_file_written_by_keras_passes(name: str, writer: str, form: str, written: Path) -> None:
    found = inspect_model(written / f"{writer}_{name}{form}")
    shape, activation, outputs, rescaled = MODELS[name]
    assert found.kind == {".keras": "keras3", ".h5": "legacy_h5"}[form]
    assert found.input_shape == shape
    assert found.last_activation == activation
    assert found.outputs == outputs
    assert found.has_rescaling == rescaled
    assert found.notes == ()
    assert found.keras_version is not None
    assert found.keras_version.startswith("2." if writer == "tf_keras" else "3.")
    assert found.layers
    assert json.loads(json.dumps(found.config)) == found.config


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", ["sigmoid", "arithmetic"])
def test_inspect_saved_model_passes(name: str, writer: str, written: Path, tmp_path: Path) -> None:
    folder = written / f"{writer}_{name}"
    found = inspect_model(folder)
    assert found.kind == "saved_model"
    assert found.input_shape == MODELS[name][0]
    assert found.outputs == MODELS[name][2]
    assert found.notes == ()
    if writer == "tf_keras":  # Keras 3 leaves no config in it
        assert found.last_activation == MODELS[name][1]
    zipped = Path(shutil.make_archive(str(tmp_path / "model"), "zip", folder.parent, folder.name))
    assert inspect_model(zipped) == found
    into = tmp_path / "into"
    into.mkdir()
    unpack_safely(zipped, into)
    assert inspect_model(saved_model_in(into)) == found


def test_inspect_model_of_tensorflow_2_4_passes(seed_model: Path) -> None:
    found = inspect_model(seed_model)
    assert (found.kind, found.keras_version, found.backend) == ("legacy_h5", "2.4.0", "tensorflow")
    assert found.input_shape == (None, 180, 180, 3)
    assert (found.last_activation, found.outputs, found.has_rescaling) == ("sigmoid", 1, True)
    assert found.layers[:5] == ("InputLayer", "Sequential", "InputLayer", "RandomFlip", "RandomFlip")


def test_inspect_flatbuffer_passes(tmp_path: Path) -> None:
    found = inspect_model(default_model() / "model.tflite")
    assert (found.kind, found.outputs) == ("tflite", 2)
    assert found.input_shape is not None
    assert found.input_shape[3] == 3
    assert inspect_model(make.flatbuffer(tmp_path / "m.tflite")) == Findings(
        "tflite", input_shape=(1, 4), last_activation="sigmoid", outputs=4
    )


def test_inspect_config_of_keras_2_0_passes(tmp_path: Path) -> None:
    """Its Sequential has a list for a config, and its first layer the shape."""
    first = {"name": "dense_1", "batch_input_shape": [None, 3], "units": 2, "activation": "softmax", "dtype": "float32"}
    first["kernel_initializer"] = {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg"}}
    config = {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": first}]}
    found = inspect_model(make.legacy(tmp_path / "old.h5", json.dumps(config).encode()))
    assert (found.input_shape, found.last_activation, found.outputs) == ((None, 3), "softmax", 2)


def test_inspect_activations_of_keras_2_12_pass(tmp_path: Path) -> None:
    by_name = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "relu"}
    config = make.sequential(make.keras("Dense", name="dense", units=1, activation=by_name))
    found = inspect_model(make.archive(tmp_path / "model.keras", config))
    assert found.last_activation == "relu"


def test_inspect_custom_training_config_is_noted(tmp_path: Path) -> None:
    """Models are loaded without compiling, so a custom loss of one's own is no reason to refuse."""
    loss = {"module": "notebook", "class_name": "function", "config": "my_loss", "registered_name": "my_loss"}
    config = make.sequential(make.dense()) | {"compile_config": {"optimizer": "adam", "loss": loss}}
    found = inspect_model(make.archive(tmp_path / "model.keras", config))
    assert len(found.notes) == 1
    assert "function" in found.notes[0]


def test_inspect_custom_layer_in_saved_model_is_noted(tmp_path: Path) -> None:
    """Its graph is converted, not its config; tensorflow_hub's layers come in this way."""
    config = make.old_sequential({"class_name": "KerasLayer", "config": {"name": "hub", "handle": "somewhere"}})
    found = inspect_model(make.keras_metadata(make.saved_model(tmp_path / "model"), config))
    assert len(found.notes) == 1
    assert "KerasLayer" in found.notes[0]
    assert (found.input_shape, found.outputs) == ((1, 64, 64, 3), 1)


def test_inspect_cycle_of_links_ends(tmp_path: Path) -> None:
    def circle(file: h5py.File) -> None:
        file["model_weights/again"] = file["model_weights"]
        file["model_weights/root"] = file["/"]

    assert inspect_model(make.legacy(tmp_path / "m.h5", make.old_sequential(make.dense()), circle)).kind == "legacy_h5"


def test_inspect_weights_only_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["dense/kernel"] = [1.0]
    with pytest.raises(RefusedModelError, match="weights only"):
        inspect_model(tmp_path / "w.h5")


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory in /proc")
def test_inspect_text_of_a_false_length_takes_little_memory(tmp_path: Path) -> None:
    """HDF5 allocates the length that the attribute claims, before it looks into the text's own header."""
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = "x" * 1003
    content, length = path.read_bytes(), (1003).to_bytes(4, "little")
    path.write_bytes(content.replace(length, (400_000_000).to_bytes(4, "little"), 1))
    program = (
        "from pathlib import Path\n"
        "from catdog_desktop.model_import.inspection.inspect_model import RefusedModelError, inspect_model\n"
        f"try:\n inspect_model(Path({str(path)!r}))\n"
        "except RefusedModelError as error:\n print(error)\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    *_, sentence, peak_kb = run.stdout.splitlines()
    assert "it is not a whole HDF5 file" in sentence
    assert int(peak_kb) < 300 * 1024


@pytest.mark.parametrize("name", ["nothing.h5", "folder"])
def test_inspect_missing_or_unreadable_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(RefusedModelError, match="The model was not opened"):
        inspect_model(tmp_path / name)


@pytest.mark.parametrize("form", [".keras", ".h5", ".tflite"])
def test_inspect_damaged_file_is_read_or_refused(form: str, tmp_path: Path) -> None:
    """Cut short or with a byte changed, a file passes or is refused; nothing else is raised."""
    if form == ".tflite":
        path = make.flatbuffer(tmp_path / "m.tflite")
    elif form == ".h5":
        path = make.legacy(tmp_path / "m.h5", make.old_sequential(make.dense()))
    else:
        path = make.archive(tmp_path / "m.keras", make.sequential(make.dense()))
    whole = path.read_bytes()
    step = max(1, len(whole) // 200)
    refused = 0
    for place in range(0, len(whole), step):
        changed = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        for data in (whole[:place], changed):
            path.write_bytes(data)
            try:
                inspect_model(path)
            except RefusedModelError:
                refused += 1
    assert refused >= 200


def test_inspect_imports_no_tensorflow(tmp_path: Path) -> None:
    path = make.archive(tmp_path / "m.keras", make.sequential(make.dense()))
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from catdog_desktop.model_import.inspection.inspect_model import inspect_model\n"
        f"loaded = set(sys.modules)\ninspect_model(Path({str(path)!r}))\n"
        "assert not {'h5py', 'numpy'} & loaded\n"
        "print(sorted(set(sys.modules) & {'tensorflow', 'keras', 'tf_keras'}))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("layer", "module"),
    [
        ("LayerScale", "convnext"),
        ("StochasticDepth", "convnext"),
        ("CustomScaleLayer", "inception_resnet_v2"),
    ],
)
def test_layers_of_applications_pass_from_keras_only(layer: str, module: str, tmp_path: Path) -> None:
    scale = make.keras(layer, f"keras.src.applications.{module}", name="scale")
    found = inspect_model(make.archive(tmp_path / "m.keras", make.sequential(scale, make.dense())))
    assert layer in found.layers
    other = make.keras(layer, f"evil.applications.{module}", name="scale")
    with pytest.raises(RefusedModelError, match=rf"comes from 'evil\.applications\.{module}'"):
        inspect_model(make.archive(tmp_path / "other.keras", make.sequential(other, make.dense())))
