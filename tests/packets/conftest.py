"""A letter and a cover for the tests of packets."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from priorauth.packets.assembly import assemble_packet
from priorauth.packets.model import Exhibit, Packet, PacketCover
from priorauth.rendering.environment import environment
from priorauth.rendering.metadata import DocumentMetadata, EmbeddedFile, Letterhead, page_frame
from priorauth.rendering.pdf import TEMPLATES, render_pdf


CREATED = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)
LETTERHEAD = Letterhead(
    name="Harbor Valley Neuromuscular Center",
    address="410 Lindenwood Avenue, Rochester, NY 14620",
    contact="Tel (585) 555-0142",
)
COVER = PacketCover(
    letterhead=LETTERHEAD,
    subject="Prior authorization request: IVIG for CIDP",
    recipient="Meridian Health Plan",
    misdirected_phone="(585) 555-0142",
)
LETTER = """{% extends "base.html.j2" %}
{% block body %}<h1>{{ metadata.title }}</h1>
<p>Distal latency 8.9 ms. <a href="exhibit:B/2">Ex. B p. 2</a> Weakness. <a href="exhibit:A/1">Ex. A p. 1</a>
<a href="https://doi.org/10.1111/ene.14959">guideline</a></p>
<h2>Dosing</h2><p>1 g/kg every 3 weeks. <a href="exhibit:B/9">Ex. B p. 9</a></p>{% endblock %}"""


@pytest.fixture(scope="session")
def letter_pdf() -> bytes:
    metadata = DocumentMetadata(title="Letter of medical necessity", author="Harbor Valley", created=CREATED)
    frame = page_frame(metadata, LETTERHEAD, case_number="PA-1", running_head="Case PA-1", draft=False)
    html = environment(TEMPLATES).from_string(LETTER).render(**frame)
    facts = EmbeddedFile(name="facts.json", content=b"{}", description="Facts of the case")
    return render_pdf(html, metadata=metadata, attachments=[facts])


@pytest.fixture
def assemble(letter_pdf: bytes) -> Callable[..., Packet]:
    """Assemble a packet from exhibits given as label=content."""

    def assembled(cover: PacketCover = COVER, **contents: bytes) -> Packet:
        exhibits = [
            Exhibit(
                label=label,
                title=f"Document {label}",
                media_type="application/pdf",
                content=content,
                document_id=f"document-{label.lower()}",
                date=date(2026, 11, 2),
            )
            for label, content in contents.items()
        ]
        return assemble_packet(letter_pdf, exhibits, cover=cover, case_number="PA-7K2M9QXA", created=CREATED)

    return assembled
