"""What resolvers find in `info.context`: one operation's way of asking."""

from dataclasses import dataclass
from typing import Any

from strawberry.types import Info as StrawberryInfo

from gateway.stitch.ask import Ask


@dataclass(slots=True)
class Context:
    """One operation's context; made by the endpoint, dropped with the answer."""

    ask: Ask
    request_id: str = ""
    mappings: Any = None


Info = StrawberryInfo[Context, None]
