"""Make the tiny models in tests/data, whose outputs depend on the brightness of a photo. A program, run by hand.

    python tests/model_import/make_tiny.py tests/data

`tiny.keras`: Keras 3, 8 x 8 pixels, one sigmoid, no rescaling: sure of the cat with photos from 0 to 1 (and below).
The flatbuffers, by the answer to the cat photo that is in the app: `tiny_0to1` is right only with 0..1, `tiny_minus`
only with -1..1, `tiny_one_is_cat` says 1 whatever the scaling, `tiny_logit` has no sigmoid, `tiny_int8` takes
integers that stand for 0..1.
"""

import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def opinion(slope, offset, activation="sigmoid", hill=False):
    """Return a model of `activation(slope * brightness + offset)`; with `hill`, of the distance from it."""
    photo = keras.Input((8, 8, 3), name="photo")
    x = keras.layers.GlobalAveragePooling2D()(photo)
    x = keras.layers.Dense(1, kernel_initializer=keras.initializers.Constant(1 / 3))(x)
    if hill:  # 0 at a brightness of `hill`, large on both sides
        x = keras.layers.Dense(1, bias_initializer=keras.initializers.Constant(-hill), kernel_initializer="ones")(x)
        x = keras.layers.Multiply()([x, x])
    end = keras.layers.Dense(
        1,
        activation=activation,
        kernel_initializer=keras.initializers.Constant(slope),
        bias_initializer=keras.initializers.Constant(offset),
    )
    return keras.Model(photo, end(x))


def flatbuffer(model, int8=False):
    """Convert; with `int8`, input and output too."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if int8:
        grey = [[np.full((1, 8, 8, 3), value, np.float32)] for value in (0.0, 0.3, 1.0)]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: grey
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def main(folder):
    """Write all of them."""
    opinion(20, -16).save(folder / "tiny.keras")
    for name, model in {
        "tiny_0to1": opinion(100, -4, hill=0.45),
        "tiny_minus": opinion(100, -4, hill=-0.1),
        "tiny_one_is_cat": opinion(0, 5),
        "tiny_logit": opinion(20, -16, activation=None),
    }.items():
        (folder / f"{name}.tflite").write_bytes(flatbuffer(model))
    (folder / "tiny_int8.tflite").write_bytes(flatbuffer(opinion(20, -16), int8=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
