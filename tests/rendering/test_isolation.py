"""Rendering under limits: what goes over them is ended, and what goes wrong inside is reported outside."""

import os
import signal
import sys
import time
from datetime import UTC, datetime

import pytest

from priorauth.rendering.errors import ForbiddenFetch, RenderingStopped
from priorauth.rendering.isolation import Limits, isolated, isolated_within, render_pdf_isolated
from priorauth.rendering.metadata import DocumentMetadata
from priorauth.rendering.pdf import render_pdf


pytestmark = [
    pytest.mark.rendering,
    pytest.mark.skipif(sys.platform != "linux", reason="work is only isolated on Linux"),
]

METADATA = DocumentMetadata(title="Letter", author="Practice", created=datetime(2026, 11, 23, tzinfo=UTC))


def endless() -> bytes:
    while True:
        pass


def sleeping() -> bytes:
    time.sleep(60)
    return b""


def greedy() -> bytes:
    return b"x" * (4 << 30)


def busy() -> bytes:
    until = time.process_time() + 1
    while time.process_time() < until:
        pass
    return b"done"


def faulty() -> bytes:
    raise KeyError("missing")


def crashing() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def test_an_isolated_letter_is_the_same_bytes() -> None:
    html = "<h1>Letter</h1><p>A sentence.</p>"
    assert render_pdf_isolated(html, metadata=METADATA) == render_pdf(html, metadata=METADATA)


def test_work_without_end_is_stopped_by_processor_time() -> None:
    with pytest.raises(RenderingStopped):
        isolated_within(Limits(cpu_seconds=1), endless)


def test_work_that_waits_is_stopped_by_the_clock() -> None:
    started = time.perf_counter()
    with pytest.raises(RenderingStopped):
        isolated_within(Limits(wall_seconds=0.3), sleeping)
    assert time.perf_counter() - started < 5


def test_work_that_eats_memory_is_stopped() -> None:
    with pytest.raises(RenderingStopped):
        isolated_within(Limits(memory_bytes=256 << 20), greedy)


def test_a_crash_in_the_libraries_ends_the_child_and_not_this_process() -> None:
    with pytest.raises(RenderingStopped):
        isolated(crashing)


def test_a_layout_that_never_ends_is_stopped() -> None:
    nested = "<div style='display: flex'>" * 16 + "x"
    with pytest.raises(RenderingStopped):
        isolated_within(Limits(cpu_seconds=2), render_pdf, nested, metadata=METADATA)


def test_a_layout_nested_too_deeply_is_stopped() -> None:
    with pytest.raises(RenderingStopped):
        render_pdf_isolated("<div>" * 400 + "x", metadata=METADATA)


def test_a_refusal_inside_is_the_same_refusal_outside() -> None:
    with pytest.raises(ForbiddenFetch, match="http: address"):
        render_pdf_isolated('<img src="http://127.0.0.1/x">', metadata=METADATA)


def test_after_a_child_was_stopped_the_next_letter_is_made() -> None:
    with pytest.raises(RenderingStopped):
        isolated(crashing)

    assert render_pdf_isolated("<p>A sentence.</p>", metadata=METADATA).startswith(b"%PDF")


def test_the_limit_of_one_call_does_not_shorten_the_next() -> None:
    for _ in range(3):
        assert isolated_within(Limits(cpu_seconds=2), busy) == b"done"


def test_a_fault_of_the_program_is_not_taken_for_a_refusal() -> None:
    with pytest.raises(KeyError, match="missing"):
        isolated(faulty)
