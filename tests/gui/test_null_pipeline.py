"""The stand-in for the pipeline while no model can be used."""

from pathlib import Path

from catdog_desktop.gui.null_pipeline import NullPipeline


def test_null_pipeline_fails_every_photo_with_the_reason() -> None:
    pipeline = NullPipeline("There is no model in this folder.")
    assert pipeline.idle
    pipeline.add([Path("a.jpg"), Path("b.jpg")])
    assert not pipeline.idle
    assert pipeline.counts.failed == pipeline.counts.added == 2
    errors = [result.error for result in pipeline.take_results()]
    assert errors == ["was not classified: There is no model in this folder"] * 2
    assert pipeline.idle
    assert pipeline.cancel() == []
