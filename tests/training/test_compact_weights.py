import keras
import numpy as np
import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from catdog_desktop.training.compact_weights import compact_float_weights

INPUTS = 800


def _flatbuffer(units: int, seed: int = 1) -> bytes:
    keras.utils.set_random_seed(seed)
    numbers = keras.Input((INPUTS,), batch_size=1, name="numbers")
    outputs = {"answer": keras.layers.Dense(units, name="answer")(numbers)}
    return bytes(tf.lite.TFLiteConverter.from_keras_model(keras.Model(numbers, outputs)).convert())


def _run(flatbuffer: bytes, numbers: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=flatbuffer)
    interpreter.allocate_tensors()
    return interpreter.get_signature_runner()(numbers=numbers)["answer"]


@pytest.mark.parametrize(("units", "share", "most"), [(100, 0.55, 0.002), (700, 0.27, 0.02)], ids=["16 bits", "8 bits"])
def test_compact_weights_take_less_space_and_answer_alike(units, share, most):
    plain = _flatbuffer(units)
    compact = compact_float_weights(plain)
    numbers = np.random.default_rng(3).random((1, INPUTS), dtype=np.float32)
    assert len(compact) < share * len(plain)
    exact = _run(plain, numbers)
    assert exact.std() > 10 * most
    assert _run(compact, numbers) == pytest.approx(exact, abs=most * 3)
    assert (_run(compact, numbers) != exact).any()


def test_compact_weights_leave_small_matrices_alone():
    plain = _flatbuffer(1)
    numbers = np.random.default_rng(3).random((1, INPUTS), dtype=np.float32)
    assert (_run(compact_float_weights(plain), numbers) == _run(plain, numbers)).all()
