"""How each registry codes its projects and what its market looks like: one entry of data each.

Numbers lie far above the real registries' ranges, so that no invented code is a real one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.model.picklists import ProjectStatus, UnitStatus
from gateway.sandbox import kinds, serials
from gateway.sandbox.kinds import Kind
from gateway.sandbox.serials import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One registry's codes and what its market looks like.

    `size` projects are made per unit of scale, numbered upwards from `first`. `running` is the
    first serial of a registry that numbers its units through; None where every batch starts
    anew. `grain` is how many serials one tonne has. `serial_unit` says whether a unit's key is
    its serial or the registry's row number, `unit_key` how it is made of row number, batch,
    serial and status;
    `pool_key` is the key of what one issuance has in the state `pools` or in the buffer, made of
    the issuance's block, for a registry that tells no more of it than the amount. `apart` says
    that what goes to the buffer is issued as a batch of its own.
    """

    registry: str
    name: str
    program: str | None = None
    size: int = 8
    first: int = 990_001
    row_first: int = 7_700_001
    project_key: Callable[[int, int], str] = lambda number, row: str(number)
    project_id: Callable[[int, int], str] | None = None
    link: str
    serial: Text
    issuance_serial: Text | None = None
    issuance_key: Text | None = None
    serial_unit: bool = True
    unit_key: Callable[[int, int, str, UnitStatus], str] | None = None
    pool_key: Text | None = None
    pools: UnitStatus = UnitStatus.BUFFER
    apart: bool = False
    running: int | None = None
    grain: int = 1
    yearly: bool = True
    kinds: tuple[Kind, ...] = (kinds.WIND, kinds.SOLAR, kinds.LANDFILL)
    countries: tuple[str, ...] = ()
    statuses: tuple[ProjectStatus, ...] = (ProjectStatus.REGISTERED, ProjectStatus.LISTED)
    states: tuple[UnitStatus, ...] = (UnitStatus.HELD, UnitStatus.RETIRED, UnitStatus.CANCELLED)
    labels: tuple[str, ...] = ()
    planned: bool = False
    giant: int = 0


def _prefixed(prefix: str) -> Callable[[int, int], str]:
    return lambda number, row: f"{prefix}{number}"


def _row(number: int, row: int) -> str:
    return str(row)


_S = ProjectStatus
_NATURE = (kinds.REFORESTATION, kinds.REDD, kinds.SOIL)
_POWER = (kinds.WIND, kinds.SOLAR, kinds.HYDRO)
_ALL = (*_POWER, kinds.COOKSTOVES, kinds.LANDFILL, kinds.MANURE, *_NATURE)
_BUFFERED = (UnitStatus.HELD, UnitStatus.RETIRED, UnitStatus.CANCELLED, UnitStatus.BUFFER)
_ECOREGISTRY = (_S.REGISTERED, _S.COMPLETED, _S.LISTED, _S.INACTIVE, _S.WITHDRAWN)
_SPGLOBAL = "https://registry.spglobal.com"
_GREENTRACE = "https://greentrace.ice.com"

