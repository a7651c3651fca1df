// Collects the licences of what esbuild put into the bundle: node licences.mjs META.json > THIRD_PARTY_LICENSES.txt
import {existsSync, readFileSync} from "node:fs";

const inputs = Object.keys(JSON.parse(readFileSync(process.argv[2])).inputs);
const packages = [...new Set(inputs.map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean))].sort();
const holders = new Map();
for (const name of packages) {
  const folder = `node_modules/${name}`;
  const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"].map((end) => `${folder}/${end}`).find(existsSync);
  if (!file) throw new Error(`${name} has no licence file`);
  const text = readFileSync(file, "utf8").trim();
  const {version} = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  holders.set(text, [...(holders.get(text) ?? []), `${name} ${version}`]);
}
const parts = [...holders].map(([text, names]) => `${names.join(", ")}\n\n${text}\n`);
process.stdout.write(`The viewer contains these packages.\n\n${parts.join(`\n${"-".repeat(72)}\n\n`)}`);
