"""Keywords in an XMP packet, put beside what is there: flat for everybody, and in the lists that keep a hierarchy.

The flat list is `dc:subject`. digiKam keeps its tree of tags in `digiKam:TagsList`, Lightroom its own in
`lr:hierarchicalSubject`. Most programs read only the first list they find: where one of the two is begun here, it
starts with the keywords that were to be found before, lest they disappear behind ours.

What comes from a file is not trusted: no document type, no entities, no network, limited in size and depth.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catdog_desktop import __version__
from catdog_desktop.verdict import Verdict

PARENT: Final = "animals"
"""What our keywords lie under where there is a hierarchy."""
MAX_BYTES: Final = 16 * 2**20
"""Sidecars with a long history of masks have a few megabytes."""

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_X: Final = "adobe:ns:meta/"
_ABOUT: Final = f"{{{_RDF}}}about"
_LI: Final = f"{{{_RDF}}}li"
_CONTAINERS: Final = tuple(f"{{{_RDF}}}{name}" for name in ("Bag", "Seq", "Alt"))
_SIDECAR_FOR: Final = "{http://ns.adobe.com/photoshop/1.0/}SidecarForExtension"

_EMPTY: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<x:xmpmeta xmlns:x="{_X}" x:xmptk="CatDog {__version__}">\n'
    f' <rdf:RDF xmlns:rdf="{_RDF}">\n  <rdf:Description rdf:about="">\n  </rdf:Description>\n </rdf:RDF>\n'
    "</x:xmpmeta>\n"
).encode()


class XmpError(Exception):
    """The packet cannot be read or added to. The message is to be read after the file's name; nothing was changed."""


@dataclass(frozen=True, slots=True)
class _KeywordList:
    prefix: str
    namespace: str
    name: str
    container: str
    separator: str
    """Between the levels of a hierarchy; empty for a flat list."""

    @property
    def tag(self) -> str:
        return f"{{{self.namespace}}}{self.name}"

    def leaf(self, keyword: str) -> str:
        """Return the keyword itself, without what it lies under, as it is compared."""
        last = keyword.rpartition(self.separator)[2] if self.separator else keyword
        return last.strip().casefold()


_FLAT: Final = _KeywordList("dc", "http://purl.org/dc/elements/1.1/", "subject", "Bag", "")
_DIGIKAM: Final = _KeywordList("digiKam", "http://www.digikam.org/ns/1.0/", "TagsList", "Seq", "/")
_LIGHTROOM: Final = _KeywordList("lr", "http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject", "Bag", "|")
_WINDOWS: Final = _KeywordList(
    "MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0/", "LastKeywordXMP", "Bag", "/"
)  # only read, for digiKam would read it next
_READ_IN_TURN: Final = (_DIGIKAM, _WINDOWS, _LIGHTROOM, _FLAT)
"""The order in which digiKam looks for keywords."""


_KEYWORDS: Final[dict[Verdict | None, tuple[str, ...]]] = {
    Verdict.CAT: ("cat",),
    Verdict.DOG: ("dog",),
    Verdict.BOTH: ("cat", "dog"),
}


def keywords_for(verdict: Verdict | None) -> tuple[str, ...]:
    """Return the keywords that a verdict stands for; none for neither and unsure."""
    return _KEYWORDS.get(verdict, ())


def merge_keywords(packet: bytes, keywords: Sequence[str], embedded: Iterable[str] = ()) -> bytes | None:
    """Return `packet` (empty for a new one) with `keywords` added; None if it has them already.

    Nothing that is there is taken away. A keyword counts as there in whatever case, and wherever in the user's own
    hierarchy. `embedded` are those in the photo itself: a new sidecar hides them from programs, so it repeats them.
    Raises `XmpError`.
    """
    if not packet.strip():
        packet, start = _EMPTY, list(embedded)
    else:
        start = []
    tree = _parse(packet)
    rdf = _rdf_of(tree)
    before = {kind.tag: _values(rdf, kind) for kind in _READ_IN_TURN}
    changed = False
    for kind in (_FLAT, _DIGIKAM, _LIGHTROOM):
        there = before[kind.tag]
        leaves = {kind.leaf(keyword) for keyword in there}
        fresh = [keyword for keyword in keywords if keyword.casefold() not in leaves]
        if not fresh:
            continue
        changed = True
        if not there:
            seed = start or _found_before(before, kind)
            placed = {kind.leaf(keyword) for keyword in seed if kind.separator and kind.separator in keyword}
            fresh = [keyword for keyword in fresh if keyword not in placed]
            # A flat "cat" gives way to the one with a place in the hierarchy.
            _append(rdf, kind, [keyword for keyword in seed if kind.leaf(keyword) not in fresh])
        _append(rdf, kind, [f"{PARENT}{kind.separator}{keyword}" if kind.separator else keyword for keyword in fresh])
    return _serialise(tree, packet) if changed else None


def keywords_in(packet: bytes) -> list[str]:
    """Return the flat keywords of a packet. Raises `XmpError`."""
    return _values(_rdf_of(_parse(packet)), _FLAT)


def sidecar_for(packet: bytes) -> str | None:
    """Return the ending of the file that a sidecar says it belongs to ("CR2"), if it does. Raises `XmpError`."""
    for description in _descriptions(_rdf_of(_parse(packet))):
        found = description.get(_SIDECAR_FOR) or description.findtext(_SIDECAR_FOR)
        if found:
            return str(found)
    return None


