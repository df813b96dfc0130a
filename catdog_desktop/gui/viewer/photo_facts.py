"""Text of the viewer's information panel: the facts about a photo, and why it has its verdict."""

from catdog_desktop.decoding.camera_info import CameraInfo
from catdog_desktop.file_kinds import is_raw
from catdog_desktop.formatting import displayable, format_bytes, format_percent, format_photo_date
from catdog_desktop.gallery.photo_row import Presence, Row
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import _
from catdog_desktop.verdict_text import verdict_phrase


def photo_facts(row: Row, camera: CameraInfo | None) -> list[tuple[str, str]]:
    """Return names and values: file, folder, size, date, camera, lens, exposure. `camera` is None until it is read."""
    facts = [(_("File"), row.name), (_("Folder"), displayable(str(row.path.parent)))]
    result = row.result
    if result is not None and result.error is None:
        info = result.info
        megapixels = info.width * info.height / 1e6
        size = _("{width} × {height} pixels ({megapixels} MP), {bytes}").format(
            width=info.width,
            height=info.height,
            megapixels=format_number(megapixels, 1),
            bytes=format_bytes(info.file_bytes),
        )
        facts.append((_("Size"), size))
        if info.date is not None:
            facts.append((_("Date"), format_photo_date(info.date, info.date_source, with_time=True)))
        if is_raw(row.path):
            facts.append((_("Format"), _("Raw, judged by its preview.")))
        if info.damaged:
            facts.append((_("State"), _("The file is damaged: it ends too early.")))
    if camera is not None:
        facts += [
            (name, value)
            for name, value in (
                (_("Camera"), displayable(camera.camera)),
                (_("Lens"), displayable(camera.lens)),
                (_("Exposure"), describe_exposure(camera)),
            )
            if value
        ]
    return facts


def describe_exposure(camera: CameraInfo) -> str:
    """Return "1/250 s, f/2.8, ISO 400, 50 mm"; empty if nothing is known."""
    parts = []
    seconds = camera.exposure_seconds
    if seconds is not None:
        parts.append(f"1/{round(1 / seconds)} s" if seconds < 0.3 else f"{seconds:g} s")
    if camera.f_number is not None:
        parts.append(f"f/{camera.f_number:g}")
    if camera.iso is not None:
        parts.append(f"ISO {camera.iso}")
    if camera.focal_length is not None:
        parts.append(f"{camera.focal_length:g} mm")
    return format_list(parts)


def explain_verdict(row: Row) -> list[str]:
    """Return sentences that say why a photo has its verdict: scores, thresholds, and what the model looked at."""
    result, thresholds = row.result, row.thresholds
    if result is None or thresholds is None:
        return [_("This photo is not classified yet.")]
    if result.error is not None or result.scores is None:
        return [_("This file could not be read, so the model did not see it.")]
    sentences = []
    if row.corrected and row.verdict is not None:
        sentences.append(_("The verdict is yours: {verdict}.").format(verdict=verdict_phrase(row.verdict)))
    for score, threshold, words in (
        (result.scores.cat, thresholds.cat, _cat_words()),
        (result.scores.dog, thresholds.dog, _dog_words()),
    ):
        low, high = threshold - thresholds.unsure, threshold + thresholds.unsure
        presence = Presence.YES if score >= high else Presence.NO if score <= low else Presence.MAYBE
        sentences.append(
            words[presence].format(score=format_percent(score), low=format_percent(low), high=format_percent(high))
        )
    if thresholds.exclusive:
        sentences.append(_("This model must choose between cat and dog. It cannot recognise both or neither."))
    sentences.append(
        _("The model looked closer at parts of the photo, because the whole photo was unclear.")
        if result.looked_closer
        else _("The model looked at the whole photo once, in a small size.")
    )
    if result.older_model:
        sentences.append(_("The scores are from an earlier version of the model. It will be judged again."))
    sentences.append(_("The heat map shows where the model saw the animal: other areas are darker."))
    return sentences


def _cat_words() -> dict[Presence, str]:
    return {
        Presence.YES: _("Cat score {score}: a cat, because it is at least {high}."),
        Presence.NO: _("Cat score {score}: no cat, because it is at most {low}."),
        Presence.MAYBE: _("Cat score {score}: maybe a cat, because it is between {low} and {high}."),
    }


def _dog_words() -> dict[Presence, str]:
    return {
        Presence.YES: _("Dog score {score}: a dog, because it is at least {high}."),
        Presence.NO: _("Dog score {score}: no dog, because it is at most {low}."),
        Presence.MAYBE: _("Dog score {score}: maybe a dog, because it is between {low} and {high}."),
    }
