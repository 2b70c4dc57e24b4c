import {
  arePlainSettles,
  clientNotices,
  driverRequests,
  eventTypes,
  type Hello,
  type HelloReply,
  HubError,
  isPlainSettle,
  type Lanes,
  type LanesReply,
  limits,
  PROTOCOL_VERSION,
  plainPublishSchema,
  type Welcome,
} from "@waybill/events";
import { handleFrame, handleNotice, handleRequest } from "../edge/wrapper.ts";
import { handleLive } from "../live/handle-live.ts";
import { triedAgain } from "../proof/not-the-clients-fault.ts";
import { createFramePublisher } from "../publish/frame-publisher.ts";
import { createPlainPublisher } from "../publish/plain-publisher.ts";
import { createReceiptRequests } from "../receipts/receipt-requests.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";
import { createSubscriptions } from "./subscriptions.ts";

/** What drivers and vendors have in common: publishing both ways, subscriptions, settles, what is live. */
export function openClientSession(parts: SessionParts, start: SessionStart): void {
  const { socket, identity } = start;
  const { storage, proof } = parts;
  const frames = createFramePublisher({ ...parts, identity });
  const publishPlain = createPlainPublisher({ ...parts, identity });
  const subscriptions = createSubscriptions({ ...parts, socket, identity });

  const hello = async ({ producer, incarnation }: Hello): Promise<HelloReply> => {
    if (!(await storage.registerProducer(identity.tenant, producer, incarnation))) {
      throw new HubError("PRODUCER_FENCED", "A newer process holds this outbox. Stop this one.");
    }
    frames.hello({ producer, incarnation });
    return { outcome: "known", storageId: storage.info.storageId };
  };

  const lanes = async ({ queues }: Lanes): Promise<LanesReply> => {
    const known = frames.producer();
    if (!known) throw new HubError("HELLO_MISSING", "Say `hello` before asking for lanes.");
    return { outcome: "lanes", confirmedTo: await storage.lanes(identity.tenant, known.producer, queues) };
  };

  handleRequest(socket, "hello", driverRequests.hello.request, triedAgain("hello", proof, hello));
  handleRequest(socket, "lanes", driverRequests.lanes.request, triedAgain("lanes", proof, lanes));
  const over = new AbortController();
  const receipts = createReceiptRequests({
    receipts: parts.receipts,
    identity,
    producer: () => frames.producer()?.producer ?? null,
    over: over.signal,
  });
  handleRequest(socket, "receipts", driverRequests.receipts.request, triedAgain("receipts", proof, receipts));
  handleFrame(socket, "publish", frames.publish);
  for (const type of eventTypes) handleRequest(socket, type, plainPublishSchema, (request) => publishPlain(type, request));

  handleRequest(socket, "subscribe", driverRequests.subscribe.request, triedAgain("subscribe", proof, subscriptions.subscribe));
  handleRequest(socket, "unsubscribe", driverRequests.unsubscribe.request, async ({ sub }) => {
    subscriptions.unsubscribe(sub);
    return { outcome: "done" };
  });
  handleRequest(socket, "sync", driverRequests.sync.request, async () => {
    subscriptions.flush();
    return { outcome: "done" };
  });
  handleNotice(socket, "settle", quickSettle, subscriptions.settle);
  handleNotice(socket, "settles", quickSettles, subscriptions.settleAll);
  handleNotice(socket, "credit", clientNotices.credit, ({ sub, ...credit }) => subscriptions.credit(sub, credit));

  handleLive(parts, start);
  socket.on("disconnect", (why) => {
    subscriptions.end();
    over.abort();
    proof.left(socket, identity, why);
  });
  proof.connected(socket, identity);
  socket.emit("welcome", welcomeOf(parts, identity));
}

/** Most of what an SDK says is of one simple kind; all else, and all that is wrong, is the schema's. */
const quickSettle: Pick<typeof clientNotices.settle, "safeParse"> = {
  safeParse: (body) => (isPlainSettle(body) ? { success: true, data: body } : clientNotices.settle.safeParse(body)),
};
const quickSettles: Pick<typeof clientNotices.settles, "safeParse"> = {
  safeParse: (body) => (arePlainSettles(body) ? { success: true, data: body } : clientNotices.settles.safeParse(body)),
};

/** The names that an SDK or a plain client may send in every namespace of clients. */
export const clientEventNames: readonly string[] = [
  ...eventTypes,
  "publish",
  "hello",
  "lanes",
  "receipts",
  "who",
  "word",
  "typing",
  "subscribe",
  "unsubscribe",
  "sync",
  "settle",
  "settles",
  "credit",
];

export function welcomeOf({ storage, clock }: SessionParts, identity: SessionStart["identity"]): Welcome {
  const { eventBytesMax, frameBytesMax, batchEventsMax, publishesInFlightMax, creditEventsMax, creditBytesMax } = limits;
  return {
    protocol: PROTOCOL_VERSION,
    storageId: storage.info.storageId,
    epoch: storage.info.epoch,
    hubTime: clock.nowMs(),
    you: {
      role: identity.role,
      tenant: identity.tenant,
      subject: identity.subject,
      ...(identity.driver ? { driver: identity.driver } : {}),
      stores: identity.stores === "*" ? ["*"] : [...identity.stores],
    },
    limits: { eventBytesMax, frameBytesMax, batchEventsMax, publishesInFlightMax, creditEventsMax, creditBytesMax },
  };
}
