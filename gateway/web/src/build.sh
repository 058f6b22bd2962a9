#!/bin/sh
# Makes gateway/web/static/graphiql.{js,css,licences.txt} from the packages named here, and the
# list of SHA-256 sums that a test compares them with. Needs node and npm; run it by hand when a
# version changes, and commit what it makes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
static=$here/../static
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/graphiql.jsx" "$here/page.css" "$work"
cd "$work"
npm init --yes >/dev/null 2>&1
npm install --silent --ignore-scripts --no-audit --no-fund --save-exact \
  graphiql@4.1.2 @graphiql/toolkit@0.12.1 react@18.3.1 react-dom@18.3.1 graphql@16.15.0 \
  esbuild@0.28.2 2>/dev/null
node_modules/.bin/esbuild graphiql.jsx --bundle --minify --format=esm --jsx=automatic \
  --define:process.env.NODE_ENV='"production"' --legal-comments=none --metafile=meta.json \
  --log-level=warning --outfile=graphiql.js
# Without the embedded fonts: the page uses the reader's own, and needs no data: URLs for them.
node - <<'JS'
const fs = require("fs");
const css = fs.readFileSync("graphiql.css", "utf8");
fs.writeFileSync("graphiql.css", css.replace(/@font-face\{[^}]*\}/g, ""));
JS
# Every package that went into the bundle, with its licence.
node - >graphiql.licences.txt <<'JS'
const fs = require("fs");
const inputs = Object.keys(JSON.parse(fs.readFileSync("meta.json", "utf8")).inputs);
const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const folders = new Set(inputs.map((path) => folder.exec(path)?.[1]).filter(Boolean));
for (const path of [...folders].sort()) {
  const about = JSON.parse(fs.readFileSync(`${path}/package.json`, "utf8"));
  const file = fs.readdirSync(path).find((name) => /^licen[cs]e/i.test(name));
  const home = about.repository?.url ?? about.repository ?? about.homepage ?? "no home page named";
  const text = file
    ? fs.readFileSync(`${path}/${file}`, "utf8").trim()
    : `The package has no licence file; it names its licence above. ${home}`;
  console.log(`${about.name} ${about.version} (${about.license})\n\n${text}\n\n${"-".repeat(72)}\n`);
}
JS
mkdir -p "$static"
cp graphiql.js graphiql.css graphiql.licences.txt "$static"
cd "$static"
sha256sum graphiql.js graphiql.css graphiql.licences.txt >SHA256SUMS
