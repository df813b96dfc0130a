import warnings

import numpy as np
import pytest

from catdog_desktop.training.calibration import (
    COST_WRONG,
    MOST_UNSURE_PETS,
    SHARE_OF_BOTH,
    SHARE_OF_NEITHER,
    Calibration,
    CalibrationError,
    Limits,
    calibrate,
    choose_limits,
    is_unsure,
    sigmoid,
)
from catdog_desktop.training.figures import calibration_error, log_loss
from catdog_desktop.verdict import Scores, Thresholds, Verdict

CAT, DOG, NEITHER, BOTH = (1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1.0, 1.0)


def clear_photos(of_each):
    """Scores and targets of photos that leave no doubt."""
    scores = np.array([[0.99, 0.01], [0.01, 0.99], [0.01, 0.01]] * of_each)
    return scores, np.array([CAT, DOG, NEITHER] * of_each)


def doubtful_photos(seed, number=400):
    """Scores and targets as of a model that is often wrong, but knows how often."""
    rng = np.random.default_rng(seed)
    scores = sigmoid(rng.normal(0, 2.5, (number, 2)))
    return scores, (rng.random((number, 2)) < scores).astype(float)


@pytest.mark.parametrize(
    ("logit", "probability"), [(0.0, 0.5), (np.log(3), 0.75), (-np.log(3), 0.25), (1e6, 1), (-1e6, 0)]
)
def test_sigmoid_inverts_log_odds_without_overflow(logit, probability):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sigmoid(np.array(logit)) == pytest.approx(probability)


def test_calibration_by_default_changes_nothing():
    logits = np.array([[2.0, -1.0], [0.0, 5.0]])
    assert Calibration().scores(logits) == pytest.approx(sigmoid(logits))


def test_calibrate_recovers_slopes_and_offsets():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, (40000, 2))
    truth = Calibration((0.5, 1.5), (1.0, -0.7))
    targets = (rng.random((40000, 2)) < truth.scores(logits)).astype(float)
    fit = calibrate(logits, targets)
    assert fit.slope == pytest.approx(truth.slope, abs=0.05)
    assert fit.offset == pytest.approx(truth.offset, abs=0.06)
    scores = fit.scores(logits)
    assert calibration_error(scores[:, 0], targets[:, 0] > 0.5) < 0.01
    assert log_loss(scores, targets) < log_loss(sigmoid(logits), targets)


def test_calibrate_fits_each_output_alone():
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 2, (500, 2))
    targets = (rng.random((500, 2)) < sigmoid(logits * (0.4, 2.0))).astype(float)
    fit, swapped = calibrate(logits, targets), calibrate(logits[:, ::-1], targets[:, ::-1])
    assert swapped.slope == pytest.approx(fit.slope[::-1])
    assert swapped.offset == pytest.approx(fit.offset[::-1])


def test_calibrate_separated_logits_stays_finite():
    fit = calibrate(np.array([[9.0, -9.0], [-9.0, 9.0]] * 50), np.array([CAT, DOG] * 50))
    assert np.isfinite(fit.slope).all()
    assert min(fit.slope) > 0


def test_calibrate_few_photos_moves_little():
    fit = calibrate(np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([CAT, DOG]))
    assert fit.slope == pytest.approx((1, 1), abs=0.5)
    assert fit.offset == pytest.approx((0, 0), abs=0.2)


LOGITS = np.array([[2.0, -2.0], [-2.0, 2.0], [-3.0, -3.0]])


@pytest.mark.parametrize(
    ("logits", "targets", "says"),
    [
        (np.empty((0, 2)), np.empty((0, 2)), "no photos"),
        (LOGITS, np.array([CAT, CAT, NEITHER]), "with a dog and photos without"),
        (LOGITS, np.array([DOG, DOG, NEITHER]), "with a cat and photos without"),
        (LOGITS, np.array([NEITHER] * 3), "with a cat and photos without"),
        (LOGITS, np.array([BOTH] * 3), "with a cat and photos without"),
        (LOGITS, np.array([BOTH, BOTH, DOG]), "with a dog and photos without"),
        (np.array([[2.0, np.nan], [-2.0, 2.0], [-3.0, -3.0]]), np.array([CAT, DOG, NEITHER]), "not finite"),
        (np.array([[np.inf, 1.0], [-2.0, 2.0], [-3.0, -3.0]]), np.array([CAT, DOG, NEITHER]), "not finite"),
    ],
)
def test_calibrate_useless_photos_is_an_error(logits, targets, says):
    with pytest.raises(CalibrationError, match=says):
        calibrate(logits, targets)


@pytest.mark.parametrize(
    ("scores", "targets", "says"),
    [
        (np.empty((0, 2)), np.empty((0, 2)), "no photos"),
        (np.array([[0.5, np.nan]]), np.array([CAT]), "not finite"),
    ],
)
def test_choose_limits_useless_scores_is_an_error(scores, targets, says):
    with pytest.raises(CalibrationError, match=says):
        choose_limits(scores, targets)


@pytest.mark.parametrize("limits", [Limits(0.5, 0.5, 0.25), Limits(0.375, 0.5, 0.125), Limits(0.5, 0.5, 0.0)])
def test_is_unsure_agrees_with_the_verdict_of_the_app(limits):
    """Scores in eighths, so that the ends of the band are met exactly."""
    thresholds = Thresholds(limits.cat, limits.dog, limits.unsure)
    eighths = np.arange(9) / 8
    scores = np.array([(cat, dog) for cat in eighths for dog in eighths])
    verdicts = [thresholds.judge(Scores(cat, dog)) for cat, dog in scores.tolist()]
    assert is_unsure(scores, limits).tolist() == [verdict is Verdict.UNSURE for verdict in verdicts]


