"""The demo on the samples: it mixes with no other case, and what it prints can be read line by line."""

import shutil

import pytest

from flows import demo
from flows.casework import take_in, verify_case
from flows.demo import AS_OF, DemoFault
from flows.terminal import case_line, say
from tests.flows.conftest import NOON, SAMPLES


def test_cases_that_are_no_samples_are_left_alone(work, inbox):
    shutil.copytree(SAMPLES / "04_mmn_continuation", inbox / "own")
    file = inbox / "own" / "case.yaml"
    file.write_text(file.read_text().replace("system: sample-referrals", "system: clinic"))
    take_in(work, inbox, at=NOON)

    with pytest.raises(DemoFault, match=r"^1 case in .* is no sample") as fault:
        demo._refuse_other_cases(work, demo._sample_ids(work))

    assert "PRIORAUTH_HOME=" in str(fault.value)


def test_its_own_cases_are_no_obstacle_to_the_next_demo(work):
    take_in(work, SAMPLES, at=NOON)

    demo._refuse_other_cases(work, demo._sample_ids(work))


def test_piped_a_case_is_one_line_however_much_is_missing(work, case_of, capsys, tmp_path):
    case_id = case_of("08_renewal_no_baseline")
    verify_case(work, case_id, as_of=AS_OF, at=NOON)

    say(case_line(work.store.latest_assessment(case_id), pdf=tmp_path / "packet.pdf"))

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{case_id} CIDP · prime magellan · Information missing · missing: ")
    assert line.endswith(f" · {tmp_path / 'packet.pdf'}")


def test_what_is_wrong_is_told_as_what_to_do_about_it_the_gravest_first(work, case_of, capsys):
    case_id = case_of("11_wrong_code")
    verify_case(work, case_id, as_of=AS_OF, at=NOON)

    say(case_line(work.store.latest_assessment(case_id)))

    (line,) = capsys.readouterr().out.splitlines()
    assert " · to mend: Do not send as it is. " in line
    assert line.index("Use the specific code") < line.index("Read the NDC off the carton")
    assert "nothing missing" not in line
