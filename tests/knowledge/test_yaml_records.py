"""What the author of a file is told when a value does not fit the model."""

from decimal import Decimal

import pytest

from priorauth.yaml_records import load_record, to_record
from priorauth.yaml_source import YamlMistakes, parse_yaml
from schemas.policy import CoveragePolicy
from schemas.product import Product
from schemas.references import KNOWN_IDS
from schemas.rule_set import RuleSet


PRODUCT = """\
id: sample
brand: Sample
manufacturer: Maker
routes: [intravenous]
concentrations_percent: [10]
hcpcs:
  - {code: J1599, unit_mg: 500, effective_to: 2023-06-30}
  - {code: J1576, unit_mg: 500, effective_from: 2023-07-01}
labelled: {cidp: {labelled: true}, mmn: {labelled: false}, gbs: {labelled: false}}
provenance: {confidence: L, source: A label, retrieved_on: 2026-11-23}
"""

POLICY = """\
payer: sample
policy: immune_globulin
version: "1"
title: Immune globulin
modelled_on: A sample
lines_of_business: [marketplace]
effective_from: 2026-01-01
conditions:
  cidp:
    icd10: [G61.81]
    not_renewable: sample
    initiation:
      criteria:
        - id: A1
          title: Course
          require:
            all_of:
              - {fact: course_pattern, is_one_of: [progressive]}
              - {fact: symptom_duration_months, at_least: 2}
provenance: {confidence: L, source: A sample, retrieved_on: 2026-11-23}
"""


def problems_of(text, model):
    with pytest.raises(YamlMistakes) as caught:
        to_record(parse_yaml(text, "file.yaml"), model)
    return [
        (problem.line, problem.key, problem.found, problem.expected, problem.mend)
        for problem in caught.value.problems
    ]


def test_a_sound_file_becomes_a_record(tmp_path):
    path = tmp_path / "sample.yaml"
    path.write_text(PRODUCT, encoding="utf-8")

    assert load_record(path, Product).concentrations_percent == (Decimal(10),)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("brand: Sample", "brand: 12", (2, "brand", "the number 12", "text", "Put it in quotes: '12'.")),
        (
            "{code: J1599, unit_mg: 500, effective_to: 2023-06-30}",
            "{code: 90283, unit_mg: 500, effective_to: 2023-06-30}",
            (
                7,
                "hcpcs[0].code",
                "the unquoted value 90283",
                "a code in quotes, such as '90283'",
                "Correct the value.",
            ),
        ),
        (
            "effective_from: 2023-07-01",
            "efective_from: 2023-07-01",
            (
                8,
                "hcpcs[1].efective_from",
                "the unknown key 'efective_from'",
                "one of: code, effective_from, effective_to, remark, unit_mg",
                "Did you mean 'effective_from'?",
            ),
        ),
        (
            "effective_from: 2023-07-01",
            "effective_from: 2023",
            (
                8,
                "hcpcs[1].effective_from",
                "the number 2023",
                "a date such as 2026-01-31",
                "Write YYYY-MM-DD, without quotes.",
            ),
        ),
        (
            "manufacturer: Maker\n",
            "",
            (
                1,
                "manufacturer",
                "no 'manufacturer'",
                "a value for 'manufacturer'",
                "Add 'manufacturer: …' here.",
            ),
        ),
        (
            "routes: [intravenous]",
            "routes: [iv]",
            (4, "routes[0]", "'iv'", "'intravenous' or 'subcutaneous'", "Use one of these words."),
        ),
    ],
)
def test_each_mistake_names_line_key_finding_expectation_and_mend(before, after, problem):
    assert problems_of(PRODUCT.replace(before, after), Product) == [problem]


def test_one_slip_in_a_requirement_is_reported_once_and_not_for_every_kind_of_requirement():
    text = POLICY.replace("at_least: 2}", "at_leest: 2}")

    ((line, key, found, _, mend),) = problems_of(text, CoveragePolicy)

    assert (line, found, mend) == (19, "the unknown key 'at_leest'", "Did you mean 'at_least'?")
    assert key == "conditions.cidp.initiation.criteria[0].require.all_of[1].at_leest"


def test_a_wrong_number_deep_in_a_requirement_is_found():
    text = POLICY.replace("at_least: 2}", "at_least: two}")

    ((line, key, found, expected, _),) = problems_of(text, CoveragePolicy)

    assert (line, found, expected) == (19, "'two'", "a number such as 12 or 0.5")
    assert key.endswith("all_of[1].at_least")


def test_a_list_is_not_called_short_because_its_items_were_refused():
    text = POLICY.replace("[marketplace]", "[bazaar]")

    ((line, key, found, _, _),) = problems_of(text, CoveragePolicy)

    assert (line, key, found) == (6, "lines_of_business[0]", "'bazaar'")


def test_two_codes_in_force_on_one_day_are_refused():
    text = PRODUCT.replace("2023-06-30", "2023-07-01")

    ((_, _, found, expected, _),) = problems_of(text, Product)

    assert (found, expected) == ("both J1576 and J1599 in force on 2023-07-01", "one code a day")


def test_a_reference_to_nothing_is_refused_with_the_nearest_name():
    file = parse_yaml(
        "id: sample\ntitle: Sample\npublications: [hughes_2008_icd]\n"
        "provenance: {confidence: L, source: A paper, retrieved_on: 2026-11-23}\n",
        "file.yaml",
    )
    context = {KNOWN_IDS: {"publications": {"hughes_2008_ice"}}}

    with pytest.raises(YamlMistakes) as caught:
        to_record(file, RuleSet, context=context)

    (problem,) = caught.value.problems
    assert (problem.line, problem.key, problem.found) == (3, "publications[0]", "'hughes_2008_icd'")
    assert problem.expected == "an id that exists in knowledge/publications; did you mean hughes_2008_ice?"


def test_a_list_in_place_of_a_record_is_refused():
    assert problems_of("- a\n- b\n", Product)[0][2:4] == ("a list of 2", "keys and values")