SCHEMES: tuple[Scheme, ...] = (
    Scheme(
        registry="verra",
        name="Verra",
        program="VCS",
        size=24,
        first=901_001,
        row_first=199_200_000_000_001,
        link="https://registry.verra.org/verra/public/program/VCS/projects/{number}",
        serial=serials.verra_serial,
        running=9_000_000_001,
        yearly=False,
        kinds=_ALL,
        statuses=(
            _S.REGISTERED, _S.REGISTERED, _S.REGISTERED, _S.LISTED, _S.VALIDATED,
            _S.WITHDRAWN, _S.INACTIVE, _S.REJECTED, _S.TRANSITIONED,
        ),
        states=_BUFFERED,
        labels=("ccp", "corsia", "corsia_scope", "article6", "ccb"),
        giant=240,
    ),
    Scheme(
        registry="gold-standard",
        name="Gold Standard",
        program="Gold Standard for the Global Goals",
        size=24,
        first=990_001,
        row_first=880_001,
        project_key=_prefixed("GS"),
        link="https://registry.goldstandard.org/projects/details/{row}",
        serial=serials.gold_standard_serial,
        issuance_key=lambda b: f"GS{b.project}-{b.batch}-{b.year}",
        unit_key=lambda row, batch, serial, state: f"{serial}~{row}",
        kinds=(*_POWER, kinds.GS_STOVES, kinds.GS_BIOGAS, kinds.GS_FOREST),
        statuses=(_S.REGISTERED, _S.REGISTERED, _S.LISTED, _S.VALIDATED),
        states=(UnitStatus.HELD, UnitStatus.RETIRED),
        labels=("corsia_eligible",),
        planned=True,
        giant=180,
    ),
    Scheme(
        registry="acr",
        name="American Carbon Registry (ACR)",
        program="ACR",
        first=9_001,
        project_key=_prefixed("ACR"),
        project_id=lambda number, row: f"ACR{number:04d}",
        link=f"{_GREENTRACE}/acr/projects/registry/ACR_REGISTRY/project/P{{row:X}}Z{{number:X}}",
        serial=serials.to_serial("ACR"),
        issuance_key=serials.greentrace_issuance,
        kinds=(kinds.ACR_LANDFILL, kinds.ACR_MINE, kinds.ACR_FOREST),
        countries=("US", "MX", "CI"),
        statuses=(_S.REGISTERED, _S.LISTED, _S.REGISTERED, _S.COMPLETED, _S.WITHDRAWN),
        states=(*_BUFFERED, UnitStatus.EXPORTED),
        labels=("ccp", "corsia"),
    ),
    Scheme(
        registry="art",
        name="ART TREES",
        program="TREES",
        first=9_001,
        project_key=_prefixed("ART"),
        link=f"{_GREENTRACE}/art/projects/registry/ART_REGISTRY/project/P{{row:X}}Z{{number:X}}",
        serial=serials.to_serial("ART"),
        issuance_key=serials.greentrace_issuance,
        kinds=(kinds.ART_FOREST,),
        countries=("GH", "PE", "CD", "CG"),
        states=_BUFFERED,
        labels=("corsia", "article6"),
    ),
    Scheme(
        registry="car",
        name="Climate Action Reserve (CAR)",
        program="CAR",
        first=9_001,
        project_key=_prefixed("CAR"),
        link="https://thereserve2.apx.com/mymodule/reg/prjView.asp?id1={number}",
        serial=serials.car_serial,
        issuance_key=serials.car_issuance,
        pool_key=lambda b: f"{serials.car_issuance(b)}-buffer",
        kinds=(kinds.CAR_LANDFILL, kinds.CAR_MINE, kinds.CAR_SOIL),
        countries=("US", "MX"),
        statuses=(_S.REGISTERED, _S.LISTED, _S.COMPLETED, _S.TRANSITIONED),
        states=(
            UnitStatus.RETIRED, UnitStatus.CANCELLED, UnitStatus.EXPORTED, UnitStatus.BUFFER,
        ),
        labels=("ccp", "corsia"),
    ),
    Scheme(
        registry="cdm",
        name="CDM Registry",
        program="CDM",
        first=90_001,
        link="https://cdm.unfccc.int/Projects/redirector?ref={number}",
        serial=serials.cdm_serial,
        running=1_000_001,
        kinds=(*_POWER, kinds.LANDFILL, kinds.NITROUS),
        statuses=(_S.REGISTERED, _S.REGISTERED, _S.COMPLETED, _S.WITHDRAWN, _S.REJECTED),
        states=(UnitStatus.HELD,),
    ),
    Scheme(
        registry="ecoregistry",
        name="EcoRegistry",
        program="Biodiversity",
        first=9_001,
        project_key=_prefixed("CDB-"),
        link="https://www.ecoregistry.io/projects/{row}",
        serial=serials.ecoregistry_serial,
        serial_unit=False,
        kinds=(kinds.CERCARBONO_FOREST,),
        countries=("CO", "PE", "BO"),
        statuses=_ECOREGISTRY,
        states=(UnitStatus.RETIRED,),
    ),
    Scheme(
        registry="cercarbono",
        name="Cercarbono",
        program="Cercarbono",
        first=9_001,
        project_key=_prefixed("CDC-"),
        link="https://registry.cercarbono.com/projects/{row}",
        serial=serials.cercarbono_serial,
        serial_unit=False,
        pool_key=serials.cercarbono_serial,
        apart=True,
        kinds=(kinds.CERCARBONO_FOREST, kinds.SOLAR),
        countries=("CO", "PE", "TR"),
        statuses=_ECOREGISTRY,
        states=(UnitStatus.RETIRED, UnitStatus.BUFFER),
    ),
    Scheme(
        registry="biocarbon",
        name="BioCarbon Standard",
        program="BioCarbon Standard",
        first=9_001,
        project_key=lambda number, row: f"BCR-CO-{number}-14-001",
        link="https://globalcarbontrace.io/registry/biocarbon/gei/project/{row}",
        serial=serials.biocarbon_serial,
        pool_key=serials.biocarbon_serial,
        pools=UnitStatus.HELD,
        apart=True,
        kinds=(kinds.BCR_FOREST, kinds.BCR_REDD, kinds.SOLAR),
        countries=("CO", "PE", "TR"),
        statuses=(
            _S.REGISTERED, _S.REGISTERED, _S.LISTED, _S.VALIDATED, _S.WITHDRAWN, _S.REJECTED,
            _S.DE_REGISTERED,
        ),
        states=_BUFFERED,
    ),
    Scheme(
        registry="gcc",
        name="Global Carbon Council",
        program="GCC",
        first=9_001,
        row_first=199_700_000_000_001,
        project_key=_row,
        project_id=lambda number, row: f"S{number:05d}",
        link=f"{_SPGLOBAL}/gccregistry/public/gcc/projects/{{row}}",
        serial=serials.tenant_serial("GCC-ACC", "MER-0-A"),
        kinds=_POWER,
        countries=("TR", "IN", "VN"),
        labels=("corsia",),
    ),
    Scheme(
        registry="plan-vivo",
        name="Plan Vivo",
        program="PV Climate",
        first=9_001,
        row_first=199_800_000_000_001,
        project_key=_row,
        link=f"{_SPGLOBAL}/pvclimate/public/pv/projects/{{row}}",
        serial=serials.tenant_serial("PV-rPVC", "SPG"),
        running=1,
        kinds=(kinds.REFORESTATION, kinds.REDD),
        countries=("UG", "MX", "MZ"),
    ),
    Scheme(
        registry="uk-land-carbon",
        name="UK Land Carbon Registry",
        program="Woodland Carbon Code",
        first=9_001,
        row_first=199_900_000_000_001,
        project_key=_row,
        link=f"{_SPGLOBAL}/uklandcarbonregistry/public/wcc/projects/{{row}}",
        serial=serials.tenant_serial("WCC-WCU", "MER-0-P"),
        kinds=(kinds.REFORESTATION,),
        countries=("GB",),
        planned=True,
    ),
    Scheme(
        registry="undp",
        name="Namibia National Registry",
        first=901,
        project_key=lambda number, row: f"{number:04d}",
        link="https://registry.example/programmes/{number}",
        serial=serials.undp_serial,
        unit_key=serials.undp_key,
        running=1,
        kinds=(*_POWER, kinds.LANDFILL),
        countries=("NA",),
        statuses=(_S.AUTHORIZED, _S.APPROVED, _S.LISTED, _S.REJECTED),
        states=(UnitStatus.HELD, UnitStatus.EXPORTED, UnitStatus.CANCELLED),
    ),
    Scheme(
        registry="isometric",
        name="Isometric",
        program="Isometric Standard",
        first=90_001,
        project_key=lambda number, row: f"X{number:05d}",
        link="https://isometric.example/projects/{number}",
        serial=serials.isometric_serial,
        issuance_key=lambda b: f"iss_{b.batch:016d}",
        grain=1000,
        kinds=(kinds.BIOCHAR,),
        countries=("BR", "US", "SE"),
        statuses=(_S.VALIDATED, _S.LISTED),
        labels=("ccp",),
    ),
    Scheme(
        registry="puro",
        name="Puro.earth",
        program="Puro Standard",
        first=990_001,
        link="https://puro.example/projects/{number}",
        serial=serials.puro_serial,
        issuance_key=serials.puro_transaction,
        kinds=(kinds.BIOCHAR,),
        countries=("NA", "SE", "US"),
        statuses=(_S.REGISTERED,),
        states=(UnitStatus.RETIRED,),
    ),
    Scheme(
        registry="social-carbon",
        name="Social Carbon",
        program="SOCIALCARBON",
        first=9_001,
        project_key=lambda number, row: f"{row}x{number}",
        project_id=_prefixed("SOCIALCARBON-"),
        link="https://registry.socialcarbon.org/project_details/{key}",
        serial=serials.social_carbon_serial,
        issuance_key=lambda b: f"{b.batch}x{b.project}",
        unit_key=lambda row, batch, serial, state: f"{row}x{batch}",
        kinds=(kinds.REFORESTATION, kinds.REDD, kinds.SOIL),
        countries=("BR", "IN", "US"),
        statuses=(_S.REGISTERED, _S.LISTED, _S.REGISTERED, _S.VALIDATED),
        states=(UnitStatus.RETIRED, UnitStatus.CANCELLED),
        labels=("corsia_eligible",),
    ),
    Scheme(
        registry="icr",
        name="International Carbon Registry",
        program="ICR",
        first=9_001,
        link="https://icr.example/projects/{number}",
        serial=serials.icr_serial,
        serial_unit=False,
        kinds=(kinds.SOLAR, kinds.LANDFILL),
        countries=("TR", "BR"),
        statuses=(_S.VALIDATED, _S.LISTED),
        states=(UnitStatus.HELD,),
    ),
    Scheme(
        registry="cats",
        name="Carbon Assets Tracking System (CATS)",
        program="FCPF",
        first=9_001,
        link="https://cats.example/programs/{number}",
        serial=serials.plain_serial("CATS"),
        kinds=(kinds.REDD,),
        countries=("CI", "MZ", "CG", "CD"),
        states=(UnitStatus.HELD, UnitStatus.BUFFER),
        labels=("article6",),
    ),
)  # fmt: skip
SCHEME_OF: dict[str, Scheme] = {scheme.registry: scheme for scheme in SCHEMES}
