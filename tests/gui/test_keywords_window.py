"""*Use keywords of other programs*: the question, the marks, and their undo."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from sort_steps import press
from xmp_samples import bag, rdf

from catdog_desktop.gui.library.library_commands import describe_marks
from catdog_desktop.gui.widgets.job_bar import JobBar
from catdog_desktop.verdict import Verdict

RATING = "<xmp:Rating xmlns:xmp='http://ns.adobe.com/xap/1.0/'>4</xmp:Rating>"


@pytest.fixture
def photos(make_photos: Callable[..., list[Path]]) -> list[Path]:
    """Four photos: two of them have keywords of another program, one a rating."""
    paths = make_photos(4)
    paths[1].with_suffix(".xmp").write_bytes(rdf(bag("lr:hierarchicalSubject", "animals|dog")))
    paths[2].with_suffix(".xmp").write_bytes(rdf(bag("dc:subject", "cat") + RATING))
    return paths


def bar(app: App) -> JobBar:
    return app.window.library.bar


def read_keywords(app: App) -> None:
    app.run("photos.read_keywords")
    app.wait_for(lambda: not app.window.library.is_running)


def corrections(app: App) -> dict[str, Verdict | None]:
    return {row.name: row.verdict for row in app.shown if row.corrected}


def test_keywords_become_verdicts_after_the_question_and_are_undone(app: App, photos: list[Path]) -> None:
    app.add(*photos)
    read_keywords(app)
    assert bar(app).text == (
        "Marked by other programs: 1 photo as a cat, 1 photo as a dog. 1 photo has a rating. Use them as yours?"
    )
    assert corrections(app) == {}
    press(app, "Use", bar(app))
    assert corrections(app) == {photos[1].name: Verdict.DOG, photos[2].name: Verdict.CAT}
    assert app.row(photos[2]).result.rating == 4
    app.run("edit.undo")
    assert corrections(app) == {}


def test_keywords_of_photos_marked_here_are_left_out(app: App, photos: list[Path]) -> None:
    app.add(*photos)
    app.select([photos[1]])
    app.run("photos.mark.cat")
    read_keywords(app)
    assert bar(app).text == "Marked by other programs: 1 photo as a cat. 1 photo has a rating. Use them as yours?"
    press(app, "Use", bar(app))
    assert corrections(app) == {photos[1].name: Verdict.CAT, photos[2].name: Verdict.CAT}
    read_keywords(app)
    assert "There are no keywords or ratings" in bar(app).text


def test_keywords_of_selected_photos_only(app: App, photos: list[Path]) -> None:
    app.add(*photos)
    app.select([photos[0], photos[1]])
    read_keywords(app)
    assert bar(app).text == "Marked by other programs: 1 photo as a dog. Use them as yours?"


def test_describe_marks_counts_each_kind() -> None:
    paths = [Path(f"/{number}.jpg") for number in range(4)]
    verdicts = dict(zip(paths, (Verdict.CAT, Verdict.CAT, Verdict.BOTH, Verdict.DOG), strict=True))
    assert describe_marks(verdicts, dict.fromkeys(paths[:2], 3)) == (
        "Marked by other programs: 2 photos as cats, 1 photo as a dog, 1 photo as both. 2 photos have a rating. "
        "Use them as yours?"
    )
