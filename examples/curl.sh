#!/bin/sh
# Asks a gateway with curl alone, into the current folder:
#   sh examples/curl.sh http://127.0.0.1:8000
set -eu
url=${1:-http://127.0.0.1:8000}

# By POST, with variables.
cat >query.graphql <<'GRAPHQL'
query Held($where: ProjectWhere) {
  projects(where: $where, first: 5) {
    nodes { registry projectId projectName }
    coverage { registry outcome }
  }
}
GRAPHQL
echo '{"where": {"projectName": {"startsWith": "Hazelmere"}}}' >variables.json
python3 -c 'import json; print(json.dumps({
  "query": open("query.graphql").read(), "variables": json.load(open("variables.json"))
}))' >request.json
curl -sSf "$url/graphql" -H 'content-type: application/json' --data-binary @request.json \
  >response.json

# By GET, where a question fits into an address.
curl -sSf --get "$url/graphql" --data-urlencode 'query={ registries { key configured } }' \
  >registries.json

# With proofs of single records, and the bodies that registries sent.
curl -sSf "$url/graphql" -H 'content-type: application/json' -d '{
  "query": "{ project(id: \"cgw:verra:project:901002\") { projectName } }",
  "extensions": { "provenance": { "level": "RECORDS", "evidence": true } }
}' >evidence.json

# The keys. Then: cgw verify response.json --jwks jwks.json --query query.graphql \
#   --variables variables.json
curl -sSf "$url/.well-known/jwks.json" >jwks.json
