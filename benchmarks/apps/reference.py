"""Stock Strawberry: the same application, but graphql-core executes every operation."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from gateway import log
from gateway.app import Readiness, create_app
from gateway.assemble import assemble
from gateway.configfile import load
from gateway.engine.compiled import CompiledExecutor
from gateway.engine.document import Operation
from gateway.engine.execute import ReferenceExecutor
from gateway.engine.operation import GraphQLRequest, Result
from gateway.schema.context import Context
from gateway.serve import Server, listen, run


class Stock(CompiledExecutor):
    """Compiles only to explain; graphql-core executes."""

    async def run(self, operation: Operation, request: GraphQLRequest, context: Context) -> Result:
        """Executes a prepared operation."""
        return await ReferenceExecutor.run(self, operation, request, context)


def main() -> None:
    """`reference.py PORT CONFIG`."""
    settings = load(Path(sys.argv[2]), {**os.environ, "CGW_SERVER__PORT": sys.argv[1]})
    log.configure(settings.server.log_level)
    with closing(listen(settings.server.host, settings.server.port)) as listener:
        gateway = assemble(settings)
        executor = Stock(
            settings.limits, mappings=gateway.recipes.digest, request_id=log.request_id.get
        )
        gateway = replace(gateway, endpoint=replace(gateway.endpoint, executor=executor))
        readiness = Readiness()
        server = Server(create_app(gateway, readiness=readiness), settings.server, readiness)
        run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
