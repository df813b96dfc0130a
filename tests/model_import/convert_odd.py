"""Make unusual and unusable models, convert them, and print the facts or the error by name. A program.

Usage: convert_odd.py FOLDER
"""

import json
import sys
from pathlib import Path

import hostile_models as make
import keras
import make_early_keras
import numpy as np
import tensorflow as tf
import tf_keras

from catdog_desktop.model_import.conversion.child_task import convert_file
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.proposals.trial_run import photo_pixels, trial_photos

L = keras.layers


def described(shape, *layers, version="3.0.0"):
    """Return a writer of a `.keras` file without weights."""
    photo = {"class_name": "InputLayer", "config": {"batch_shape": [None, *shape], "dtype": "float32", "name": "photo"}}
    config = make.keras("Sequential", "keras", name="model", trainable=True, dtype="float32", layers=[photo, *layers])
    metadata = json.dumps({"keras_version": version}).encode()
    return lambda path: make.archive(path, config, metadata__json=metadata)


def saved(build, k=keras, policy="float32"):
    """Return a writer of the model that `build` returns."""

    def write(path):
        k.mixed_precision.set_global_policy(policy)
        model = build()
        k.mixed_precision.set_global_policy("float32")
        if path.suffix:
            model.save(path)
        else:
            (model.export if k is keras else model.save)(path)

    return write


def end(x, units=1, activation="sigmoid", k=keras):
    return k.layers.Dense(units, activation=activation)(k.layers.GlobalAveragePooling2D()(x))


def one(shape, change=lambda x: x, k=keras, **more):
    """Return a builder of a model with one input."""

    def build():
        photo = k.Input(shape)
        x = k.layers.Conv2D(4, 3, padding="same")(change(photo))
        return k.Model(photo, end(x, k=k, **more))

    return build


def two_inputs():
    first, second = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    return keras.Model([first, second], end(first + second))


def two_outputs():
    photo = keras.Input((8, 8, 3))
    return keras.Model(photo, [end(photo), end(photo)])


def with_custom_layer(path):
    """Write a SavedModel with a layer that is not Keras's, as tensorflow_hub has them."""

    class KerasLayer(tf_keras.layers.Layer):
        def call(self, values):
            return tf.reduce_mean(values, axis=(1, 2)) / 255.0

    photo = tf_keras.Input((8, 8, 3))
    tf_keras.Model(photo, tf_keras.layers.Dense(1, activation="sigmoid")(KerasLayer()(photo))).save(path)


def with_random_layers(path):
    """Write an exported graph that still augments photos."""
    keras.utils.set_random_seed(1)
    saved(one((8, 8, 3), lambda x: L.RandomZoom(0.2)(L.RandomRotation(0.2)(L.RandomFlip()(x)))))(path)


def of_lobe(path):
    """Write a SavedModel as Lobe does: the name of the class beside the scores, and files beside the graph."""
    model = one((8, 8, 3), units=2, activation="softmax")()

    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.float32, name="Image")])
    def serve(photo):
        scores = model(photo)
        return {"Confidences": scores, "Prediction": tf.gather(tf.constant(["Cat", "Dog"]), tf.argmax(scores, axis=1))}

    module = tf.Module()
    module.model = model
    tf.saved_model.save(module, str(path), signatures={"serving_default": serve})


def keras_1(path):
    """Write a file as Keras 1 did: with the names and the words of that time. Its answers are those of tf_keras."""
    layers = [
        tf_keras.layers.Conv2D(4, 3, activation="relu", input_shape=(12, 12, 3), name="convolution2d_1"),
        tf_keras.layers.MaxPooling2D(2, name="maxpooling2d_1"),
        tf_keras.layers.Flatten(name="flatten_1"),
        tf_keras.layers.Dense(8, activation="relu", name="dense_1"),
        tf_keras.layers.Dropout(0.5, name="dropout_1"),
        tf_keras.layers.Dense(1, activation="sigmoid", name="dense_2"),
    ]
    tf_keras.utils.set_random_seed(3)
    model = tf_keras.Sequential(layers)
    model.save(path)
    make_early_keras.rewrite(path)
    photos = np.stack([photo_pixels(photo, (12, 12), 3) for photo in trial_photos()])
    answers = model.predict(photos / 255.0, verbose=0).ravel().tolist()
    path.with_suffix(".json").write_text(json.dumps(answers))


TAIL = [L.Rescaling(1 / 255), L.Conv2D(4, 3), L.GlobalMaxPooling2D(), L.Dense(1, activation="sigmoid")]
FLAT = make.keras("GlobalAveragePooling2D", name="flat")
HALF = "mixed_float16"
MODELS = {
    "no weights.keras": described((8, 8, 3), FLAT, make.dense()),
    "unknown argument.keras": described((8, 8, 3), FLAT, make.dense(groups=3)),
    "newer.keras": described((8, 8, 3), FLAT, make.dense(groups=3), version="3.999.0"),
    "no photo.keras": saved(lambda: keras.Sequential([keras.Input((4,)), L.Dense(1)])),
    "colours first.keras": described((3, 32, 32), FLAT),
    "large.keras": described((4000, 4000, 3), FLAT),
    "no size.keras": lambda path: make.archive(path, make.keras("Sequential", "keras", name="model", layers=[FLAT])),
    "two inputs.keras": saved(two_inputs),
    "two outputs.keras": saved(two_outputs),
    "two outputs": saved(two_outputs),
    "37.h5": saved(one((8, 8, 3), units=37, activation="softmax")),
    "random layers": with_random_layers,
    "lobe": of_lobe,
    "keras1.h5": keras_1,
    "1000.h5": saved(one((8, 8, 3), units=1000, activation="softmax")),
    "broken": make.saved_model,
    "free.keras": saved(one((None, None, 3))),
    "free": saved(one((None, None, 1), k=tf_keras), k=tf_keras),
    "half.keras": saved(one((8, 8, 3)), policy=HALF),
    "half.h5": saved(one((8, 8, 3), k=tf_keras), k=tf_keras, policy=HALF),
    "half": saved(one((8, 8, 3), k=tf_keras), k=tf_keras, policy=HALF),
    "swish.keras": saved(one((8, 8, 3), lambda x: L.Activation("swish")(L.Conv2D(4, 3)(x)))),
    "caffe.keras": saved(one((8, 8, 3), keras.applications.resnet50.preprocess_input)),
    "normalized.keras": saved(one((8, 8, 3), lambda x: L.BatchNormalization()(x))),
    "augmented.keras": saved(one((8, 8, 3), lambda x: L.RandomZoom(0.2)(L.RandomFlip()(L.RandomRotation(0.2)(x))))),
    "exported": saved(one((8, 8, 3), lambda x: L.Rescaling(1 / 255)(x))),
    "bytes.keras": saved(
        lambda: keras.Sequential([keras.Input((8, 8, 3), dtype="uint8"), L.Rescaling(1 / 255), *TAIL])
    ),
    "custom layer": with_custom_layer,
}
SIZE = {"free.keras": (20, 10), "free": (20, 10), "swish.keras": (9, 9)}


def main(folder):
    """Print the facts or the error of each."""
    results = {}
    for name, write in MODELS.items():
        place = folder / name.replace(".", "_")
        place.mkdir()
        path = place / name
        write(path)
        try:
            facts = convert_file(path, SIZE.get(name), trial_photos(), lambda step: None).as_json()
            results[name] = facts | {"folder": str(place)}
        except ModelImportError as error:
            results[name] = str(error)
    print(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
