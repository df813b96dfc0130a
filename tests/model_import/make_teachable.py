"""Make the zips that Teachable Machine gives for download, and write what its own code answers. A program.

Usage: make_teachable.py FOLDER PHOTO...

The site's converter turns its model into one of Keras 2: a Sequential of a Sequential (MobileNetV2 without its end, and
pooling) and of a Sequential (two dense layers, the last without bias). It saves that as `keras_model.h5`, from which it
makes the others, and puts `labels.txt` beside each. Here the net is smaller, and the weights are random.
"""

import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf
import tf_keras as k
from PIL import Image, ImageOps

EDGE = 96
LABELS = "0 Hund\n1 Katze\n2 Vogel\n"
QUANTIZED_PHOTOS = 20


def build(batch):
    """Return the model, whose batch normalization has seen the photos and whose answers are spread."""
    k.utils.set_random_seed(3)
    whole = k.applications.MobileNetV2(input_shape=(EDGE, EDGE, 3), alpha=0.35, include_top=False, weights=None)
    for layer in whole.layers:
        if isinstance(layer, k.layers.BatchNormalization):
            layer.momentum = 0.5
    truncated = k.Model(whole.input, whole.get_layer("block_6_project_BN").output, name="model1")
    body = k.Sequential([truncated, k.layers.GlobalAveragePooling2D()], name="sequential_1")
    for _ in range(8):
        body(batch, training=True)
    head = k.Sequential(
        [
            k.layers.Dense(100, activation="relu", kernel_initializer="he_normal", input_shape=body.output_shape[1:]),
            k.layers.Dense(3, activation="softmax", use_bias=False, kernel_initializer="he_normal"),
        ],
        name="sequential_3",
    )
    model = k.Sequential([body, head], name="sequential_4")
    model(batch)
    values = body.predict(batch, verbose=0)
    # The first layer of the head gets features of mean 0 and deviation 3, so that photos get different answers.
    kernel, bias = head.layers[0].get_weights()
    kernel = 3 * kernel / (values.std(axis=0)[:, None] + 1e-3)
    head.layers[0].set_weights([kernel, bias - values.mean(axis=0) @ kernel])
    return model


def prepared(path):
    """Return a photo as the code on the site prepares it: the middle, by lanczos, from -1 to 1."""
    with Image.open(path) as photo:
        fitted = ImageOps.fit(photo.convert("RGB"), (EDGE, EDGE), Image.Resampling.LANCZOS)
    return np.asarray(fitted).astype(np.float32) / 127.5 - 1


def quantized_answers(path, batch):
    """Return what LiteRT answers, with bytes in and out that stand for numbers by their step and zero point."""
    interpreter = tf.lite.Interpreter(str(path))
    interpreter.allocate_tensors()
    [photo], [answer] = interpreter.get_input_details(), interpreter.get_output_details()
    (step, zero), (answer_step, answer_zero) = photo["quantization"], answer["quantization"]
    answers = []
    for values in batch:
        integers = np.clip(np.rint(values / step + zero), 0, 255).astype(np.uint8)
        interpreter.set_tensor(photo["index"], integers[None])
        interpreter.invoke()
        answers.append((interpreter.get_tensor(answer["index"])[0].astype(np.float64) - answer_zero) * answer_step)
    return np.array(answers)


def write_zip(path, *sources):
    """Write a zip of files and of folders with all that is in them; and `labels.txt`."""
    with zipfile.ZipFile(path, "w") as archive:
        for source in sources:
            for file in [source, *sorted(source.rglob("*"))]:
                archive.write(file, file.relative_to(source.parent))
        archive.writestr("labels.txt", LABELS)


def main(folder, *photos):
    """Write the four zips, and the answers of Keras to `expected.json`."""
    batch = np.stack([prepared(path) for path in photos])
    model = build(batch)
    work = folder / "work"
    work.mkdir()
    model.save(work / "keras_model.h5")
    model.save(work / "model.savedmodel")
    write_zip(folder / "converted_keras.zip", work / "keras_model.h5")
    write_zip(folder / "converted_savedmodel.zip", work / "model.savedmodel")
    converter = tf.lite.TFLiteConverter.from_saved_model(str(work / "model.savedmodel"))
    (work / "model_unquant.tflite").write_bytes(converter.convert())
    write_zip(folder / "converted_tflite.zip", work / "model_unquant.tflite")
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = converter.inference_output_type = tf.uint8
    converter.representative_dataset = lambda: ([one[None]] for one in batch[:QUANTIZED_PHOTOS])
    (work / "model.tflite").write_bytes(converter.convert())
    write_zip(folder / "converted_tflite_quantized.zip", work / "model.tflite")
    expected = {"keras": model.predict(batch, verbose=0), "quantized": quantized_answers(work / "model.tflite", batch)}
    as_lists = {kind: answers.astype(float).tolist() for kind, answers in expected.items()}
    (folder / "expected.json").write_text(json.dumps(as_lists), encoding="ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), *sys.argv[2:])
