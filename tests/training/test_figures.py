import numpy as np
import pytest

from catdog_desktop.training.calibration import Limits, calibrate, choose_limits, is_unsure, sigmoid
from catdog_desktop.training.figures import calibration_error, log_loss, measure, wilson

TARGETS = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0], [0, 0], [1, 1], [1, 1]], float)


def test_figures_of_a_handful_of_photos():
    scores = np.array([[0.9, 0.1], [0.2, 0.3], [0.1, 0.9], [0.5, 0.9], [0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.9, 0.1]])
    figures = measure(scores, TARGETS, Limits(0.5, 0.5, 0.1))
    assert figures["photos"] == 8
    assert figures["forced_accuracy"] == pytest.approx(0.75)
    assert figures["pets_called_neither"] == pytest.approx(1 / 6, abs=1e-4)
    assert figures["neither_called_pet"] == pytest.approx(0.5)
    assert figures["both_found"] == pytest.approx(0.5)
    assert figures["unsure"] == pytest.approx(1 / 6, abs=1e-4)


def test_a_figure_without_photos_is_left_out():
    figures = measure(np.array([[0.9, 0.1]]), np.array([[1.0, 0.0]]), Limits(0.5, 0.5, 0.0))
    assert "neither_called_pet" not in figures
    assert "both_found" not in figures


def test_calibration_finds_the_slope_and_offset_that_made_the_data():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, (40000, 2))
    targets = (rng.random((40000, 2)) < sigmoid(0.5 * logits + 1.0)).astype(float)
    fit = calibrate(logits, targets)
    assert fit.slope == pytest.approx((0.5, 0.5), abs=0.03)
    assert fit.offset == pytest.approx((1.0, 1.0), abs=0.06)
    scores = fit.scores(logits)
    assert calibration_error(scores[:, 0], targets[:, 0] > 0.5) < 0.01
    assert log_loss(scores, targets) < log_loss(sigmoid(logits), targets)


def test_calibration_of_perfectly_separated_logits_stays_finite():
    fit = calibrate(np.array([[9.0, -9.0], [-9.0, 9.0]] * 50), np.array([[1.0, 0.0], [0.0, 1.0]] * 50))
    assert np.isfinite(fit.slope).all()
    assert min(fit.slope) > 0


def test_limits_leave_unsure_what_would_cost_more_if_wrong():
    clear = np.array([[0.99, 0.01], [0.01, 0.99], [0.01, 0.01]] * 200)
    targets = np.array([[1, 0], [0, 1], [0, 0]] * 200, float)
    doubtful, truth = np.array([[0.56, 0.01], [0.01, 0.44]]), np.array([[0, 0], [0, 1]], float)
    limits = choose_limits(np.concatenate([clear, doubtful]), np.concatenate([targets, truth]))
    assert is_unsure(doubtful, limits).all()
    assert not is_unsure(clear, limits).any()


def test_photos_of_both_lower_the_threshold_where_that_costs_nothing_else():
    scores = np.array([[0.99, 0.01], [0.01, 0.99], [0.01, 0.01]] * 200)
    targets = np.array([[1, 0], [0, 1], [0, 0]] * 200, float)
    hidden, truth = np.array([[0.97, 0.33]] * 100), np.ones((100, 2))
    alone = choose_limits(scores, targets)
    with_both = choose_limits(np.concatenate([scores, hidden]), np.concatenate([targets, truth]))
    assert alone == Limits(0.5, 0.5, 0.0)
    assert with_both.dog < 0.33
    assert not is_unsure(hidden, with_both).any()


def test_no_more_pets_are_unsure_than_people_put_up_with():
    scores = np.array([[0.99, 0.01]] * 90 + [[0.6, 0.01]] * 10)
    targets = np.array([[1, 0]] * 90 + [[0, 0]] * 9 + [[1, 0]], float)
    limits = choose_limits(scores, targets)
    assert is_unsure(scores, limits)[targets[:, 0] > 0.5].mean() <= 0.015


def test_wilson_interval():
    low, high = wilson(1.0, 100)
    assert (low, high) == pytest.approx((0.963, 1.0), abs=0.001)
    assert wilson(0.5, 0) == (0.0, 1.0)
