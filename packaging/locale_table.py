"""Write `catdog_desktop/languages/cldr.py`, how each language writes numbers, dates and lists, from Babel's CLDR.

    python packaging/locale_table.py

A test fails if the file is not what this program writes.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from babel import Locale

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

from catdog_desktop.languages.choice import LANGUAGES  # noqa: E402  The folder must be on the path first.

TARGET = HERE / "catdog_desktop" / "languages" / "cldr.py"
SOURCE_OF = {"en": "en_GB"}
"""Of dates and lists. English is international here: the day comes before the month."""
MIN_GROUPED = {"es": 2}
"""CLDR's minimumGroupingDigits, which Babel leaves out: Spanish writes 1204, but 12.040."""
COMMAS = {"ja": "、", "zh_CN": "、", "ar": "، "}
"""Between the items of an enumeration. CLDR has only lists with "and"; in Arabic that sticks to file names."""
SEMICOLONS = {"ja": "；", "zh_CN": "；", "ar": "؛ "}
NO_SPACE_BETWEEN_SENTENCES = ("ja", "zh_CN")
UNITS = {"kB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte"}
FIELDS = {"d": "{day}", "dd": "{day:02}", "MMMM": "{month}", "MMM": "{month}", "M": "{number}", "y": "{year}"}
DOCSTRING = '''\
"""How each language writes numbers, dates and lists. Written by `packaging/locale_table.py`; do not edit.

From the Unicode CLDR as Babel ships it (Unicode License v3). Numbers of Arabic have Latin digits, as file names do.
"""
'''


def template(pattern: str) -> str:
    """Turn a CLDR date pattern, `d. MMMM y`, into one of `str.format`."""
    parts = re.findall(r"'[^']*'|[A-Za-z]+|[^A-Za-z']+", pattern)
    return "".join(part[1:-1] if part[0] == "'" else FIELDS.get(part, part) for part in parts)


def entry(code: str) -> dict[str, Any]:
    """Return the table of one language."""
    locale = Locale.parse(code)
    symbols = locale.number_symbols["latn"]
    source = Locale.parse(SOURCE_OF.get(code, code))
    dates, lists = source.datetime_skeletons, source.list_patterns["standard"]
    units = locale._data["unit_patterns"]  # No public name; `format_unit` would add the number.
    sign = symbols["percentSign"]
    return {
        "decimal": symbols["decimal"],
        "group": symbols["group"],
        "min_grouped": MIN_GROUPED.get(code, 1),
        "percent": re.sub(r"[#,0.]+", "{}", locale.percent_formats[None].pattern).replace("%", sign),
        "months": [locale.months["format"]["wide"][month] for month in range(1, 13)],
        "months_alone": [locale.months["stand-alone"]["wide"][month] for month in range(1, 13)],
        "months_short": [locale.months["format"]["abbreviated"][month] for month in range(1, 13)],
        "day": template(dates["yMMMd"].pattern),
        "day_of_year": template(dates["MMMMd"].pattern),
        "long_day": template(dates["yMMMMd"].pattern),
        "month": template(dates["yMMMM"].pattern),
        "moment": re.sub(r"\s*\{1\}(.*)\{0\}", r"{day}\1{time}", locale.datetime_formats["medium"]),
        "units": {
            unit: units[f"digital-{name}"]["short"]["other"].replace("{0}", "{}") for unit, name in UNITS.items()
        },
        "comma": COMMAS.get(code, ", "),
        "semicolon": SEMICOLONS.get(code, "; "),
        "and_two": lists["2"],
        "and_last": lists["end"],
        "sentence_space": "" if code in NO_SPACE_BETWEEN_SENTENCES else " ",
    }


def source() -> str:
    """Return the text of the module."""
    table = {code: entry(code) for code in LANGUAGES}
    text = f"{DOCSTRING}\nfrom typing import Any, Final\n\nTABLE: Final[dict[str, dict[str, Any]]] = {table!r}\n"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TARGET), "-"],
        input=text, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return done.stdout


if __name__ == "__main__":
    TARGET.write_text(source(), encoding="utf-8")
