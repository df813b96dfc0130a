"""Sidecars as other programs write them, and a second reader for keywords."""

import xml.etree.ElementTree as ET

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
FLAT = "{http://purl.org/dc/elements/1.1/}subject"
DIGIKAM = "{http://www.digikam.org/ns/1.0/}TagsList"
LIGHTROOM = "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject"

ADOBE = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0-c000">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
   xmp:Rating="4"
   crs:Exposure2012="+0.35">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>Holiday</rdf:li>
     <rdf:li>Lake &amp; shore</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag>
     <rdf:li>Places|Lake &amp; shore</rdf:li>
     <rdf:li>Holiday</rdf:li>
    </rdf:Bag>
   </lr:hierarchicalSubject>
   <crs:ToneCurvePV2012>
    <rdf:Seq>
     <rdf:li>0, 0</rdf:li>
     <rdf:li>255, 255</rdf:li>
    </rdf:Seq>
   </crs:ToneCurvePV2012>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

DARKTABLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:darktable="http://darktable.sf.net/"
   darktable:xmp_version="5"
   darktable:auto_presets_applied="1">
   <darktable:masks_history>
    <rdf:Seq/>
   </darktable:masks_history>
   <darktable:history>
    <rdf:Seq>
     <rdf:li
      darktable:num="0"
      darktable:operation="exposure"
      darktable:params="gz09eJxjYGBgAGIAAAUAAQ=="/>
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

DIGIKAM_OWN = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:digiKam="http://www.digikam.org/ns/1.0/">
   <digiKam:TagsList>
    <rdf:Seq>
     <rdf:li>Family/Pets/Cat</rdf:li>
     <rdf:li>\u732b</rdf:li>
    </rdf:Seq>
   </digiKam:TagsList>
  </rdf:Description>
  <!-- written twice, as some do -->
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Tom</rdf:li></rdf:Alt></dc:title>
   <dc:subject><rdf:Bag><rdf:li>Cat</rdf:li><rdf:li>\u732b</rdf:li></rdf:Bag></dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


def rdf(inside: str, *, about: str = "rdf:about=''") -> bytes:
    """Return a small packet with `inside` its description."""
    return (
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:lr='http://ns.adobe.com/lightroom/1.0/' "
        "xmlns:MicrosoftPhoto='http://ns.microsoft.com/photo/1.0/'>"
        f"<rdf:Description {about}>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def bag(tag: str, *keywords: str) -> str:
    return f"<{tag}><rdf:Bag>{''.join(f'<rdf:li>{keyword}</rdf:li>' for keyword in keywords)}</rdf:Bag></{tag}>"


def read(packet: bytes, tag: str) -> list[str]:
    """Return the keywords of a list, read with the standard library."""
    return [item.text or "" for found in ET.fromstring(packet).iter(tag) for item in found.iter(f"{RDF}li")]


def facts(packet: bytes) -> list[tuple[str, str]]:
    """Return every attribute and every text in a packet, with its element, in order."""
    found = []
    for element in ET.fromstring(packet).iter():
        found += [(f"{element.tag}@{name}", value) for name, value in sorted(element.attrib.items())]
        if element.text and element.text.strip():
            found.append((str(element.tag), element.text.strip()))
    return found
