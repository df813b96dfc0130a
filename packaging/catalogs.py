"""Extract, update, compile and check the translations in `catdog_desktop/locale` (`make messages`).

    python packaging/catalogs.py update [LANG...] extract the messages and write them into each catalog, and compile it
    python packaging/catalogs.py check [LANG...]  report what is missing or wrong; exit status 1 if anything is
    python packaging/catalogs.py names LANG       list how the window calls what the help pages name
    python packaging/catalogs.py pseudo FILE.mo   write the pseudo-locale: accents, brackets, 40 % longer

Each language has two catalogs: `catdog.po` for the code and `help.po` for the pages of the help (see `help_catalogs`).
Needs Babel; the app does not.
"""

import ast
import gettext
import gzip
import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

import help_catalogs
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from catdog_desktop.languages import help_pages

HERE = Path(__file__).resolve().parent.parent
PACKAGE = HERE / "catdog_desktop"
LOCALE = PACKAGE / "locale"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
NOTE = "Translators:"
PSEUDO_LANGUAGE = "en_XA"
HEADER = """\
# {language} translation of CatDog Desktop.
# Made by a machine and open to correction: see docs/translating.md.
#"""
DROPPED_HEADERS = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
    "Report-Msgid-Bugs-To",
)

PLURALS = {"fr": (2, "(n > 1)"), "pt_BR": (2, "(n > 1)"), "es": (2, "(n != 1)"), "it": (2, "(n != 1)")}
"""Number and rule of plural forms as gettext has them. CLDR's have one more, for a million and its multiples."""

FIELD = re.compile(r"\{[^{}]*\}|%\(\w+\)[sdr]|%[sdr]")
TAG = re.compile(r"</?[a-z]\w*[^<>]*>")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
ACCESS_KEY = re.compile(r"&(?=\w)(?!\w+;)")
ACCENTS = str.maketrans("AEIOUYaceinouy", "ÅÉÎÖÛÝåçéîñöûý")
KEPT = re.compile(rf"{FIELD.pattern}|{TAG.pattern}|&\w+;|--[a-z-]+|\\\w|https?://\S+")


class SteadyCatalog(Catalog):
    """A catalog without the dates, names and versions that would change at each run."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The headers that are written."""
        return [(name, value) for name, value in super().mime_headers if name not in DROPPED_HEADERS]


def extract() -> Catalog:
    """Return the messages of the package, with the notes for translators and the files that they are in."""
    template = Catalog(project="CatDog Desktop", charset="utf-8")
    found = extract_from_dir(
        PACKAGE, [("**.py", find_calls)], keywords=KEYWORDS, comment_tags=(NOTE,), strip_comment_tags=True
    )
    for name, _line, message, comments, context in found:
        template.add(message, locations=[(f"catdog_desktop/{name}", 0)], auto_comments=comments, context=context)
    for message in template:
        message.locations = sorted(set(message.locations))
    return _without_flags(template)


def find_calls(
    file: IO[bytes], keywords: Iterable[str], comment_tags: Iterable[str], options: object
) -> Iterator[tuple[int, str, str | tuple[str | None, ...], list[str]]]:
    """Yield line, function, literal arguments and notes of each call, in the way of Babel's extractors.

    Babel's own extractor for Python does not see calls inside f-strings.
    """
    source = file.read().decode("utf-8")
    lines = source.splitlines()
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if isinstance(call.func, ast.Name) and call.func.id in keywords:
            texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args]
            messages = tuple(text if isinstance(text, str) else None for text in texts)
            yield call.lineno, call.func.id, messages if len(messages) != 1 else messages[0], _notes(lines, call.lineno)


def _notes(lines: list[str], line: int) -> list[str]:
    """Return the note for translators in the comment that ends on the line before `line`."""
    notes: list[str] = []
    for above in reversed(lines[: line - 1]):
        comment = above.strip()
        if not comment.startswith("#"):
            return []
        notes.insert(0, comment.lstrip("# "))
        if notes[0].startswith(NOTE):
            return [" ".join(notes)]
    return []


def po_files(name: str = "catdog") -> dict[str, Path]:
    """Return the paths of the catalogs by language: "catdog" of the code, "help" of the pages, which may be missing."""
    paths = sorted(LOCALE.glob("*/LC_MESSAGES/catdog.po"))
    return {path.parent.parent.name: path.with_name(f"{name}.po") for path in paths}


def read(path: Path) -> Catalog:
    """Read a catalog, empty if there is no such file."""
    if not path.exists():
        return _empty_catalog(path.parent.parent.name)
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def po_text(catalog: Catalog) -> str:
    """Return a catalog as it is written, without line numbers: they change whenever somebody edits the code."""
    written = io.BytesIO()
    write_po(written, catalog, width=100, ignore_obsolete=True, include_lineno=False)
    return written.getvalue().decode("utf-8")


