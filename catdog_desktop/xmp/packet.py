"""Read and add keywords in an XMP packet: the flat list, and the lists with a hierarchy.

The flat list is `dc:subject`. digiKam stores its tree of tags in `digiKam:TagsList`, Lightroom in
`lr:hierarchicalSubject`. Most programs read only the first list that they find. So a list that is created here starts
with the keywords that such a program showed before; otherwise they would be hidden.

Packets are untrusted input: no document type, no entities, no network access, limited size and depth.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catdog_desktop import __version__
from catdog_desktop.messages import N_, MessageError
from catdog_desktop.xmp.keyword_words import ENGLISH

MAX_BYTES: Final = 16 * 2**20
"""Sidecars with a long editing history take a few megabytes."""

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_X: Final = "adobe:ns:meta/"
_ABOUT: Final = f"{{{_RDF}}}about"
_LI: Final = f"{{{_RDF}}}li"
_CONTAINERS: Final = tuple(f"{{{_RDF}}}{name}" for name in ("Bag", "Seq", "Alt"))
_XMP: Final = "http://ns.adobe.com/xap/1.0/"
_RATING: Final = f"{{{_XMP}}}Rating"
_PHOTOSHOP: Final = "http://ns.adobe.com/photoshop/1.0/"
_SIDECAR_FOR: Final = f"{{{_PHOTOSHOP}}}SidecarForExtension"

_EMPTY: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<x:xmpmeta xmlns:x="{_X}" x:xmptk="CatDog {__version__}">\n'
    f' <rdf:RDF xmlns:rdf="{_RDF}">\n  <rdf:Description rdf:about="">\n  </rdf:Description>\n </rdf:RDF>\n'
    "</x:xmpmeta>\n"
).encode()


class XmpError(MessageError):
    """The packet cannot be read or changed. The text is the reason, to be read after the file's name."""


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
        """Return the keyword without its parents, in the form used for comparison."""
        last = keyword.rpartition(self.separator)[2] if self.separator else keyword
        return last.strip().casefold()


_FLAT: Final = _KeywordList("dc", "http://purl.org/dc/elements/1.1/", "subject", "Bag", "")
_DIGIKAM: Final = _KeywordList("digiKam", "http://www.digikam.org/ns/1.0/", "TagsList", "Seq", "/")
_LIGHTROOM: Final = _KeywordList("lr", "http://ns.adobe.com/lightroom/1.0/", "hierarchicalSubject", "Bag", "|")
_WINDOWS: Final = _KeywordList(
    "MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0/", "LastKeywordXMP", "Bag", "/"
)  # Only read, since digiKam reads it after its own list.
_READ_IN_TURN: Final = (_DIGIKAM, _WINDOWS, _LIGHTROOM, _FLAT)
"""The order in which digiKam reads the lists."""


def merge_keywords(
    packet: bytes,
    keywords: Sequence[str],
    embedded: Iterable[str] = (),
    extension: str = "",
    rating: int | None = None,
    *,
    parent: str = ENGLISH.animals,
) -> bytes | None:
    """Return `packet` (empty for a new one) with `keywords` added and `rating` set; None if it contains them already.

    Removes nothing. A keyword is found in any case and anywhere in the user's hierarchy. `embedded` are the keywords in
    the photo itself. A new sidecar repeats them, since programs ignore embedded keywords once a sidecar exists. It
    names `extension`, if given, as that of its photo. `rating` is 1 to 5 stars; None keeps that of the packet. `parent`
    is above the keywords in lists with a hierarchy. Raises `XmpError`.
    """
    start: list[str] = []
    is_new = is_empty(packet)
    if is_new:
        packet, start = _empty_packet(extension), list(embedded)
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
            seed = start or _shown_before(before, kind)
            placed = {kind.leaf(keyword) for keyword in seed if kind.separator and kind.separator in keyword}
            fresh = [keyword for keyword in fresh if keyword.casefold() not in placed]
            added = {keyword.casefold() for keyword in fresh}
            # A keyword without a parent is replaced by the one below `parent`.
            _append(rdf, kind, [keyword for keyword in seed if kind.leaf(keyword) not in added])
        _append(rdf, kind, [f"{parent}{kind.separator}{keyword}" if kind.separator else keyword for keyword in fresh])
    if rating is not None and _set_rating(rdf, rating):
        changed = True
    return _serialise(tree, packet) if changed else None


