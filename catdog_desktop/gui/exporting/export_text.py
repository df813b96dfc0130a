"""Texts about exports: the formats, and what an export or its undo has done."""

from collections.abc import Mapping
from pathlib import Path

from catdog_desktop.exporting.export_file import ExportFormat
from catdog_desktop.exporting.text_formats import COMMAS, SEMICOLONS, CsvStyle
from catdog_desktop.exporting.xmp_export import SidecarState, XmpOutcome
from catdog_desktop.formatting import displayable
from catdog_desktop.languages.formats import format_number, join_sentences
from catdog_desktop.messages import _, ngettext
from catdog_desktop.xmp.keyword_words import KeywordWords
from catdog_desktop.xmp.sidecars import SidecarNames


def format_labels() -> Mapping[ExportFormat, str]:
    """Return the label of each format as a radio button."""
    return {
        ExportFormat.CSV: _("&Table for a spreadsheet (CSV)"),
        ExportFormat.CONTACT_SHEET: _("Contact &sheet to view, print or share (HTML)"),
        ExportFormat.XMP: _("&Keywords for other photo programs (XMP sidecars)"),
        ExportFormat.JSON_LINES: _("Data for &programs (JSON lines)"),
    }


def describe_format(format_: ExportFormat, words: KeywordWords) -> str:
    """Return what a format contains and what it is for, in at most three lines of the dialog.

    `words` are the keywords that were chosen.
    """
    match format_:
        case ExportFormat.CSV:
            return _("One row per photo: verdict, scores, date, size. Opens in any spreadsheet.")
        case ExportFormat.CONTACT_SHEET:
            return _("One file with a thumbnail of every photo. It works offline and sends nothing.")
        case ExportFormat.XMP:
            return _(
                "“{cat}” and “{dog}” as keywords, and your ratings, in a small file beside each photo, for digiKam, "
                "darktable, Lightroom and Immich. Existing keywords stay. The photos are not changed. It can be undone."
            ).format(cat=words.cat, dog=words.dog)
        case ExportFormat.JSON_LINES:
            return _("One JSON object per line with everything known about a photo.")


def file_filter(format_: ExportFormat) -> str:
    """Return the filter of the file dialog for a format that is written to one file."""
    return {
        ExportFormat.CSV: _("Tables (*.csv)"),
        ExportFormat.CONTACT_SHEET: _("Web pages (*.html)"),
        ExportFormat.JSON_LINES: _("JSON lines (*.jsonl)"),
    }[format_]


def csv_style_labels() -> Mapping[CsvStyle, str]:
    """Return the label of each way to write numbers in a CSV file."""
    return {
        COMMAS: _("0.5, with commas between columns"),
        SEMICOLONS: _("0,5, with semicolons between columns"),
    }


def sidecar_name_labels() -> Mapping[SidecarNames, str]:
    """Return the label of each way to name new sidecars."""
    return {
        SidecarNames.AS_FOUND: _("Named like the others in the folder"),
        SidecarNames.DIGIKAM: _("IMG_1.jpg.xmp, for digiKam, darktable and Immich"),
        SidecarNames.ADOBE: _("IMG_1.xmp, for Adobe’s programs"),
    }


def describe_file_export(photos: int, path: Path) -> str:
    """Return what an export to a file has done."""
    text = ngettext("{count} photo exported to “{name}”.", "{count} photos exported to “{name}”.", photos)
    return text.format(count=format_number(photos), name=displayable(path.name))


def describe_keywords(outcome: XmpOutcome) -> str:
    """Return what an export of keywords has done."""
    written, unchanged = outcome.counts[SidecarState.WRITTEN], outcome.counts[SidecarState.UNCHANGED]
    text = ngettext("Keywords written for {count} photo.", "Keywords written for {count} photos.", written)
    sentences = [text.format(count=format_number(written))]
    if unchanged:
        text = ngettext("{count} photo had them already.", "{count} photos had them already.", unchanged)
        sentences.append(text.format(count=format_number(unchanged)))
    return join_sentences([*sentences, *_describe_rest(outcome)])


def describe_undo(outcome: XmpOutcome) -> str:
    """Return what the undo of an export of keywords has done."""
    undone = outcome.counts[SidecarState.RESTORED] + outcome.counts[SidecarState.REMOVED]
    text = ngettext("Keywords removed from {count} photo.", "Keywords removed from {count} photos.", undone)
    return join_sentences([text.format(count=format_number(undone)), *_describe_rest(outcome)])


def _describe_rest(outcome: XmpOutcome) -> list[str]:
    """Return sentences about photos that failed or were not reached."""
    sentences = []
    if outcome.failed:
        count = len(outcome.failed)
        sentences.append(
            ngettext("{count} photo failed.", "{count} photos failed.", count).format(count=format_number(count))
        )
    if outcome.cancelled:
        count = outcome.not_done
        text = ngettext("Stopped. {count} photo left.", "Stopped. {count} photos left.", count)
        sentences.append(text.format(count=format_number(count)))
    return sentences
