"""The table of actions: the id, text, shortcuts and menu of everything that the window can do.

Menus, buttons, the list of keyboard shortcuts, the command palette and the tests use these entries. To add an action,
add an entry here and bind it where the work is done: `context.actions.bind("file.sort", self.open_dialog)`.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from catdog_desktop.gallery.query import Filter
from catdog_desktop.messages import _, ngettext
from catdog_desktop.settings import SORT_KEYS, THEMES


class Menu(Enum):
    """A menu or submenu, in the order of the menu bar."""

    FILE = "file"
    RECENT = "recent"
    EDIT = "edit"
    VIEW = "view"
    SHOW = "show"
    SORT_BY = "sort by"
    GROUP_BY = "group by"
    COLUMNS = "columns"
    THEME = "theme"
    PHOTOS = "photos"
    MARK_AS = "mark as"
    RATING = "rating"
    MODEL = "model"
    HELP = "help"


PARENT_MENU: Final = {
    Menu.RECENT: Menu.FILE,
    Menu.SHOW: Menu.VIEW,
    Menu.SORT_BY: Menu.VIEW,
    Menu.GROUP_BY: Menu.VIEW,
    Menu.COLUMNS: Menu.VIEW,
    Menu.THEME: Menu.VIEW,
    Menu.MARK_AS: Menu.PHOTOS,
    Menu.RATING: Menu.PHOTOS,
}
"""The menu of each submenu. A submenu stands where its first action is in the table."""


@dataclass(frozen=True, slots=True)
class ActionEntry:
    """One row of the table."""

    id: str
    """Unique and permanent, as "file.open_photos"."""
    menu: Menu
    text: str
    """With "&" before the letter that chooses it in the menu, and "…" if it opens a dialog."""
    shortcuts: tuple[str, ...] = ()
    tip: str = ""
    """Empty: the text."""
    separator: bool = False
    """Whether a line separates it from the entry above."""
    checkable: bool = False
    exclusive: bool = False
    """Checkable, and exactly one exclusive action of the same menu is checked."""
    is_marker: bool = False
    """No action, but the position at which `WindowActions.set_choices` inserts some."""
    context: Qt.ShortcutContext = Qt.ShortcutContext.WindowShortcut
    """Where the shortcut works. Anything but `WindowShortcut` means: on the gallery and on the photo beside it."""
    role: QAction.MenuRole = QAction.MenuRole.NoRole
    """Where macOS moves the entry."""


RATING_IDS: Final = ("none", "one", "two", "three", "four", "five")
"""The ids of the ratings, "photos.rate.none" to "photos.rate.five"."""


MARKS: Final = ("cat", "dog", "both", "neither")
"""The verdicts that a letter marks, in the order of `Settings.mark_keys`; the ids are "photos.mark.cat" and so on."""


def menu_titles() -> dict[Menu, str]:
    """Return the title of each menu."""
    return {
        Menu.FILE: _("&File"),
        Menu.RECENT: _("Open re&cent"),
        Menu.EDIT: _("&Edit"),
        Menu.VIEW: _("&View"),
        Menu.SHOW: _("&Show"),
        Menu.SORT_BY: _("S&ort by"),
        Menu.GROUP_BY: _("Gro&up by"),
        Menu.COLUMNS: _("Colum&ns"),
        Menu.THEME: _("&Theme"),
        Menu.PHOTOS: _("&Photos"),
        Menu.MARK_AS: _("&Mark as"),
        Menu.RATING: _("Ratin&g"),
        Menu.MODEL: _("&Model"),
        Menu.HELP: _("&Help"),
    }


def theme_names() -> dict[str, str]:
    """Return the name of each theme in `settings.THEMES`."""
    return {"system": _("Same as system"), "light": _("Light"), "dark": _("Dark")}


def sort_names() -> dict[str, str]:
    """Return the name of each order in `settings.SORT_KEYS`."""
    return {
        "added": _("As added"),
        "name": _("Name"),
        "folder": _("Folder"),
        "date": _("Date"),
        "size": _("Size"),
        "cat": _("Cat score"),
        "dog": _("Dog score"),
        "verdict": _("Verdict"),
        "certainty": _("Certainty"),
        "rating": _("Rating"),
    }


def grouping_names() -> dict[str, str]:
    """Return the name of each grouping in `groups.GROUPINGS`."""
    return {"none": _("Not grouped"), "month": _("Month"), "folder": _("Folder")}


def column_names() -> dict[str, str]:
    """Return the heading of each column in `settings.LIST_COLUMNS`."""
    return {
        "name": _("Name"),
        "verdict": _("Verdict"),
        "cat": _("Cat"),
        "dog": _("Dog"),
        "date": _("Date"),
        "folder": _("Folder"),
        "size": _("Size"),
        "rating": _("Rating"),
    }


def filter_names() -> dict[Filter, str]:
    """Return the name of each filter, in the order of the keys 1 to 9, and 0."""
    return {
        Filter.ALL: _("All"),
        Filter.CAT: _("Cats"),
        Filter.DOG: _("Dogs"),
        Filter.BOTH: _("Both"),
        Filter.NEITHER: _("Neither"),
        Filter.UNSURE: _("Unsure"),
        Filter.PROBLEM: _("Problems"),
        Filter.TO_CHECK: _("To check"),
        Filter.CORRECTED: _("Checked by you"),
        Filter.DUPLICATES: _("Duplicates"),
    }


def plain_label(text: str) -> str:
    """Return the text of an action without mnemonic and "…": "&Open photos…" becomes "Open photos"."""
    without = re.sub(r"\(&\w\)|&(?!&)", "", text).replace("&&", "&")
    return without.strip().rstrip("…")


def action_entries() -> list[ActionEntry]:
    """Return the table, in the order of the menus."""
    return [*_file(), *_edit(), *_view(), *_photos(), *_model(), *_help()]


def _file() -> list[ActionEntry]:
    menu = Menu.FILE
    return [
        ActionEntry("file.open_photos", menu, _("&Open photos…"), ("Ctrl+O",), _("Choose photos to classify")),
        ActionEntry(
            "file.open_folder",
            menu,
            _("Open &folder…"),
            ("Ctrl+Shift+O",),
            _("Choose a folder to classify, subfolders included"),
        ),
        ActionEntry("file.recent", Menu.RECENT, "", is_marker=True),
        ActionEntry("file.clear_recent", Menu.RECENT, _("C&lear recent folders")),
        ActionEntry(
            "file.continue",
            menu,
            _("Co&ntinue"),
            ("Ctrl+Shift+B",),
            _("Open the photos of the last session, with their filters and place"),
        ),
        ActionEntry(
            "file.watch",
            menu,
            _("&Watch folders"),
            tip=_("Classify photos as they arrive in the open folders"),
            checkable=True,
        ),
        ActionEntry(
            "file.stop",
            menu,
            _("S&top"),
            ("Ctrl+.",),
            _("Stop classifying. Results so far are kept."),
            separator=True,
        ),
        ActionEntry(
            "file.pause", menu, _("&Pause"), ("Ctrl+Shift+.",), _("Classify no further photo until you resume")
        ),
        ActionEntry("file.resume", menu, _("&Resume"), ("Ctrl+R",), _("Classify the photos that are left")),
        ActionEntry("file.skipped_files", menu, _("S&kipped files…"), tip=_("List the files that were not added")),
        ActionEntry("file.show_in_file_manager", menu, _("Show in file &manager"), ("Ctrl+Shift+R",)),
        ActionEntry("file.open_with", menu, _("Open with &default program"), ("Ctrl+Return",)),
        ActionEntry(
            "file.sort",
            menu,
            _("&Sort into folders…"),
            ("Ctrl+Shift+S",),
            _("Copy, move or link photos by verdict"),
            separator=True,
        ),
        ActionEntry(
            "file.sort_again",
            menu,
            _("Sort a&gain…"),
            tip=_("Move photos to the right folder after their verdict has changed"),
        ),
        ActionEntry("file.undo_sort", menu, _("&Undo last sort"), ("Ctrl+Alt+Z",), _("Undo the last sort")),
        ActionEntry(
            "file.export",
            menu,
            _("&Export…"),
            ("Ctrl+E",),
            _("Write the results to a file or as keywords"),
            separator=True,
        ),
        ActionEntry(
            "file.undo_keywords",
            menu,
            _("Undo last ke&ywords"),
            tip=_("Remove the keywords that the last export wrote"),
        ),
        ActionEntry(
            "file.locate_folder",
            menu,
            _("Locate moved folder…"),
            tip=_("Find the photos of a folder that is on another drive or path now"),
            separator=True,
        ),
        ActionEntry(
            "file.back_up",
            menu,
            _("Back up…"),
            tip=_("Write your verdicts, ratings, settings and what was learnt to one file"),
        ),
        ActionEntry("file.restore", menu, _("Restore…"), tip=_("Bring back what a backup contains")),
        ActionEntry("file.quit", menu, _("&Quit"), ("Ctrl+Q",), separator=True, role=QAction.MenuRole.QuitRole),
    ]


def _edit() -> list[ActionEntry]:
    menu = Menu.EDIT
    return [
        ActionEntry("edit.undo", menu, _("&Undo"), ("Ctrl+Z",), _("Undo the last change")),
        ActionEntry("edit.redo", menu, _("Re&do"), ("Ctrl+Shift+Z", "Ctrl+Y"), _("Make the undone change again")),
        ActionEntry("edit.paste", menu, _("&Paste"), ("Ctrl+V",), _("Add photos from the clipboard"), separator=True),
        ActionEntry("edit.copy", menu, _("&Copy"), ("Ctrl+C",), _("Copy the selected photos as files")),
        ActionEntry(
            "edit.copy_result", menu, _("Copy result as &text"), ("Ctrl+Alt+C",), _("Copy the results as text")
        ),
        ActionEntry("edit.select_all", menu, _("Select &all"), ("Ctrl+A",)),
        ActionEntry(
            "edit.select_group",
            menu,
            _("Select &group"),
            ("Ctrl+Shift+A",),
            _("Select all photos under the same heading"),
        ),
        ActionEntry(
            "edit.select_duplicates",
            menu,
            _("Select all &but one of each duplicate…"),
            ("Ctrl+Shift+D",),
            _("Keep one photo of each group of duplicates and select the others"),
        ),
        ActionEntry(
            "edit.select_stacked",
            menu,
            _("Select all but the best of &each stack"),
            tip=_("Select the photos that are alike, except the sharpest and largest of each stack"),
        ),
        ActionEntry(
            "edit.remove_from_list",
            menu,
            _("&Remove from list"),
            ("Del",),
            _("Remove from the list. The file is not deleted."),
            separator=True,
        ),
        ActionEntry(
            "edit.remove_missing",
            menu,
            _("Remove missi&ng photos"),
            tip=_("Remove photos from the list whose files are no longer there"),
        ),
        ActionEntry("edit.clear_list", menu, _("C&lear list"), tip=_("Remove all photos from the list, and no file")),
        ActionEntry(
            "edit.trash",
            menu,
            _("&Move to Trash"),
            ("Ctrl+Del",),
            _("Move the selected photos to the trash of the system"),
            separator=True,
        ),
        ActionEntry(
            "edit.undo_trash",
            menu,
            _("Undo last mo&ve to Trash"),
            tip=_("Move the photos back that were moved to the trash last"),
        ),
        ActionEntry("edit.find", menu, _("&Find photos"), ("Ctrl+F",), separator=True),
        ActionEntry(
            "edit.settings", menu, _("&Settings…"), ("Ctrl+,",), separator=True, role=QAction.MenuRole.PreferencesRole
        ),
    ]


def _view() -> list[ActionEntry]:
    menu = Menu.VIEW
    filters = [
        ActionEntry(
            f"view.show.{filter_.value.replace(' ', '_')}",
            Menu.SHOW,
            words,
            (f"Alt+{number % 10}", str(number % 10)),
            _("Show: {filter}").format(filter=words),
            separator=number == 1,
        )
        for number, (filter_, words) in enumerate(filter_names().items(), 1)
    ]
    orders = [
        ActionEntry(f"view.sort.{key}", Menu.SORT_BY, sort_names()[key], checkable=True, exclusive=True)
        for key in SORT_KEYS
    ]
    groupings = [
        ActionEntry(f"view.group.{name}", Menu.GROUP_BY, words, checkable=True, exclusive=True)
        for name, words in grouping_names().items()
    ]
    columns = [
        ActionEntry(
            f"view.column.{name}", Menu.COLUMNS, words, tip=_("Show or hide this column of the list"), checkable=True
        )
        for name, words in column_names().items()
    ]
    themes = [
        ActionEntry(f"view.theme.{theme}", Menu.THEME, theme_names()[theme], checkable=True, exclusive=True)
        for theme in THEMES
    ]
    return [
        ActionEntry(
            "view.photo",
            menu,
            _("View &photo"),
            ("Space",),
            _("Show the photo in the whole window, or the gallery again"),
            # On a button, Space must press the button.
            context=Qt.ShortcutContext.WidgetShortcut,
        ),
        ActionEntry(
            "view.compare",
            menu,
            _("Compare t&wo"),
            ("Ctrl+Shift+C",),
            _("Show the two selected photos side by side"),
        ),
        ActionEntry("view.back", menu, _("&Back"), ("Esc",), _("Leave the photo, stop the job or clear the search")),
        *_viewer(),
        *filters,
        *orders,
        ActionEntry("view.sort.descending", Menu.SORT_BY, _("&Descending"), separator=True, checkable=True),
        *groupings,
        ActionEntry(
            "view.more_filters",
            menu,
            _("&More filters"),
            ("Ctrl+Shift+F",),
            _("Filter by folder, date and score"),
            checkable=True,
        ),
        ActionEntry("view.clear_filters", menu, _("&Clear filters"), ("Ctrl+0",), _("Show all photos again")),
        ActionEntry(
            "view.single_keys",
            menu,
            _("Single-&key shortcuts in the gallery"),
            tip=_("Use letters and digits as shortcuts in the gallery instead of searching by name"),
            checkable=True,
        ),
        ActionEntry(
            "view.stacks",
            menu,
            _("Stack photos that are alik&e"),
            ("Ctrl+Alt+S",),
            _("Show bursts and changed copies of a photo as one card"),
            checkable=True,
        ),
        ActionEntry("view.grid", menu, _("&Grid"), ("Ctrl+1",), separator=True, checkable=True, exclusive=True),
        ActionEntry("view.list", menu, _("&List"), ("Ctrl+2",), checkable=True, exclusive=True),
        *columns,
        ActionEntry("view.column.reset", Menu.COLUMNS, _("&Reset columns"), separator=True),
        ActionEntry("view.larger", menu, _("La&rger cards"), ("Ctrl++", "Ctrl+=")),
        ActionEntry("view.smaller", menu, _("Sm&aller cards"), ("Ctrl+-",)),
        *themes,
        ActionEntry(
            "view.statistics",
            menu,
            _("Stat&istics…"),
            ("Ctrl+Shift+T",),
            _("Show the verdicts by year and folder, and how certain they are"),
            separator=True,
        ),
    ]


def _viewer() -> list[ActionEntry]:
    menu, on_photos = Menu.VIEW, Qt.ShortcutContext.WidgetWithChildrenShortcut
    return [
        ActionEntry(
            "view.next_heat_map",
            menu,
            _("Next &heat map"),
            ("H",),
            _("Heat map of the cat, the dog, none"),
            context=on_photos,
        ),
        ActionEntry(
            "view.why",
            menu,
            _("Wh&y this verdict?"),
            ("W",),
            _("Show why the photo has its verdict"),
            context=on_photos,
        ),
        ActionEntry(
            "view.information",
            menu,
            _("Information"),
            ("I",),
            _("Show camera, size, date, folder and duplicates of the photo"),
            checkable=True,
            context=on_photos,
        ),
        ActionEntry("view.zoom", menu, _("Zoom"), ("Z",), _("Whole photo, or 100%"), context=on_photos),
        ActionEntry("view.zoom_in", menu, _("Zoom in"), ("+", "="), context=on_photos),
        ActionEntry("view.zoom_out", menu, _("Zoom out"), ("-",), context=on_photos),
        ActionEntry(
            "view.full_screen", menu, _("Full screen"), ("F11",), _("Fill the screen with the window"), checkable=True
        ),
    ]


def _photos() -> list[ActionEntry]:
    menu = Menu.PHOTOS
    marks = [
        ("cat", _("&Cat"), "C", _("Mark as a cat")),
        ("dog", _("&Dog"), "D", _("Mark as a dog")),
        ("both", _("&Both"), "B", _("Mark as a cat and a dog")),
        ("neither", _("&Neither"), "N", _("Mark as neither a cat nor a dog")),
    ]
    # In a list of folders, letters find folders.
    on_photos = Qt.ShortcutContext.WidgetWithChildrenShortcut
    return [
        ActionEntry(
            "photos.confirm",
            Menu.MARK_AS,
            _("&Right, next"),
            ("Return", "Enter"),
            _("Keep the verdict as yours and show the next photo"),
            # On a focused button, Enter must not act on the photo.
            context=Qt.ShortcutContext.WidgetShortcut,
        ),
        *(
            ActionEntry(f"photos.mark.{verdict}", Menu.MARK_AS, text, (key,), tip, context=on_photos)
            for verdict, text, key, tip in marks
        ),
        ActionEntry(
            "photos.mark.clear",
            Menu.MARK_AS,
            _("C&lear my verdict"),
            ("Backspace",),
            separator=True,
            context=on_photos,
        ),
        *(
            ActionEntry(
                f"photos.rate.{RATING_IDS[stars]}",
                Menu.RATING,
                _describe_stars(stars),
                (f"Ctrl+Alt+{stars}",),
                context=on_photos,
            )
            for stars in range(5, -1, -1)
        ),
        ActionEntry(
            "photos.similar",
            menu,
            _("S&imilar photos"),
            ("Ctrl+L",),
            _("Show the photos most like the selected ones first"),
            separator=True,
        ),
        ActionEntry(
            "photos.select_alike",
            menu,
            _("Select pho&tos like it"),
            ("Ctrl+Alt+L",),
            _("Select the photos like the current one that have another verdict, to mark them at once"),
        ),
        ActionEntry(
            "photos.open_stack",
            menu,
            _("Open or close stac&k"),
            ("Ctrl+T",),
            _("Show each photo of the stack, or one card for all of them"),
        ),
        ActionEntry(
            "photos.learn",
            menu,
            _("Learn &from my verdicts…"),
            tip=_("Show what would change if the app learnt from your verdicts"),
        ),
        ActionEntry(
            "photos.compare",
            menu,
            _("C&ompare with my verdicts…"),
            tip=_("Right, wrong and unsure for each threshold"),
        ),
        ActionEntry(
            "photos.undo_learning",
            menu,
            _("Undo lear&ning"),
            tip=_("Return to the verdicts of the model alone"),
        ),
        ActionEntry(
            "photos.look_for_new",
            menu,
            _("&Look for new photos"),
            ("F5",),
            _("Look for new and changed photos in the open folders"),
            separator=True,
        ),
        ActionEntry("photos.classify_again", menu, _("Classify &everything again"), ("Shift+F5",)),
        ActionEntry(
            "photos.read_keywords",
            menu,
            _("Use keywords of other programs…"),
            tip=_("Read “cat”, “dog” and ratings that digiKam, Lightroom or darktable wrote, as your own verdicts"),
            separator=True,
        ),
        ActionEntry(
            "photos.save_problems",
            menu,
            _("Save &problems as a table…"),
            tip=_("Save the list of photos that could not be read"),
            separator=True,
        ),
    ]


def _describe_stars(stars: int) -> str:
    return ngettext("{count} star", "{count} stars", stars).format(count=stars) if stars else _("No rating")


def _model() -> list[ActionEntry]:
    menu = Menu.MODEL
    return [
        ActionEntry("model.import", menu, _("&Import…"), ("Ctrl+I",), _("Import a Keras model")),
        ActionEntry(
            "model.import_folder",
            menu,
            _("Import a SavedModel &folder…"),
            tip=_("Import a model that was saved as a folder"),
        ),
        ActionEntry("model.choices", menu, "", separator=True, is_marker=True),
        ActionEntry(
            "model.save", menu, _("&Save as .catdog…"), tip=_("Save the model as one file to share it"), separator=True
        ),
        ActionEntry("model.remove", menu, _("&Remove…"), tip=_("Remove the model from this computer")),
    ]


def _help() -> list[ActionEntry]:
    menu = Menu.HELP
    return [
        ActionEntry(
            "help.command_palette",
            menu,
            _("&Command palette…"),
            ("Ctrl+Shift+P", "Ctrl+K"),
            _("Find an action by typing and run it"),
        ),
        ActionEntry("help.contents", menu, _("&Help"), ("F1",), _("Read the help"), separator=True),
        ActionEntry("help.tour", menu, _("&First steps"), tip=_("Show the three first steps again")),
        ActionEntry("help.shortcuts", menu, _("&Keyboard shortcuts"), ("Ctrl+F1",)),
        ActionEntry(
            "help.save_report",
            menu,
            _("Save diagnostic &report…"),
            tip=_("Write versions, settings, counts and the log to a file for a bug report"),
            separator=True,
        ),
        ActionEntry("help.about", menu, _("&About CatDog"), role=QAction.MenuRole.AboutRole),
    ]
