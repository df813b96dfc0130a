"""The questions of an import as a form."""

from PySide6.QtWidgets import QRadioButton
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.model_import.question_form import Questions
from catdog_desktop.model_import.proposals.questions import Option, Question

SHORT = Option("1", "divided by 255: 0 to 1")


def _form(qtbot: QtBot, *options: Option) -> Questions:
    form = Questions([Question("scaling", "How?", options, proposed="1", reason="It is usual.")])
    qtbot.addWidget(form)
    return form


def test_long_option_is_wrapped_so_that_the_form_fits_the_screen(qtbot: QtBot) -> None:
    text = "as the notebook of the course did, " * 6 + "or not at all"
    long, short = _form(qtbot, SHORT, Option("2", text)), _form(qtbot, SHORT, Option("2", text[:60]))
    button = long.findChildren(QRadioButton)[1]
    assert " ".join(button.text().split()).lower() == text
    assert button.sizeHint().height() > long.findChildren(QRadioButton)[0].sizeHint().height()
    assert long.minimumSizeHint().width() < 1.5 * short.minimumSizeHint().width()
    button.click()
    assert long.answers["scaling"] == "2"
