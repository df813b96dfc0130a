"""Words that are shown without having gone through the translation: in the pseudo-locale, those outside of brackets."""

import re
from collections.abc import Iterable

OPEN, CLOSE = "⟦", "⟧"
_WORD = re.compile(r"[^\W\d_]{2,}")
_NEVER_TRANSLATED = re.compile(
    r"""--?[a-z][\w-]*            # options
    | \bFILE\.\w+
    | \b[A-Z][A-Z.=_]+\b        # names of arguments, formats and units: PATH, VERDICT=NAME, JPEG
    | \S*[\\/]\S*               # paths and addresses
    | \b[\w-]+\.(?:jpe?g|png|csv|json\w?|html|xmp|txt|catdog|tflite|keras|h5|mo)\b
    | \b[0-9a-f]{12}\b           # starts of checksums
    | \{[\w,-]+\}               # choices: {text,jsonl,csv}
    | \b(?:CatDog|catdog|kB|sha256|px|Ctrl|Alt|Shift|Enter|Return|Esc|Del|Backspace|Space|Tab|Home|End|PgUp|PgDown)\b
    """,
    re.VERBOSE,
)


def bare_words(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """Return the words of `text` outside of the brackets of the pseudo-locale, but for names that no language has."""
    for name in sorted(allowed, key=len, reverse=True):
        text = text.replace(name, " ")
    return _WORD.findall(_NEVER_TRANSLATED.sub(" ", outside_brackets(text)))


def outside_brackets(text: str) -> str:
    """Return what is in no brackets. A closing bracket without its opening one starts again."""
    depth, kept = 0, []
    for sign in text:
        if sign == OPEN:
            depth += 1
        elif sign == CLOSE:
            depth = max(0, depth - 1)
            kept.append(" ")
        elif not depth:
            kept.append(sign)
    return "".join(kept)
