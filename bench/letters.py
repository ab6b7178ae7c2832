"""How fast letters are laid out, beside plain WeasyPrint and Chromium on the same HTML, and packets put together."""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter

import pikepdf
import psutil
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from bench.assessing import AS_OF, samples
from bench.measured import Measured
from flows.prerequisites import TEST_TOOLS, tool_path
from priorauth.letters.compose import ComposedLetter, compose_letter
from priorauth.packets.assembly import assemble_packet
from priorauth.packets.model import Exhibit, PacketCover
from priorauth.rendering.isolation import render_pdf_isolated
from priorauth.rendering.metadata import DocumentMetadata
from priorauth.rendering.pdf import TEMPLATES, render_pdf
from priorauth.verification import verify
from schemas.letter import LetterKind
from tests.letters.occasions import REVIEW, confirmed_knowledge


ROUNDS = 5
CASES = ("PA-36PRFKRK", "PA-T5RB84JT")
"""The first letter of a course of CIDP, and one that continues a course and shows its charts."""

STYLES = ("fonts", "letter", "packet")
CREATED = datetime(2026, 11, 23, 12, tzinfo=UTC)
# Chromium itself would look for updates and a login page of the network.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

COLD = """
import pickle, sys
from priorauth.rendering.pdf import render_pdf
html, metadata = pickle.load(open(sys.argv[1], "rb"))
render_pdf(html, metadata=metadata)
"""

Print = Callable[[ComposedLetter], object]


def measurements() -> Iterator[Measured]:
    """Yield the speed of each way to print the same letters, their ratios, and the time of packets."""
    written = [_written(case_id) for case_id in CASES]
    with ExitStack() as held:
        seconds = interleaved(_ways(held), written)
    warm = seconds["warm"]
    yield Measured("Letters of 4 and 5 pages per core, warm", 1 / warm, "/s", over=2.5)
    yield Measured("the same, in the process that limits time and memory", 1 / seconds["isolated"], "/s")
    yield Measured("the same, plain WeasyPrint with styles as one begins", 1 / seconds["plain"], "/s")
    yield Measured("the same, plain WeasyPrint with the styles of ours", 1 / seconds["plain, tuned"], "/s")
    yield Measured("Ours warm against plain WeasyPrint as one begins", seconds["plain"] / warm, "x", over=1.8)
    yield Measured("Ours warm against plain WeasyPrint with our styles", seconds["plain, tuned"] / warm, "x")
    yield Measured("A page of its own, such as a fax cover, warm", _one_page() * 1000, "ms", 60)
    yield Measured("1,000 letters over two processes, from 60", _batch(written) * 1000, "s", 220)
    yield Measured("One letter by a new process, cold", _cold(written[0]), "s")
    if "chromium" in seconds:
        yield Measured("the same, headless Chromium, its page kept open", 1 / seconds["chromium"], "/s")
        yield Measured("Ours warm against Chromium", seconds["chromium"] / warm, "x")
    for exhibits, under in ((24, 0.4), (524, 0.8)):
        pages, taken = assembling(written[0], exhibits)
        yield Measured(f"Assemble a packet of {pages} pages", taken, "s", under)


def interleaved(ways: dict[str, Print], letters: list[ComposedLetter]) -> dict[str, float]:
    """Return seconds of processor for each way: over the letters the mean of the medians, the first round not counted."""
    taken: dict[tuple[str, int], list[float]] = {}
    for turn in range(ROUNDS + 1):
        for name, printed in ways.items():
            for number, letter in enumerate(letters):
                began = _processor()
                printed(letter)
                if turn:
                    taken.setdefault((name, number), []).append(_processor() - began)
    return {
        name: sum(median(taken[name, number]) for number in range(len(letters))) / len(letters)
        for name in ways
    }


def _processor() -> float:
    """Seconds of processor of this process and of all that it started and that still run."""
    spent = 0.0
    here = psutil.Process()
    for process in (here, *here.children(recursive=True)):
        # A browser ends a helper now and then between the listing and the question.
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent += times.user + times.system
    return spent


def _ways(held: ExitStack) -> dict[str, Print]:
    ways: dict[str, Print] = {
        "warm": lambda letter: render_pdf(letter.html, metadata=letter.metadata),
        "isolated": lambda letter: render_pdf_isolated(letter.html, metadata=letter.metadata),
        "plain": _plain,
        "plain, tuned": _plain_tuned,
    }
    chromium = next(
        (path for tool in TEST_TOOLS if tool.name == "chromium" and (path := tool_path(tool))), None
    )
    if chromium:
        ways["chromium"] = _chromium(held, chromium)
    return ways


