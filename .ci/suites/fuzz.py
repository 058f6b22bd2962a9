"""What schemathesis must know of this schema, and what every answer to it must hold.

`SCHEMATHESIS_HOOKS=fuzz.py st run URL/graphql ...`; `GATEWAY_URL` is where the keys are. With
`FUZZ=bounded` arguments are bent into the bounds that their descriptions give (SDL cannot say
"1 to 500"), so that the questions get through; with `FUZZ=raw` they stay as they were made up.
"""

import json
import os
from dataclasses import replace
from urllib.request import urlopen

import graphql
import schemathesis
from hypothesis import strategies as st

from gateway.provenance.strict import load_json
from gateway.provenance.verify import verify_response

SCALARS = {
    "CountryCode": ["KE", "BR", "XK"],
    "Date": ["2018-01-01", "2020-02-29"],
    "DateTime": ["2020-02-29T12:00:00Z"],
    "Decimal": ["0", "1.50"],
    "Duration": ["PT5M", "P1D"],
    "RegistryKey": ["verra", "gold-standard", "cad-trust"],
    "Sha256": ["0" * 64],
    "URL": ["https://registry.example/"],
}
# A request may be refused with these and no others; docs/http.md has them all.
REFUSALS = {
    "BAD_CURSOR",
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "ORDER_UNSUPPORTED",
    "QUERY_TOO_COMPLEX",
    "QUERY_TOO_EXPENSIVE",
}
ID = "cgw:verra:project:901002"
# Their arguments exclude each other, or name something that there is: one way is left.
ONE_WAY = {
    "lookup": {"scheme": "verra.vcs", "value": "901002"},
    "picklist": {"name": "projectSector"},
    "project": {"id": ID},
    "unit": {"registry": "verra", "unitSerialId": "VCU-1-2-3"},
}

with urlopen(os.environ["GATEWAY_URL"] + "/.well-known/jwks.json") as reply:
    KEYS = load_json(reply.read())

for name, values in SCALARS.items():
    nodes = [graphql.StringValueNode(value=value) for value in values]
    schemathesis.graphql.scalar(name, st.sampled_from(nodes))


class Bend(graphql.Visitor):
    """Arguments within the bounds that their descriptions give."""

    def leave_field(self, field, *_):
        # Most conditions that are made up cannot be met, and are refused: `raw` asks those.
        given = [a for a in field.arguments if a.name.value not in ("after", "where")]
        if given and field.name.value in ONE_WAY:
            given = [
                graphql.ArgumentNode(name=graphql.NameNode(value=name), value=text(value))
                for name, value in ONE_WAY[field.name.value].items()
            ]
        return replace(field, arguments=tuple(given))

    def leave_argument(self, argument, *_):
        name = argument.name.value
        if name == "first" and isinstance(argument.value, graphql.IntValueNode):
            within = int(argument.value.value) % 5 + 1
            return replace(argument, value=graphql.IntValueNode(value=str(within)))
        if name == "id":
            return replace(argument, value=text(ID))
        if name == "registries" and argument.value == graphql.ListValueNode(values=()):
            return replace(argument, value=graphql.ListValueNode(values=(text("verra"),)))
        if name == "ids":
            return replace(argument, value=graphql.ListValueNode(values=(text(ID),) * 2))
        return None

    def leave_string_value(self, value, *_):
        return text("".join(c for c in value.value if c.isprintable()).strip()[:200] or "x")


def text(value):
    return graphql.StringValueNode(value=value)


if os.environ["FUZZ"] == "bounded":

    @schemathesis.hook
    def map_body(context, body):
        return graphql.visit(body, Bend())


@schemathesis.check
def every_answer_is_signed(ctx, response, case):
    said = load_json(response.content)
    asked = json.loads(response.request.body)
    verdict = verify_response(said, KEYS, query=asked["query"])
    assert verdict.valid, verdict.as_text()


@schemathesis.check
def refusals_are_documented(ctx, response, case):
    assert response.status_code in (200, 400), response.status_code
    errors = response.json().get("errors", [])
    codes = {error["extensions"]["code"] for error in errors}
    assert codes <= REFUSALS, codes
    assert "_" not in "".join(error["extensions"].get("argument", "") for error in errors)
