/** A program whose objects outlive collections, at rest and then with events: says how much room for what is young it has each time, in bytes. */
import { setTimeout as after } from "node:timers/promises";
import { growYoungSpaceUnderLoad, keepObjectsYoung, youngBytes } from "../src/young-objects.ts";

/** Some 20 MB: between two of them V8 may double the room once. */
const OBJECTS = 200_000;
const TRIES = 16;
/** What is alive stays so for some time: collections find most of what is young. */
const alive: { at: number; kept: number[] }[][] = [];

/** Until the room was looked at. */
async function churn(): Promise<void> {
  alive.push(Array.from({ length: OBJECTS }, (_, at) => ({ at, kept: [at, at, at, at] })));
  if (alive.length > 4) alive.shift();
  await after(110);
}

keepObjectsYoung();
let events = 0;
const stop = growYoungSpaceUnderLoad(() => events);
for (let round = 0; round < TRIES; round += 1) await churn();
const atRest = youngBytes();
for (let round = 0; round < TRIES && youngBytes() <= atRest; round += 1) {
  events += 100_000;
  await churn();
}
stop();
process.stdout.write(JSON.stringify({ atRest, underLoad: youngBytes() }));
