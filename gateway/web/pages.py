"""The pages for people: a plain landing page, and GraphiQL over this gateway alone."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from string import Template

from starlette.responses import HTMLResponse

from gateway.upstream.upstream import Upstream

# No page here runs or loads anything that the gateway does not serve itself.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_GRAPHIQL_POLICY = f"{_POLICY}; script-src 'self'; connect-src 'self'"

_LANDING = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>carbon-gateway</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/page.css">
<main>
<h1>carbon-gateway</h1>
$sandbox
<p>One GraphQL schema over carbon credit registries. Every answer is asked live, nothing is
copied, and every answer is signed: it says which registry gave which bytes, when, and who did
not answer.</p>
<h2>Ask</h2>
<pre>curl -s $issuer/graphql -H 'content-type: application/json' \\
  -d '{"query": "{ registries { key name configured } }"}' &gt; answer.json</pre>
<h2>Verify</h2>
<pre>curl -s $issuer/.well-known/jwks.json &gt; jwks.json
cgw verify answer.json --jwks jwks.json</pre>
<h2>Registries</h2>
<div class="wide"><table>
<tr><th>key<th>asked at<th>state
$registries
</table></div>
<h2>Here</h2>
<ul>
$graphiql<li><a href="/schema.graphql">The schema</a>
<li><a href="/.well-known/jwks.json">The signing keys</a>
<li><a href="/.well-known/carbon-gateway.json">What this gateway is, for machines</a>
<li><a href="/readyz">Whether it is ready</a>
</ul>
</main>
</html>
""")

_SANDBOX = """<p class="sandbox"><strong>This is a sandbox.</strong> The registries behind it are
emulated inside this process, their projects, people and numbers are invented, and the signing key
is thrown away when it stops. Nothing here is evidence of anything.</p>"""

_GRAPHIQL = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>GraphiQL - carbon-gateway</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/graphiql.css">
<div id="graphiql">Loading ...</div>
<pre id="query" hidden>$query</pre>
<script type="module" src="/static/graphiql.js"></script>
</html>
""")


def landing(
    issuer: str, upstreams: Iterable[Upstream], *, sandbox: bool, graphiql: bool
) -> HTMLResponse:
    """What this is, and the first two commands."""
    rows = (
        f"<tr><td>{escape(one.key)}<td>{escape(one.public_uri if one.configured else '-')}"
        f"<td>{escape(one.why_not or 'configured')}"
        for one in upstreams
    )
    page = _LANDING.substitute(
        issuer=escape(issuer),
        sandbox=_SANDBOX if sandbox else "",
        registries="\n".join(rows),
        graphiql='<li><a href="/graphiql">GraphiQL</a>\n' if graphiql else "",
    )
    return HTMLResponse(page, headers={"content-security-policy": _POLICY})


def graphiql(query: str) -> HTMLResponse:
    """GraphiQL, with a question to begin with."""
    page = _GRAPHIQL.substitute(query=escape(query))
    return HTMLResponse(page, headers={"content-security-policy": _GRAPHIQL_POLICY})
