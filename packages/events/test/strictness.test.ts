import { describe, expect, test } from "vitest";
import type { z } from "zod";
import * as events from "../src/index.ts";

/** One good message of every kind, beside its schema. */
const good: Record<string, [schema: z.ZodType, message: Record<string, unknown>]> = {
  hello: [events.helloSchema, { producer: "pr-1", incarnation: 1 }],
  lanes: [events.lanesSchema, { queues: ["store/acme"] }],
  subscribe: [
    events.subscribeSchema,
    {
      queue: "store/acme",
      types: ["pickup"],
      from: { offset: 3 },
      order: "queue",
      resume: { generation: 1, offset: 0 },
      credit: { events: 1, bytes: 1 },
      instance: "i-123456",
    },
  ],
  unsubscribe: [events.unsubscribeSchema, { sub: 1 }],
  receipts: [events.receiptsSchema, { queue: "store/acme", offsets: [1, 2], waitMs: 25_000 }],
  who: [events.whoSchema, { store: "acme", parcel: "p-1" }],
  word: [events.wordSchema, { to: "socket-1", text: "hello", store: "acme", parcel: "p-1" }],
  typing: [events.typingSchema, { parcel: "p-1", store: "acme", typing: true }],
  sync: [events.syncSchema, {}],
  take: [events.takeSchema, { parcel: "p-1" }],
  handback: [events.handbackSchema, { parcel: "p-1", reason: "flat tyre" }],
  jobs: [events.jobsSchema, {}],
  settle: [events.settleSchema, { sub: 1, epoch: 1, acks: [[1, 2]], nacks: [{ token: 3, reason: "x" }], started: [[4, 4]] }],
  credit: [events.creditSchema, { sub: 1, events: 0, bytes: 0 }],
  position: [events.positionSchema, { lat: 1, lng: 2 }],
  "plain publish": [events.plainPublishSchema, { parcel: "p-1", store: "acme" }],
  "publish header": [events.publishHeaderSchema, { lanes: [{ queue: "store/acme", first: 1, count: 2, void: [2] }] }],
  "names:add": [events.addNamesSchema, { kind: "store", ids: ["acme"] }],
  "names:list": [events.listNamesSchema, { kind: "zone", after: "n" }],
  "people:list": [events.listPeopleSchema, { role: "driver", after: "dana" }],
  "notice:send": [events.sendNoticeSchema, { text: "rain", drivers: { zones: ["north"], except: ["south"] }, vendors: {}, thisNode: true }],
  "roll:call": [events.rollCallSchema, { text: "all well?", vendors: { stores: ["acme"] }, waitMs: 1_000 }],
  "jobs:list": [events.listJobsSchema, { state: "overdue" }],
  "sub:list": [events.listSubscriptionsSchema, { after: { queue: "store/acme", group: "main" } }],
  "sub:info": [events.subscriptionInfoSchema, { queue: "store/acme", group: "audit" }],
  "sub:pause": [events.pauseSubscriptionSchema, { queue: "store/acme", paused: true }],
  "sub:policy": [events.setPolicySchema, { queue: "store/acme", policy: "skip" }],
  "sub:create": [
    events.createGroupSchema,
    { queue: "store/acme", group: "audit", from: "start", types: ["pickup"], policy: "skip", order: "queue", dryRun: true },
  ],
  "sub:delete": [events.deleteGroupSchema, { queue: "store/acme", group: "audit", evenIfRead: true, reason: "tests" }],
  "sub:reset": [events.resetGroupSchema, { queue: "store/acme", to: { offset: 3 }, dryRun: true, skip: true, reason: "tests" }],
  "key:list": [events.listKeysSchema, { queue: "store/acme", after: 3 }],
  "key:retry": [events.retryKeySchema, { queue: "store/acme", parcel: "p-1" }],
  "key:skip": [events.skipKeySchema, { queue: "store/acme", parcel: "p-1", reason: "shop closed" }],
  "dead:list": [events.listDeadSchema, { queue: "store/acme", parcel: "p-1", type: "pickup", after: 0 }],
  "dead:show": [events.showDeadSchema, { queue: "store/acme", offset: 3 }],
  "dead:redrive": [events.redriveSchema, { queue: "store/acme", which: { offsets: [3] }, limit: 10, dryRun: true }],
  "dead:discard": [events.discardSchema, { queue: "store/acme", which: { type: "pickup" }, reason: "tests" }],
  "queue:list": [events.listQueuesSchema, { kind: "store", after: "store/acme" }],
  "queue:info": [events.queueInfoSchema, { queue: "store/acme" }],
  "queue:peek": [events.peekQueueSchema, { queue: "store/acme", from: 3, parcel: "p-1", type: "pickup", limit: 9, waitMs: 1_000 }],
  "queue:grown": [events.grownQueuesSchema, { after: 3, queues: ["store/acme"], waitMs: 1_000 }],
  "hub:info": [events.hubInfoSchema, {}],
  "backup:make": [events.makeBackupSchema, { name: "before-the-move" }],
  "backup:state": [events.backupStateSchema, { name: "before-the-move" }],
  "backup:list": [events.listBackupsSchema, {}],
  "event:show": [events.showEventSchema, { queue: "store/acme", offset: 3 }],
  "event:explain": [events.explainSchema, { queue: "driver/dana", offset: 3, home: "store/acme" }],
};

