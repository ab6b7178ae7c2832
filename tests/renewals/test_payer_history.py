"""What the practice has seen of a payer outranks rule and profile, once it has seen enough."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from priorauth.knowledge import Knowledge
from priorauth.payer_history import FEWEST, SentRequest, UsualTime, usual_time
from priorauth.renewals import plan_renewal
from tests.renewals.courses import a_case, every, grant


TODAY = date(2026, 11, 23)


def requests(*waits: int | None) -> list[SentRequest]:
    """Requests sent half a year ago; None was never decided."""
    sent = TODAY - timedelta(days=180)
    return [SentRequest(sent, None if wait is None else sent + timedelta(days=wait)) for wait in waits]


def test_too_few_requests_promise_nothing() -> None:
    assert usual_time(requests(*range(1, FEWEST)), as_of=TODAY) is None
    assert usual_time(requests(*range(1, FEWEST + 1)), as_of=TODAY) == UsualTime(19, FEWEST)


def test_requests_never_decided_count_as_the_longest() -> None:
    assert usual_time(requests(*[5] * 18, None, None), as_of=TODAY) is None
    assert usual_time(requests(*[5] * 29, None), as_of=TODAY) == UsualTime(5, 30)


def test_young_and_old_requests_are_left_out() -> None:
    young = [SentRequest(TODAY - timedelta(days=59), TODAY - timedelta(days=58))] * 20
    old = [SentRequest(TODAY - timedelta(days=731), TODAY - timedelta(days=730))] * 20
    assert usual_time([*young, *old], as_of=TODAY) is None


@given(st.lists(st.integers(1, 60), min_size=20, max_size=80), st.randoms())
def test_the_order_of_requests_decides_nothing_and_nine_of_ten_were_met(
    waits: list[int], order: Random
) -> None:
    history = requests(*waits)
    usual = usual_time(history, as_of=TODAY)
    order.shuffle(history)
    assert usual_time(history, as_of=TODAY) == usual
    assert usual is not None
    assert sum(wait <= usual.days for wait in waits) * 10 >= len(waits) * 9


def test_nine_of_ten_promises_are_kept_on_a_steady_payer() -> None:
    rng = Random(7)  # noqa: S311 - a test, not a secret
    met = 0
    for _ in range(2000):
        *seen, coming = (int(rng.lognormvariate(2.2, 0.6) * 4) for _ in range(41))
        usual = usual_time(requests(*seen), as_of=TODAY)
        met += usual is not None and coming <= usual.days
    assert 0.87 <= met / 2000 <= 0.93


def test_a_slow_payer_is_asked_earlier(knowledge: Knowledge) -> None:
    case = a_case(
        every(21, date(2026, 12, 1), 4), [grant(date(2026, 7, 1), date(2027, 3, 1), 2000)], every_days=21
    )
    by_rule = plan_renewal(case, knowledge, as_of=TODAY)
    seen = plan_renewal(case, knowledge, as_of=TODAY, usual=UsualTime(40, 25))
    assert by_rule is not None
    assert seen is not None
    assert by_rule.first is not None
    assert seen.first is not None
    assert seen.first.renew_by < by_rule.first.renew_by
    assert "90 % of its decisions came within 40 days (25 requests of this practice)" in seen.first.because[2]
