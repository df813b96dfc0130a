"""What menus and software centres say about the app: used by the packages, translated as everything else."""

from typing import Final

from catdog_desktop.messages import N_

NAME: Final = "CatDog"
GENERIC_NAME: Final = N_("Cat and dog photo sorter")
SUMMARY: Final = N_("Find cats and dogs in your photos, offline")
KEYWORDS: Final = N_("cat;dog;pet;photo;picture;classify;sort;")
"""Words that find the app in a menu; each ends with a semicolon."""
NEW_WINDOW: Final = N_("New window")
DESCRIPTION: Final = (
    N_(
        "Drop photos or folders on the window. Each photo gets two independent scores, one for “a cat is in it” and "
        "one for “a dog is in it”, and a verdict: cat, dog, both, neither or unsure. A heat map shows where."
    ),
    N_(
        "Sort photos into folders, export tables and keywords, watch folders for new photos, and correct verdicts. The "
        "app learns from your corrections."
    ),
    N_("Nothing leaves your computer. The app never goes online."),
)
"""Paragraphs."""
MODEL_FILE: Final = N_("CatDog model")
"""What a file manager calls a `.catdog` file."""
BACKUP_FILE: Final = N_("CatDog backup")
