/** Events per second through the pure engine, published, offered and acked in batches: `node bench/engine.bench.ts`. */
import { createEngine, type EngineEffect, type EngineInput, type EngineOptions, type Entry } from "../src/index.ts";

const EVENTS = 1_000_000;

const options: EngineOptions = {
  order: "key",
  policy: "block",
  epoch: 1,
  leaseMs: 30_000,
  failedMax: 5,
  interruptedMax: 20,
  backoffMs: 1_000,
  backoffMaxMs: 60_000,
  windowEventsMax: 8_192,
  windowBytesMax: 4_194_304,
  keyWaitingMax: 64,
  parkedKeysMax: 100_000,
  deadLettersMax: 10_000,
  types: null,
};

type Case = { name: string; batch: number; keyOf: (offset: number) => string; order?: EngineOptions["order"] };

const cases: Case[] = [
  { name: "one consumer, one key, batches of 64", batch: 64, keyOf: () => "p" },
  { name: "one consumer, one key, batches of 512", batch: 512, keyOf: () => "p" },
  { name: "one consumer, 100 keys, batches of 64", batch: 64, keyOf: (offset) => `p${offset % 100}` },
  { name: "one consumer, 100 keys, batches of 512", batch: 512, keyOf: (offset) => `p${offset % 100}` },
  { name: "one consumer, each event a new key, batches of 64", batch: 64, keyOf: (offset) => `p${offset}` },
  { name: "hot key (90 %) among 100, batches of 64", batch: 64, keyOf: (offset) => (offset % 10 === 0 ? `p${offset % 1_000}` : "hot") },
  { name: "by queue, batches of 64", batch: 64, keyOf: (offset) => `p${offset % 100}`, order: "queue" },
];

function run({ batch, keyOf, order = "key" }: Case): number {
  const keys = Array.from({ length: 10_000 }, (_, index) => keyOf(index));
  const engine = createEngine(
    { ...options, order },
    {
      progress: { generation: 1, cursor: 0, open: [], offeredTo: 0, ackedTo: 0, paused: false },
      attempts: [],
      parked: [],
      deadCount: 0,
      head: 0,
    },
  );
  const moment = { nowMs: 0, chance: 0.5 };
  const out: EngineEffect[] = [];
  const credit = { events: 1_024, bytes: 1_048_576 };
  engine.apply([{ type: "subscribe", consumer: 1, instance: "bench", by: "bench", mode: "frames", credit }], moment, out);
  let settled = 0;
  let offset = 0;
  let answers: EngineInput[] = [];
  const startMs = performance.now();
  while (settled < EVENTS) {
    const entries: Entry[] = [];
    for (let index = 0; index < batch; index++) {
      offset += 1;
      entries.push({ offset, key: keys[offset % 10_000] ?? "", type: "pickup", bytes: 300, recordedAtMs: 0, ref: null });
    }
    answers.push({ type: "appended", entries });
    out.length = 0;
    engine.apply(answers, moment, out);
    answers = [];
    for (const effect of out) {
      if (effect.type === "commit") answers.push({ type: "committed", commit: effect.commit });
      else if (effect.type === "settled") settled += effect.count;
      else if (effect.type === "deliver") {
        answers.push({ type: "settle", consumer: 1, settle: { epoch: 1, acks: [[effect.first, effect.first + effect.items.length - 1]] } });
      }
    }
    moment.nowMs += 1;
  }
  return (settled / (performance.now() - startMs)) * 1_000;
}

for (const one of cases) {
  run(one);
  console.log(`${Math.round(run(one)).toLocaleString("en").padStart(12)} events/s  ${one.name}`);
}
