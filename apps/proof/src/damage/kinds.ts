/** Ways in which files are damaged while no hub runs. Each starts from a prepared folder, and draws where from the seed. */
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Chance } from "@waybill/testkit";
import { copyFolder, type Prepared } from "./prepared.ts";

type Damage = (path: string, from: Prepared, chance: Chance) => string;

const database = (path: string): string => join(path, "waybill.db");
const log = (path: string): string => join(path, "waybill.db-wal");
const index = (path: string): string => join(path, "waybill.db-shm");

const pageBytes = 8_192;

function flipBit(file: string, chance: Chance, at = chance.int(0, statSync(file).size - 1)): string {
  const bytes = readFileSync(file);
  const bit = chance.int(0, 7);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(file, bytes);
  return `bit ${bit} of byte ${at}`;
}

function cut(file: string, chance: Chance): string {
  const size = statSync(file).size;
  const to = chance.int(0, size - 1);
  truncateSync(file, to);
  return `${size} bytes cut to ${to}`;
}

export const kinds = {
  "bit in a page": (path, { closed, killed }, chance) => {
    copyFolder(chance.pick([closed, killed]), path);
    return flipBit(database(path), chance);
  },
  "bit in the log": (path, { killed }, chance) => {
    copyFolder(killed, path);
    return flipBit(log(path), chance);
  },
  "two pages changed places": (path, { closed }, chance) => {
    copyFolder(closed, path);
    const bytes = readFileSync(database(path));
    const pages = bytes.length / pageBytes;
    const [a, b] = [chance.int(1, pages - 1), chance.int(1, pages - 1)];
    const kept = Buffer.from(bytes.subarray(a * pageBytes, (a + 1) * pageBytes));
    bytes.copyWithin(a * pageBytes, b * pageBytes, (b + 1) * pageBytes);
    kept.copy(bytes, b * pageBytes);
    writeFileSync(database(path), bytes);
    return `pages ${a + 1} and ${b + 1}`;
  },
  "log cut": (path, { killed }, chance) => {
    copyFolder(killed, path);
    return cut(log(path), chance);
  },
  "index of the log gone": (path, { killed }, chance) => {
    copyFolder(killed, path);
    if (chance.hit(0.5)) return flipBit(index(path), chance);
    rmSync(index(path));
    return "deleted";
  },
  "database cut": (path, { closed, killed }, chance) => {
    copyFolder(chance.pick([closed, killed]), path);
    return cut(database(path), chance);
  },
  "older copy of the folder": (path, { older }) => {
    copyFolder(older, path);
    return "put back";
  },
  "older log": (path, { closed, killed, olderLog }, chance) => {
    copyFolder(chance.pick([closed, killed]), path);
    rmSync(index(path), { force: true });
    copyFileSync(log(olderLog), log(path));
    return "put back beside the newer database";
  },
  "files of two folders": (path, { closed, killed, another }, chance) => {
    const which = chance.pick([database, log]);
    copyFolder(which === database ? killed : chance.pick([closed, killed]), path);
    rmSync(index(path), { force: true });
    copyFileSync(which(another), which(path));
    return which === database ? "another's database" : "another's log";
  },
} as const satisfies Record<string, Damage>;

export type Kind = keyof typeof kinds;
export const kindNames = Object.keys(kinds).filter((name): name is Kind => name in kinds);
