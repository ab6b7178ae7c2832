"""Record documents as PDF with WeasyPrint, in the look of the institution they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from twin.records.source import CompiledReferral, Paper


HERE = Path(__file__).parent

_jinja = Environment(
    loader=FileSystemLoader(HERE / "layouts"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _kind(piece: Any) -> str:
    return type(piece).__name__.lower()


_jinja.filters["kind"] = _kind


def pdf_of(paper: Paper, referral: CompiledReferral) -> bytes:
    """Return the PDF; a page that runs over would make every later citation wrong, so it is refused."""
    html = _jinja.get_template("record.html.j2").render(
        paper=paper, house=paper.house, patient=referral.patient, name=referral.name
    )
    document = HTML(string=html, base_url=f"{HERE / 'layouts'}/").render(font_config=FontConfiguration())
    if len(document.pages) != len(paper.pages):
        raise ValueError(
            f"{referral.name}/{paper.document.document} prints on {len(document.pages)} pages, its source has {len(paper.pages)}; "
            "move blocks to another page"
        )
    document.metadata.generator = "twin.records"
    written: bytes = document.write_pdf()
    return written