def updated(path: Path, template: Catalog) -> Catalog:
    """Return the catalog at `path` with exactly the messages of `template`; new ones are empty, never guessed."""
    language = path.parent.parent.name
    old = read(path)
    new = _empty_catalog(language)
    new.header_comment = HEADER.format(language=new.locale.english_name)
    for message in template:
        if not message.id:
            continue
        known = old.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        same = known is not None and _ids(known) == _ids(message) and not known.fuzzy
        new.add(
            message.id,
            known.string if same else None,
            locations=message.locations,
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known else (),
            context=message.context,
        )
    return _without_flags(new)


def mo_bytes(catalog: Catalog) -> bytes:
    """Return a catalog in the compiled form that gettext reads."""
    written = io.BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def compiled(path: Path) -> bytes:
    """Return what the `.mo` beside the `.po` at `path` must be."""
    steady = _empty_catalog(path.parent.parent.name)
    for message in read(path):
        if message.id and all(_strings(message)):
            steady.add(message.id, message.string, context=message.context)
    return mo_bytes(steady)


def compiled_path(path: Path) -> Path:
    """Return where the `.po` at `path` is compiled to. The catalogs of the help are large and seldom read: packed."""
    return path.with_name(help_pages.CATALOG) if path.stem == "help" else path.with_suffix(".mo")


def read_compiled(path: Path) -> bytes:
    """Return what the compiled file of the `.po` at `path` contains; nothing if there is no such file."""
    found = compiled_path(path)
    if not found.exists():
        return b""
    content = found.read_bytes()
    return gzip.decompress(content) if found.suffix == ".gz" else content


def write_compiled(path: Path, content: bytes) -> None:
    """Write the compiled file of the `.po` at `path`."""
    goal = compiled_path(path)
    goal.write_bytes(gzip.compress(content, mtime=0) if goal.suffix == ".gz" else content)


def update(languages: Iterable[str] = (), names: Iterable[str] = ("catdog", "help")) -> None:
    """Write the messages of the code and of the pages into the catalogs of some languages, or of all; compile them."""
    for name in names:
        template = extract() if name == "catdog" else help_catalogs.extract()
        for language, path in po_files(name).items():
            if languages and language not in languages:
                continue
            path.write_text(po_text(updated(path, template)), encoding="utf-8")
            if read_compiled(path) != compiled(path):
                write_compiled(path, compiled(path))
            missing = sum(1 for message in read(path) if message.id and not all(_strings(message)))
            print(f"{language}: {len(template)} messages in {name}.po, {missing} not translated")


def all_problems(languages: Iterable[str] = ()) -> Iterator[str]:
    """Yield what is wrong in the catalogs of some languages, or of all, a line each."""
    for name, template in (("catdog", extract()), ("help", help_catalogs.extract())):
        for language, path in po_files(name).items():
            if not languages or language in languages:
                check = differences_of_help(language) if name == "help" else _differences_of_code(language)
                yield from (f"{language}: {path.name}: {line}" for line in problems(path, template, check))


def differences_of_help(language: str) -> Callable[[tuple[str, ...], tuple[str, ...]], Iterator[str]]:
    """Return the check of a translated block of the help in a language."""
    names = help_catalogs.interface_names(read(po_files()[language]))
    known = help_catalogs.blocks_by_text()
    return lambda ids, strings: help_catalogs.differences(known[ids[0]], strings[0], names)


def _differences_of_code(language: str) -> Callable[[tuple[str, ...], tuple[str, ...]], Iterator[str]]:
    single = single_number_forms(language)

    def check(ids: tuple[str, ...], strings: tuple[str, ...]) -> Iterator[str]:
        for form, text in enumerate(strings):
            for what in differences(ids, text, may_drop_fields=form in single, is_first=form == 0):
                yield f"{what}: {text!r}"

    return check


def problems(
    path: Path, template: Catalog, check: Callable[[tuple[str, ...], tuple[str, ...]], Iterator[str]] | None = None
) -> Iterator[str]:
    """Yield what is wrong in a catalog, a line each. `check` compares translations; without it, those of the code."""
    catalog = read(path)
    check = check or _differences_of_code(path.parent.parent.name)
    if not path.exists() or path.read_text(encoding="utf-8") != po_text(updated(path, template)):
        yield "not up to date with the texts: run `make messages`"
    if read_compiled(path) != compiled(path):
        yield f"{compiled_path(path).name} is not up to date with {path.name}: run `make messages`"
    for message in template:
        if not message.id:
            continue
        known = catalog.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        if known is None or not all(_strings(known)):
            yield f"not translated: {_ids(message)[0]!r}"
            continue
        if known.fuzzy:
            yield f"marked as fuzzy: {_ids(message)[0]!r}"
        yield from (f"{what} (in {_ids(message)[0][:60]!r})" for what in check(_ids(message), _strings(known)))