def is_empty(packet: bytes) -> bool:
    """Whether a sidecar has no content. One of NULs only is damaged, not empty."""
    return not packet.strip()


def _empty_packet(extension: str) -> bytes:
    """Return a packet without metadata, which names `extension` if it is given."""
    name = extension.lstrip(".").upper()
    if not name.isascii() or not name.isalnum():
        return _EMPTY
    return _EMPTY.replace(
        b'rdf:about=""',
        f'rdf:about="" xmlns:photoshop="{_PHOTOSHOP}"\n   photoshop:SidecarForExtension="{name}"'.encode(),
    )


def keywords_in(packet: bytes) -> list[str]:
    """Return the flat keywords of a packet. Raises `XmpError`."""
    return _values(_rdf_of(_parse(packet)), _FLAT)


def words_in(packet: bytes) -> set[str]:
    """Return the keywords of all lists, in lower case, with every level of a hierarchy by itself. Raises `XmpError`."""
    rdf = _rdf_of(_parse(packet))
    words: set[str] = set()
    for kind in _READ_IN_TURN:
        for keyword in _values(rdf, kind):
            levels = keyword.split(kind.separator) if kind.separator else [keyword]
            words.update(level.strip().casefold() for level in levels)
    return words - {""}


def rating_in(packet: bytes) -> int | None:
    """Return the rating of 1 to 5 stars; None for no rating, or for rejected photos. Raises `XmpError`."""
    return _rating_of(_rdf_of(_parse(packet)))


def _rating_of(rdf: Any) -> int | None:
    for description in _descriptions(rdf):
        written = description.get(_RATING) or description.findtext(_RATING)
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            stars = round(float(written))  # Some programs write "4.0".
            return stars if 1 <= stars <= 5 else None
    return None


def is_of_catdog(packet: bytes) -> bool:
    """Whether this app created the packet. Raises `XmpError`."""
    root = _parse(packet).getroot()
    return str(root.get(f"{{{_X}}}xmptk", "")).startswith("CatDog ")


def sidecar_for(packet: bytes) -> str | None:
    """Return the extension of the file that a sidecar says it belongs to ("CR2"), or None. Raises `XmpError`."""
    for description in _descriptions(_rdf_of(_parse(packet))):
        found = description.get(_SIDECAR_FOR) or description.findtext(_SIDECAR_FOR)
        if found:
            return str(found)
    return None


