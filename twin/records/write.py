"""A referral as files: its case file and its record documents, each on the paper it came on."""

from __future__ import annotations

from pathlib import Path

from twin.records.card import card_of
from twin.records.case_file import case_file
from twin.records.pdf import pdf_of
from twin.records.scan import scan_of
from twin.records.source import CompiledReferral, Paper


def files_of(referral: CompiledReferral) -> dict[str, bytes]:
    """Return every file of the referral by its path inside the referral's folder."""
    files = {"case.yaml": case_file(referral).encode()}
    for paper in referral.papers:
        files[str(paper.document.file)] = _printed(paper, referral)
    return files


def _printed(paper: Paper, referral: CompiledReferral) -> bytes:
    match paper.paper:
        case "pdf":
            return pdf_of(paper, referral)
        case "card":
            return card_of(referral)
        case _:
            return scan_of(paper, referral)


def write_referral(referral: CompiledReferral, folder: Path) -> dict[str, bytes]:
    """Write the files and remove documents that the source no longer has."""
    files = files_of(referral)
    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    for old in documents.iterdir():
        if f"documents/{old.name}" not in files:
            old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return files
