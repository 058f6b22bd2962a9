"""The S&P Global platform's words for what the world calls by CAD Trust's."""

from __future__ import annotations

from gateway.harmonise import sectors
from gateway.sandbox.world import Label, Project

SCOPES = {
    sectors.ENERGY: "Energy industries (renewable/non-renewable sources)",
    sectors.LIVESTOCK: "Livestock, enteric fermentation, and manure management",
    sectors.AFOLU: "Agriculture Forestry and Other Land Use",
}
LABELS = {
    "Article 6 Authorized - IMP": "Article 6 Authorized – Intl mitigation purposes",
    "ICVCM CCP": "CCP",
}


def scope(project: Project) -> str:
    """The sectoral scope in Verra's words."""
    return SCOPES.get(project.sector, project.sector)


def methods(project: Project) -> str:
    """The methodologies with their versions, as the platform joins several values."""
    return ", ".join(
        f"{method.methodology_code} (Version {method.methodology_version or 'NA'})"
        for method in project.methodologies
    )


def certified(labels: tuple[Label, ...]) -> str | None:
    """The labels in Verra's words; null where there is none."""
    return ", ".join(LABELS.get(label.label, label.label) for label in labels) or None
