/**
 * What a good event's check costs, by its schema and by the check that is derived from it, beside its JSON; and what it costs to take in a line
 * of a frame, parsed as a whole and as the SDK writes it: `node bench/check.bench.ts`.
 */
import { eventOfText, type ParcelEvent, parcelEventSchema } from "../src/index.ts";
import { quickCheck } from "../src/quick-check.ts";

const EVENTS = 1_000;
const TURNS = 200;
const ROUNDS = 9;

const textOf = (index: number): string =>
  JSON.stringify({
    id: `flow-3-22:${index}`,
    type: "in-transit",
    parcel: `p-3-22-${index >> 2}`,
    store: `store-${index % 100}`,
    at: "2026-02-14T09:30:00.000+01:00",
    data: { note: "x".repeat(90) },
  } satisfies ParcelEvent);
const texts = Array.from({ length: EVENTS }, (_, index) => textOf(index));
const bodies = texts.map((text) => Buffer.from(text));
const nothing = new Uint8Array();
const { latin1Slice } = Buffer.prototype;
const events: unknown[] = texts.map((text) => JSON.parse(text));

const isGood = quickCheck(parcelEventSchema);
const ways: { name: string; run: (index: number) => unknown }[] = [
  { name: "the schema", run: (index) => parcelEventSchema.safeParse(events[index]).success },
  { name: "the check derived from it", run: (index) => isGood(events[index]) },
  { name: "JSON.parse", run: (index) => JSON.parse(texts[index] ?? "") },
  { name: "a line: JSON.parse, then the check", run: (index) => isGood(JSON.parse(texts[index] ?? "")) },
  { name: "a line: its names by one pattern, its data parsed and checked", run: (index) => isGoodText(index) },
];

/** What is kept of it in memory of its own, as the hub takes it. */
function isGoodText(index: number): boolean {
  const body = bodies[index] ?? nothing;
  const line = { text: texts[index] ?? "", cut: (from: number, to: number) => latin1Slice.call(body, from, to) };
  return eventOfText(line, `store-${index % 100}`) !== null;
}

function microsecondsOf(run: (index: number) => unknown): number {
  const startMs = performance.now();
  for (let turn = 0; turn < TURNS; turn++)
    for (let index = 0; index < EVENTS; index++) if (run(index) === false) throw new Error("refused");
  return ((performance.now() - startMs) * 1_000) / (TURNS * EVENTS);
}

// By turns: a shared core is not as quick in one second as in the next.
const taken = ways.map((): number[] => []);
for (let round = 0; round <= ROUNDS; round++)
  for (const [way, { run }] of ways.entries()) {
    const microseconds = microsecondsOf(run);
    if (round > 0) taken[way]?.push(microseconds);
  }
for (const [way, { name }] of ways.entries()) {
  const sorted = (taken[way] ?? []).sort((a, b) => a - b);
  console.log(`${(sorted[ROUNDS >> 1] ?? 0).toFixed(2).padStart(6)} µs an event, median of ${ROUNDS}  ${name}`);
}
