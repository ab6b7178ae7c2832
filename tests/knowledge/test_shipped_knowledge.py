"""The knowledge as shipped: complete, consistent, and honest about what could not be confirmed."""

import re
from datetime import date
from decimal import Decimal

import pytest

from priorauth.knowledge import describe_problems
from schemas.base import ConditionId, Route
from schemas.condition import CodeUse, IvigAnswer, icd10_matches
from schemas.measure import MeasureKind
from schemas.product import BoxedWarning, ContraindicationFact, Stabiliser
from schemas.provenance import Confidence, Sourced, provenance_of


TODAY = date(2026, 11, 23)
LAST_LOOKED_UP = date(2026, 11, 29)


def sourced_records(knowledge):
    regulations = knowledge.regulations
    shelves = (
        knowledge.products,
        knowledge.alternatives,
        knowledge.measures,
        knowledge.conditions,
        knowledge.diagnosis_codes,
        knowledge.mimics,
        knowledge.antibodies,
        knowledge.rule_sets,
        knowledge.publications,
        knowledge.billing,
    )
    for shelf in shelves:
        yield from shelf.values()
    yield from (*regulations.decision_timeframes, *regulations.appeal_windows)
    yield from (*regulations.continuity, *regulations.conduct)


def test_there_is_nothing_to_mend(shipped):
    assert [str(problem) for problem in describe_problems(shipped)] == []


def test_every_record_names_its_source_and_the_day_it_was_retrieved(knowledge):
    for record in sourced_records(knowledge):
        assert isinstance(record, Sourced)
        for provenance in (record.provenance, *record.exceptions.values()):
            assert provenance.source
            assert provenance.retrieved_on <= LAST_LOOKED_UP


# --- Products -------------------------------------------------------------------------------------------------------


def test_the_products_labelled_for_each_condition(knowledge):
    labelled = {
        condition: {
            product.id for product in knowledge.products.values() if product.is_labelled_for(condition)
        }
        for condition in ConditionId
    }

    assert labelled == {
        ConditionId.CIDP: {
            "gamunex_c",
            "gammaked",
            "privigen",
            "panzyga",
            "gammagard_liquid",
            "hizentra",
            "hyqvia",
        },
        ConditionId.MMN: {"gammagard_liquid"},
        ConditionId.GBS: set(),
    }


def test_labels_for_these_conditions_reach_adults_only(knowledge):
    for product in knowledge.products.values():
        for indication in product.labelled.values():
            assert indication.minimum_age_years == (18 if indication.labelled else None)


def test_every_labelled_indication_has_dosing(knowledge):
    for product in knowledge.products.values():
        labelled = {condition for condition in ConditionId if product.is_labelled_for(condition)}
        assert set(product.dosing) == labelled


@pytest.mark.parametrize(
    ("on", "code"),
    [(date(2023, 6, 30), "J1599"), (date(2023, 7, 1), "J1576"), (TODAY, "J1576")],
)
def test_panzyga_has_its_own_code_from_july_2023(knowledge, on, code):
    assert knowledge.hcpcs_on("panzyga", on).code == code


def test_alyglo_has_no_known_code_before_its_own(knowledge):
    assert knowledge.hcpcs_on("alyglo", date(2024, 12, 31)) is None
    assert knowledge.hcpcs_on("alyglo", date(2025, 1, 1)).code == "J1552"


def test_a_product_without_a_sure_code_asks_for_it(knowledge):
    for product in knowledge.products.values():
        code = product.hcpcs_on(TODAY)
        sure = (
            code is not None
            and provenance_of(product, f"hcpcs/{code.code}").confidence is not Confidence.UNCONFIRMED
        )
        assert sure or any("HCPCS" in question for question in product.open_questions), product.id


def test_the_boxed_warning_is_that_of_the_route(knowledge):
    for product in knowledge.products.values():
        expected = {BoxedWarning.THROMBOSIS}
        if Route.INTRAVENOUS in product.routes:
            expected.add(BoxedWarning.RENAL_FAILURE)
        assert set(product.boxed_warning) == expected, product.id
        assert provenance_of(product, "boxed_warning").confidence is Confidence.LOOKED_UP


def test_the_code_before_yimmugos_own_may_still_be_right(knowledge):
    codes = [code.code for code in knowledge.products["yimmugo"].hcpcs_in_force_on(TODAY)]

    assert codes == ["J1553", "J3590"]
    assert knowledge.hcpcs_on("yimmugo", TODAY).code == "J1553"


