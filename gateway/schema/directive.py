"""`@ask`: how the whole operation is asked. The engine reads it from the document."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET
from strawberry.directive import DirectiveLocation

from gateway.schema.described import argument
from gateway.schema.scalars import Duration


@strawberry.directive(
    name="ask",
    locations=[DirectiveLocation.QUERY],
    description="How this operation is asked; what is left out is the operator's default "
    "(gateway).",
)
def ask(
    max_age: Annotated[
        Duration | None, argument("No body older than this is answered from the cache (RFC 9111).")
    ] = UNSET,
    max_stale: Annotated[
        Duration | None,
        argument("How far past its freshness a body may stand in for a failed one; PT0S: never."),
    ] = UNSET,
    require_all: Annotated[
        bool | None, argument("Refuse the answer where a registry asked is not in it in full.")
    ] = UNSET,
    timeout: Annotated[Duration | None, argument("The deadline of the whole operation.")] = UNSET,
) -> Any:
    raise AssertionError("read by the engine from the document, never called")