def _parse(packet: bytes) -> Any:
    from lxml import etree

    if len(packet) > MAX_BYTES:
        raise XmpError(N_("is larger than {size} MiB, so it was skipped"), size=MAX_BYTES // 2**20)
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
        tree = etree.ElementTree(etree.fromstring(_without_padding(packet), parser))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise XmpError(N_("is not an XMP file ({reason}), so it was skipped"), reason=error) from error
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise XmpError(N_("has a document type, which XMP does not allow, so it was skipped"))
    return tree


def _without_padding(packet: bytes) -> bytes:
    """Return `packet` without white space before it, and NULs after it, with which some programs fill a block."""
    if packet[:2] in (b"\xff\xfe", b"\xfe\xff"):  # In UTF-16, only a pair of NULs is padding.
        units = packet[: len(packet) & ~1]
        while units.endswith(b"\0\0"):
            units = units[:-2]
        return units
    return packet.lstrip(b" \t\r\n").rstrip(b"\0 \t\r\n")


def _rdf_of(tree: Any) -> Any:
    """Return the only `rdf:RDF`. The element around it may have any name: the specification makes it optional."""
    found = list(tree.getroot().iter(f"{{{_RDF}}}RDF"))
    if len(found) != 1:
        raise XmpError(N_("is not an XMP file (it contains other XML), so it was skipped"))
    return found[0]


def _descriptions(rdf: Any) -> list[Any]:
    return list(rdf.findall(f"{{{_RDF}}}Description"))


def _values(rdf: Any, kind: _KeywordList) -> list[str]:
    """Return the keywords of a list in any notation: attribute, plain value or container."""
    values: list[str] = []
    for description in _descriptions(rdf):
        written = description.get(kind.tag)
        if written:
            values.append(written)
        for element in description.findall(kind.tag):
            try:
                container = _container_of(element)
            except XmpError:
                continue  # An unknown notation matters only when keywords are added.
            if container is not None:
                values += ["".join(item.itertext()).strip() for item in container.findall(_LI)]
            elif element.text and element.text.strip():
                values.append(element.text.strip())
    return [value for value in values if value]


def _container_of(element: Any) -> Any:
    """Return the container in a property; None if it is a plain value or empty. Raises `XmpError`."""
    children = [child for child in element if isinstance(child.tag, str)]
    if len(children) == 1 and children[0].tag in _CONTAINERS:
        return children[0]
    if children or element.get(f"{{{_RDF}}}resource") or element.get(f"{{{_RDF}}}parseType"):
        raise XmpError(N_("contains keywords in an unknown notation, so it was skipped"))
    return None


def _shown_before(before: dict[str, list[str]], kind: _KeywordList) -> list[str]:
    """Return the keywords that a program which prefers `kind` showed while that list did not exist."""
    if not kind.separator:
        return []
    for other in _READ_IN_TURN:
        if before[other.tag]:
            return [
                keyword.replace(other.separator, kind.separator) if other.separator else keyword
                for keyword in before[other.tag]
            ]
    return []


def _set_rating(rdf: Any, stars: int) -> bool:
    """Set `xmp:Rating` where it is, else in the first description; return whether that changed anything."""
    from lxml import etree

    if _rating_of(rdf) == stars:
        return False
    descriptions = _descriptions_to_fill(rdf)
    for description in descriptions:
        element = description.find(_RATING)
        if description.get(_RATING) is not None:
            description.set(_RATING, str(stars))
            return True
        if element is not None:
            element.text = str(stars)
            return True
    element = etree.Element(_RATING, nsmap={"xmp": _XMP})
    element.text = str(stars)
    _append_indented(descriptions[0], element)
    etree.cleanup_namespaces(element)
    return True


def _append(rdf: Any, kind: _KeywordList, keywords: Sequence[str]) -> None:
    """Append to a list, which is created if it does not exist."""
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

    descriptions = _descriptions_to_fill(rdf)
    for description in descriptions:
        element = description.find(kind.tag)
        if element is None:
            continue
        container = _container_of(element)
        if container is None:  # A plain value becomes the first item.
            value, element.text = (element.text or "").strip(), None
            container = etree.SubElement(element, f"{{{_RDF}}}{kind.container}")
            if value:
                etree.SubElement(container, _LI).text = value
        return container
    # If the property is an attribute, the new list replaces it in the same description.
    parent = next((description for description in descriptions if description.get(kind.tag)), descriptions[0])
    element = etree.Element(kind.tag, nsmap={kind.prefix: kind.namespace})
    container = etree.SubElement(element, f"{{{_RDF}}}{kind.container}")
    value = parent.attrib.pop(kind.tag, None)
    if value:
        etree.SubElement(container, _LI).text = value
    _append_indented(parent, element)
    etree.cleanup_namespaces(element)
    return container


def _descriptions_to_fill(rdf: Any) -> list[Any]:
    """Return the descriptions of a packet; one is added if it has none."""
    from lxml import etree

    descriptions = _descriptions(rdf)
    if not descriptions:
        description = etree.Element(f"{{{_RDF}}}Description")
        description.set(_ABOUT, "")
        _append_indented(rdf, description)
        descriptions = [description]
    return descriptions


def _append_indented(parent: Any, child: Any) -> None:
    """Append `child` on its own indented line. Changes only white space of existing elements."""
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
    """Return `text` without characters that XML does not allow."""
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
