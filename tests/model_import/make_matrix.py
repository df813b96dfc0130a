"""Make small models of every form, and write the outputs of Keras for photos. A program: see `test_import_matrix`.

Usage: make_matrix.py FOLDER PHOTO...
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tf_keras

EDGE = (40, 32)
"""Height and width: unequal, so that a mix-up shows."""
FORMS = {"keras3.keras": keras, "keras3.h5": keras, "tf_keras.h5": tf_keras, "tf_keras_saved_model": tf_keras}
ENDS = {"sigmoid": (1, "sigmoid"), "softmax": (2, "softmax"), "logit": (1, None), "logits": (2, None)}
SCALES = {"inner": (1 / 127.5, -1.0), "outer": None}


def build(k, channels, units, activation, scale):
    """Return a small untrained model whose outputs are spread out."""
    layers = k.layers
    photo = k.Input((*EDGE, channels))
    x = layers.Rescaling(*scale)(photo) if scale else photo
    x = layers.SeparableConv2D(6, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    x = layers.Conv2D(8, 3, activation="relu", strides=2)(layers.ZeroPadding2D()(x))
    x = layers.Dropout(0.5)(layers.Flatten()(layers.MaxPooling2D()(x)))
    # Half of the models have a separate layer for the activation, as many have it.
    x = layers.Dense(units, activation=activation if channels == 3 else None)(x)
    return k.Model(photo, layers.Activation(activation)(x) if channels == 1 and activation else x)


def expected(model, photos, channels, end, scale):
    """Return the scores of cat and dog for each photo, read and predicted by Keras."""
    mode = "rgb" if channels == 3 else "grayscale"
    arrays = [
        keras.utils.img_to_array(keras.utils.load_img(path, target_size=EDGE, color_mode=mode)) for path in photos
    ]
    batch = np.stack(arrays)
    numbers = model.predict(batch if scale else batch / 255.0, verbose=0)
    if end == "logit":
        numbers = tf.sigmoid(numbers).numpy()
    if end == "logits":
        numbers = tf.nn.softmax(numbers).numpy()
    if numbers.shape[1] == 1:
        numbers = np.concatenate([1 - numbers, numbers], axis=1)
    return numbers.astype(float).tolist()


SCALINGS = {
    "0..1": lambda x: x / 255,
    "-1..1": lambda x: x / 127.5 - 1,
    "in graph": lambda x: x,
    "imagenet-torch": lambda x: keras.applications.imagenet_utils.preprocess_input(x.copy(), mode="torch"),
    "imagenet-caffe": lambda x: keras.applications.imagenet_utils.preprocess_input(x.copy(), mode="caffe"),
}


def trained(k, photos, scaling):
    """Return a model whose normalization has seen parts of photos under a scaling, inside of another model."""
    crops = []
    for path in photos:
        whole = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(80, 80)))
        crops += [whole[top : top + 40, left : left + 40] for top in (0, 20, 40) for left in (0, 20, 40)]
    layers = k.layers
    inner = k.Sequential([k.Input((40, 40, 3)), layers.Conv2D(16, 3), layers.BatchNormalization(momentum=0.5)])
    for _ in range(12):
        inner(SCALINGS[scaling](np.stack(crops)), training=True)
    photo = k.Input((40, 40, 3))
    end = layers.Dense(1, activation="sigmoid")
    return k.Model(photo, end(layers.GlobalAveragePooling2D()(layers.ReLU()(inner(photo)))))


def main(folder, *photos):
    """Write the models, and the expected outputs to `expected.json`."""
    notes = {}
    for form, k in FORMS.items():
        for end, (units, activation) in ENDS.items():
            for channels in (3, 1):
                for name, scale in SCALES.items():
                    k.utils.set_random_seed(len(notes))
                    model = build(k, channels, units, activation, scale)
                    stem, dot, ending = form.partition(".")
                    path = Path(folder) / f"{stem}_{end}_{'rgb' if channels == 3 else 'grey'}_{name}{dot}{ending}"
                    model.save(path)
                    notes[path.name] = expected(model, photos, channels, end, scale)
    for number, scaling in enumerate(SCALINGS):
        for k in (keras, tf_keras):
            trained(k, photos, scaling).save(Path(folder) / f"trained_{number}_{k.__name__}.keras")
    (Path(folder) / "expected.json").write_text(json.dumps(notes))


if __name__ == "__main__":
    main(*sys.argv[1:])
