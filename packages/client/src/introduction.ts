/**
 * Do hub and outbox agree on how far the lanes are? Nothing of a lane is sent over a connection before they do:
 *
 *   idle     ── something to send ──► greeting: hello, then `lanes` for all that is known
 *   greeting ── they agree ──► open
 *            ── refused for a while ──► greeting again, later
 *            ── fenced: a newer process holds this outbox ──► stopped
 *            ── the outbox is an old copy, or the hub was restored ──► renewing
 *   renewing ── the new producer is on disk ──► idle, on a new connection
 *   open, greeting ── connection gone ──► idle
 */
import { HubError } from "@waybill/events";
import { backoffMs } from "./backoff.ts";
import type { Flow } from "./flow.ts";
import type { Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import { type Announcer, asError } from "./listeners.ts";
import type { Outbox } from "./outbox.ts";
import { settleConfirmed } from "./settle-confirmed.ts";
import { type Asked, type LostLane, standingOf } from "./standing.ts";
import type { Timers } from "./timers.ts";

const LANES_PER_REQUEST = 512;

type IntroductionOptions = {
  outbox: Outbox;
  ledger: Ledger;
  announcer: Announcer;
  timers: Timers;
  /** All lanes that are known now. */
  flows: () => readonly Flow[];
  /** Hub and outbox agree on these lanes. */
  agreed: (flows: readonly Flow[]) => void;
  /** Numbers were given anew: called at once, and its result when they are on disk. */
  renumbered: () => () => void;
  confirmed: () => void;
  fenced: (error: HubError) => void;
};

export class Introduction {
  state: "idle" | "greeting" | "open" | "renewing" | "stopped" = "idle";
  readonly #options: IntroductionOptions;
  #link: Link | null = null;
  #failures = 0;
  /** The connection for which a timer runs to the next greeting. */
  #dueFor: Link | null = null;

  constructor(options: IntroductionOptions) {
    this.#options = options;
  }

  up(link: Link): void {
    this.#link = link;
    if (this.state === "idle" && this.#options.flows().length > 0) this.greet();
  }

  down(): void {
    this.#link = null;
    this.#dueFor = null;
    if (this.state === "greeting" || this.state === "open") this.state = "idle";
  }

  greet(): void {
    const link = this.#link;
    if (link === null || this.state === "stopped" || this.state === "renewing") return;
    this.state = "greeting";
    const { producer, incarnation } = this.#options.ledger;
    link.request("hello", { producer, incarnation }).then(
      ({ storageId }) => this.compare(this.#options.flows(), storageId),
      (error: HubError) => {
        if (error.code === "PRODUCER_FENCED") this.fence(error);
        else this.#failed(link, error);
      },
    );
  }

  greetLater(): void {
    const link = this.#link;
    if (this.state === "stopped" || this.state === "renewing") return;
    this.state = "greeting";
    if (link === null || this.#dueFor === link) return;
    this.#dueFor = link;
    this.#options.timers.after(backoffMs(this.#failures++, 100, 10_000), () => {
      if (this.#dueFor !== link) return; // A timer of a connection that is gone says nothing about this one.
      this.#dueFor = null;
      if (this.state === "greeting") this.greet();
    });
  }

  /** Asks the hub how far these lanes are. */
  async compare(flows: readonly Flow[], storageId: string): Promise<void> {
    const link = this.#link;
    if (link === null) return;
    const { ledger, outbox, agreed } = this.#options;
    let asked: Asked[];
    try {
      asked = await ask(link, flows);
    } catch (error) {
      for (const flow of flows) flow.standing = "unknown";
      this.#failed(link, error instanceof HubError ? error : new HubError("INTERNAL", asError(error).message, { cause: error }));
      return;
    }
    if (link !== this.#link || this.state === "stopped" || this.state === "renewing") return;
    const standing = standingOf(asked, ledger.storageId !== null && ledger.storageId !== storageId);
    if (standing.kind === "old-copy") {
      const { queue, hubHas, triedTo } = standing;
      await this.oldCopy(`The hub has number ${hubHas} of ${queue}, and this outbox never went beyond ${triedTo}: it is an old copy.`);
    } else if (standing.kind === "lost") {
      await this.#hubLost(asked, standing.lanes, storageId);
    } else {
      if (ledger.storageId === null) outbox.remember(storageId);
      this.#failures = 0;
      this.state = "open";
      agreed(flows);
    }
  }

  async oldCopy(message: string): Promise<void> {
    if (this.state === "stopped" || this.state === "renewing") return;
    this.#options.announcer.announce("outbox", { kind: "old-copy", message: `${message} It goes on under a new producer id.` });
    await this.#renew(this.#options.ledger.storageId, "the outbox goes on under a new producer id");
  }

  fence(error: HubError): void {
    if (this.state === "stopped") return;
    this.state = "stopped";
    const message = `${error.message} Publishing has stopped; what is in the outbox stays there.`;
    this.#options.announcer.announce("outbox", { kind: "fenced", message });
    this.#options.fenced(error);
  }

  stop(): void {
    this.state = "stopped";
  }

  #failed(link: Link, error: HubError): void {
    if (link !== this.#link) return;
    if (error.retry === "never") this.#options.announcer.announce("error", error);
    this.greetLater();
  }

  async #hubLost(asked: readonly Asked[], lanes: LostLane[], storageId: string): Promise<void> {
    const { outbox, announcer, confirmed } = this.#options;
    // What the backup still knows of this outbox is stored: it need not be sent again.
    for (const { lane, hubHas } of asked) {
      const stored = outbox.confirm(lane.queue, hubHas);
      settleConfirmed(stored, { queue: lane.queue, confirmedTo: hubHas, stored: [], duplicates: [] });
    }
    confirmed();
    announcer.announce("hub-lost", { storageId, lanes });
    await this.#renew(storageId, "the hub was restored from a backup");
  }

  /** A new producer starts on a new connection: nothing of the old one is under way there. */
  async #renew(storageId: string | null, why: string): Promise<void> {
    const { outbox, announcer, timers, renumbered } = this.#options;
    this.state = "renewing";
    const written = outbox.newProducer(storageId);
    const onDisk = renumbered();
    try {
      await written;
    } catch (error) {
      announcer.announce("error", asError(error));
      timers.after(backoffMs(this.#failures++, 100, 10_000), () => void this.#renew(storageId, why));
      return;
    }
    onDisk();
    if (this.state !== "renewing") return;
    this.state = "idle";
    this.#link?.drop(why);
  }
}

async function ask(link: Link, flows: readonly Flow[]): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const flow of flows) flow.standing = "asked";
  for (let from = 0; from < flows.length; from += LANES_PER_REQUEST) {
    const some = flows.slice(from, from + LANES_PER_REQUEST);
    // As of now: what is sent while the hub answers says nothing about an old copy.
    const tried = some.map(({ triedTo }) => triedTo);
    const { confirmedTo } = await link.request("lanes", { queues: some.map(({ lane }) => lane.queue) });
    asked.push(...some.map(({ lane }, i) => ({ lane, triedTo: tried[i] ?? 0, hubHas: confirmedTo[i] ?? 0 })));
  }
  return asked;
}