def test_is_unsure_without_band_is_never():
    assert not is_unsure(np.array([[0.5, 0.5]]), Limits(0.5, 0.5, 0.0)).any()


def test_choose_limits_leaves_doubtful_photos_unsure():
    clear, targets = clear_photos(200)
    doubtful, truth = np.array([[0.56, 0.01], [0.01, 0.44]]), np.array([NEITHER, DOG])
    limits = choose_limits(np.concatenate([clear, doubtful]), np.concatenate([targets, truth]))
    assert is_unsure(doubtful, limits).all()
    assert not is_unsure(clear, limits).any()


def test_choose_limits_lowers_the_threshold_for_photos_of_both():
    scores, targets = clear_photos(200)
    hidden, truth = np.array([[0.97, 0.33]] * 100), np.array([BOTH] * 100)
    alone = choose_limits(scores, targets)
    with_both = choose_limits(np.concatenate([scores, hidden]), np.concatenate([targets, truth]))
    assert alone == Limits(0.5, 0.5, 0.0)
    assert with_both.dog < 0.33
    assert not is_unsure(hidden, with_both).any()


def test_choose_limits_keeps_unsure_pets_few():
    scores = np.array([[0.99, 0.01]] * 90 + [[0.6, 0.01]] * 10)
    targets = np.array([CAT] * 90 + [NEITHER] * 9 + [CAT])
    limits = choose_limits(scores, targets)
    assert is_unsure(scores, limits)[targets[:, 0] > 0.5].mean() <= MOST_UNSURE_PETS


def _cost(scores, targets, limits):
    """What a photo costs on average in a folder of 85 % without a pet and 2 % with both, one by one."""
    total = {0: 0.0, 1: 0.0, 2: 0.0}
    count = {0: 0, 1: 0, 2: 0}
    for (cat, dog), wanted in zip(scores, targets, strict=True):
        pets = int(sum(wanted))
        count[pets] += 1
        if abs(cat - limits.cat) < limits.unsure or abs(dog - limits.dog) < limits.unsure:
            total[pets] += 1
        elif (float(cat >= limits.cat), float(dog >= limits.dog)) != tuple(wanted):
            total[pets] += COST_WRONG
    shares = {0: SHARE_OF_NEITHER, 1: 1 - SHARE_OF_NEITHER - SHARE_OF_BOTH, 2: SHARE_OF_BOTH}
    return sum(share * total[pets] / count[pets] for pets, share in shares.items())


@pytest.mark.parametrize("seed", range(6))
def test_choose_limits_finds_the_least_cost(seed):
    scores, targets = doubtful_photos(seed, 300)
    single = targets.sum(axis=1) == 1
    chosen = choose_limits(scores, targets)
    assert is_unsure(scores, chosen)[single].mean() <= MOST_UNSURE_PETS
    assert 0 <= chosen.unsure < chosen.cat == chosen.dog <= 0.5
    least = _cost(scores, targets, chosen)
    for threshold in np.arange(0.2, 0.51, 0.05):
        for unsure in np.arange(0, threshold, 0.05):
            other = Limits(float(threshold), float(threshold), float(unsure))
            if is_unsure(scores, other)[single].mean() <= MOST_UNSURE_PETS:
                assert _cost(scores, targets, other) >= least - 1e-9


def test_calibrate_counts_photos_by_weight():
    """Of the photos with a logit of 1, those of weight 3 show a cat, and as many of weight 1 do not."""
    logits = np.array([[1.0, 1.0]] * 4000 + [[-4.0, -4.0]] * 4000)
    targets = np.array([BOTH] * 2000 + [NEITHER] * 6000)
    weights = np.array([3.0] * 2000 + [1.0] * 6000)
    weighted, plain = calibrate(logits, targets, weights), calibrate(logits, targets)
    assert weighted.scores(logits)[0] == pytest.approx((0.75, 0.75), abs=0.01)
    assert plain.scores(logits)[0] == pytest.approx((0.5, 0.5), abs=0.01)
    assert calibrate(logits, targets, 7 * weights).slope == pytest.approx(weighted.slope)


def test_choose_limits_counts_photos_by_weight():
    clear, targets = clear_photos(200)
    scores = np.concatenate([clear, np.array([[0.4, 0.01]] * 20 + [[0.42, 0.01]] * 20)])
    truth = np.concatenate([targets, np.array([NEITHER] * 20 + [CAT] * 20)])
    heavy_pets, heavy_others = (
        np.array([1.0] * 600 + [others] * 20 + [pets] * 20) for pets, others in ((9.0, 0.01), (0.01, 9.0))
    )
    assert choose_limits(scores, truth, heavy_pets).cat < 0.42
    assert choose_limits(scores, truth, heavy_others).cat > 0.42


@pytest.mark.parametrize("seed", range(3))
def test_choose_limits_gives_short_plain_numbers(seed):
    limits = choose_limits(*doubtful_photos(seed))
    for number in (limits.cat, limits.dog, limits.unsure):
        assert type(number) is float
        assert len(str(number)) <= 4
