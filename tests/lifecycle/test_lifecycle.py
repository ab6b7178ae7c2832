"""The table of moves: complete, reachable, and the one source of the diagram."""

from __future__ import annotations

import pytest

from priorauth.lifecycle import (
    STATUS_AFTER,
    TRANSITIONS,
    CaseStatus,
    MoveRefused,
    Role,
    can_move,
    check_can_move,
    lifecycle_diagram,
)
from schemas.treatment import DeterminationOutcome


def test_every_status_can_be_reached_and_every_case_can_be_closed() -> None:
    reached, waiting = {CaseStatus.DRAFT}, [CaseStatus.DRAFT]
    while waiting:
        before = waiting.pop()
        after = {move.after for move in TRANSITIONS if move.before is before} - reached
        reached |= after
        waiting += after

    assert reached == set(CaseStatus)
    assert {move.before for move in TRANSITIONS if move.after is CaseStatus.CLOSED} == set(CaseStatus) - {
        CaseStatus.CLOSED
    }


def test_no_move_stands_twice_and_each_has_somebody_to_make_it() -> None:
    moves = [(move.before, move.after) for move in TRANSITIONS]

    assert len(moves) == len(set(moves))
    assert all(move.roles for move in TRANSITIONS)


def test_every_outcome_of_a_determination_leads_from_submitted_to_its_status() -> None:
    assert set(STATUS_AFTER) == set(DeterminationOutcome)
    assert all(can_move(CaseStatus.SUBMITTED, status, Role.COORDINATOR) for status in STATUS_AFTER.values())


@pytest.mark.parametrize(
    ("before", "after", "role", "said"),
    [
        (CaseStatus.DRAFT, CaseStatus.READY, Role.SOFTWARE, None),
        (CaseStatus.DRAFT, CaseStatus.SUBMITTED, Role.COORDINATOR, None),
        (CaseStatus.DRAFT, CaseStatus.SUBMITTED, Role.SOFTWARE, "the software may not move a case from draft to submitted; it takes one of: coordinator, supervisor"),
        (CaseStatus.DRAFT, CaseStatus.APPROVED, Role.SUPERVISOR, "a case that is draft cannot become approved; from here the supervisor can make it ready, submitted, closed"),
        (CaseStatus.CLOSED, CaseStatus.DRAFT, Role.SUPERVISOR, None),
        (CaseStatus.CLOSED, CaseStatus.DRAFT, Role.SOFTWARE, "it takes one of: coordinator, supervisor"),
        (CaseStatus.CLOSED, CaseStatus.READY, Role.SOFTWARE, "from here the software can make it nothing else"),
        (CaseStatus.DENIED, CaseStatus.IN_REVIEW, Role.PRESCRIBER, None),
    ],
)  # fmt: skip
def test_a_refused_move_says_what_is_possible(
    before: CaseStatus, after: CaseStatus, role: Role, said: str | None
) -> None:
    assert can_move(before, after, role) is (said is None)
    if said is not None:
        with pytest.raises(MoveRefused) as refused:
            check_can_move(before, after, role)
        assert said in str(refused.value)


def test_the_diagram_shows_every_move_once() -> None:
    drawn = [
        line.split(": ")[0].strip()
        for line in lifecycle_diagram().splitlines()
        if "-->" in line and "[*]" not in line
    ]

    assert drawn == [f"{move.before} --> {move.after}" for move in TRANSITIONS]
