// Bundles src/ into assets/ and records what the bundle was made from, so that a test can tell a stale one.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const bundle = await build({
  entryPoints: { page: "src/main.tsx", "page-style": "src/page.css" },
  outdir: "assets",
  entryNames: "[name]",
  bundle: true,
  minify: true,
  target: ["es2022", "chrome111", "firefox114", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
});

const packages = new Set(
  Object.keys(bundle.metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
);
const licences = [...packages].sort().map((name) => {
  const folder = `node_modules/${name}`;
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, "utf8")}`;
});
writeFileSync("assets/LICENSES.txt", licences.join("\n----\n\n"));

// SHA-256 over "name NUL content NUL" of each source, in the order of their names; tests/service/test_page_bundle.py
// computes the same.
const files = readdirSync("src", { recursive: true }).filter((path) => /\.(tsx?|css)$/.test(path));
const sources = [...files.map((path) => `src/${path}`), "package-lock.json", "../../report/sections/_tokens.css", "../../report/sections/_names.js"];
const digest = createHash("sha256");
for (const name of sources.map((path) => path.replaceAll("\\", "/")).sort()) {
  digest.update(name).update("\0").update(readFileSync(name)).update("\0");
}
writeFileSync("assets/sources.sha256", digest.digest("hex") + "\n");