def test_billing_units_follow_the_route(knowledge):
    for product in knowledge.products.values():
        expected = 100 if product.routes == (Route.SUBCUTANEOUS,) else 500
        assert {code.unit_mg for code in product.hcpcs} <= {expected, None}, product.id


def test_one_code_can_stand_for_two_brands(knowledge):
    brands = {product.id for product in knowledge.products_billed_as("J1561", TODAY)}

    assert brands == {"gamunex_c", "gammaked"}


@pytest.mark.parametrize(
    ("ndc", "product"),
    [
        ("44206043710", "privigen"),
        ("13533080071", "gamunex_c"),
        ("00944270004", "gammagard_liquid"),
        ("00069101102", "panzyga"),
        ("68982082202", "panzyga"),
        ("64208823502", "gammaplex_10"),
        ("76125090010", "gammaked"),
    ],
)
def test_a_product_is_known_by_labeler_and_product_of_its_ndc(knowledge, ndc, product):
    assert knowledge.product_for_ndc(ndc).id == product


def test_an_unknown_ndc_is_nobodys(knowledge):
    assert knowledge.product_for_ndc("99999999999") is None


def test_no_two_products_share_an_ndc_stem(knowledge):
    stems = [entry.stem for product in knowledge.products.values() for entry in product.ndc]

    assert len(stems) == len(set(stems))


@pytest.mark.parametrize(
    ("stabiliser", "fact"),
    [
        (Stabiliser.PROLINE, ContraindicationFact.HYPERPROLINEMIA),
        (Stabiliser.SORBITOL, ContraindicationFact.HEREDITARY_FRUCTOSE_INTOLERANCE),
        (Stabiliser.MALTOSE, ContraindicationFact.CORN_ALLERGY),
    ],
)
def test_a_stabiliser_brings_its_contraindication(knowledge, stabiliser, fact):
    stabilised = {product.id for product in knowledge.products.values() if product.stabiliser is stabiliser}
    contraindicated = {
        product.id
        for product in knowledge.products.values()
        if fact in {contraindication.fact for contraindication in product.contraindications}
    }

    assert contraindicated == stabilised


def test_earlier_anaphylaxis_and_anti_iga_rule_out_every_product(knowledge):
    always = {ContraindicationFact.PRIOR_ANAPHYLAXIS_TO_IG, ContraindicationFact.IGA_DEFICIENCY_WITH_ANTI_IGA}

    for product in knowledge.products.values():
        assert always <= {contraindication.fact for contraindication in product.contraindications}


def test_the_contraindications_of_a_product_name_each_fact_once(knowledge):
    for product in knowledge.products.values():
        facts = [contraindication.fact for contraindication in product.contraindications]
        assert len(facts) == len(set(facts))


# --- Measures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "minimum", "maximum", "better", "smallest"),
    [
        ("incat", 0, 10, "lower", Decimal(1)),
        ("adjusted_incat", 0, 10, "lower", Decimal(1)),
        ("incat_odss", 0, 12, "lower", Decimal(1)),
        ("onls", 0, 12, "lower", Decimal(1)),
        ("i_rods", 0, 100, "higher", Decimal(4)),
        ("mmn_rods", 0, 100, "higher", Decimal(4)),
        ("mrc_sum_score", 0, 60, "higher", Decimal(2)),
        ("grip_martin_vigorimeter", 0, None, "higher", Decimal(8)),
        ("gbs_disability_scale", 0, 6, "lower", Decimal(1)),
        ("modified_rankin", 0, 6, "lower", Decimal(1)),
        ("inf_sensory_sum_score", 0, 20, "lower", Decimal(2)),
        ("berg_balance", 0, 56, "higher", Decimal(8)),
    ],
)
def test_scales_have_the_published_ends_direction_and_smallest_change(
    knowledge, measure, minimum, maximum, better, smallest
):
    found = knowledge.measures[measure]

    assert (found.minimum, found.maximum) == (minimum, maximum)
    assert found.direction.value == ("higher_is_better" if better == "higher" else "higher_is_worse")
    assert found.smallest_change.amount_from(Decimal(50)) == smallest


def test_a_percentage_is_taken_of_the_earlier_value(knowledge):
    change = knowledge.measures["grip_jamar"].smallest_change

    assert change.amount_from(Decimal(24)) == Decimal("2.4")


def test_of_points_and_percentage_the_smaller_change_counts(knowledge):
    change = knowledge.measures["pain_nrs"].smallest_change

    assert (change.amount_from(Decimal(9)), change.amount_from(Decimal(5))) == (Decimal(2), Decimal("1.5"))


