"""Cover and index. Their page numbers depend on their own length, so they are laid out until that holds still."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from io import BytesIO
from itertools import accumulate

import pikepdf
from jinja2.sandbox import ImmutableSandboxedEnvironment

from priorauth.packets.model import IndexEntry, PacketCover, RefusedExhibit
from priorauth.rendering.environment import environment
from priorauth.rendering.metadata import DocumentMetadata, page_frame
from priorauth.rendering.pdf import TEMPLATES, render_pdf


_MOST_ROUNDS = 5


def render_front(
    cover: PacketCover,
    parts: Sequence[IndexEntry],
    refused: Sequence[RefusedExhibit],
    *,
    case_number: str,
    created: datetime,
) -> tuple[pikepdf.Pdf, tuple[IndexEntry, ...]]:
    """Return cover and index as a PDF, and the parts (letter first) with their first pages filled in."""
    metadata = DocumentMetadata(
        title=f"{cover.subject}, case {case_number}", author=cover.letterhead.name, created=created
    )
    front_pages = 2
    for _ in range(_MOST_ROUNDS):
        placed = _placed(parts, front_pages)
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
                page_count=front_pages + sum(part.page_count for part in parts),
            )
        )
        front = pikepdf.open(BytesIO(render_pdf(html, metadata=metadata)))
        if len(front.pages) == front_pages:
            return front, placed
        front_pages = len(front.pages)
    raise AssertionError("an index gets no longer by higher page numbers more than once")


def _placed(parts: Sequence[IndexEntry], front_pages: int) -> tuple[IndexEntry, ...]:
    starts = accumulate((part.page_count for part in parts), initial=front_pages + 1)
    return tuple(replace(part, first_page=start) for part, start in zip(parts, starts, strict=False))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return environment(TEMPLATES)
