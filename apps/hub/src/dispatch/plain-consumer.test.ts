import { plainDeliverySchema, toJsonBytes } from "@waybill/events";
import type { DeliveryItem } from "@waybill/queue";
import { expect, onTestFinished, test } from "vitest";
import { Answers } from "./answers.ts";
import type { Consumer, Peer } from "./consumer.ts";
import { PlainConsumer } from "./plain-consumer.ts";

type Emitted = { type: string; event: unknown; answer: (answer?: unknown) => void };

function consumerOnFakeSocket() {
  const emitted: Emitted[] = [];
  const settles: unknown[] = [];
  let nowMs = 0;
  const acks = new Map<number, Emitted["answer"]>();
  const write = (text: string) => {
    const [, id, args] = /^2\/vendor,(\d+)(.*)$/.exec(text) ?? [];
    const [type, event] = JSON.parse(args ?? "");
    emitted.push({ type, event, answer: acks.get(Number(id)) as Emitted["answer"] });
  };
  const fake = { nsp: { name: "/vendor", _ids: 0 }, acks, conn: { readyState: "open", transport: { name: "polling" }, write } };
  const runner = {
    key: { queue: "store/acme" },
    settle: (_: unknown, settle: unknown) => void settles.push(settle),
    acked: (_: unknown, token: number) => void settles.push({ epoch: 7, acks: [[token, token]] }),
  };
  const answers = new Answers(fake as never, () => nowMs);
  onTestFinished(() => answers.end());
  const peer = { socket: fake, desk: null, answers, epoch: 7, by: "vendor acme", delivered: () => {} } as unknown as Peer;
  const consumer: Consumer = new PlainConsumer(peer, { runner, instance: "i", leaseMs: 1_000 });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { consumer, emitted, settles, pass };
}

const event = { id: "e1", type: "pickup", parcel: "p1", store: "acme", at: "2026-11-21T10:00:00Z", data: { customer: 'Zoë "}" 📦' } };
const item: DeliveryItem = {
  entry: {
    offset: 4,
    key: "p1",
    type: "pickup",
    bytes: 10,
    recordedAtMs: 99,
    ref: {
      id: "e1",
      homeOffset: 0,
      body: toJsonBytes(event),
    },
  },
  failed: 1,
  interrupted: 2,
  redrive: 0,
};

test("an event is sent under its type's name, with where it stands", () => {
  const { consumer, emitted } = consumerOnFakeSocket();
  consumer.deliver(12, [item], 1);
  const where = { queue: "store/acme", offset: 4, recordedAt: 99, attempt: 4 };
  expect(emitted).toMatchObject([{ type: "pickup", event: { ...event, ...where } }]);
  expect(plainDeliverySchema.parse(emitted[0]?.event)).toEqual({ ...event, ...where });
});

test("whatever blanks its publisher wrote around it, and one that is sent again on purpose says so", () => {
  const { consumer, emitted } = consumerOnFakeSocket();
  const body = new TextEncoder().encode(` ${JSON.stringify(event, null, "\t").replaceAll("\n", " ")} \t`);
  consumer.deliver(12, [{ entry: { ...item.entry, ref: { id: "e1", homeOffset: 0, body } }, failed: 0, interrupted: 0, redrive: 2 }], 1);
  expect(emitted[0]?.event).toEqual({ ...event, queue: "store/acme", offset: 4, recordedAt: 99, attempt: 1, redrive: 2 });
});

test.each([
  ["nothing", undefined, { acks: [[12, 12]] }],
  ["anything else", { ok: 1 }, { acks: [[12, 12]] }],
  ["nack", { nack: "printer is out" }, { nacks: [{ token: 12, reason: "printer is out" }] }],
  ["nack with a delay", { nack: "later", delayMs: 500 }, { nacks: [{ token: 12, reason: "later", delayMs: 500 }] }],
  ["reject", { reject: "no such order" }, { rejects: [{ token: 12, reason: "no such order" }] }],
  ["decline", { decline: true }, { withdraws: [[12, 12]] }],
])("the answer %s", (_, answer, expected) => {
  const { consumer, emitted, settles } = consumerOnFakeSocket();
  consumer.deliver(12, [item], 1);
  emitted[0]?.answer(answer);
  expect(settles).toEqual([{ epoch: 7, ...expected }]);
});

test("an endless reason is cut, not refused", () => {
  const { consumer, emitted, settles } = consumerOnFakeSocket();
  consumer.deliver(1, [item], 1);
  emitted[0]?.answer({ nack: "x".repeat(10_000) });
  expect(settles).toMatchObject([{ nacks: [{ reason: "x".repeat(512) }] }]);
});

test("an answer within the lease counts, a later one for nothing: the lease ends by the engine's own count", () => {
  const { consumer, emitted, settles, pass } = consumerOnFakeSocket();
  consumer.deliver(1, [item, item], 1);
  pass(999);
  emitted[0]?.answer();
  pass(1);
  emitted[1]?.answer();
  expect(settles).toEqual([{ epoch: 7, acks: [[1, 1]] }]);
});
