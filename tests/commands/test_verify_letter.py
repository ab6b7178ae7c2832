"""A finished letter is verified from its file alone."""

from __future__ import annotations

import json

import pytest

from tests.commands.conftest import AS_OF, SAMPLES


pytestmark = [pytest.mark.slow, pytest.mark.rendering]


def test_a_letter_and_its_packet_are_verified_from_their_files(run, tmp_path):
    letter, packet = tmp_path / "letter.pdf", tmp_path / "packet.pdf"
    run("letter", SAMPLES / "01_cidp_initial", "-o", letter, "--as-of", AS_OF)
    run("packet", SAMPLES / "01_cidp_initial", "-o", packet, "--as-of", AS_OF)

    one = run("verify-letter", letter)
    both = json.loads(run("verify-letter", packet, "--json").stdout)

    assert one.exit_code == 0
    assert "sentences are resolved" in one.stdout
    assert both["in_packet"] is True
    assert both["problems"] == []


def test_a_file_that_is_no_letter_ends_with_a_status_and_a_reason(run, tmp_path):
    place = tmp_path / "other.pdf"
    place.write_bytes(b"%PDF-1.7 broken")

    result = run("verify-letter", place)

    assert result.exit_code == 1
    assert "no readable PDF" in result.stdout
