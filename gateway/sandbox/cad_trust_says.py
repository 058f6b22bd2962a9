"""Which record fields a CAD Trust node's `/v1` can say, and how they read once it has said them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.harmonise.methodologies import methodologies
from gateway.model.entity import Entity
from gateway.sandbox.cad_trust_rows import methodology_text
from gateway.sandbox.world import Methodology


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _name(methodology: Methodology) -> str | None:
    """v1 has one text, with the code: the name is the one that the code is known by."""
    return methodologies(methodology_text(methodology))[0].name


_LABELS = """
    labels labels.label_id labels.label labels.label_type
    labels.crediting_period_start_date labels.crediting_period_end_date
    labels.validity_start_date labels.validity_end_date labels.unit_quantity labels.label_link
"""
SAYS: Mapping[Entity, frozenset[str]] = {
    Entity.PROJECT: _names(
        """
        cad_trust_project_id org_uid current_registry project_id origin_project_id
        registry_of_origin program project_name project_description project_link
        project_developer sector project_type project_tags covered_by_ndc ndc_information
        project_status project_status_date unit_metric methodology validation_body
        validation_date updated_at
        methodologies methodologies.methodology_code methodologies.methodology_name
        methodologies.methodology_version
        project_locations project_locations.project_location_id project_locations.country
        project_locations.in_country_region project_locations.geographic_identifier
        project_locations.latitude project_locations.longitude
        project_ratings project_ratings.project_rating_id project_ratings.rating_type
        project_ratings.rating_range_lowest project_ratings.rating_range_highest
        project_ratings.rating project_ratings.rating_link
        co_benefits co_benefits.co_benefit_id co_benefits.co_benefit co_benefits.sdg
        estimations estimations.estimation_id estimations.crediting_period_start
        estimations.crediting_period_end estimations.unit_count
        related_projects related_projects.related_project_id
        related_projects.relationship_type related_projects.related_registry
        """
        + _LABELS
    ),
    Entity.ISSUANCE: _names(
        """
        cad_trust_project_id cad_trust_issuance_id issuance_id issuance_start_date
        issuance_end_date verification_approach verification_report_date verification_body
        verification verification.verification_start_date verification.verification_end_date
        verification.verification_body
        """
    ),
    Entity.UNIT: _names(
        """
        cad_trust_unit_id cad_trust_issuance_id org_uid unit_serial_id unit_block_start
        unit_block_end unit_count vintage_year unit_type unit_status unit_status_reason
        unit_owner country_jurisdiction_of_owner in_country_jurisdiction_of_owner marketplace
        marketplace_link marketplace_identifier unit_tags unit_registry_link
        corresponding_adjustment_declaration corresponding_adjustment_status updated_at
        unit_issuance_location unit_issuance_location.project_location_id
        """
        + _LABELS
    ),
}
TOLD: Mapping[Entity, Mapping[str, Callable[[Any], Any]]] = {
    Entity.PROJECT: {"methodologies.methodology_name": _name}
}
