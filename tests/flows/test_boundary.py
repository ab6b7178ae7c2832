"""What goes wrong with a case crosses into Prefect as a code and a line of code, and as nothing else."""

import asyncio
import copy
import pickle

import pytest
from pydantic import BaseModel, ValidationError

from flows import boundary
from flows.boundary import CaseFault, FaultCode, coded, fault_of, result_or_fault
from priorauth.formats.plain_values import read_plain
from priorauth.letters.refusals import LetterRefused
from priorauth.lifecycle import MoveRefused
from priorauth.store.errors import NoSuchRecord, StoreBusy


CANARY = "Canary Doe 1931-03-17"


class Aged(BaseModel):
    years: int


def fail_validation():
    Aged.model_validate({"years": CANARY})


def fail_reading():
    read_plain(f'{{"{CANARY}": 1'.encode(), f"{CANARY}.json")


def fail_lookup():
    return {}[CANARY]


@pytest.mark.parametrize("failing", [fail_validation, fail_reading, fail_lookup])
def test_no_word_of_an_error_comes_through(failing):
    @coded
    async def step():
        failing()

    with pytest.raises(CaseFault) as caught:
        asyncio.run(step())

    fault = caught.value
    assert (fault.__cause__, fault.__context__) == (None, None)
    assert "Canary" not in f"{fault}{fault!r}{pickle.dumps(fault)!r}"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreBusy(CANARY), FaultCode.STORE_BUSY),
        (NoSuchRecord(CANARY), FaultCode.NO_SUCH_CASE),
        (FileNotFoundError(CANARY), FaultCode.UNEXPECTED),
        (LetterRefused(CANARY), FaultCode.LETTER_REFUSED),
        (MoveRefused(CANARY), FaultCode.MOVE_REFUSED),
        (ValidationError.from_exception_data(CANARY, []), FaultCode.RECORD_CONTRADICTS),
        (RuntimeError(CANARY), FaultCode.UNEXPECTED),
    ],
)
def test_each_kind_of_error_has_its_code(error, code):
    assert fault_of(error).code is code


@pytest.mark.parametrize("code", FaultCode)
def test_every_code_comes_with_its_mend(code):
    words = str(CaseFault(code))

    assert words.startswith(f"{code.value}: ")
    assert len(words) > len(f"{code.value}: ") + 20


def test_an_unexpected_error_is_told_by_kind_and_line():
    fault = result_or_fault(read_plain, None, "x")

    assert isinstance(fault, CaseFault)
    assert str(fault).endswith(f"({fault.origin})")
    assert fault.origin.startswith("AttributeError at priorauth/formats/plain_values.py:")


def test_a_fault_survives_the_way_between_processes():
    # A copy is made by the very method that pickle uses.
    fault = copy.copy(CaseFault(FaultCode.UNEXPECTED, "KeyError at flows/prepare.py:7"))

    assert str(fault) == str(CaseFault(FaultCode.UNEXPECTED, "KeyError at flows/prepare.py:7"))


def test_a_fault_passes_the_boundary_unchanged():
    fault = CaseFault(FaultCode.LETTER_REFUSED)

    assert boundary.fault_of(fault) is fault
