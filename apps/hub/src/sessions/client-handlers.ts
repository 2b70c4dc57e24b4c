import {
  arePlainSettles,
  clientNotices,
  confirmText,
  driverRequests,
  eventTypes,
  type Hello,
  type HelloReply,
  HubError,
  isPlainSettle,
  type Lanes,
  type LanesReply,
  limits,
  type PlainConfirm,
  type PlainPublish,
  parsePlainPublish,
  type WhoReply,
} from "@waybill/events";
import { Handlers } from "../edge/handlers.ts";
import { triedAgain } from "../proof/not-the-clients-fault.ts";
import { ConfirmPacket } from "../publish/confirm-packet.ts";
import { type PlainEvent, plainEventOf } from "../publish/plain-event.ts";
import type { ClientSession } from "./client-session.ts";

/** What drivers and vendors have in common: publishing both ways, subscriptions, settles, what is live. */
export function clientHandlers<S extends ClientSession>(): Handlers<S> {
  const on = new Handlers<S>();
  handlePublishing(on);
  handleSubscriptions(on);
  handleLive(on);
  return on;
}

function handlePublishing<S extends ClientSession>(on: Handlers<S>): void {
  const { hello, lanes, receipts } = driverRequests;
  on.request("hello", hello.request, triedAgain("hello", sayHello));
  on.request("lanes", lanes.request, triedAgain("lanes", tellLanes));
  on.request(
    "receipts",
    receipts.request,
    triedAgain("receipts", (request, session: ClientSession) => session.receipts(request)),
  );
  on.frame("publish", (frame, { frames }) => frames.publish(frame), confirmText);
  for (const type of eventTypes) {
    const readBytes: ReadPlain = (bytes, from, to) => plainEventOf(type, bytes, from, to);
    on.requestOften(type, { ...quickPublish, readBytes }, (published, { plain }, asker) => plain.take(type, published, asker));
  }
}

async function sayHello({ producer, incarnation }: Hello, { parts, identity, frames }: ClientSession): Promise<HelloReply> {
  const { storage } = parts;
  if (!(await storage.registerProducer(identity.tenant, producer, incarnation))) {
    throw new HubError("PRODUCER_FENCED", "A newer process holds this outbox. Stop this one.");
  }
  frames.hello({ producer, incarnation });
  return { outcome: "known", storageId: storage.info.storageId };
}

async function tellLanes({ queues }: Lanes, { parts, identity, frames }: ClientSession): Promise<LanesReply> {
  const known = frames.producer();
  if (!known) throw new HubError("HELLO_MISSING", "Say `hello` before asking for lanes.");
  return { outcome: "lanes", confirmedTo: await parts.storage.lanes(identity.tenant, known.producer, queues) };
}

function handleSubscriptions<S extends ClientSession>(on: Handlers<S>): void {
  const { subscribe, unsubscribe, sync } = driverRequests;
  on.request(
    "subscribe",
    subscribe.request,
    triedAgain("subscribe", (request, { subscriptions }: ClientSession) => subscriptions.subscribe(request)),
  );
  on.request("unsubscribe", unsubscribe.request, async ({ sub }, { subscriptions }) => {
    subscriptions.unsubscribe(sub);
    return { outcome: "done" };
  });
  on.request("sync", sync.request, async (_request, { subscriptions }) => {
    subscriptions.flush();
    return { outcome: "done" };
  });
  on.notice("settle", quickSettle, (settle, { subscriptions }) => subscriptions.settle(settle));
  on.notice("settles", quickSettles, (settles, { subscriptions }) => subscriptions.settleAll(settles));
  on.notice("credit", clientNotices.credit, ({ sub, ...credit }, { subscriptions }) => subscriptions.credit(sub, credit));
}

const quickPublish = {
  schema: { safeParse: parsePlainPublish },
  packetOf: (before: string, id: number, confirm: PlainConfirm) =>
    confirm.outcome === "refused" ? null : new ConfirmPacket(before, id, confirm),
};
type ReadPlain = (bytes: Buffer, from: number, to: number) => PlainPublish | PlainEvent | null;
/** Most of what an SDK says is of one simple kind; all else, and all that is wrong, is the schema's. */
const quickSettle: Pick<typeof clientNotices.settle, "safeParse"> = {
  safeParse: (body) => (isPlainSettle(body) ? { success: true, data: body } : clientNotices.settle.safeParse(body)),
};
const quickSettles: Pick<typeof clientNotices.settles, "safeParse"> = {
  safeParse: (body) => (arePlainSettles(body) ? { success: true, data: body } : clientNotices.settles.safeParse(body)),
};

/** Asking who is there, and speaking to them. */
function handleLive<S extends ClientSession>(on: Handlers<S>): void {
  on.request("who", driverRequests.who.request, async (request, { people }): Promise<WhoReply> => {
    const found = people.at(await people.parties(request));
    return { outcome: "people", people: found.slice(0, limits.peopleMax), more: found.length > limits.peopleMax };
  });
  on.request("word", driverRequests.word.request, async (request, { talk, talkPace }) => {
    if (!talkPace.mayPass()) throw new HubError("BUSY", `More than ${limits.livePerSecondMax} words and typings a second; wait a moment.`);
    return talk.word(request);
  });
  on.notice("typing", clientNotices.typing, async (notice, { talk, talkPace }) => {
    if (talkPace.mayPass()) await talk.typing(notice);
  });
}