def _parse(packet: bytes) -> Any:
    from lxml import etree

    if len(packet) > MAX_BYTES:
        raise XmpError(f"is larger than {MAX_BYTES // 2**20} MB, so it was left alone")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        strip_cdata=False,
    )
    try:
        tree = etree.ElementTree(etree.fromstring(packet.lstrip(b" \t\r\n"), parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmpError(f"is no XMP file ({error}), so it was left alone") from error
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise XmpError("has a document type, which no XMP file has, so it was left alone")
    return tree


def _rdf_of(tree: Any) -> Any:
    root = tree.getroot()
    if root.tag in (f"{{{_X}}}xmpmeta", f"{{{_X}}}xapmeta"):
        root = root.find(f"{{{_RDF}}}RDF")
    if root is None or root.tag != f"{{{_RDF}}}RDF":
        raise XmpError("is no XMP file (it holds other XML), so it was left alone")
    return root


def _descriptions(rdf: Any) -> list[Any]:
    return list(rdf.findall(f"{{{_RDF}}}Description"))


def _values(rdf: Any, kind: _KeywordList) -> list[str]:
    """Return the keywords of a list, in whichever way they are written."""
    values: list[str] = []
    for description in _descriptions(rdf):
        written = description.get(kind.tag)
        if written:
            values.append(written)
        for element in description.findall(kind.tag):
            try:
                container = _container_of(element)
            except XmpError:
                continue  # only who wants to add to it must know it
            if container is not None:
                values += ["".join(item.itertext()).strip() for item in container.findall(_LI)]
            elif element.text and element.text.strip():
                values.append(element.text.strip())
    return [value for value in values if value]


def _container_of(element: Any) -> Any:
    """Return the list in a property; None if it is a plain value, or empty."""
    children = [child for child in element if isinstance(child.tag, str)]
    if len(children) == 1 and children[0].tag in _CONTAINERS:
        return children[0]
    if children or element.get(f"{{{_RDF}}}resource") or element.get(f"{{{_RDF}}}parseType"):
        raise XmpError("holds keywords in a form that is not known here, so it was left alone")
    return None


def _found_before(before: dict[str, list[str]], kind: _KeywordList) -> list[str]:
    """Return what a program that reads `kind` first has read until now, where that list was not there."""
    if not kind.separator:
        return []
    for other in _READ_IN_TURN:
        if before[other.tag]:
            return [
                keyword.replace(other.separator, kind.separator) if other.separator else keyword
                for keyword in before[other.tag]
            ]
    return []


def _append(rdf: Any, kind: _KeywordList, keywords: Sequence[str]) -> None:
    """Append to a list, which is made if there is none."""
    from lxml import etree

    if not keywords:
        return
    container = _list_to_fill(rdf, kind)
    for keyword in keywords:
        item = etree.Element(_LI)
        item.text = _allowed(keyword)
        _append_indented(container, item)


def _list_to_fill(rdf: Any, kind: _KeywordList) -> Any:
    from lxml import etree

    descriptions = _descriptions(rdf)
    for description in descriptions:
        element = description.find(kind.tag)
        if element is None:
            continue
        container = _container_of(element)
        if container is None:  # a plain value becomes the first of the list
            value, element.text = (element.text or "").strip(), None
            container = etree.SubElement(element, f"{{{_RDF}}}{kind.container}")
            if value:
                etree.SubElement(container, _LI).text = value
        return container
    if not descriptions:
        description = etree.Element(f"{{{_RDF}}}Description")
        description.set(_ABOUT, "")
        _append_indented(rdf, description)
        descriptions = [description]
    # Where a plain value stands as an attribute, the list takes its place in the same description.
    home = next((description for description in descriptions if description.get(kind.tag)), descriptions[0])
    element = etree.Element(kind.tag, nsmap={kind.prefix: kind.namespace})
    container = etree.SubElement(element, f"{{{_RDF}}}{kind.container}")
    value = home.attrib.pop(kind.tag, None)
    if value:
        etree.SubElement(container, _LI).text = value
    _append_indented(home, element)
    etree.cleanup_namespaces(element)
    return container


def _append_indented(parent: Any, child: Any) -> None:
    """Append `child` on a line of its own, as deep as it is; what is there stays as it is, but for the white space."""
    from lxml import etree

    depth = sum(1 for _ in parent.iterancestors())
    last = parent[-1] if len(parent) else None
    if last is None:
        parent.text = (parent.text or "").rstrip() + "\n" + " " * (depth + 1)
    else:
        last.tail = (last.tail or "").rstrip() + "\n" + " " * (depth + 1)
    parent.append(child)
    etree.indent(child, space=" ", level=depth + 1)
    child.tail = "\n" + " " * depth


def _allowed(text: str) -> str:
    """Return `text` without what XML cannot hold."""
    return "".join(
        c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


def _serialise(tree: Any, original: bytes) -> bytes:
    from lxml import etree

    info = tree.docinfo
    declared = original.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml ") or original[:2] in (
        b"\xff\xfe",
        b"\xfe\xff",
    )
    encoding = info.encoding or "UTF-8"
    standalone = info.standalone or None
    written: bytes = etree.tostring(tree, encoding=encoding, xml_declaration=declared, standalone=standalone)
    if original.startswith(b"\xef\xbb\xbf"):
        written = b"\xef\xbb\xbf" + written
    return written if written.endswith(b"\n") or encoding.upper().startswith("UTF-16") else written + b"\n"
