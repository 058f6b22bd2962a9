"""A project of the world as BioCarbon's detail: the listed row again, and much that is empty."""

from __future__ import annotations

from gateway.sandbox.biocarbon_rows import PERSONAL, Row, estimate
from gateway.sandbox.world import Project

NONE = (
    "authorize_public_calculations", "coordinates_file", "pdd_file", "validation_report_file",
    "validation_declaration_file", "ghg_registered_externally", "migration_standard_name",
    "attestation_host_country", "clpi_status", "benefit_sharing_required", "attestation_statement",
    "no_conflict_of_interest", "status_changed_at_date", "migration_standard_id",
    "acceptance_of_risks", "calculations_file", "report_findings_file", "cadt_last_error",
    "date_attestation_validation", "version_report_validation", "date_report_validation",
    "version_report_verification", "date_report_verification", "chia_synced_at",
    "chia_transaction_id", "chia_status", "chia_error", "chia_data_hash", "chia_path",
    "chia_primary_key", "chia_root_hash", "chia_coin_id", "version_applicable_standard",
)  # fmt: skip
LISTED = (
    "id", "holder_id", "consecutive", "duration", "quantification_period_start",
    "quantification_period_end", "country", "ovv", "acceptance_date", "type_project_id",
    "validation_body_id", "last_lifecycle_event_log_id", "date_request_certificate", "created_at",
    "verified_reductions", "country_iso", "type_project_name", "sector_name", "methodologies",
    "status", "event", "holder", "type_project", "cobenefits", "validation_body",
    "migration_standard",
)  # fmt: skip


def detail(project: Project, listed: Row) -> Row:
    """The body of `/projects/{id}`."""
    (place,) = project.project_locations
    (estimation,) = project.estimations
    stamp = project.updated_at.replace("T", " ").removesuffix("Z")
    row = dict.fromkeys(NONE) | {name: listed[name] for name in LISTED}
    row |= {
        "code": project.key,
        "serial": "001",
        "name": project.project_name,
        "holder_name": PERSONAL,
        "holder_document": PERSONAL,
        "holder_rut_file": PERSONAL,
        "holder_contact_person": PERSONAL,
        "holder_representative_role": PERSONAL,
        "holder_phone": PERSONAL,
        "holder_email": PERSONAL,
        "holder_representative": PERSONAL,
        "sector_old": None,
        "project_type": None,
        "description": project.project_description,
        "participants": PERSONAL,
        "localitation": place.in_country_region,
        "latitude": None if place.latitude is None else str(place.latitude),
        "longitude": None if place.longitude is None else str(place.longitude),
        "total_reductions": int(estimation.unit_count),
        "confirm_migration": "NO",
        "confirm_certification_indigenous_peoples": "NO",
        "payment": "YES",
        "applicable_standard": "BioCarbon Standard",
        "validation_first_verification": "YES",
        "warehouse_project_id": project.cad_trust_project_id,
        "warehouse_date_sync": stamp,
        "cadt_sync_status": "SYNCED" if project.cad_trust_project_id else "PENDING",
        "cadt_last_attempt_at": stamp,
        "cadt_retry_count": 0,
        "certification_acceptance_date": None,
        "certification_application_date": None,
        "date_start_query_public": project.project_status_date,
        "total_reductions_general": int(estimate(estimation.unit_count)),
        "number_revisions": 0,
        "next_revision_enabled": "YES",
        "unification": "NO",
        "updated_at": stamp,
        "chia_retry_count": 0,
        "query_public": False,
        "date_query_public": "(15/10/2024 - 14/11/2024)",
    }
    return {"code": "200", "status": "success", "initiative": row}
