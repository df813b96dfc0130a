"""The actions that rate photos: 1 to 5 stars, or none."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject

from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.action_table import RATING_IDS
from catdog_desktop.gui.undo_commands import UNDO_LINK
from catdog_desktop.gui.viewer.verdict_buttons import STARS, describe_rating
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext


class RatingCommands(QObject):
    """Binds the menu *Rating*. It concerns the selected photos; in the viewer, the photo shown."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        for stars in range(STARS + 1):
            context.actions.bind(
                f"photos.rate.{RATING_IDS[stars]}",
                partial(self.rate_targets, stars),
                enabled=lambda: context.gallery.current_row is not None,
            )
        context.preview.own_data.rated.connect(self._rate_shown)

    def rate_targets(self, stars: int) -> None:
        """Give the selected photos 1 to 5 stars; 0 takes the rating away."""
        self.rate(self._context.gallery.target_rows, stars)

    def rate(self, rows: Sequence[Row], stars: int) -> None:
        """Give photos 1 to 5 stars; 0 takes the rating away."""
        if not rows:
            return
        self._context.session.rate([row.path for row in rows], stars or None)
        count = len(rows)
        words = describe_rating(stars)
        self._context.say(
            ngettext("{name}: {rating}.", "{count} photos: {rating}.", count).format(
                name=displayable(rows[0].name), count=format_number(count), rating=words
            ),
            {UNDO_LINK: _("Undo")},
        )

    def _rate_shown(self, stars: int | None) -> None:
        row = self._context.preview.row
        if row is not None:
            self.rate([row], stars or 0)