def _plain(letter: ComposedLetter) -> bytes:
    """As one begins with WeasyPrint: styles in the document, nothing shared, tables as wide as their words.

    Words that would not fit are allowed to break anywhere, which is what is found first against tables that overflow. It
    makes every table be measured again for every possible break, and is the largest single cost of such a letter.
    """
    return _written_plainly(
        self_contained(letter.html)
        .replace("table-layout: fixed;", "")
        .replace("overflow-wrap: break-word", "overflow-wrap: anywhere")
    )


def _plain_tuned(letter: ComposedLetter) -> bytes:
    """The same with our styles, which shows what the warm renderer saves besides them."""
    return _written_plainly(self_contained(letter.html))


def _written_plainly(html: str) -> bytes:
    pdf: bytes = HTML(string=html).write_pdf(font_config=FontConfiguration(), pdf_variant="pdf/ua-1")
    return pdf


def _one_page() -> float:
    """Seconds of processor for the smallest kind of letter."""
    cover = _written(CASES[0], LetterKind.FAX_COVER)
    seconds = interleaved({"warm": lambda letter: render_pdf(letter.html, metadata=letter.metadata)}, [cover])
    return seconds["warm"]


def _batch(letters: list[ComposedLetter], count: int = 60) -> float:
    """Seconds by the clock for one letter of a batch over two processes, warm."""
    work = [(letter.html, letter.metadata) for letter in letters] * (count // len(letters))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_print_one, work[:4]))
        began = perf_counter()
        list(pool.map(_print_one, work))
        return (perf_counter() - began) / len(work)


def _print_one(document: tuple[str, DocumentMetadata]) -> None:
    html, metadata = document
    render_pdf(html, metadata=metadata)


def _chromium(held: ExitStack, path: str) -> Print:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - where there is no Chromium, there is no need

    playwright = held.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=path, args=QUIET)
    held.callback(browser.close)
    page = browser.new_page()
    folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="priorauth-bench-")))

    def printed(letter: ComposedLetter) -> bytes:
        document = folder / "letter.html"
        document.write_text(self_contained(letter.html), encoding="utf-8")
        page.goto(document.as_uri())
        return page.pdf(format="Letter", print_background=True, tagged=True, prefer_css_page_size=True)

    return printed


def self_contained(html: str) -> str:
    """The letter with its styles inside, and its fonts named as files, which both others can read."""
    styles = "\n".join((TEMPLATES / "styles" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    styles = styles.replace("asset:", f"{TEMPLATES.as_uri()}/")
    return html.replace("</head>", f"<style>{styles}</style></head>", 1)


def _cold(letter: ComposedLetter) -> float:
    """Seconds of processor from the start of Python to the PDF."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        file.write(pickle.dumps((letter.html, letter.metadata)))
        file.flush()
        taken = []
        for _ in range(3):
            began = _of_the_ended()
            subprocess.run([sys.executable, "-c", COLD, file.name], check=True)  # noqa: S603
            taken.append(_of_the_ended() - began)
    return median(taken)


def _of_the_ended() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def assembling(letter: ComposedLetter, pages: int) -> tuple[int, float]:
    """Return the pages of a packet and the seconds it takes: a letter and two documents with a page of text each side."""
    pdf = render_pdf(letter.html, metadata=letter.metadata)
    exhibits = [
        Exhibit(
            label=label,
            title="Record",
            media_type="application/pdf",
            content=_record(pages // 2),
            document_id=f"record-{label}",
        )
        for label in "AB"
    ]
    cover = PacketCover(
        letterhead=letter.letterhead,
        subject="Prior authorization request",
        recipient="Health plan",
        misdirected_phone="the sender",
    )
    assemble = partial(
        assemble_packet, pdf, exhibits, cover=cover, case_number=letter.record.case_id, created=CREATED
    )
    count = assemble().page_count
    taken = []
    for _ in range(3):
        began = perf_counter()
        assemble()
        taken.append(perf_counter() - began)
    return count, median(taken)


def _record(pages: int) -> bytes:
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
    )
    for number in range(pages):
        page = pdf.add_blank_page(page_size=(612, 792))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        lines = "".join(f"(Line {line} of page {number} of the record) Tj T* " for line in range(45))
        page.obj.Contents = pdf.make_stream(f"BT /F1 11 Tf 14 TL 60 720 Td {lines} ET".encode())
    target = BytesIO()
    pdf.save(target)
    return target.getvalue()


def _written(case_id: str, kind: LetterKind | None = None) -> ComposedLetter:
    case = next(case for case in samples() if case.case_id == case_id)
    known = confirmed_knowledge()
    return compose_letter(
        case, verify(case, as_of=AS_OF, knowledge=known), knowledge=known, kind=kind, review=REVIEW
    )
