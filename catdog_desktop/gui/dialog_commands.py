"""The actions that open a dialog about the app: settings, shortcuts, command palette, about, skipped files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog

from catdog_desktop.gui.language import RESTART
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.verdict import Thresholds

if TYPE_CHECKING:
    from catdog_desktop.gui.help_window import HelpWindow


class DialogCommands(QObject):
    """Binds the actions and opens their dialogs. A closed dialog is deleted."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._help: HelpWindow | None = None
        bind = context.actions.bind
        bind("edit.settings", self.open_settings)
        bind("file.skipped_files", self.open_skipped_files, enabled=lambda: bool(context.session.skipped))
        bind("help.command_palette", self.open_command_palette)
        bind("help.contents", self.open_help)
        bind("help.shortcuts", self.open_shortcuts)
        bind("help.save_report", self.save_report)
        bind("help.about", self.open_about)

    def open_shortcuts(self) -> None:
        """List the keyboard shortcuts."""
        from catdog_desktop.gui.dialogs import ShortcutsDialog

        _open(ShortcutsDialog(self._context.actions, self._context.window))

    def open_about(self) -> None:
        """Show the version of the app and its model."""
        from catdog_desktop.gui.dialogs import AboutDialog

        _open(AboutDialog(self._context.session.model, self._context.window))

    def open_settings(self) -> None:
        """Open the settings."""
        from catdog_desktop.gui.settings.settings_dialog import SettingsDialog

        session, settings = self._context.session, self._context.settings
        recommended = session.model.thresholds if session.model is not None else Thresholds()
        dialog = SettingsDialog(settings.current, recommended, session.stored_data, self._context.window)
        dialog.changed.connect(settings.put)
        dialog.restart_requested.connect(self._restart)
        dialog.compare.setEnabled(self._context.actions["photos.compare"].isEnabled())
        dialog.compare_requested.connect(lambda: self._context.actions.run("photos.compare"))
        _open(dialog)

    def _restart(self) -> None:
        """Close the window, which saves the settings, and let `gui.app` start another one."""
        if self._context.window.close():
            QApplication.exit(RESTART)

    def open_skipped_files(self) -> None:
        """List the files that were not added, with the reasons."""
        from catdog_desktop.gui.dialogs import SkippedFilesDialog

        _open(SkippedFilesDialog(list(self._context.session.skipped), self._context.window))

    def open_help(self) -> None:
        """Open the help beside the window, or bring it to the front."""
        from catdog_desktop.gui.help_window import HelpWindow

        if self._help is None:
            self._help = HelpWindow(self._context.window)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def save_report(self) -> None:
        """Write one file for a bug report."""
        from catdog_desktop.gui.report_command import save_report

        save_report(self._context)

    def open_command_palette(self) -> None:
        """Open the command palette, which closes by itself when it is no longer the active window."""
        from catdog_desktop.gui.command_palette import CommandPalette

        palette = CommandPalette(self._context.actions, self._context.window)
        palette.show()
        palette.activateWindow()


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