def test_no_smallest_change_is_invented(knowledge):
    without = {measure.id for measure in knowledge.measures.values() if measure.smallest_change is None}

    assert without == {
        "r_fss",
        "nine_hole_peg",
        "guys_neurological_disability",
        "neurologic_disability_score",
    }
    for name in without:
        assert provenance_of(knowledge.measures[name], "smallest_change").confidence is Confidence.UNCONFIRMED


def test_a_recorded_value_is_placed_on_the_scale_of_its_denominator(knowledge):
    rods = knowledge.measures["i_rods"]

    assert rods.scale_of(out_of=None, unit=None) is rods
    assert rods.scale_of(out_of=Decimal(100), unit=None) is rods
    assert rods.scale_of(out_of=Decimal(48), unit=None).id == "raw"
    assert rods.scale_of(out_of=Decimal(24), unit=None) is None


def test_speed_and_time_of_the_walk_run_in_opposite_directions(knowledge):
    walk = knowledge.measures["ten_metre_walk"]
    directions = {walk.scale_of(out_of=None, unit=unit).direction.value for unit in ("s", "m/s")}

    assert directions == {"higher_is_better", "higher_is_worse"}


def test_symptoms_are_not_accepted_alone(knowledge):
    for measure in knowledge.measures.values():
        assert measure.kind is not MeasureKind.SYMPTOM or not measure.accepted_alone


def test_sensory_scores_are_not_offered_for_motor_neuropathy(knowledge):
    assert "inf_sensory_sum_score" not in knowledge.conditions["mmn"].measures


def test_a_condition_and_its_measures_name_each_other(knowledge):
    for condition in ConditionId:
        listed = set(knowledge.conditions[condition].measures)
        claiming = {measure.id for measure in knowledge.measures.values() if condition in measure.conditions}
        assert claiming - listed <= {"modified_rankin", "pain_nrs", "r_fss"}, condition
        assert listed <= claiming, condition


# --- Conditions, codes and mimics -----------------------------------------------------------------------------------


def test_the_target_codes(knowledge):
    targets = {
        entry.condition: entry.code
        for entry in knowledge.diagnosis_codes.values()
        if entry.use is CodeUse.TARGET
    }

    assert targets == {ConditionId.CIDP: "G61.81", ConditionId.GBS: "G61.0", ConditionId.MMN: "G61.82"}
    for condition, code in targets.items():
        assert knowledge.conditions[condition].icd10[0].code == code


@pytest.mark.parametrize(
    ("pattern", "code", "fits"),
    [
        ("E11.42", "E11.42", True),
        ("E11.42", "E11.421", False),
        ("G12.2*", "G12.21", True),
        ("G12.2*", "G12.1", False),
        ("M30*", "M30.0", True),
        ("M30*", "M30", True),
        ("M30*", "M31.0", False),
    ],
)
def test_a_pattern_covers_what_lies_below_it(pattern, code, fits):
    assert icd10_matches(pattern, code) is fits


@pytest.mark.parametrize(
    ("code", "mimic"),
    [
        ("E11.42", "diabetic_polyneuropathy"),
        ("G60.0", "hereditary_cmt"),
        ("G12.21", "motor_neuron_disease"),
        ("E85.1", "amyloid_hereditary"),
        ("D47.2", "anti_mag_neuropathy"),
        ("D51.0", "b12_deficiency"),
        ("E11.44", "diabetic_lumbosacral_radiculoplexus_neuropathy"),
    ],
)
def test_a_mimic_is_known_by_its_code(knowledge, code, mimic):
    assert mimic in {found.id for found in knowledge.mimics_coded(code)}


def test_diabetes_does_not_exclude_cidp_by_itself(knowledge):
    assert not any(mimic.excludes_by_itself for mimic in knowledge.mimics_coded("E11.42"))


def test_nodal_antibodies_point_to_an_entity_that_is_not_cidp(knowledge):
    entities = {
        antibody: knowledge.mimics[knowledge.antibodies[antibody].entity]
        for antibody in ("anti_nf155", "anti_cntn1", "anti_caspr1", "anti_pan_neurofascin")
    }

    assert all(entity.excludes_by_itself for entity in entities.values())
    assert entities["anti_nf155"].ivig is IvigAnswer.POOR_RESPONSE


def test_an_antibody_and_its_entity_give_the_same_answer(knowledge):
    for antibody in knowledge.antibodies.values():
        if antibody.entity is not None:
            assert antibody.ivig is knowledge.mimics[antibody.entity].ivig, antibody.id


def test_a_negative_anti_gm1_excludes_nothing(knowledge):
    assert "not exclude" in knowledge.antibodies["anti_gm1"].negative_means


