from collections import Counter

import keras
import numpy as np
import pytest

pytest.importorskip("tensorflow")

from PIL import Image

from catdog_desktop.training.blog_cnn import EDGE, blog_logits, build_blog_cnn, train_blog_cnn
from catdog_desktop.training.photo_folder import Photo


@pytest.fixture(scope="module")
def sees_blue():
    """Answers as the blog's network does, with one logit for "dog": the more blue than red, the more of a dog."""
    photo = keras.Input((EDGE, EDGE, 3))
    mean = keras.layers.GlobalAveragePooling2D()(photo)
    answer = keras.layers.Dense(1)
    model = keras.Model(photo, answer(mean))
    answer.set_weights([np.array([[-0.01], [0.0], [0.01]], np.float32), np.zeros(1, np.float32)])
    return model


def photos_of(folder, number):
    photos = []
    for count in range(number):
        blue = round(255 * count / max(number - 1, 1))
        Image.new("RGB", (20, 10), (255 - blue, 0, blue)).save(folder / f"{count}.png")
        photos.append(Photo(folder / f"{count}.png", "dog" if blue > 127 else "cat"))
    return photos


def test_build_blog_cnn_has_one_output():
    model = build_blog_cnn()
    assert model.input_shape == (None, 180, 180, 3)
    assert model.output_shape == (None, 1)
    kinds = Counter(type(layer).__name__ for layer in model.layers)
    # An entry, three blocks of two with a way round each, an exit: what the example calls a small Xception.
    assert (kinds["Conv2D"], kinds["SeparableConv2D"], kinds["BatchNormalization"], kinds["Add"]) == (4, 7, 8, 3)
    assert (kinds["Dense"], kinds["Dropout"]) == (1, 1)
    assert model.layers[-1].get_config()["activation"] == "linear"  # a logit, so that it can be calibrated
    answer = np.asarray(model(np.zeros((1, 180, 180, 3), np.float32)))
    assert answer.shape == (1, 1)
    assert np.isfinite(answer).all()


@pytest.mark.parametrize("number", [1, 2, 65])
def test_blog_logits_of_cat_are_minus_those_of_dog(sees_blue, tmp_path, number):
    logits = blog_logits(sees_blue, photos_of(tmp_path, number))
    assert logits.shape == (number, 2)
    assert (logits[:, 0] == -logits[:, 1]).all()
    assert (np.diff(logits[:, 1]) > 0).all()  # in the order of the photos, the bluest last
    assert logits[0, 0] == pytest.approx(2.55, abs=1e-3)


@pytest.mark.slow
def test_train_blog_cnn_uses_cats_and_dogs_alone(tmp_path):
    """Photos of neither cannot even be read here: they are no part of this training."""
    photos = [*photos_of(tmp_path, 6), Photo(tmp_path / "absent.png", "neither")]
    untrained = build_blog_cnn()
    model = train_blog_cnn(photos, seed=1, epochs=1)
    assert model.count_params() == untrained.count_params()
    assert model.optimizer.iterations == 1
