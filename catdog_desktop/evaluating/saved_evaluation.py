"""Save an evaluation to a file, and compare a later one with it, photo by photo."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catdog_desktop.evaluating.evaluation import TRUTHS, Evaluation, EvaluationError, JudgedPhoto, figures_of, standing
from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.messages import N_
from catdog_desktop.verdict import Scores, Thresholds, Verdict

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class SavedEvaluation:
    """The contents of a file: the evaluation with rounded scores, and the figures of the exact scores."""

    evaluation: Evaluation
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Change:
    """One photo, before and after."""

    path: str
    truth: str
    before: Scores
    after: Scores
    verdict_before: Verdict
    verdict_after: Verdict

    @property
    def size(self) -> float:
        """The larger change of its two scores."""
        return max(abs(self.after.cat - self.before.cat), abs(self.after.dog - self.before.dog))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Changes of the photos that are in both evaluations."""

    changes: Sequence[Change] = field(repr=False)
    """Every common photo, the largest change of a score first."""
    only_before: int
    only_after: int

    @property
    def better(self) -> list[Change]:
        """Photos whose verdict improved, where unsure is better than wrong."""
        return [change for change in self.changes if _step(change) > 0]

    @property
    def worse(self) -> list[Change]:
        """Photos whose verdict became worse, where unsure is worse than right."""
        return [change for change in self.changes if _step(change) < 0]


def save_evaluation(path: Path, evaluation: Evaluation) -> None:
    """Write `evaluation` to `path` atomically, one line per photo. Raises `EvaluationError`."""
    head = {
        "format": FORMAT,
        "model": {
            "name": evaluation.model_name,
            "version": evaluation.model_version,
            "sha256": evaluation.model_sha256,
        },
        "thresholds": {
            "cat": evaluation.thresholds.cat,
            "dog": evaluation.thresholds.dog,
            "unsure": evaluation.thresholds.unsure,
            **({"exclusive": True} if evaluation.thresholds.exclusive else {}),
        },
        "figures": {name: _as_json(figure) for name, figure in figures_of(evaluation)},
        "confusion": {
            truth: {str(verdict): row[verdict] for verdict in Verdict if row[verdict]}
            for truth, row in evaluation.confusion().items()
        },
        "unreadable": [list(pair) for pair in evaluation.unreadable],
        **({"source_pattern": evaluation.source_pattern} if evaluation.source_pattern else {}),
    }
    photos = ",\n".join(
        json.dumps(
            [photo.path, photo.digest, round(photo.scores.cat, 4), round(photo.scores.dog, 4)], separators=(",", ":")
        )
        for photo in evaluation.photos
    )
    text = f'{json.dumps(head, indent=1)[:-2]},\n "photos": [\n{photos}\n]}}\n'
    write_text(path, text)


def load_evaluation(path: Path) -> SavedEvaluation:
    """Read an evaluation that `save_evaluation` wrote. Raises `EvaluationError` for anything else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"it is no evaluation of format {FORMAT}")
        return _from_json(content)
    except OSError as error:
        raise EvaluationError(N_("{path} cannot be read ({reason})."), path=path, reason=error.strerror) from error
    except KeyError as error:
        raise EvaluationError(
            N_("{path} is no saved evaluation: it has no {args}."), path=path, args=repr(error.args[0])
        ) from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise EvaluationError(N_("{path} is no saved evaluation: {error}."), path=path, error=error) from error


def compare(before: Evaluation, after: Evaluation) -> Comparison:
    """Match photos by path, else by digest, and return what changed."""
    by_path = {photo.path: photo for photo in before.photos}
    by_content = {photo.digest: photo for photo in before.photos if photo.digest}
    changes, matched = [], set()
    for photo in after.photos:
        old = by_path.get(photo.path)
        if old is None or (photo.digest and old.digest and old.digest != photo.digest):
            old = by_content.get(photo.digest)
        if old is None:
            continue
        matched.add(old.path)
        changes.append(
            Change(photo.path, photo.truth, old.scores, photo.scores, before.verdict(old), after.verdict(photo))
        )
    changes.sort(key=lambda change: (-change.size, change.path))
    return Comparison(changes, len(before.photos) - len(matched), len(after.photos) - len(changes))


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` atomically. Raises `EvaluationError`."""
    try:
        write_text_atomically(path, text)
    except OSError as error:
        raise EvaluationError(N_("{path} cannot be written ({reason})."), path=path, reason=error.strerror) from error


def _as_json(figure: Any) -> Any:
    if isinstance(figure, float):
        return round(figure, 6)
    low, high = figure.interval
    return {
        "value": round(figure.value, 6),
        "count": figure.count,
        "of": figure.total,
        "low": round(low, 6),
        "high": round(high, 6),
    }


def _from_json(content: Mapping[str, Any]) -> SavedEvaluation:
    model, limits = content["model"], content["thresholds"]
    photos = []
    for path, digest, cat, dog in content["photos"]:
        truth = str(path).partition("/")[0]
        if truth not in TRUTHS:
            raise ValueError(f"{path!r} lies in none of the folders {', '.join(TRUTHS)}")
        photos.append(JudgedPhoto(str(path), truth, str(digest), Scores(float(cat), float(dog))))
    evaluation = Evaluation(
        str(model["name"]),
        str(model["version"]),
        str(model["sha256"]),
        Thresholds(
            float(limits["cat"]), float(limits["dog"]), float(limits["unsure"]), limits.get("exclusive") is True
        ),
        photos,
        tuple((str(path), str(error)) for path, error in content["unreadable"]),
        str(content.get("source_pattern", "")),
    )
    figures = {
        str(name): float(figure["value"] if isinstance(figure, dict) else figure)
        for name, figure in content["figures"].items()
    }
    return SavedEvaluation(evaluation, figures)


def _step(change: Change) -> int:
    return standing(change.truth, change.verdict_after) - standing(change.truth, change.verdict_before)
