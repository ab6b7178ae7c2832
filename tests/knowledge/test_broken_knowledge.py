"""Every kind of slip in the shipped files is refused in the file and on the line where it stands."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from priorauth.knowledge import describe_problems, load_knowledge
from priorauth.yaml_source import Problem, YamlMistakes


class Slip(NamedTuple):
    """A change of one file, and what is said of it."""

    name: str
    before: str
    after: str
    key: str
    found: str
    expected: str


IN_VALUES = (
    Slip(
        "payers/aetna/immune_globulin/2026-01-01.yaml",
        "is_one_of: [progressive, stepwise_progressive, relapsing]",
        "is_one_of: [progresive, stepwise_progressive, relapsing]",
        "conditions.cidp.initiation.criteria[0].require.all_of[0].is_one_of",
        "'progresive' asked of the fact 'course_pattern'",
        "is, is_one_of or is_none_of, with words out of: progressive, relapsing, stepwise_progressive, monophasic, "
        "stable, improving",
    ),
    Slip(
        "conditions/cidp.yaml",
        "publications: [van_den_bergh_2021_ean_pns, cornblath_2022_procid]",
        "publications: [van_den_bergh_2021_ean_pns, cornblath_2022_prosid]",
        "dosing.publications[1]",
        "'cornblath_2022_prosid'",
        "an id that exists in knowledge/publications; did you mean cornblath_2022_procid?",
    ),
    Slip(
        "conditions/mmn.yaml",
        "measures: [mmn_rods,",
        "measures: [mmn_rod,",
        "measures[0]",
        "'mmn_rod'",
        "an id that exists in knowledge/measures; did you mean mmn_rods?",
    ),
    Slip(
        "conditions/gbs.yaml",
        "rule_sets: [brighton_gbs]",
        "rule_sets: [briton_gbs]",
        "rule_sets[0]",
        "'briton_gbs'",
        "an id that exists in knowledge/conditions/rule_sets; did you mean brighton_gbs?",
    ),
    Slip(
        "conditions/antibodies.yaml",
        "entity: nodopathy_nf155",
        "entity: nodopathy_nf156",
        "records.anti_nf155.entity",
        "'nodopathy_nf156'",
        "an id that exists in knowledge/conditions/mimics.yaml; did you mean nodopathy_nf155?",
    ),
    Slip(
        "products/privigen.yaml",
        'stem: "44206-0437"',
        "stem: 442060437",
        "ndc[1].stem",
        "the unquoted value 442060437",
        "a code in quotes, such as '442060437'",
    ),
    Slip(
        "products/octagam_10.yaml",
        "fact: gdh_pqq_glucose_meter",
        "fact: gdh_glucose_meter",
        "cautions[0].fact",
        "'gdh_glucose_meter'",
        "an id that exists in knowledge/facts.yaml; did you mean gdh_pqq_glucose_meter?",
    ),
    Slip(
        "products/gamunex_c.yaml",
        "dosing/cidp: {confidence: M}",
        "dosing/mmn: {confidence: M}",
        "exceptions",
        "'mmn' in the path 'dosing/mmn'",
        "one of: cidp",
    ),
    Slip(
        "conditions/rule_sets/ean_pns_2021.yaml",
        "cutoffs: [velocity_percent_under_lln]",
        "cutoffs: [velocity_under_lln]",
        "items[1]",
        "velocity_under_lln",
        "names under cutoffs or tables",
    ),
    Slip(
        "measures/pain_nrs.yaml",
        "{rule: either, absolute: 2, percent: 30}",
        "{rule: absolute, absolute: 2, percent: 30}",
        "smallest_change",
        "rule absolute with absolute 2 and percent 30",
        "the amounts that the rule names and no other",
    ),
    Slip(
        "regulations/decision_timeframes.yaml",
        "effective_to: 2025-12-31",
        "effective_to: 2026-01-31",
        "ma_item_standard",
        "a rule that governs the same request on the same day as 'ma_item_standard_to_2025'",
        "one rule a day",
    ),
    Slip(
        "publications/gbs.yaml",
        'pmid: {value: "37814552", verified: true}',
        "pmid: {value: 37814552, verified: true}",
        "records.van_doorn_2023_ean_pns.pmid.value",
        "the number 37814552",
        "text",
    ),
)
# These make a file unreadable, so that references to what it holds cannot be checked; hence a copy of their own.
IN_FILES = (
    Slip(
        "products/panzyga.yaml",
        "effective_from: 2023-07-01",
        "effective_from: 2023-06-31",
        "hcpcs[1].effective_from",
        "the date 2023-06-31",
        "a day that exists, written YYYY-MM-DD",
    ),
    Slip(
        "publications/cidp.yaml",
        "  leger_2013_prima:",
        "  hughes_2008_ice:",
        "records.hughes_2008_ice",
        "the key 'hughes_2008_ice' a second time (first on line 4)",
        "each key once",
    ),
    Slip(
        "measures/incat.yaml",
        "id: incat",
        "id: incat_score",
        "id",
        "'incat_score'",
        "'incat', the name of the file",
    ),
)


def problems_after(slips: Iterable[Slip], shipped: Path, copy: Path) -> list[Problem]:
    shutil.copytree(shipped, copy)
    for slip in slips:
        replace(copy / slip.name, slip.before, slip.after)
    return describe_problems(copy)


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text, f"{path.name} does not hold {before!r} any more; adapt this test"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def problems(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Problem]:
    folder = tmp_path_factory.mktemp("slips")
    return [
        *problems_after(IN_VALUES, shipped, folder / "values" / "knowledge"),
        *problems_after(IN_FILES, shipped, folder / "files" / "knowledge"),
    ]


@pytest.mark.parametrize("slip", [*IN_VALUES, *IN_FILES], ids=lambda slip: f"{slip.name} {slip.key}".strip())
def test_a_slip_is_refused_where_it_stands(problems, slip):
    said = [
        (problem.key, problem.found, problem.expected)
        for problem in problems
        if problem.file == f"knowledge/{slip.name}"
    ]

    assert said == [(slip.key, slip.found, slip.expected)]


def test_no_slip_is_reported_a_second_time_elsewhere(problems):
    assert len(problems) == len(IN_VALUES) + len(IN_FILES)


def test_the_line_is_that_of_the_slip(edit):
    root = edit("measures/incat.yaml", "accepted_alone: true", "accepted_alone: perhaps")
    text = (root / "measures/incat.yaml").read_text(encoding="utf-8")

    (problem,) = describe_problems(root)

    assert problem.line == text.splitlines().index("accepted_alone: perhaps") + 1
    assert (problem.found, problem.expected) == ("'perhaps'", "true or false")


def test_an_unreadable_file_is_one_problem_and_not_one_for_every_reference_to_it(edit):
    root = edit("publications/cidp.yaml", "records:", "records: [")

    assert [problem.file for problem in describe_problems(root)] == ["knowledge/publications/cidp.yaml"]


def test_a_record_with_a_mistake_is_one_problem_and_not_one_for_every_reference_to_it(edit):
    root = edit("publications/cidp.yaml", "year: 2008", "year: 208")

    assert [problem.key for problem in describe_problems(root)] == ["records.hughes_2008_ice.year"]


def test_mistakes_in_several_files_are_reported_together(edit):
    edit("measures/incat.yaml", "minimum: 0", "minimum: none")
    root = edit("products/hizentra.yaml", "routes: [subcutaneous]", "routes: [sc]")

    assert [problem.file for problem in describe_problems(root)] == [
        "knowledge/measures/incat.yaml",
        "knowledge/products/hizentra.yaml",
    ]


def test_a_file_in_the_wrong_place_is_not_passed_over(copy):
    (copy / "product").mkdir()
    (copy / "product" / "new.yaml").write_text("id: new\n", encoding="utf-8")

    assert [problem.found for problem in describe_problems(copy)] == ["a file where none is looked for"]


def test_a_file_with_the_wrong_ending_is_not_passed_over(copy):
    (copy / "products" / "new.yml").write_text("id: new\n", encoding="utf-8")

    assert [problem.file for problem in describe_problems(copy)] == ["knowledge/products/new.yml"]


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(YamlMistakes, match="no such folder"):
        load_knowledge(tmp_path / "knowledge")


def test_a_payer_may_have_limits_of_size_and_a_limit_of_nothing_is_refused(tmp_path, shipped):
    root = tmp_path / "knowledge"
    shutil.copytree(shipped, root)
    file = root / "payers" / "aetna" / "packet_limits.yaml"
    provenance = "provenance: {confidence: L, source: portal help, retrieved_on: 2026-11-23}\n"

    file.write_text(f"pages: 50\nmegabytes: 7.5\n{provenance}")
    limits = load_knowledge(root).packet_limits_of("aetna")
    file.write_text(provenance)
    problems = describe_problems(root)

    assert (limits.pages, str(limits.megabytes)) == (50, "7.5")
    assert load_knowledge(shipped).packet_limits_of("aetna") is None
    assert [problem.file for problem in problems] == ["knowledge/payers/aetna/packet_limits.yaml"]
    assert "a payer without a known limit has no such file" in str(problems[0])


def test_a_mistyped_value_does_not_hide_the_other_mistakes_of_its_file(edit):
    edit("products/panzyga.yaml", "effective_from: 2023-07-01", "effective_from: 2023-06-31")
    root = edit("products/panzyga.yaml", "routes: [intravenous]", "routes: [iv]")

    assert [problem.key for problem in describe_problems(root)] == ["routes[0]", "hcpcs[1].effective_from"]


def test_a_mistyped_value_does_not_hide_references_to_what_its_file_does_not_define(edit):
    edit("facts.yaml", "fresh_for_days: 183", "fresh_for_days: 0183")
    edit("products/octagam_10.yaml", "fact: gdh_pqq_glucose_meter", "fact: gdh_glucose_meter")
    root = edit(
        "payers/aetna/immune_globulin/2026-01-01.yaml",
        "is_one_of: [progressive, stepwise_progressive, relapsing]",
        "is_one_of: [progresive, stepwise_progressive, relapsing]",
    )

    assert [problem.file for problem in describe_problems(root)] == [
        "knowledge/facts.yaml",
        "knowledge/payers/aetna/immune_globulin/2026-01-01.yaml",
        "knowledge/products/octagam_10.yaml",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: Clinical course", "title: [Clinical course"),
        ("title: Clinical course", "title: !x Clinical course"),
    ],
)
def test_a_file_that_ends_the_reading_of_itself_does_not_hide_the_values_of_others(edit, before, after):
    edit("facts.yaml", before, after)
    root = edit("measures/incat.yaml", "accepted_alone: true", "accepted_alone: perhaps")

    assert [problem.file for problem in describe_problems(root)] == [
        "knowledge/facts.yaml",
        "knowledge/measures/incat.yaml",
    ]
