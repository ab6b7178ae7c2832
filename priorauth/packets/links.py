"""References that become jumps inside the packet.

A letter is finished before anybody knows on which page of the packet an exhibit will lie. It therefore
cites `exhibit:B/3`, page 3 of exhibit B, as an ordinary link. Assembling turns that into a jump. The
index uses the same, and `packet:letter` for the letter.
"""

import re
from collections.abc import Mapping

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from priorauth.packets.model import DanglingReference


_EXHIBIT = re.compile(r"exhibit:([A-Z]{1,2}[0-9]{0,2})/([0-9]{1,4})")
_LETTER = "packet:letter"
_PRINTED = 4

Place = tuple[str, int]
"""Label of a part and page within it, counted from 1. The letter is the part with the empty label."""


def connect(
    pages: list[pikepdf.Page], places: Mapping[Place, pikepdf.Page], elsewhere: Mapping[Place, int]
) -> set[DanglingReference]:
    """Turn the references on these pages into jumps and return those that lead nowhere.

    What lies `elsewhere`, in another part of the packet, is another file: its reference stays text.
    """
    dangling = set()
    for page in pages:
        for annotation in page.obj.get("/Annots", ()):
            annotation.F = _PRINTED  # PDF/UA asks that what can be clicked is also printed
            uri = str(annotation.get("/A", Dictionary()).get("/URI", ""))
            place = _place(uri)
            if place is None:
                continue
            target = places.get(place)
            if target is None:
                del annotation["/A"]
                if place in elsewhere:
                    annotation.Contents = String(
                        f"{_spoken(place)}, in part {elsewhere[place]} of this packet"
                    )
                else:
                    dangling.add(DanglingReference(*place))
                continue
            # Null keeps the reader's magnification.
            destination = Array([target.obj, Name.XYZ, None, target.mediabox[3], None])
            annotation.A = Dictionary(Type=Name.Action, S=Name.GoTo, D=destination)
            annotation.Contents = String(_spoken(place))
    return dangling


def _place(uri: str) -> Place | None:
    if uri == _LETTER:
        return "", 1
    reference = _EXHIBIT.fullmatch(uri)
    return (reference[1], int(reference[2])) if reference else None


def _spoken(place: Place) -> str:
    label, page = place
    return f"Exhibit {label}, page {page}" if label else "Letter"
