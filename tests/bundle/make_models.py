"""Write a small model in each format of Keras, and the output of Keras for a photo. Run as a program.

Usage: make_models.py FOLDER PHOTO H5
H5 is an existing model. FOLDER/expected.json gets the probability of a dog by file name.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tf_keras

EDGE = 48


def build(k):
    """Return a small untrained model with one sigmoid output: the probability of a dog."""
    k.utils.set_random_seed(5)
    photo = k.Input((EDGE, EDGE, 3))
    x = k.layers.Rescaling(1 / 127.5, -1.0)(photo)
    x = k.layers.SeparableConv2D(6, 3, strides=2, padding="same")(x)
    x = k.layers.Activation("relu")(k.layers.BatchNormalization()(x))
    x = k.layers.Dropout(0.5)(k.layers.GlobalAveragePooling2D()(x))
    return k.Model(photo, k.layers.Dense(1, activation="sigmoid")(x))


def answer(model, photo):
    """Return the output of the model for a photo, read as Keras reads it."""
    size = model.input_shape[1:3]
    pixels = keras.utils.img_to_array(keras.utils.load_img(photo, target_size=size))
    return float(model.predict(pixels[np.newaxis], verbose=0)[0, 0])


def main(folder, photo, h5):
    """Write the models and their expected outputs."""
    expected = {Path(h5).name: answer(tf_keras.models.load_model(h5, compile=False), photo)}
    for name, k in {"new.keras": keras, "new.h5": keras, "old.h5": tf_keras, "saved_model": tf_keras}.items():
        model = build(k)
        model.save(Path(folder) / name)
        expected[name] = answer(model, photo)
    (Path(folder) / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main(*sys.argv[1:])
