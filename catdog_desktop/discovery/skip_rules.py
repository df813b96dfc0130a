"""Why files and folders that are found in a folder are skipped."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import assert_never

from catdog_desktop.messages import _, ngettext


class SkipReason(Enum):
    """Why a file or a folder within a folder was skipped."""

    SYSTEM_FILE = "system files"
    NOT_A_PHOTO = "not photos"
    UNREADABLE = "could not be opened"
    LOOP = "links back to a folder already seen"
    REPEATED = "given more than once"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path that is not classified, and why."""

    path: Path
    reason: SkipReason
    detail: str = ""
    """More about the reason, for the user: "it holds text"; empty if there is nothing more to say."""

    def describe(self) -> str:
        """Return the reason for the user, to follow the path and a colon."""
        if self.reason is SkipReason.UNREADABLE:
            return _("could not be opened ({reason})").format(reason=self.detail)
        return self.detail or self.reason.value


def describe_skipped(counts: Mapping[SkipReason, int]) -> str:
    """Return the counts for the user: "2 system files, 1 file that is not a photo"."""
    texts = []
    for reason, count in counts.items():
        texts.append(_skipped_text(reason, count).format(count=f"{count:,}"))
    return ", ".join(texts)


def _skipped_text(reason: SkipReason, count: int) -> str:
    match reason:
        case SkipReason.SYSTEM_FILE:
            return ngettext("{count} system file", "{count} system files", count)
        case SkipReason.NOT_A_PHOTO:
            return ngettext("{count} file that is not a photo", "{count} files that are not photos", count)
        case SkipReason.UNREADABLE:
            return ngettext("{count} place that could not be opened", "{count} places that could not be opened", count)
        case SkipReason.LOOP:
            return ngettext("{count} link to a folder already seen", "{count} links to folders already seen", count)
        case SkipReason.REPEATED:
            return ngettext("{count} given more than once", "{count} given more than once", count)
        case _:
            assert_never(reason)
