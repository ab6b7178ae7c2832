"""Gives every renewal its turn: the day on which its request goes out where the staff can send only so many a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from priorauth.deadlines import business_day_on_or_after
from priorauth.renew_by import day_words
from priorauth.workload import Window, Workload, spread
from schemas.renewal import Need, RenewalPlan


def in_turn(
    plans: Sequence[RenewalPlan], *, as_of: date, capacity: int
) -> tuple[tuple[RenewalPlan, ...], Workload]:
    """Move the days to submit on so that none has more than ``capacity`` requests, with the load that came of it.

    What was sent already stays as it is. A request that comes too late whatever is done is due today.
    """
    windows = [_window(plan, request, as_of) for plan in plans for request in _requests(plan.needs, as_of)]
    load = spread(windows, capacity=capacity)
    return tuple(_moved(plan, load, as_of=as_of, capacity=capacity) for plan in plans), load


def _requests(needs: Sequence[Need], as_of: date) -> list[list[Need]]:
    """Group what is still to be asked for: needs whose windows have a day in common go out as one request."""
    requests: list[list[Need]] = []
    to_ask = [need for need in needs if need.decision_due is None]
    for need in sorted(to_ask, key=lambda need: need.window_ends):
        if requests and need.window_starts <= max(requests[-1][0].window_ends, as_of):
            requests[-1].append(need)
        else:
            requests.append([need])
    return requests


def _window(plan: RenewalPlan, request: Sequence[Need], as_of: date) -> Window:
    starts = max(as_of, *(need.window_starts for need in request))
    ends = max(request[0].window_ends, business_day_on_or_after(starts))
    return Window(ends, starts, _name(plan, request))


def _name(plan: RenewalPlan, request: Sequence[Need]) -> str:
    return f"{plan.case_id}/{request[0].kind.value}"


def _moved(plan: RenewalPlan, load: Workload, *, as_of: date, capacity: int) -> RenewalPlan:
    moved = {
        need.kind: _on_its_turn(need, load, _name(plan, request), capacity)
        for request in _requests(plan.needs, as_of)
        for need in request
    }
    if not moved:
        return plan
    needs = tuple(moved.get(need.kind, need) for need in plan.needs)
    return plan.model_copy(update={"needs": needs, "because": needs[0].because})


def _on_its_turn(need: Need, load: Workload, request: str, capacity: int) -> Need:
    turn = load.days[request]
    words = f"its turn is on {day_words(turn)}: the practice sends up to {capacity} requests a working day"
    if request in load.late:
        words += ", and no earlier day is free"
    return need.model_copy(update={"submit_on": turn, "because": (*need.because, words)})
