"""The checks of graphql-cop and a few more, against a demo and a `cgw serve`, by raw HTTP:

    python overload.py DEMO_URL SERVE_URL

graphql-cop itself is not on PyPI (the name is an empty placeholder), so its questions are asked
anew here. Introspection is on by choice: the schema and the data are public.
"""

import json
import re
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

LEAKS = re.compile(r'Traceback|File "|\.py\b|graphql\.error|site-packages|0x[0-9a-f]{8}|Error\(')
MUTATION = "mutation { a }"


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def codes(self) -> set[str]:
        """The codes of its errors."""
        errors = json.loads(self.text).get("errors", [])
        return {error["extensions"]["code"] for error in errors}


class Site:
    """One gateway; a connection for each request, so that none suffers from the one before."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    def send(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> Reply:
        connection = HTTPConnection(self._host, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else body.encode()
        try:
            connection.request(method, path, data, named)
            reply = connection.getresponse()
            text = reply.read().decode()
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, text)
        finally:
            connection.close()

    def post(self, body: Any) -> Reply:
        return self.send("POST", "/graphql", json.dumps(body), content_type="application/json")

    def ask(self, query: str) -> Reply:
        return self.post({"query": query})

    def get(self, query: str, **headers: str) -> Reply:
        return self.send("GET", f"/graphql?query={quote(query)}", **headers)


def nested(depth: int) -> str:
    """Introspection that goes round in circles."""
    inner = "name"
    for _ in range(depth):
        inner = f"fields {{ type {{ {inner} }} }}"
    return f"{{ __schema {{ types {{ {inner} }} }} }}"


def alias_overload(site: Site) -> bool:
    query = " ".join(f"a{i}: __typename" for i in range(101))
    spread = "{ ...F } fragment F on Query { " + query + " }"
    asked = [f"{{ {query} }}", spread]
    return all(site.ask(one).codes == {"QUERY_TOO_COMPLEX"} for one in asked)


def directive_overload(site: Site) -> bool:
    unknown = site.ask("{ __typename " + "@aa" * 50 + " }")
    known = site.ask("{ __typename " + "@include(if: true) " * 50 + " }")
    return all(reply.codes == {"QUERY_TOO_COMPLEX"} for reply in (unknown, known))


def field_duplication(site: Site) -> bool:
    return site.ask("{ " + "__typename " * 2500 + "}").codes == {"QUERY_TOO_COMPLEX"}


def batching(site: Site) -> bool:
    reply = site.post([{"query": "{ __typename }"}] * 10)
    return reply.status == 400 and reply.codes == {"BATCHING_DISABLED"}


def circular_introspection(site: Site) -> bool:
    return site.ask(nested(12)).codes == {"QUERY_TOO_COMPLEX"}


def circular_fragments(site: Site) -> bool:
    query = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    return site.ask(query).codes == {"GRAPHQL_VALIDATION_FAILED"}


def depth_of_brackets(site: Site) -> bool:
    replies = [site.ask("{a" * 900), site.ask("{ registry(key: " + "[" * 900)]
    known = {"QUERY_TOO_COMPLEX", "GRAPHQL_PARSE_FAILED"}
    return all(reply.codes <= known and reply.codes for reply in replies)


def field_suggestions(site: Site) -> bool:
    """Here the suite's rule is turned round: the schema is public, and a slip names the right
    word instead of nothing. Every refusal has a code all the same."""
    asked = [
        "{ registris { key } }",
        "{ registries { kee } }",
        "{ projects(frist: 1) { totalCount } }",
        '{ project(id: "a") { ... on Projec { id } } }',
        "{ units(orderBy: { field: UNIT_COUN }) { totalCount } }",
        "{ units(where: { unitCoun: 1 }) { totalCount } }",
        "query ($where: UnitWher) { units(where: $where) { totalCount } }",
    ]
    replies = [site.ask(one) for one in asked]
    return all("Did you mean" in reply.text and reply.codes for reply in replies)


def get_from_other_sites(site: Site) -> bool:
    own = site.get("{ __typename }")
    other = site.get("{ __typename }", sec_fetch_site="cross-site")
    return own.status == 200 and other.status == 405


def get_mutations(site: Site) -> bool:
    return site.get(MUTATION).status == 405


def simple_requests(site: Site) -> bool:
    """Bodies that a page of another site can send without asking first."""
    asked = "query=%7B__typename%7D"
    kinds = ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
    return all(
        site.send("POST", "/graphql", body, content_type=kind).status == 415
        for kind in kinds
        for body in (asked, '{"query": "{ __typename }"}')
    )


def tracing(site: Site) -> bool:
    reply = site.send(
        "POST",
        "/graphql",
        '{"query": "{ __typename }"}',
        content_type="application/json",
        apollo_federation_include_trace="ftv1",
        x_apollo_tracing="1",
    )
    return set(json.loads(reply.text)["extensions"]) == {"provenance"}


def error_leakage(site: Site) -> bool:
    bodies: list[str | bytes] = [
        "",
        "{",
        "null",
        "[]",
        '{"query": 1}',
        '{"query": "{"}',
        '{"query": "\\u0000"}',
        '{"query": "{ __typename }", "variables": []}',
        '{"query": "query ($a: Int!) { projects(first: $a) { totalCount } }"}',
        '{"query": "{ node(id: \\"cgw:verra:project:\\u0000\\") { id } }"}',
        '{"query": "{ projects(after: \\"AAAA\\") { totalCount } }"}',
        '{"query": "{ projects(first: 99999999999999999999) { totalCount } }"}',
        '{"query": "{ lookup(scheme: \\"\'; --\\", value: \\"${7*7}\\") { id } }"}',
        b'{"query": "\xff\xfe"}',
        "[" * 100_000,
        '{"query": "{ __typename }", "query": "{ a }"}',
    ]
    replies = [site.send("POST", "/graphql", b, content_type="application/json") for b in bodies]
    replies.append(site.send("GET", "/graphql?query=%FF%00"))
    replies.append(site.send("BREW", "/graphql"))
    quiet = [reply for reply in replies if reply.status < 500 and not LEAKS.search(reply.text)]
    return len(quiet) == len(replies)


def banners(site: Site) -> bool:
    headers = site.send("GET", "/healthz").headers
    return not {"server", "x-powered-by"} & headers.keys()


def consoles(site: Site) -> bool:
    """Of `cgw serve`, which has none unless it is turned on."""
    paths = [
        "graphiql",
        "playground",
        "console",
        "altair",
        "voyager",
        "explorer",
        "graphql/console",
    ]
    found = [site.send("GET", f"/{path}", accept="text/html").status for path in paths]
    page = site.send("GET", "/graphql", accept="text/html")
    return set(found) == {404} and page.status in (400, 406) and "<" not in page.text


EVERYWHERE: list[Callable[[Site], bool]] = [
    alias_overload,
    directive_overload,
    field_duplication,
    batching,
    circular_introspection,
    circular_fragments,
    depth_of_brackets,
    field_suggestions,
    get_from_other_sites,
    get_mutations,
    simple_requests,
    tracing,
    error_leakage,
    banners,
]


def main(demo: str, serve: str) -> int:
    """Prints what does not hold and a count."""
    checks = [(check, url) for url in (demo, serve) for check in EVERYWHERE]
    checks.append((consoles, serve))
    failed = [f"{check.__name__} at {url}" for check, url in checks if not check(Site(url))]
    for name in failed:
        print(f"does not hold: {name}")
    alive = all(Site(url).ask("{ __typename }").status == 200 for url in (demo, serve))
    print(f"graphql-cop's checks and more: {len(checks) - len(failed)} of {len(checks)} hold")
    return 0 if alive and not failed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
