"""Labels: certifications, CORSIA phases, Article 6 authorisations, and unknown ones."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.harmonise.labels import LabelFact, corsia, flag, label, labels
from gateway.model.picklists import LabelType

CERTIFIED = LabelType.CERTIFICATION
AUTHORISED = LabelType.ARTICLE_6_AUTHORISATION


@pytest.mark.parametrize(
    ("raw", "spelled", "kind"),
    [
        ("CCB-Gold", "CCB-Gold", CERTIFIED),
        ("CCBS-Gold", "CCB-Gold", CERTIFIED),
        ("CCB-Biodiversity Gold", "CCB-Biodiversity Gold", CERTIFIED),
        ("CCB-Climate Gold", "CCB-Climate Gold", CERTIFIED),
        ("Climate, Community & Biodiversity", "CCB", CERTIFIED),
        ("ICVCM CCP", "ICVCM CCP", CERTIFIED),
        ("CCP Approved", "ICVCM CCP", CERTIFIED),
        ("ICVCM CCP Eligible", "ICVCM CCP", CERTIFIED),
        ("SOCIALCARBON", "Social Carbon", CERTIFIED),
        ("Social Carbon", "Social Carbon", CERTIFIED),
        ("SD VISta", "SD VISta", CERTIFIED),
        ("W+", "W+", CERTIFIED),
        ("Letter of Authorisation", "Letter of Authorization", LabelType.LETTER_OF_AUTHORIZATION),
        ("Green-e\u00ae Climate Standard", "Green-e\u00ae Climate Standard", None),
        ("CORC100+", "CORC100+", None),
        ("ARB  Eligible", "ARB Eligible", None),
    ],
)
def test_a_label_has_one_spelling_and_a_type_where_it_is_known(
    raw: str, spelled: str, kind: LabelType | None
) -> None:
    assert label(raw) == LabelFact(spelled, kind, raw)


@pytest.mark.parametrize(
    ("raw", "spelled"),
    [
        ("CORSIA - First Phase, 2024-2026 Eligible", "CORSIA - First Phase, 2024-2026 Eligible"),
        ("CORSIA - First Phase, 2024-2026 Scope", "CORSIA - First Phase, 2024-2026 Scope"),
        ("CORSIA First Phase scope (2024-2026)", "CORSIA - First Phase, 2024-2026 Scope"),
        (
            "Eligible for CORSIA 2024-2026 Compliance Period (First Phase)",
            "CORSIA - First Phase, 2024-2026 Eligible",
        ),
        (
            "Pending for CORSIA 2021-2023 Compliance Period (Pilot Phase)",
            "CORSIA - Pilot Phase, 2021-2023 Pending",
        ),
        (
            "Pending for CORSIA 2027-2029 Compliance Period (Second Phase)",
            "CORSIA - Second Phase, 2027-2029 Pending",
        ),
        ("CORSIA Second Phase scope (2030-2032)", "CORSIA - Second Phase, 2030-2032 Scope"),
        ("CORSIA Second Phase scope (2033-2035)", "CORSIA - Second Phase, 2033-2035 Scope"),
        ("CORSIA eligible", "CORSIA Eligible"),
        ("Not eligible for CORSIA", "Not eligible for CORSIA"),
        (
            "CORSIA Double Claiming Compensation Mechanism Required",
            "CORSIA Double Claiming Compensation Mechanism Required",
        ),
    ],
)
def test_corsia_keeps_phase_and_state_apart(raw: str, spelled: str) -> None:
    found = label(raw)
    assert found is not None
    assert found.label == spelled


def test_what_is_pending_or_refused_certifies_nothing() -> None:
    for raw in (
        "Pending for CORSIA 2021-2023 Compliance Period (Pilot Phase)",
        "Not eligible for CORSIA",
        "CORSIA Double Claiming Compensation Mechanism Required",
    ):
        found = label(raw)
        assert found is not None
        assert found.label_type is None


@pytest.mark.parametrize(
    ("raw", "spelled", "kind", "uses"),
    [
        (
            "Article 6 Authorized \u2013 Intl mitigation purposes",
            "Article 6 Authorized - IMP",
            AUTHORISED,
            ("IMP",),
        ),
        (
            "Article 6 Authorized \u2013 International mitigation purposes",
            "Article 6 Authorized - IMP",
            AUTHORISED,
            ("IMP",),
        ),
        ("Article 6 Authorized \u2013 NDC Use", "Article 6 Authorized - NDC", AUTHORISED, ("NDC",)),
        (
            "Article 6 Authorized \u2013 Other purposes",
            "Article 6 Authorized - OP",
            AUTHORISED,
            ("OP",),
        ),
        (
            "Article 6 Authorised: other international mitigation purposes",
            "Article 6 Authorized - OIMP",
            AUTHORISED,
            ("OIMP",),
        ),
        (
            "Article 6 Authorized - NDC, IMP",
            "Article 6 Authorized - NDC, IMP",
            AUTHORISED,
            ("NDC", "IMP"),
        ),
        ("Article Six Authorization", "Article 6 Authorized", AUTHORISED, ()),
        (
            "Article 6 - Letter of Approvals",
            "Article 6 Approved",
            LabelType.ARTICLE_6_LETTER_OF_APPROVALS,
            (),
        ),
        (
            "Article 6 - Letter of Qualification",
            "Article 6 Letter of Qualification",
            LabelType.ARTICLE_6_LETTER_OF_QUALIFICATION,
            (),
        ),
        (
            "Article 6 - Endorsement",
            "Article 6 Endorsed",
            LabelType.ARTICLE_6_ENDORSEMENT,
            (),
        ),
        ("Article 6 not authorized", "Article 6 not authorized", None, ()),
        ("Article 6 pending", "Article 6 pending", None, ()),
    ],
)
def test_article_6_labels_carry_the_uses_that_were_authorised(
    raw: str, spelled: str, kind: LabelType | None, uses: tuple[str, ...]
) -> None:
    assert label(raw) == LabelFact(spelled, kind, raw, uses)


@pytest.mark.parametrize("raw", ["", "N/A", "No", "Not Applicable", "None", "false"])
def test_texts_that_say_there_is_none_are_no_label(raw: str) -> None:
    assert label(raw) is None
    assert labels(raw) == ()


def test_a_verra_list_splits_on_semicolons_and_keeps_the_comma_in_a_phase() -> None:
    raw = (
        "Article 6 Authorized \u2013 Intl mitigation purposes; Article 6 Authorized \u2013 NDC Use;"
        " CORSIA - First Phase, 2024-2026 Scope"
    )
    assert [found.label for found in labels(raw)] == [
        "Article 6 Authorized - IMP",
        "Article 6 Authorized - NDC",
        "CORSIA - First Phase, 2024-2026 Scope",
    ]


def test_a_gold_standard_list_splits_on_commas_where_a_label_is_known() -> None:
    found = labels("ICVCM CCP, Emission Reduction")
    assert [one.label for one in found] == ["ICVCM CCP", "Emission Reduction"]


def test_a_comma_inside_an_unknown_label_does_not_split_it() -> None:
    assert [one.label for one in labels("Local, small and beautiful")] == [
        "Local, small and beautiful"
    ]


@pytest.mark.parametrize(
    ("raw", "spelled"),
    [
        (["CCB-Gold", "W+", None, "ccb-gold", "N/A"], ["CCB-Gold", "W+"]),
        (("SD VISta",), ["SD VISta"]),
        (None, []),
        ([], []),
    ],
)
def test_lists_give_each_label_once(raw: Any, spelled: list[str]) -> None:
    assert [found.label for found in labels(raw)] == spelled


@pytest.mark.parametrize("raw", ["Yes", "Eligible", True, "true"])
def test_a_yes_in_a_column_is_the_label_of_its_heading(raw: Any) -> None:
    heading = "Eligible for CORSIA 2024-2026 Compliance Period"
    found = flag(heading, raw)
    assert found is not None
    assert found.label == corsia("First Phase, 2024-2026", "Eligible")
    assert found.raw == heading


@pytest.mark.parametrize("raw", ["No", "N/A", "", None, False, "perhaps"])
def test_all_else_in_a_column_is_no_label(raw: Any) -> None:
    assert flag("ICVCM CCP Eligible", raw) is None


def test_a_heading_that_names_no_label_gives_none() -> None:
    assert flag("N/A", "Yes") is None
