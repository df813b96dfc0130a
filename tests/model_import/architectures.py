"""Public architectures with random weights: made with Keras 3 or tf_keras, imported, and compared over 20 photos.

A program, since TensorFlow is slow and large. Usage: architectures.py FOLDER [LIBRARY/NAME...]

Prints one line of JSON for each model: the name, the answers of Keras from the lowest to the highest, the largest
difference to the app's, the milliseconds of the app for a photo, and the seconds of making and importing; or the error.
"""

import importlib
import json
import sys
import time
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.conversion.child_task import convert_file
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.model_import.proposals.trial_run import trial_photos

EDGE = 96
PHOTOS = 20
ARCHITECTURES = {
    "MobileNet": "-1..1",
    "MobileNetV2": "-1..1",
    "MobileNetV3Small": "in graph",
    "MobileNetV3Large": "in graph",
    "EfficientNetB0": "in graph",
    "EfficientNetB1": "in graph",
    "EfficientNetB3": "in graph",
    "EfficientNetV2B0": "in graph",
    "EfficientNetV2B2": "in graph",
    "ResNet50": "imagenet-caffe",
    "ResNet101": "imagenet-caffe",
    "ResNet50V2": "-1..1",
    "Xception": "-1..1",
    "InceptionV3": "-1..1",
    "InceptionResNetV2": "-1..1",
    "DenseNet121": "imagenet-torch",
    "DenseNet169": "imagenet-torch",
    "VGG16": "imagenet-caffe",
    "ConvNeXtTiny": "in graph",
    "NASNetMobile": "-1..1",
}
"""Scaling of photos for each architecture, as its `preprocess_input` does it."""
ENDINGS = {"keras": ".keras", "tf_keras": ".h5"}
ALL = tuple(f"{library}/{name}" for name in ARCHITECTURES for library in ENDINGS)
SCALINGS = {
    "-1..1": lambda x: x / 127.5 - 1,
    "in graph": lambda x: x,
    "imagenet-torch": lambda x: keras.applications.imagenet_utils.preprocess_input(x.copy(), mode="torch"),
    "imagenet-caffe": lambda x: keras.applications.imagenet_utils.preprocess_input(x.copy(), mode="caffe"),
}


def make_photos(folder):
    """Write 20 photos: parts of those that the app ships, in several sizes and brightnesses."""
    paths = []
    for number in range(PHOTOS):
        random = np.random.default_rng(number)
        with Image.open(trial_photos()[number % 4]) as photo:
            width, height = photo.size
            part = random.uniform(0.3, 1.0)
            left, top = random.uniform(0, 1 - part, 2)
            box = [left * width, top * height, (left + part) * width, (top + part) * height]
            cropped = photo.convert("RGB").crop([int(edge) for edge in box])
        cropped = cropped.point([min(255, int(value * random.uniform(0.5, 1.5))) for value in range(256)] * 3)
        paths.append(folder / f"{number:02}.png")
        cropped.save(paths[-1])
    return paths


def build(library, name, batch):
    """Return a model with random weights, whose batch normalization has seen the photos and whose answers spread."""
    k = importlib.import_module(library)
    k.utils.set_random_seed(len(name))
    body = getattr(k.applications, name)(weights=None, include_top=False, pooling="avg", input_shape=(EDGE, EDGE, 3))
    random = np.random.default_rng(7)
    for layer in body.layers:
        if "BatchNormalization" in type(layer).__name__:
            layer.momentum = 0.5
            gamma, beta, mean, variance = layer.get_weights() if len(layer.weights) == 4 else [None] * 4
            if gamma is not None:
                gamma = gamma * random.uniform(0.7, 1.3, gamma.shape)
                layer.set_weights([gamma, random.normal(0, 0.1, beta.shape), mean, variance])
    for _ in range(8):
        body(batch, training=True)
    features = np.asarray(body.predict(batch, verbose=0), np.float64)
    centre = features.mean(axis=0)
    direction = np.linalg.svd(features - centre, full_matrices=False)[2][0]
    places = (features - centre) @ direction
    # So that the answers lie between 0.05 and 0.95.
    low, high = places.min(), places.max()
    kernel = direction * 6 / (high - low)
    end = k.layers.Dense(1, activation="sigmoid")
    model = k.Model(body.input, end(body.output))
    bias = -(centre @ kernel) - 3 - low * 6 / (high - low)
    end.set_weights([kernel[:, None], np.array([bias])])
    return model


def compare(folder, title, paths):
    """Make, save, import and compare one model; return what is printed."""
    library, _slash, name = title.partition("/")
    scaling = ARCHITECTURES[name]
    size = (EDGE, EDGE)
    batch = np.stack([keras.utils.img_to_array(keras.utils.load_img(path, target_size=size)) for path in paths])
    batch = SCALINGS[scaling](batch).astype("float32")
    began = time.monotonic()
    place = folder / library / name
    place.mkdir(parents=True)
    path = place / f"{name}{ENDINGS[library]}"
    model = build(library, name, batch)
    expected = np.asarray(model.predict(batch, verbose=0), np.float64).ravel()
    model.save(path)
    made = time.monotonic()
    facts = convert_file(path, None, trial_photos(), lambda step: None)
    draft = ModelDraft(facts, (place / "model.tflite").read_bytes(), name, "0" * 64)
    ours = draft.model_file({"scaling": scaling})
    classifier = Classifier(ours)
    imported = time.monotonic()
    scores = [classify_photo(photo, classifier, ours).scores for photo in paths]
    found = np.array([one.dog for one in scores])
    return {
        "model": title,
        "lowest": round(float(expected.min()), 3),
        "highest": round(float(expected.max()), 3),
        "difference": float(np.abs(found - expected).max()),
        "milliseconds": round((time.monotonic() - imported) * 1000 / len(paths), 1),
        "making": round(made - began, 1),
        "importing": round(imported - made, 1),
    }


def main(folder, *titles):
    """Print a line for each model."""
    folder = Path(folder).resolve()
    (folder / "photos").mkdir(parents=True)
    paths = make_photos(folder / "photos")
    for title in titles or ALL:
        try:
            result = compare(folder, title, paths)
        except ModelImportError as error:
            result = {"model": title, "error": str(error)}
        print(json.dumps(result), flush=True)
        keras.backend.clear_session()


if __name__ == "__main__":
    main(*sys.argv[1:])
