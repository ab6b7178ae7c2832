"""The PDF of a letter: closed to the outside, same bytes each time, honest about what it cannot print."""

import gc
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from priorauth.rendering.assets import ClosedFetcher
from priorauth.rendering.environment import environment
from priorauth.rendering.errors import ForbiddenFetch, TooManyPages, UnprintableText
from priorauth.rendering.metadata import DocumentMetadata, EmbeddedFile, Letterhead, page_frame
from priorauth.rendering.pdf import TEMPLATES, render_pdf


pytestmark = pytest.mark.rendering

METADATA = DocumentMetadata(
    title="Letter of medical necessity",
    author="Harbor Valley Neuromuscular Center",
    subject="IVIG for CIDP",
    keywords=("IVIG", "CIDP"),
    created=datetime(2026, 11, 23, 15, 4, tzinfo=UTC),
)
LETTERHEAD = Letterhead(name="Harbor Valley", address="410 Lindenwood Avenue", contact="Tel (585) 555-0142")
LETTER = """{% extends "base.html.j2" %}
{% block body %}<h1>{{ metadata.title }}</h1><p>{{ text }}</p>{% endblock %}
{% block signature %}<section class="signature"><p>Respectfully,</p></section>{% endblock %}"""

NAMES = {
    "Latin with marks": "Zoë Žáková-Nguyễn Łukasz Ðorđević",
    "Greek": "Αλεξάνδρα",
    "Cyrillic": "Михаил",
    "Arabic": "محمد الأحمد",
    "Hebrew": "רחל כהן",
    "Armenian": "Արամ",
    "Bengali": "রবীন্দ্র",
    "Devanagari": "लक्ष्मी",
    "Ethiopic": "ሙሉጌታ",
    "Gujarati": "ગાંધી",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ",
    "Khmer": "សុខា",
    "Tamil": "செல்வி",
    "Thai": "สมชาย",
    "Chinese": "王小明",
    "Japanese": "山田たろう タナカ",
    "Korean": "김민수",
}


def letter_html(text: str, *, draft: bool = False) -> str:
    frame = page_frame(METADATA, LETTERHEAD, case_number="PA-1", running_head="Case PA-1", draft=draft)
    return environment(TEMPLATES).from_string(LETTER).render(**frame, text=text)


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(pdf))


def bundled_fonts() -> Iterator[tuple[str, TTFont]]:
    for path in sorted((TEMPLATES / "fonts").glob("*.[ot]tf")):
        with TTFont(path, lazy=True) as font:
            yield path.name, font


def page_drawing(pdf: bytes, number: int = 0) -> bytes:
    document = opened(pdf)
    return document.pages[number].Contents.read_bytes()


@pytest.fixture(scope="module")
def server() -> Iterator[SimpleNamespace]:
    """A loopback server that remembers what was asked of it."""
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield SimpleNamespace(url=f"http://127.0.0.1:{listening.server_port}/x", hits=hits)
        listening.shutdown()


ASKING = [
    '<link rel="stylesheet" href="{url}">',
    '<style>@import url("{url}");</style>',
    '<style>@font-face {{ font-family: f; src: url("{url}"); }} p {{ font-family: f }}</style><p>x</p>',
    '<p style="background-image: url({url})">x</p>',
    '<img src="{url}">',
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<svg><image href="{url}" width="9" height="9"/></svg>',
    '<svg><use href="{url}#a"/></svg>',
    '<ul style="list-style-image: url({url})"><li>x</ul>',
    '<p style="content: url({url})">x</p>',
    '<link rel="attachment" href="{url}">',
    '<a rel="attachment" href="{url}">x</a>',
    '<base href="{url}"><img src="picture.png">',
]


@pytest.mark.parametrize("markup", ASKING)
def test_no_markup_fetches_anything_from_the_network(markup: str, server: SimpleNamespace) -> None:
    with suppress(ForbiddenFetch):  # a few of them WeasyPrint does not follow at all
        render_pdf(markup.format(url=server.url), metadata=METADATA)
    assert server.hits == []


