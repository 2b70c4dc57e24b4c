/** What one old client says is carried out in its order, one after the other. What is wrong with it is told by an event `error`. */
import { HubError } from "@waybill/events";
import type { Socket } from "socket.io";
import { socketEdgeOf } from "../edge/socket-edge.ts";
import type { SessionParts } from "../sessions/session-parts.ts";
import { createAnswers } from "./answers.ts";
import type { Desk } from "./desk.ts";
import { type CapsKind, type CapsWord, type Dialect, wordOf } from "./dialect.ts";
import { isFields } from "./fields.ts";
import type { Kept } from "./kept.ts";
import { envelop } from "./message-of.ts";
import { createPublishing } from "./publishing.ts";
import { kindIn, type OldOrder, parcelIn, type Receipt, readOrder, readReceipts, readWho, type Who } from "./read-message.ts";
import { createRecent } from "./recent.ts";
import { revive } from "./revive.ts";
import { createStanding, unjoined } from "./standing.ts";

export type CapsSessionParts = SessionParts & {
  stores: ReadonlySet<string>;
  drivers: Desk;
  storeDesk(store: string): Desk;
  /** The first receipt takes the job; throws CLAIM_LOST for all others. */
  take(kept: Kept, by: object): Promise<void>;
};

export type CapsSession = {
  /** Resolves when all that it has said by now is carried out. */
  settled(): Promise<void>;
};

const done = { outcome: "done" } as const;

export function openCapsSession(parts: CapsSessionParts, socket: Socket, dialect: Dialect): CapsSession {
  const { stores, drivers, config, clock } = parts;
  const answers = createAnswers(socket, socketEdgeOf(socket));
  const standing = createStanding({ ...parts, socket, dialect, onAssumed: (error) => answers.tell(error, "join") });
  const publish = createPublishing(parts);
  /** Parcels of which it has told something. */
  const worked = createRecent();

  const join = (said: unknown) => {
    const parcel = parcelIn(said);
    // Some drivers enter the room of each order's store. They stay drivers: a store's messages are for the store.
    if (parcel !== undefined && !standing.isVendor() && standing.wasOffered(parcel)) return standing.become({ is: "driver" });
    const who = readWho(said, stores);
    if (who.is === "same") throw new HubError("INVALID_MESSAGE", `"join" names nobody; send the store's name, or "driver".`);
    standing.become(who);
  };

  const getAll = async (said: unknown) => {
    const who = readWho(said, stores);
    if (who.is !== "same") standing.become(who);
    else if (standing.isUnsure()) standing.become({ is: "driver" });
    const kind = isFields(said) ? kindIn(said) : undefined;
    for (const desk of standing.desks) {
      const runner = await desk.runner();
      if (runner && desk !== drivers) await revive(runner, config.engine.interruptedMax);
      desk.sendKept(standing.member, kind ? { kind } : {});
    }
  };

  const receive = async (receipt: Receipt): Promise<void> => {
    for (const desk of standing.desks) {
      const kept = desk.find(receipt);
      if (!kept) continue;
      if (desk !== drivers && kept.state !== "done") desk.settle(kept);
      // Who works first and says so afterwards has it by what it did.
      if (desk === drivers && !worked.has(kept.parcel)) await parts.take(kept, standing.member);
      return;
    }
    if (receipt.parcel === undefined || !worked.has(receipt.parcel)) throw neverSent(receipt);
  };

  const received = async (said: unknown) => {
    if (standing.isUnsure()) recognise(said);
    if (standing.desks.size === 0) throw unjoined();
    const outcomes: PromiseSettledResult<void>[] = [];
    for (const receipt of readReceipts(said)) outcomes.push(...(await Promise.allSettled([receive(receipt)])));
    const wrong = outcomes.find((outcome) => outcome.status === "rejected");
    if (wrong) throw wrong.reason;
  };

  /** Who comes back and does not join again may still send the receipt that it owes; the message says whose it was. */
  const recognise = (said: unknown) => {
    const kind = isFields(said) ? kindIn(said) : undefined;
    if (kind === undefined) return;
    const who: Who = kind === "pickup" ? { is: "driver" } : readWho(said, stores);
    if (who.is !== "same") standing.become(who);
  };

  const tell = async (kind: CapsKind, said: unknown) => {
    const order = readOrder(kind, said, stores);
    const isScan = kind !== "pickup";
    if (standing.isUnsure()) standing.become(isScan ? { is: "driver" } : { is: "store", store: order.store });
    if (isScan) worked.add(order.parcel);
    const confirm = await publish(kind, order);
    if (isScan && standing.isDriver() && confirm.outcome === "stored") echo(kind, order, confirm.id);
    return confirm;
  };

  /** Some drivers go on only when they hear their own word, for their own servers sent it to everybody. */
  const echo = (kind: CapsKind, { order, store }: OldOrder, id: string) => {
    const at = new Date(clock.nowMs()).toISOString();
    socket.emit(dialect.names[kind], envelop(kind, order, { id, at, store }));
  };

  const carryOut = async (word: CapsWord, said: unknown): Promise<unknown> => {
    switch (word) {
      case "join":
        join(said);
        return done;
      case "get-all":
        await getAll(said);
        return done;
      case "received":
        await received(said);
        return done;
      default:
        return tell(word, said);
    }
  };

  socket.onAny((name: unknown, ...said: unknown[]) => {
    const spoken = String(name).slice(0, 64);
    const answer = answers.answerIn(said);
    answers.inTurn(spoken, answer, async () => {
      const word = wordOf(dialect, spoken);
      if (word === null) throw unknownWord(spoken);
      return carryOut(word, said[0]);
    });
  });
  socket.on("disconnect", standing.end);

  return { settled: answers.settled };
}

const neverSent = ({ messageId, parcel }: Receipt) => {
  const named = JSON.stringify((messageId ?? parcel ?? "").slice(0, 64));
  return new HubError("UNKNOWN_EVENT", `Nothing called ${named} waits for a receipt here; nothing was settled.`);
};
const unknownWord = (name: string) =>
  new HubError("UNKNOWN_TYPE", `Nothing is known of "${name}" here; docs/old-clients.md lists what old clients may say.`);
