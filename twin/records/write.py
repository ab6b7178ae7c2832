"""A referral as files: a case file with its record documents, or a FHIR bundle that carries them inside."""

from __future__ import annotations

from pathlib import Path

from twin.records.bundle import bundle_of
from twin.records.card import card_of
from twin.records.case_file import case_file
from twin.records.pdf import pdf_of
from twin.records.scan import scan_of
from twin.records.source import CompiledReferral, Paper


def files_of(referral: CompiledReferral) -> dict[str, bytes]:
    """Return every file of the referral by its path inside the referral's folder."""
    documents = {paper.document.document: printed(paper, referral) for paper in referral.papers}
    if referral.as_bundle:
        return {"bundle.json": bundle_of(referral, documents)}
    files = {"case.yaml": case_file(referral).encode()}
    files.update({str(paper.document.file): documents[paper.document.document] for paper in referral.papers})
    return files


def printed(paper: Paper, referral: CompiledReferral) -> bytes:
    """Return one document on the paper it came on."""
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
    for old in (folder / "documents").glob("*"):
        if f"documents/{old.name}" not in files:
            old.unlink()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return files
