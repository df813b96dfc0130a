"""Put the scores of a learnt head on results, and take them off again. The store keeps the model's own scores."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from catdog_desktop.learning.head import Head
from catdog_desktop.verdict import Result, Scores


def with_head(results: Iterable[Result], head: Head) -> list[Result]:
    """Return `results` with the scores of `head`, where the same model gave scores and features."""
    found = list(results)
    numbers = [number for number, result in enumerate(found) if _fits(result, head)]
    if not numbers:
        return found
    chosen = [found[number] for number in numbers]
    own = [result.scores for result in chosen if result.scores is not None]
    features = np.stack([result.features for result in chosen if result.features is not None])
    adjusted = head.adjusted(np.array([(scores.cat, scores.dog) for scores in own]), features)
    for number, result, (cat, dog) in zip(numbers, chosen, adjusted.tolist(), strict=True):
        found[number] = replace(result, scores=Scores(cat, dog), model_scores=result.scores)
    return found


def without_head(result: Result) -> Result:
    """Return `result` with the scores of the model alone."""
    if result.model_scores is None:
        return result
    return replace(result, scores=result.model_scores, model_scores=None)


def _fits(result: Result, head: Head) -> bool:
    return (
        result.scores is not None
        and result.features is not None
        and len(result.features) == len(head.kernel)
        and not result.older_model
        and result.model_scores is None
    )
