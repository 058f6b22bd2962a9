"""All adapters there are: built-in ones by name, manifests by file, third parties' by entry
point."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path

from adapters.contract import Adapter
from gateway.errors import ConfigError

GROUP = "carbon_gateway.adapters"
# The worked examples of manifests, which come with the gateway.
MANIFESTS = Path(str(files("adapters"))) / "manifests"

# Registry key -> the adapter's class or instance. Imported only when asked for.
BUILT_IN: dict[str, str] = {
    "acr": "adapters.acr:Acr",
    "art": "adapters.art:Art",
    "biocarbon": "adapters.biocarbon:BioCarbon",
    "cad-trust": "adapters.cad_trust:CadTrust",
    "cad-trust-v2": "adapters.cad_trust_v2:CadTrustV2",
    "car": "adapters.car:Car",
    "cats": "adapters.cats:Cats",
    "cdm": "adapters.cdm:Cdm",
    "cercarbono": "adapters.cercarbono:Cercarbono",
    "core-registry": "adapters.core_registry:CoreRegistry",
    "ecoregistry": "adapters.ecoregistry:EcoRegistry",
    "gcc": "adapters.gcc:Gcc",
    "gold-standard": "adapters.gold_standard:GoldStandard",
    "icr": "adapters.icr:Icr",
    "isometric": "adapters.isometric:Isometric",
    "plan-vivo": "adapters.plan_vivo:PlanVivo",
    "puro": "adapters.puro:Puro",
    "social-carbon": "adapters.social_carbon:SocialCarbon",
    "uk-land-carbon": "adapters.uk_land_carbon:UkLandCarbon",
    "undp": "adapters.undp:Undp",
    "verra": "adapters.verra:Verra",
}


@cache
def adapters() -> dict[str, Adapter]:
    """Every adapter by its registry's key, built-in ones first.

    Raises:
        ConfigError: for a third party's entry point that cannot be used.
    """
    return {**built_in(), **examples(), **third_party(entry_points(group=GROUP))}


@cache
def examples() -> dict[str, Adapter]:
    """The adapters of the worked examples of manifests."""
    from adapters.manifest import load_folder

    return {**load_folder(MANIFESTS)}


def with_manifests(known: Mapping[str, Adapter], folder: str | None) -> dict[str, Adapter]:
    """These adapters, and those of the operator's own manifests.

    Raises:
        ConfigError: a manifest cannot be used, or wants a key that is taken.
    """
    if folder is None:
        return dict(known)
    from adapters.manifest import load_folder

    found: dict[str, Adapter] = {**load_folder(Path(folder))}
    if taken := sorted(found.keys() & known.keys()):
        raise ConfigError(f"manifests: {folder} wants the key {taken[0]}, which is taken")
    return {**known, **found}


def built_in() -> dict[str, Adapter]:
    """The adapters that come with the gateway."""
    return {key: _load(EntryPoint(key, place, GROUP)) for key, place in BUILT_IN.items()}


def third_party(points: Iterable[EntryPoint]) -> dict[str, Adapter]:
    """The adapters behind these entry points, each named by its registry's key.

    Raises:
        ConfigError: a key is taken, or what stands behind an entry point cannot be loaded.
    """
    found: dict[str, Adapter] = {}
    for point in points:
        if point.name in BUILT_IN or point.name in examples() or point.name in found:
            raise ConfigError(
                f"{GROUP}: {point.value} wants the key {point.name}, which is taken; "
                "remove the package, or have it use another key"
            )
        try:
            found[point.name] = _load(point)
        except ConfigError:
            raise
        except Exception as error:
            # A third party's module may raise anything when it is imported.
            raise ConfigError(f"{GROUP}: {point.value} cannot be loaded: {error}") from error
    return found


def instance(key: str, adapter_key: str) -> Adapter:
    """A second instance of an adapter under a key of its own, as for another host.

    Raises:
        ConfigError: where there is no such adapter.
    """
    known = adapters()
    if adapter_key not in known:
        names = ", ".join(sorted(known))
        raise ConfigError(f"there is no adapter {adapter_key}; there are: {names}")
    return renamed(known[adapter_key], key)


def renamed(
    adapter: Adapter, key: str, name: str | None = None, known_as: tuple[str, ...] = ()
) -> Adapter:
    """The same adapter for a registry of another key, of another name where one is given, and
    that records speak of by these names and no others."""
    other = copy.copy(adapter)
    named = name or adapter.info.name
    info = dataclasses.replace(adapter.info, key=key, name=named, known_as=known_as)
    # Adapters are immutable to everyone else; this copy is not handed out yet.
    object.__setattr__(other, "info", info)
    return other


def _load(point: EntryPoint) -> Adapter:
    module, _, attribute = point.value.partition(":")
    made = getattr(import_module(module), attribute)
    adapter: Adapter = made() if isinstance(made, type) else made
    if adapter.info.key != point.name:
        raise ConfigError(
            f"{GROUP}: {point.value} is listed as {point.name} but says {adapter.info.key}"
        )
    return adapter