describe("requests and notices of clients are read strictly", () => {
  test.each(Object.entries(good))("%s", (_, [schema, message]) => {
    expect(schema.parse(message)).toEqual(message);
    expect(schema.safeParse({ ...message, surprise: 1 }).success).toBe(false);
  });

  test("every request and notice is in this list", () => {
    const tables = [events.driverRequests, events.vendorRequests, events.adminRequests, events.driverNotices, events.vendorNotices];
    expect(tables.flatMap(Object.keys).filter((name) => !Object.hasOwn(good, name) && name !== "settles")).toEqual([]);
  });

  test("settles, each of its list", () => {
    const settles = [
      { sub: 1, epoch: 1, acks: [[1, 2]] },
      { sub: 2, epoch: 1, started: [[3, 3]] },
    ];
    expect(events.settlesSchema.parse(settles)).toEqual(settles);
    expect(events.settlesSchema.safeParse([...settles, { sub: 3, epoch: 1, surprise: 1 }]).success).toBe(false);
  });
});

const refused = { outcome: "refused", error: { code: "BUSY", retry: "backoff", message: "Wait." } };

describe("answers are read tolerantly: a later hub may say more", () => {
  const requests = { ...events.driverRequests, ...events.vendorRequests, ...events.adminRequests };
  test.each(Object.entries(requests))("%s", (_, { reply }) => {
    expect(reply.parse({ ...refused, surprise: 1 })).toEqual(refused);
    expect(reply.safeParse({ outcome: "surprise" }).success).toBe(false);
  });
});

describe("limits are kept by the schemas", () => {
  const refusedAt: Record<string, [schema: z.ZodType, message: unknown]> = {
    "more credit than there is": [events.creditSchema, { sub: 1, events: events.limits.creditEventsMax + 1, bytes: 1 }],
    "no credit at subscribe": [events.subscribeSchema, { credit: { events: 0, bytes: 1 } }],
    "a part larger than a batch": [events.lanePartSchema, { queue: "store/acme", first: 1, count: events.limits.batchEventsMax + 1 }],
    "an empty part": [events.lanePartSchema, { queue: "store/acme", first: 1, count: 0 }],
    "a frame without lanes": [events.publishHeaderSchema, { lanes: [] }],
    "a delay of more than a day": [events.settleSchema, { sub: 1, epoch: 1, nacks: [{ token: 1, delayMs: 86_400_001 }] }],
    "a reason without end": [events.settleSchema, { sub: 1, epoch: 1, rejects: [{ token: 1, reason: "x".repeat(513) }] }],
    "settles of nobody": [events.settlesSchema, []],
    "settles of too many": [events.settlesSchema, Array.from({ length: 257 }, (_, at) => ({ sub: at + 1, epoch: 1, acks: [[1, 2]] }))],
    "a range of one": [events.settleSchema, { sub: 1, epoch: 1, acks: [[1]] }],
    "a range from 0": [events.settleSchema, { sub: 1, epoch: 1, acks: [[0, 1]] }],
    "a token that is too long": [events.authSchema, { token: "x".repeat(events.limits.tokenBytesMax + 1) }],
    "lanes of 513 queues": [events.lanesSchema, { queues: Array.from({ length: 513 }, (_, n) => `store/s${n}`) }],
    "letters picked by offset and by type at once": [
      events.redriveSchema,
      { queue: "store/acme", which: { offsets: [1], type: "pickup" } },
    ],
    "a discard without a reason": [events.discardSchema, { queue: "store/acme", which: {} }],
    "a peek of more events than an answer holds": [events.peekQueueSchema, { queue: "store/acme", limit: events.limits.peekEventsMax + 1 }],
    "a wait that is too long": [events.grownQueuesSchema, { waitMs: events.limits.waitMsMax + 1 }],
    "a backup that names a path": [events.makeBackupSchema, { name: "../elsewhere" }],
    "a word without end": [events.wordSchema, { to: "s", text: "x".repeat(events.limits.wordCharsMax + 1) }],
    "a notice to no zone": [events.sendNoticeSchema, { text: "x", drivers: { zones: [] } }],
    "a group from nowhere": [events.subscribeSchema, { from: "middle" }],
  };
  test.each(Object.entries(refusedAt))("%s", (_, [schema, message]) => {
    expect(schema.safeParse(message).success).toBe(false);
  });
});

test("a deliver frame's rows may grow: an older client reads a later hub's", () => {
  const header = { sub: 1, epoch: 1, generation: 1, first: 1, events: [[1, 1_795_221_163_000, 0, 0, 0, 0, 42]] };
  expect(events.deliverHeaderSchema.parse({ ...header, surprise: 1 })).toEqual(header);
});