def differences(
    ids: tuple[str, ...], text: str, *, may_drop_fields: bool = False, is_first: bool = False
) -> Iterator[str]:
    """Yield in what the translation `text` differs from its message where it must not.

    `ids` are the singular and the plural, or the one text. A plural form that stands for a single number may leave
    the number out ("one photo"), and the first form whatever the English singular has not.
    """
    english = ids[-1]
    fields, needed = set(FIELD.findall(text)), set(FIELD.findall(english))
    allowed = needed.union(*map(FIELD.findall, ids))
    if is_first:
        needed &= set(FIELD.findall(ids[0]))
    if fields - allowed or (needed - fields and not (len(ids) > 1 and may_drop_fields)):
        yield f"other placeholders than {sorted(needed)}"
    if Counter(TAG.findall(text)) != Counter(TAG.findall(english)):
        yield f"other tags than {sorted(TAG.findall(english))}"
    if set(OPTION.findall(text)) != set(OPTION.findall(english)):
        yield f"other options than {sorted(set(OPTION.findall(english)))}"
    if len(ACCESS_KEY.findall(text)) != len(ACCESS_KEY.findall(english)):
        yield "an access key (&) is missing or too many"
    if (_edges(text)) != _edges(english):
        yield "other spaces or line breaks at its ends"


def single_number_forms(language: str) -> set[int]:
    """Return the plural forms of a language that are used for one number only, as Arabic has for 0, 1 and 2."""
    form_of = gettext.c2py(_empty_catalog(language).plural_expr)
    counts = Counter(form_of(number) for number in range(1001))
    return {form for form, count in counts.items() if count == 1}


def pseudo(text: str) -> str:
    """Return an English text in the pseudo-locale: accents, 40 % longer, in brackets; its placeholders unchanged."""
    parts, end = [], 0
    for kept in KEPT.finditer(text):
        parts += [text[end : kept.start()].translate(ACCENTS), kept[0]]
        end = kept.end()
    parts.append(text[end:].translate(ACCENTS))
    start, inner, rest = _split("".join(parts))
    letters = len(TAG.sub("", inner))
    longer = ("·" * 5 + " ") * (1 + letters // 15)
    return f"{start}⟦{inner} {longer[: max(1, round(letters * 0.4) - 3)].rstrip()}⟧{rest}"


def write_pseudo(path: Path) -> None:
    """Compile the pseudo-locale of the code to the file `path`, and that of the help beside it."""
    catalog, pages = _empty_catalog(PSEUDO_LANGUAGE), _empty_catalog(PSEUDO_LANGUAGE)
    for message in extract():
        if message.id:
            strings = tuple(map(pseudo, _ids(message)))
            catalog.add(message.id, strings if len(strings) > 1 else strings[0], context=message.context)
    for message in help_catalogs.extract():
        if message.id:
            pages.add(message.id, help_catalogs.pseudo(message.id, pseudo))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mo_bytes(catalog))
    write_compiled(path.with_name("help.po"), mo_bytes(pages))


def _empty_catalog(language: str) -> SteadyCatalog:
    catalog = SteadyCatalog(language, project="CatDog Desktop", version=_version(), charset="utf-8", fuzzy=False)
    if language in PLURALS:
        catalog._num_plurals, catalog._plural_expr = PLURALS[language]
    return catalog


def _without_flags(catalog: Catalog) -> Catalog:
    """Remove the flag that Babel sets for a per cent sign: our placeholders are those of `str.format`."""
    for message in catalog:
        message.flags.discard("python-format")
    return catalog


def _version() -> str:
    sys.path.insert(0, str(HERE))
    from catdog_desktop import __version__

    return __version__


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string or "",) if isinstance(message.string, str | None) else tuple(message.string)


def _edges(text: str) -> tuple[str, str]:
    start, _inner, end = _split(text)
    return start, end


def _split(text: str) -> tuple[str, str, str]:
    inner = text.strip()
    start = text[: len(text) - len(text.lstrip())]
    return start, inner, text[len(start) + len(inner) :]


def main(arguments: list[str]) -> int:
    """Run one of the commands of the module's description."""
    match arguments:
        case ["update", *languages]:
            update(languages)
        case ["pseudo", file]:
            write_pseudo(Path(file))
        case ["names", language] if language in po_files():
            for name, texts in help_catalogs.listed_names(read(po_files()[language])).items():
                print(f"*{name}*  ->  {' or '.join(f'*{text}*' for text in sorted(texts))}")
        case ["check", *languages]:
            found = list(all_problems(languages))
            print("\n".join(found) or f"The catalogs of {len(languages or po_files())} languages are complete.")
            return int(bool(found))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
