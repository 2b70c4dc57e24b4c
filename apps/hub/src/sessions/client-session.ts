import type { Socket } from "socket.io";
import { wireOf } from "../auth/authenticate.ts";
import type { Identity } from "../auth/tokens.ts";
import { depart, enter } from "../live/enter.ts";
import { Pace } from "../live/pace.ts";
import { createPeople, type People } from "../live/people.ts";
import type { Place } from "../live/presence.ts";
import { createTalk, type Talk } from "../live/talk.ts";
import { createFramePublisher, type FramePublisher } from "../publish/frame-publisher.ts";
import { PlainPublisher } from "../publish/plain-publisher.ts";
import { createReceiptRequests, type ReceiptRequests } from "../receipts/receipt-requests.ts";
import type { SessionParts, SessionStart } from "./session-parts.ts";
import { Subscriptions } from "./subscriptions.ts";

/**
 * One socket of a driver or a vendor: what it publishes, reads, and says live. What serves a message of some kind is made with the
 * first of that kind: most sockets subscribe and wait.
 */
export class ClientSession implements SessionStart {
  readonly parts: SessionParts;
  readonly socket: Socket;
  readonly identity: Identity;
  readonly subscriptions: Subscriptions;
  readonly #places: readonly Place[];
  /** Words and typings. */
  readonly talkPace = new Pace();
  #frames: FramePublisher | null = null;
  #plain: PlainPublisher | null = null;
  #receipts: ReceiptRequests | null = null;
  #people: People | null = null;
  #talk: Talk | null = null;
  /** Of what waits for a time of its own, and for nobody once the socket is gone. */
  #over: AbortController | null = null;

  /** `places`: where its token puts it, and where others may see that. */
  constructor(parts: SessionParts, { socket, identity }: SessionStart, places: readonly Place[]) {
    this.parts = parts;
    this.socket = socket;
    this.identity = identity;
    this.subscriptions = new Subscriptions(parts, this);
    this.#places = places;
    enter(parts, this, places);
    // One listener for all places: a token may name more stores than Node takes for a leak.
    socket.on("disconnecting", () => depart(parts, this, this.#places));
    socket.on("disconnect", (why) => this.#end(why));
  }

  get frames(): FramePublisher {
    this.#frames ??= createFramePublisher({ ...this.parts, identity: this.identity, wire: wireOf(this.socket) });
    return this.#frames;
  }

  get plain(): PlainPublisher {
    this.#plain ??= new PlainPublisher({ ...this.parts, identity: this.identity });
    return this.#plain;
  }

  get receipts(): ReceiptRequests {
    if (this.#receipts) return this.#receipts;
    this.#over = new AbortController();
    this.#receipts = createReceiptRequests({
      receipts: this.parts.receipts,
      identity: this.identity,
      producer: () => this.#frames?.producer()?.producer ?? null,
      over: this.#over.signal,
    });
    return this.#receipts;
  }

  get people(): People {
    this.#people ??= createPeople(this.parts, this.identity);
    return this.#people;
  }

  get talk(): Talk {
    this.#talk ??= createTalk(this.parts, this);
    return this.#talk;
  }

  #end(why: string): void {
    this.subscriptions.end();
    this.#over?.abort();
    this.parts.proof.left(this.socket, this.identity, why);
  }
}
