"""Warning for the user where a model is imported without full protection."""

from functools import cache

from catdog_desktop.messages import _
from catdog_desktop.sandbox.confinement import Confinement
from catdog_desktop.sandbox.process import available_confinement


@cache
def import_warning() -> str:
    """Return what an import cannot protect on this computer, as a sentence; empty if all is protected.

    The first call starts a child process, which takes about 0.1 s.
    """
    return warning_for(available_confinement())


def warning_for(confinement: Confinement) -> str:
    """Return the warning for a child that is confined like this."""
    if confinement.protects_files and confinement.protects_network:
        return ""
    if confinement.protects_files:
        what = _("On this computer, the process that opens the model can reach the network.")
    elif confinement.protects_network:
        what = _("On this computer, the process that opens the model can reach your files.")
    else:
        what = _("On this computer, the process that opens the model can reach your files and the network.")
    return _("{what} Import only models from sources that you trust.").format(what=what)
