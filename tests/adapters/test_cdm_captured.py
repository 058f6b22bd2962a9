"""The CDM's captured map: every point is read, and finds its activity."""

from __future__ import annotations

import re

import pytest

from adapters.cdm_map import read_points
from adapters.cdm_rows import ActivityRow
from adapters.cdm_views import CdmProject
from gateway.model.record import Origin
from gateway.sandbox.cdm import chart
from tests.adapters.captured import replied, sample
from tests.market import make

pytestmark = pytest.mark.captured

BODY = "projectsLocationAll.xml"


def test_every_captured_point_is_read() -> None:
    body = sample("cdm", BODY)
    found = read_points(replied(body))
    references = re.findall(r"redirector\?ref=(\d+)<", body.decode())
    assert len(references) == 7526
    assert {int(text) for text in references} == set(found)
    assert len(found) == 5650
    assert sum(map(len, found.values())) == 7480


def test_few_captured_points_are_no_degrees() -> None:
    found = read_points(replied(sample("cdm", BODY)))
    odd = [p for places in found.values() for p in places if p.degrees() is None]
    assert len(odd) == 52


def test_captured_sites_have_their_names() -> None:
    places = read_points(replied(sample("cdm", BODY)))[7149]
    record = CdmProject(
        ActivityRow(7149, "X", "Y", countries="CN", points=places), Origin("cdm", 0)
    )
    assert record.project_locations is not None
    dam, house = record.project_locations
    assert str(dam.in_country_region).startswith("Dam (Qiqi river")
    assert str(house.in_country_region).startswith("Power House (Qiqi river")
    assert (str(dam.latitude), dam.longitude_raw, dam.country) == ("27.745", "98.6053", "CN")


def test_the_emulators_map_has_the_captured_elements() -> None:
    captured, ours = sample("cdm", BODY).decode(), chart(make().told_by("cdm")).decode()
    start = '<state id="point"><name>'
    assert ours.startswith("<countrydata><state")
    assert captured.startswith("<countrydata><state")
    theirs = captured[captured.index(start) :].partition("</state>")[0]
    made = ours[ours.index(start) :].partition("</state>")[0]
    assert tags(made) == tags(theirs)


def tags(text: str) -> list[str]:
    return [part.partition(">")[0] for part in text.split("<")[1:]]
