"""The case a command is about: read from a file, without any database, or from the store."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.casework import KNOWLEDGE, Casework, open_casework
from flows.clock import today
from flows.commands.mistakes import Refused
from flows.settings import read_settings
from flows.terminal import complain
from priorauth.formats.unreadable import FaultCode, unreadable
from priorauth.intake import Referred, read_folder, read_referral
from priorauth.knowledge import Knowledge, load_knowledge
from priorauth.store.errors import DocumentDamaged
from priorauth.verification import verify
from schemas.assessment import Assessment
from schemas.case import Case


_CASE_ID = re.compile(r"^PA-[0-9A-HJKMNP-TV-Z]{8}$", re.IGNORECASE)


_LIKE_A_CASE_ID = re.compile(r"^PA-?\w*$", re.IGNORECASE)


@dataclass(frozen=True)
class Subject:
    """A case with what is needed to work on it; ``work`` is empty for a case that comes from a file."""

    case: Case
    knowledge: Knowledge
    read_document: Callable[[str], bytes]
    work: Casework | None = None

    def assess(self, as_of: date | None) -> Assessment:
        """Verify the case, without storing anything."""
        return verify(self.case, as_of=day_or_today(as_of), knowledge=self.knowledge)


def day_or_today(as_of: date | None) -> date:
    """Return the day to look from: the one given, else today at the practice."""
    return as_of or today(read_settings())


def open_subject(named: str) -> Subject:
    """Open what FILE|CASE_ID names. A file that exists goes before a case of the same name."""
    path = Path(named)
    if not path.exists() and _LIKE_A_CASE_ID.match(named) and not _CASE_ID.match(named):
        raise Refused(
            f"no case is stored under {named}: a case id is PA- and eight digits and letters without I, L, O and U; "
            "priorauth cases lists them"
        )
    if path.exists() or not _CASE_ID.match(named):
        return _from_file(path, named)
    work = open_casework(read_settings())
    return Subject(work.store.get_case(named.upper()), work.knowledge, work.store.read_document, work)


def _from_file(path: Path, named: str) -> Subject:
    knowledge = load_knowledge(KNOWLEDGE)
    referred = (
        _only_referral(path, knowledge) if path.is_dir() else read_referral(path, knowledge, name=named)
    )
    for fault in referred.faults:
        complain(fault.line)

    def read_document(digest: str) -> bytes:
        if digest not in referred.files:
            raise DocumentDamaged(f"{named} names a document by its hash {digest} and brings no file with it")
        return referred.files[digest]

    return Subject(referred.case, knowledge, read_document)


def _only_referral(folder: Path, knowledge: Knowledge) -> Referred:
    found = read_folder(folder, knowledge)
    if len(found.cases) == 1:
        return found.cases[0]
    if found.faults and not found.cases:
        fault = found.faults[0]
        raise unreadable(
            fault.code,
            str(folder),
            found=f"no referral that can be read ({fault.line})",
            expected="one",
            mend="Mend the file named.",
        )
    if not found.cases:
        raise unreadable(
            FaultCode.NOT_FOUND,
            str(folder),
            found="no referral",
            expected="a case file or FHIR bundle",
            mend="Check the name of the folder.",
        )
    raise Refused(
        f"{folder} holds {len(found.cases)} referrals; name one of them, or take all in: priorauth intake {folder}"
    )
