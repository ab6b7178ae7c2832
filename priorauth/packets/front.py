"""Cover and index. Their page numbers depend on their own length, so they are laid out until that holds still."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from io import BytesIO

import pikepdf
from jinja2.sandbox import ImmutableSandboxedEnvironment

from priorauth.packets.model import IndexEntry, PacketCover, RefusedExhibit
from priorauth.rendering.environment import environment
from priorauth.rendering.metadata import DocumentMetadata, page_frame
from priorauth.rendering.pdf import TEMPLATES, render_pdf


_MOST_ROUNDS = 5


def render_fronts(
    cover: PacketCover,
    entries: Sequence[IndexEntry],
    refused: Sequence[RefusedExhibit],
    *,
    parts: int,
    case_number: str,
    created: datetime,
) -> tuple[list[pikepdf.Pdf], tuple[IndexEntry, ...]]:
    """Return cover and index of each part as a PDF, and the entries (letter first) with their first pages filled in."""
    lengths = [2] * parts
    for _ in range(_MOST_ROUNDS):
        placed = _placed(entries, lengths)
        fronts = [
            _front(
                cover, placed, refused, lengths=lengths, part=part, case_number=case_number, created=created
            )
            for part in range(1, parts + 1)
        ]
        found = [len(front.pages) for front in fronts]
        if found == lengths:
            return fronts, placed
        lengths = found
    raise AssertionError("an index gets no longer by higher page numbers more than once")


def _front(
    cover: PacketCover,
    placed: Sequence[IndexEntry],
    refused: Sequence[RefusedExhibit],
    *,
    lengths: Sequence[int],
    part: int,
    case_number: str,
    created: datetime,
) -> pikepdf.Pdf:
    parts = len(lengths)
    title = f"{cover.subject}, case {case_number}" + (f", part {part} of {parts}" if parts > 1 else "")
    metadata = DocumentMetadata(title=title, author=cover.letterhead.name, created=created)
    html = (
        _environment()
        .get_template("packet/cover.html.j2")
        .render(
            **page_frame(
                metadata, cover.letterhead, case_number=case_number, running_head="", draft=cover.draft
            ),
            cover=cover,
            letter=placed[0],
            exhibits=placed[1:],
            refused=refused,
            part=part,
            parts=parts,
            part_pages=lengths[part - 1] + sum(entry.page_count for entry in placed if entry.part == part),
            page_count=sum(lengths) + sum(entry.page_count for entry in placed),
        )
    )
    return pikepdf.open(BytesIO(render_pdf(html, metadata=metadata)))


def _placed(entries: Sequence[IndexEntry], lengths: Sequence[int]) -> tuple[IndexEntry, ...]:
    placed, page, part = [], 1, 0
    for entry in entries:
        while part < entry.part:
            page += lengths[part]
            part += 1
        placed.append(replace(entry, first_page=page))
        page += entry.page_count
    return tuple(placed)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return environment(TEMPLATES)
