/**
 * Who an old client is. It brings no token: what it says tells. States:
 *
 *   silent    it has said nothing.                              → driver or vendor, by what it says; → assumed, after 2 s
 *   assumed   taken for a driver: it is sent pickups.           → driver or vendor, by what it says
 *   driver    it is sent pickups, and no store's messages.      nothing
 *   vendor    it is sent the messages of its stores.            → driver, when it says so
 */
import { HubError } from "@waybill/events";
import type { Socket } from "socket.io";
import type { Identity } from "../auth/tokens.ts";
import { waitingBytesOf } from "../edge/outgoing.ts";
import type { Proof } from "../hub-parts.ts";
import type { Desk, Member } from "./desk.ts";
import type { Dialect } from "./dialect.ts";
import { oldDriver, oldVendor } from "./publishing.ts";
import type { Who } from "./read-message.ts";
import { createRecent } from "./recent.ts";

/** Who has said nothing by then is taken for a driver: many say nothing, for their own servers sent pickups to everybody. */
const SILENT_MS = 2_000;
/** Nothing is sent to who has not read this much; it gets the rest when it has. */
const WAITING_BYTES_MAX = 1_048_576;

export type Standing = {
  readonly member: Member;
  /** Where it is sent messages from. */
  readonly desks: ReadonlySet<Desk>;
  /** Throws where it has said to be somebody else. */
  become(who: Exclude<Who, { is: "same" }>): void;
  /** It has not said who it is. */
  isUnsure(): boolean;
  isVendor(): boolean;
  isDriver(): boolean;
  /** Whether it was asked to fetch this parcel. */
  wasOffered(parcel: string): boolean;
  /** The connection is gone. */
  end(why: string): void;
};

export function createStanding(parts: {
  socket: Socket;
  dialect: Dialect;
  drivers: Desk;
  storeDesk(store: string): Desk;
  proof: Proof;
  onAssumed(error: HubError): void;
}): Standing {
  const { socket, dialect, drivers, proof } = parts;
  const desks = new Set<Desk>();
  const offered = createRecent();
  let is: "silent" | "assumed" | "driver" | "vendor" = "silent";
  let known: Identity | null = null;
  let isOver = false;

  const member: Member = {
    send({ parcel, message }) {
      if (message.event === "pickup") offered.add(parcel);
      socket.emit(dialect.names[message.event], message);
    },
    isHeld() {
      if (waitingBytesOf(socket.conn) <= WAITING_BYTES_MAX) return false;
      socket.conn.once("flush", () => {
        for (const desk of desks) desk.sendKept(member, "unsent");
      });
      return true;
    },
  };

  const enter = (desk: Desk, as: Identity) => {
    if (isOver) return;
    if (!known) proof.connected(socket, as);
    known ??= as;
    desks.add(desk);
    desk.join(member);
    desk.sendKept(member, "unsent");
  };
  const leaveAll = () => {
    for (const desk of desks) desk.leave(member);
    desks.clear();
  };

  const silence = setTimeout(() => {
    is = "assumed";
    enter(drivers, oldDriver("drivers"));
    parts.onAssumed(unjoined());
  }, SILENT_MS);

  return {
    member,
    desks,
    become(who) {
      clearTimeout(silence);
      if (who.is === "store" && is === "driver") throw alreadyDriver();
      const next = who.is === "store" ? "vendor" : "driver";
      if ((is === "vendor") !== (next === "vendor")) leaveAll();
      is = next;
      if (who.is === "store") enter(parts.storeDesk(who.store), oldVendor(who.store));
      else enter(drivers, oldDriver("drivers"));
    },
    isUnsure: () => is === "silent" || is === "assumed",
    isVendor: () => is === "vendor",
    isDriver: () => is === "driver",
    wasOffered: (parcel) => offered.has(parcel),
    end(why) {
      isOver = true;
      clearTimeout(silence);
      leaveAll();
      if (known) proof.left(socket, known, why);
    },
  };
}

export const unjoined = () =>
  new HubError(
    "UNKNOWN_SUBSCRIPTION",
    `This connection has not said who it is, and is sent pickups only. Send "join" with your store's name, or "driver", after each connect; what is kept for a store waits for it.`,
  );
const alreadyDriver = () =>
  new HubError(
    "FORBIDDEN",
    "This client has said that it is a driver, and a store's messages are for the store; join from a connection of its own.",
  );