def test_steroids_are_advised_against_in_mmn_and_gbs(knowledge):
    for condition in ("mmn", "gbs"):
        (position,) = (
            treatment.position.value
            for treatment in knowledge.conditions[condition].treatments
            if treatment.treatment == "corticosteroid"
        )
        assert position == "not_recommended"


def test_there_is_no_maintenance_after_gbs(knowledge):
    dosing = knowledge.conditions["gbs"].dosing

    assert dosing.maintenance == ()
    assert dosing.no_maintenance


# --- Rule sets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_set", "f_wave", "block"),
    [
        ("ean_pns_2021", 20, "block_amplitude_fall_percent"),
        ("efns_pns_2010", 30, "block_amplitude_fall_percent_probable"),
    ],
)
def test_the_two_generations_of_cidp_criteria_keep_their_own_numbers(knowledge, rule_set, f_wave, block):
    rules = knowledge.rule_sets[rule_set]

    assert rules.cutoff("f_wave_percent_over_uln").value == f_wave
    assert rules.cutoff(block).value == 30


@pytest.mark.parametrize(("measured", "passes"), [("49.9", False), ("50", True), ("50.1", True)])
def test_a_cutoff_is_held_against_a_value_on_both_sides(knowledge, measured, passes):
    cutoff = knowledge.rule_sets["ean_pns_2021"].cutoff("distal_latency_percent_over_uln")

    assert cutoff.passed_by(Decimal(measured)) is passes


@pytest.mark.parametrize(("measured", "passes"), [("8.4", False), ("8.5", True)])
def test_the_duration_table_depends_on_filter_and_nerve(knowledge, measured, passes):
    cutoff = knowledge.rule_sets["ean_pns_2021"].cutoff_in(
        "distal_cmap_duration_ms", row="2", column="median"
    )

    assert cutoff.passed_by(Decimal(measured)) is passes


def test_a_filter_that_the_table_does_not_list_has_no_cutoff(knowledge):
    table = knowledge.rule_sets["ean_pns_2021"]

    assert table.cutoff_in("distal_cmap_duration_ms", row="3", column="median") is None


def test_an_unknown_cutoff_is_refused_by_name(knowledge):
    with pytest.raises(KeyError, match="found no cut-off 'latency' in the rule set aan_1991"):
        knowledge.rule_sets["aan_1991"].cutoff("latency")


def test_unverified_numbers_say_so(knowledge):
    rules = knowledge.rule_sets["ean_pns_2021"]

    assert rules.provenance_of_cutoff("f_wave_percent_over_uln").confidence is Confidence.UNVERIFIED
    assert rules.provenance_of_cutoff("distal_cmap_duration_ms").confidence is Confidence.UNVERIFIED
    assert rules.provenance_of_cutoff("velocity_percent_under_lln").confidence is Confidence.ESTABLISHED


# --- Publications ---------------------------------------------------------------------------------------------------


def test_only_verified_identifiers_can_be_printed(knowledge):
    for publication in knowledge.publications.values():
        printable = " ".join(publication.printable_identifiers())
        for identifier in (
            publication.doi,
            publication.other_doi,
            publication.pmid,
            publication.registration,
        ):
            if identifier is not None and not identifier.verified:
                assert identifier.value not in printable, publication.id


def test_a_verified_identifier_is_printed(knowledge):
    assert knowledge.publications["hughes_2008_ice"].printable_identifiers() == ("PMID 18178525",)
    assert knowledge.publications["cornblath_2022_procid"].printable_identifiers() == (
        "doi:10.1093/brain/awab422",
        "PMID 35038723",
    )


def test_no_two_publications_share_an_identifier(knowledge):
    values = [
        identifier.value
        for publication in knowledge.publications.values()
        for identifier in (publication.doi, publication.other_doi, publication.pmid)
        if identifier is not None
    ]

    assert len(values) == len(set(values))


def test_every_condition_has_a_guideline_and_a_trial(knowledge):
    for condition in ConditionId:
        levels = {
            knowledge.publications[name].level.value for name in knowledge.conditions[condition].publications
        }
        assert {"I", "G"} <= levels, condition


# --- Nothing of this house in the data ------------------------------------------------------------------------------


def test_sources_name_real_documents(knowledge):
    for record in sourced_records(knowledge):
        for provenance in (record.provenance, *record.exceptions.values()):
            assert not re.search(r"\.md\b|/work|/tmp", provenance.source)


def test_label_dates_do_not_lie_in_the_future(knowledge):
    for product in knowledge.products.values():
        for indication in product.labelled.values():
            assert indication.since is None or indication.since <= TODAY.isoformat()
