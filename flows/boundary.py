"""The boundary between cases and Prefect: what goes wrong crosses it as a code, never with a value of a case.

Prefect stores the text of an exception in states, logs, events and result files. An error about a case may quote a
name or a birth date, so that every flow and task that touches a case is wrapped here.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Coroutine
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import task
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task
from pydantic import ValidationError

from flows.forms import FormIncomplete, FormMistake
from flows.settings import ROOT, SettingsFault
from flows.versions import NotReleased, VersionPassed
from priorauth.formats.unreadable import Unreadable
from priorauth.letters.refusals import FinalRefused, LetterRefused
from priorauth.lifecycle import MoveRefused
from priorauth.rendering.errors import RenderingRefused
from priorauth.store.errors import (
    CaseIdTaken,
    DocumentDamaged,
    NewerDatabase,
    NoSuchRecord,
    RecordContradicts,
    StoreBusy,
)
from priorauth.yaml_problems import YamlMistakes


P = ParamSpec("P")
R = TypeVar("R")
_OURS = tuple(f"{ROOT / folder}/" for folder in ("flows", "priorauth", "schemas"))
Asynchronous = Callable[P, Coroutine[Any, Any, R]]


class FaultCode(StrEnum):
    """What went wrong, in words that say nothing of the case."""

    STORE_BUSY = "store_busy"
    NO_SUCH_CASE = "no_such_case"
    NO_SUCH_DAY = "no_such_day"
    FORM_INCOMPLETE = "form_incomplete"
    FOLDER_MISSING = "folder_missing"
    SETTINGS_WRONG = "settings_wrong"
    DATABASE_NEWER = "database_newer"
    KNOWLEDGE_UNREADABLE = "knowledge_unreadable"
    REFERRAL_UNREADABLE = "referral_unreadable"
    CASE_ID_TAKEN = "case_id_taken"
    LETTER_REFUSED = "letter_refused"
    FINAL_REFUSED = "final_refused"
    VERSION_PASSED = "version_passed"
    NOT_RELEASED = "not_released"
    RENDERING_REFUSED = "rendering_refused"
    MOVE_REFUSED = "move_refused"
    DOCUMENT_DAMAGED = "document_damaged"
    RECORD_CONTRADICTS = "record_contradicts"
    UNEXPECTED = "unexpected"


_MEND = {
    FaultCode.STORE_BUSY: "the case store is locked or out of reach; the run tries again by itself",
    FaultCode.NO_SUCH_CASE: "no case is stored under this id; take the referral in first",
    FaultCode.NO_SUCH_DAY: "a date of the form is in no calendar, out of reach, lies ahead, or ends before it starts; correct it",
    FaultCode.FORM_INCOMPLETE: "the form lacks something, or names what is not there; priorauth decided says what",
    FaultCode.FOLDER_MISSING: "the folder of referrals does not exist; correct it in the form",
    FaultCode.SETTINGS_WRONG: "a setting cannot be used; run priorauth doctor",
    FaultCode.DATABASE_NEWER: "the database was made by a newer version; bring this one up to date",
    FaultCode.KNOWLEDGE_UNREADABLE: "run priorauth policies check, which names every mistake",
    FaultCode.REFERRAL_UNREADABLE: "run priorauth intake --faults, which names file and field",
    FaultCode.CASE_ID_TAKEN: "two referrals share a case id; give one of them another identifier",
    FaultCode.LETTER_REFUSED: "run priorauth packet with this case id, which names what the case lacks",
    FaultCode.FINAL_REFUSED: "run priorauth review with this case id, which names everything the final lacks",
    FaultCode.VERSION_PASSED: "no letter of this version, or what it says has changed; prepare it again, read that",
    FaultCode.NOT_RELEASED: "no final packet of this version; record the review first",
    FaultCode.RENDERING_REFUSED: "run priorauth letter with this case id, which names the text that cannot be printed",
    FaultCode.MOVE_REFUSED: "the case is not at a step where this can be done; see the work list",
    FaultCode.DOCUMENT_DAMAGED: "a stored document has changed on disk; take the referral in again",
    FaultCode.RECORD_CONTRADICTS: "what was entered does not fit the case; check case id, numbers and dates",
    FaultCode.UNEXPECTED: "an error nobody expected; repeat the step with the priorauth command to see it",
}
_CODES: tuple[tuple[type[Exception], FaultCode], ...] = (
    (StoreBusy, FaultCode.STORE_BUSY),
    (NoSuchRecord, FaultCode.NO_SUCH_CASE),
    (FormIncomplete, FaultCode.FORM_INCOMPLETE),
    (FormMistake, FaultCode.NO_SUCH_DAY),
    (SettingsFault, FaultCode.SETTINGS_WRONG),
    (NewerDatabase, FaultCode.DATABASE_NEWER),
    (YamlMistakes, FaultCode.KNOWLEDGE_UNREADABLE),
    (Unreadable, FaultCode.REFERRAL_UNREADABLE),
    (CaseIdTaken, FaultCode.CASE_ID_TAKEN),
    (FinalRefused, FaultCode.FINAL_REFUSED),
    (VersionPassed, FaultCode.VERSION_PASSED),
    (NotReleased, FaultCode.NOT_RELEASED),
    (LetterRefused, FaultCode.LETTER_REFUSED),
    (RenderingRefused, FaultCode.RENDERING_REFUSED),
    (MoveRefused, FaultCode.MOVE_REFUSED),
    (DocumentDamaged, FaultCode.DOCUMENT_DAMAGED),
    (RecordContradicts, FaultCode.RECORD_CONTRADICTS),
    (ValidationError, FaultCode.RECORD_CONTRADICTS),
)


class CaseFault(Exception):
    """A failure as Prefect may see it: a code, its remedy, and the kind and line of the error behind it."""

    def __init__(self, code: FaultCode, origin: str = "") -> None:
        unexpected = f" ({origin})" if code is FaultCode.UNEXPECTED else ""
        super().__init__(f"{code.value}: {_MEND[code]}{unexpected}")
        self.code = code
        self.origin = origin

    def __reduce__(self) -> tuple[type[CaseFault], tuple[FaultCode, str]]:
        return (CaseFault, (self.code, self.origin))


def coded(function: Asynchronous[P, R]) -> Asynchronous[P, R]:
    """Let errors out of a flow or task only as CaseFault.

    Prefect looks up annotations that are text in this module and not in that of the flow, so the modules of flows
    do without ``from __future__ import annotations``.
    """

    @wraps(function)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - any message may quote a case
            fault = fault_of(error)
        # Raised outside the handler, so that not even the context of the new error holds the old one.
        raise fault

    return guarded


def result_or_fault(function: Callable[..., R], *args: Any, **kwargs: Any) -> R | CaseFault:
    """Do one part of a batch: what goes wrong comes back, so that one case stops no other."""
    try:
        return function(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - any message may quote a case
        return fault_of(error)


def fault_of(error: Exception) -> CaseFault:
    """Return the fault an error crosses the boundary as."""
    if isinstance(error, CaseFault):
        return error
    code = next((code for kind, code in _CODES if isinstance(error, kind)), FaultCode.UNEXPECTED)
    return CaseFault(code, f"{type(error).__name__} at {_line_of_ours(error)}")


def _line_of_ours(error: Exception) -> str:
    """Name the last line of the product that the error passed; the line is code and holds nothing of a case."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_OURS)]
    if not ours:
        return "an unknown line"
    return f"{Path(ours[-1].filename).relative_to(ROOT)}:{ours[-1].lineno}"


def case_task(name: str) -> Callable[[Asynchronous[P, R]], Task[P, Coroutine[Any, Any, R]]]:
    """Make a task of a step on cases: coded, tried again while the store is busy, its result kept nowhere."""

    def decorate(function: Asynchronous[P, R]) -> Task[P, Coroutine[Any, Any, R]]:
        return task(
            name=name,
            retries=3,
            retry_delay_seconds=[1, 5, 15],
            retry_jitter_factor=0.5,
            retry_condition_fn=_worth_retrying,
            persist_result=False,
        )(coded(function))

    return decorate


async def _worth_retrying(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    try:
        await state.result()
    except CaseFault as fault:
        return fault.code is FaultCode.STORE_BUSY
    return False
