import numpy as np
import pytest

from catdog_desktop.training.calibration import Limits
from catdog_desktop.training.figures import calibration_error, log_loss, measure

TARGETS = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0], [0, 0], [1, 1], [1, 1]], float)


def test_measure_few_photos_gives_all_figures():
    scores = np.array([[0.9, 0.1], [0.2, 0.3], [0.1, 0.9], [0.5, 0.9], [0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.9, 0.1]])
    figures = measure(scores, TARGETS, Limits(0.5, 0.5, 0.1))
    assert figures["photos"] == 8
    assert figures["forced_accuracy"] == pytest.approx(0.75)
    assert figures["pets_called_neither"] == pytest.approx(1 / 6, abs=1e-4)
    assert figures["neither_called_pet"] == pytest.approx(0.5)
    assert figures["both_found"] == pytest.approx(0.5)
    assert figures["unsure"] == pytest.approx(1 / 6, abs=1e-4)


def test_measure_unsure_is_neither_right_nor_wrong():
    scores = np.array([[0.45, 0.9], [0.9, 0.9], [0.55, 0.1], [0.9, 0.1]])
    figures = measure(scores, np.array([[1, 1], [1, 1], [0, 0], [0, 0]], float), Limits(0.5, 0.5, 0.1))
    assert (figures["both_found"], figures["neither_called_pet"]) == (1.0, 0.5)


def test_measure_leaves_out_figures_without_photos():
    figures = measure(np.array([[0.9, 0.1]]), np.array([[1.0, 0.0]]), Limits(0.5, 0.5, 0.0))
    assert "neither_called_pet" not in figures
    assert "both_found" not in figures


@pytest.mark.parametrize(
    ("score", "truth", "error"),
    [
        ([0.75] * 4, [True, True, True, False], 0.0),
        ([0.75] * 4, [True, True, False, False], 0.25),
        ([1.0, 0.0], [True, False], 0.0),
        ([1.0, 0.0], [False, True], 1.0),
        ([], [], 0.0),
    ],
)
def test_calibration_error_is_the_gap_of_score_and_frequency(score, truth, error):
    assert calibration_error(np.array(score), np.array(truth, bool)) == pytest.approx(error)


@pytest.mark.parametrize(("score", "loss"), [(0.5, np.log(2)), (1.0, 0.0), (0.0, np.log(1e7))])
def test_log_loss_is_in_nats_and_finite(score, loss):
    assert log_loss(np.array([[score, 1 - score]]), np.array([[1.0, 0.0]])) == pytest.approx(loss, abs=1e-6)