@pytest.mark.parametrize("markup", ASKING)
def test_no_markup_reads_a_file_of_the_machine(markup: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>SECRETWORD</text></svg>')
    try:
        pdf = render_pdf(markup.format(url=secret.as_uri()), metadata=METADATA)
    except ForbiddenFetch:
        return
    document = opened(pdf)
    assert not document.attachments
    assert not [
        item
        for item in document.objects
        if isinstance(item, pikepdf.Stream) and b"SECRET" in item.read_bytes()
    ]


def test_the_refusal_names_the_kind_of_address_and_not_the_address() -> None:
    with pytest.raises(ForbiddenFetch, match="http: address") as refused:
        render_pdf('<img src="http://records.example/Jane-Doe.png">', metadata=METADATA)
    assert "Jane" not in str(refused.value)


def test_data_addresses_are_closed_too() -> None:
    with pytest.raises(ForbiddenFetch):
        render_pdf('<img src="data:image/svg+xml,<svg/>">', metadata=METADATA)


def test_the_same_letter_is_the_same_bytes() -> None:
    facts = EmbeddedFile(name="facts.json", content=b"{}", description="Facts of the case")
    html = letter_html("A sentence.")
    first = render_pdf(html, metadata=METADATA, attachments=[facts])
    assert render_pdf(html, metadata=METADATA, attachments=[facts]) == first


def test_the_letter_says_what_it_is_in_its_metadata() -> None:
    facts = EmbeddedFile(name="facts.json", content=b'{"a": 1}', description="Facts of the case")
    pdf = opened(render_pdf(letter_html("x"), metadata=METADATA, attachments=[facts]))
    assert str(pdf.docinfo.Title) == "Letter of medical necessity"
    assert str(pdf.docinfo.CreationDate) == "D:20261123150400Z"
    assert str(pdf.Root.Lang) == "en-US"
    assert pdf.Root.MarkInfo.Marked
    assert pdf.attachments["facts.json"].get_file().read_bytes() == b'{"a": 1}'


def test_a_draft_has_the_watermark_on_every_page_and_no_signature() -> None:
    pdf = render_pdf(letter_html("word " * 1_200, draft=True), metadata=METADATA)
    final = render_pdf(letter_html("word " * 1_200), metadata=METADATA)
    pages = len(opened(pdf).pages)
    assert pages > 1
    assert "Respectfully" not in letter_html("x", draft=True)
    for number in range(pages):
        assert re.search(rb"/x\d+ Do", page_drawing(pdf, number))
        assert not re.search(rb"/x\d+ Do", page_drawing(final, number))


@pytest.mark.parametrize("script", NAMES)
def test_names_in_every_bundled_script_print_without_an_empty_box(script: str) -> None:
    name = NAMES[script]
    pdf = opened(
        render_pdf(letter_html(f"Patient {name}, {name}\xa0({name}). {name}-{name}"), metadata=METADATA)
    )
    drawing = pdf.pages[0].Contents.read_bytes()
    glyphs = [
        run[at : at + 4] for run in re.findall(rb"<([0-9a-f]+)>", drawing) for at in range(0, len(run), 4)
    ]
    assert glyphs
    assert b"0000" not in glyphs  # glyph 0 is the empty box


@pytest.mark.parametrize(
    ("character", "code_point"), [("ߊ", "U\\+07CA"), ("😀", "U\\+1F600"), ("𐎀", "U\\+10380")]
)
def test_a_character_without_a_glyph_is_named_instead_of_printed_as_a_box(
    character: str, code_point: str
) -> None:
    with pytest.raises(UnprintableText, match=code_point) as refused:
        render_pdf(letter_html(f"Patient Doe {character}"), metadata=METADATA)
    assert "Doe" not in str(refused.value)


def test_only_bundled_fonts_are_embedded() -> None:
    pdf = opened(render_pdf(letter_html(" ".join(NAMES.values())), metadata=METADATA))
    families = {font["name"].getDebugName(1).replace(" ", "-") for _, font in bundled_fonts()}
    used = {
        str(item.FontName).partition("+")[2].rstrip(",")
        for item in pdf.objects
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
    }
    assert used
    assert {name for name in used if not name.startswith(tuple(families))} == set()


def test_every_upright_font_has_a_space_since_a_space_is_drawn_in_the_font_before_it() -> None:
    without = [name for name, font in bundled_fonts() if 0x20 not in font.getBestCmap()]
    assert without == []


def test_a_word_of_a_hundred_thousand_letters_is_refused_by_length() -> None:
    with pytest.raises(Exception, match="100,000 characters"):
        letter_html("A" * 100_000)


def test_the_longest_text_that_is_taken_breaks_into_lines_even_as_one_word() -> None:
    document = opened(render_pdf(letter_html("A" * 20_000), metadata=METADATA))
    assert 8 < len(document.pages) < 15


def test_a_document_that_ran_away_is_refused() -> None:
    with pytest.raises(TooManyPages, match="at most 2"):
        render_pdf("<p style='break-after: page'>x</p>" * 3, metadata=METADATA, most_pages=2)


def test_the_variables_of_the_style_sheets_are_filled_in_before_they_are_parsed() -> None:
    """WeasyPrint fills them in for each element anew, which a letter pays for with one part in thirty."""
    fetcher = ClosedFetcher(TEMPLATES)
    style = fetcher.fetch("asset:styles/letter.css").read().decode()

    assert "var(" not in style
    assert 'font: 9pt "Source Sans 3", "Noto Sans Arabic"' in style


def test_garbage_is_collected_again_after_a_document_and_after_one_that_is_refused() -> None:
    render_pdf("<p>one</p>", metadata=METADATA)
    assert gc.isenabled()
    with pytest.raises(ForbiddenFetch):
        render_pdf('<img src="http://x.example/">', metadata=METADATA)
    assert gc.isenabled()
