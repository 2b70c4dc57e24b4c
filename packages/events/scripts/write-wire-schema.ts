/**
 * Writes wire-schema.json anew from the schemas: `npm run wire-schema -w @waybill/events`.
 * With `--release` it also notes that the present version is part of a release; from then on a change needs a new version.
 * The first time under a raised version, the description of the one before is kept beside it: what its clients say must still be understood.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { changesBetween, describeWire, releaseConflict, type WireDescription } from "./describe-wire.ts";

const file = new URL("../wire-schema.json", import.meta.url);
const committed: WireDescription = JSON.parse(readFileSync(file, "utf8"));
const isRelease = process.argv.includes("--release");

const wire = describeWire(committed.released);
const conflict = releaseConflict(committed, wire);
if (conflict) {
  console.error(conflict);
  process.exit(1);
}
if (wire.protocol > committed.protocol) {
  const kept = new URL(`../wire-schema-${committed.protocol}.json`, import.meta.url);
  wire.released = committed.protocol;
  writeFileSync(kept, `${JSON.stringify({ ...committed, released: committed.protocol }, null, 2)}\n`);
}
const changes = changesBetween(committed.messages, wire.messages);
if (isRelease) wire.released = wire.protocol;
writeFileSync(file, `${JSON.stringify(wire, null, 2)}\n`);
console.log(
  changes.length > 0
    ? `wire-schema.json: ${changes.length} messages written anew: ${changes.join(", ")}`
    : "wire-schema.json: no message changed",
);
