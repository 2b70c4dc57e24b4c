/**
 * A driver's or a vendor's program: the shipped SDK in a process of the simulated world, with its outbox in files that outlive it.
 *
 *   down ── start ──► up ── crash, or closed by itself ──► down
 */
import { type Driver, fileOutbox, HubError, memoryOutbox, type NewEvent, type Outbox, type Processed, type Vendor } from "@waybill/client";
import { inOutbox } from "../bugs/plant.ts";
import type { Act } from "../plan/step.ts";
import { type Process, WALL_START_MS } from "../world/world.ts";
import { printOf } from "./print.ts";
import { recorded } from "./recorded-outbox.ts";
import type { Stage } from "./stage.ts";

/** `client`: once its process has come to making it. `atWork`: handlers that run. `untold`: receipts that it waits for. */
type Up = { process: Process; client: (Driver | Vendor) | null; atWork: number; untold: number };

export abstract class ClientProgram {
  readonly name: string;
  protected readonly stage: Stage;
  protected up: Up | null = null;
  #isClosing = false;

  constructor(stage: Stage, name: string) {
    this.stage = stage;
    this.name = name;
  }

  get process(): Process | null {
    return this.up?.process ?? null;
  }

  /** Events that its outbox holds; 0 where it does not run. */
  get pending(): number {
    return this.up?.client?.outbox.pending ?? 0;
  }

  /** It runs, is connected, owes nothing, and is not in the middle of anything. */
  get isQuiet(): boolean {
    return this.up?.client?.status === "connected" && this.pending === 0 && this.up.atWork === 0;
  }

  /** It waits for no receipt. */
  get isTold(): boolean {
    return (this.up?.untold ?? 0) === 0;
  }

  /** From now on nothing is broken any more. */
  healed(): void {
    const { process } = this;
    if (process) this.stage.world.resume(process);
    this.start();
  }

  /** As long as it runs, and its process lives, there is something to come. */
  protected async atWork(run: () => Promise<void>): Promise<void> {
    const { up } = this;
    if (up !== null) up.atWork += 1;
    try {
      await run();
    } finally {
      if (up !== null) up.atWork -= 1;
    }
  }

  protected abstract connect(outbox: Outbox, process: Process): Driver | Vendor;

  start(): void {
    const { world } = this.stage;
    if (this.up !== null) return;
    const process = this.stage.spawn(this.name);
    this.#isClosing = false;
    const up: Up = { process, client: null, atWork: 0, untold: 0 };
    this.up = up;
    world.after(0, process, () => {
      const client = this.connect(this.#outbox(), process);
      client.listen("error", (error) => this.#heardError(error));
      client.listen("refused", ({ event, error }) => this.#refused(event.id, error.code));
      client.ready().catch((error: unknown) => {
        if (!isClosed(error)) this.#failedToStart(process);
      });
      up.client = client;
    });
  }

  /** `isPower`: what its files had not synced is gone too. */
  crash({ isTold, isPower }: { isTold: boolean; isPower: boolean }): void {
    const { world, network, disk } = this.stage;
    if (this.up === null) return;
    const { process } = this.up;
    this.up = null;
    world.kill(process);
    network.clientGone(process, isTold);
    if (isPower) disk.cutPower(this.#folder, world.director.chance);
  }

  /** Ends by itself, in good order. */
  close(drainMs: number, done: () => void): void {
    const { up } = this;
    const { world } = this.stage;
    const client = up?.client;
    if (!up || !client || this.#isClosing) return;
    this.#isClosing = true;
    world.after(0, up.process, () => {
      void client.close({ drainMs }).then(() => {
        if (this.up !== up) return;
        this.crash({ isTold: true, isPower: false });
        world.after(0, world.director, done);
      });
    });
  }

  publish({ type, parcel, store, data, delayMs, receipt }: Extract<Act, { kind: "publish" }>): void {
    const { process, client } = this.up ?? {};
    if (!process || !client) return;
    const n = this.stage.history.count(this.name, parcel);
    const id = `${this.name}-${parcel}-${n}`;
    const delay = delayMs === undefined ? {} : { notBefore: new Date(WALL_START_MS + this.stage.world.nowMs + delayMs).toISOString() };
    const event = { type, parcel, store, data, id, at: "2026-03-02T08:00:00Z", ...delay } as NewEvent;
    this.stage.world.after(0, process, () => this.#publish(client, event, { n, wait: receipt ? "processed" : "stored" }));
  }

  /** What its outbox keeps as refused, also where it died before it could say so. */
  tellRefused(): void {
    for (const { event, error } of this.up?.client?.outbox.refused ?? []) this.#refused(event.id, error.code);
  }

  #publish(client: Driver | Vendor, event: NewEvent, { n, wait }: { n: number; wait: "stored" | "processed" }): void {
    const { history } = this.stage;
    const { id = "", parcel, store, notBefore } = event;
    // Without an outbox in a file, what a process has under way when it dies is nobody's any more: it may come behind what the next process publishes.
    const by = this.stage.plan.settings.memoryOutboxes ? this.stage.world.current.name : this.name;
    history.publications.set(id, {
      id,
      by,
      parcel,
      store,
      n,
      print: printOf(event),
      isKept: false,
      isConfirmed: false,
      offset: 0,
      refusedWith: null,
      notBeforeMs: notBefore === undefined ? null : Date.parse(notBefore),
    });
    const { up } = this;
    const told = (by: number): void => {
      if (up !== null && wait === "processed") up.untold += by;
    };
    told(1);
    (wait === "processed" ? client.publish(event, { wait }) : client.publish(event))
      .then(
        (published) => this.#answered(published),
        (error: unknown) => {
          if (!(error instanceof HubError)) this.stage.crashed(this.stage.world.current, error);
        },
      )
      .finally(() => told(-1));
  }

  #answered(published: Processed): void {
    const { history } = this.stage;
    const publication = history.publications.get(published.id);
    if (publication === undefined || published.outcome === "outbox") return;
    publication.isConfirmed = true;
    publication.offset = published.offset;
    if (published.outcome === "processed") history.processed(published.id, published);
  }

  #refused(id: string, code: string): void {
    const publication = this.stage.history.publications.get(id);
    if (publication) publication.refusedWith = code;
  }

  /** Its outbox could not be opened: the program ends, and its supervisor tries again. */
  #failedToStart(process: Process): void {
    if (this.up?.process !== process) return;
    this.crash({ isTold: true, isPower: false });
    const { world } = this.stage;
    world.after(500, world.director, () => this.start());
  }

  /** The hub's refusals are part of the day; a broken contract is not. */
  #heardError(error: unknown): void {
    const { history, world } = this.stage;
    if (isDiskError(error)) return;
    if (!(error instanceof HubError)) this.stage.crashed(world.current, error);
    else if (error.code === "INVALID_MESSAGE" || error.code === "INTERNAL" || error.code === "OUTBOX_DAMAGED")
      history.find("wire", `${this.name}: ${error.code}: ${error.message}`);
  }

  get #folder(): string {
    return `/sim/${this.name}`;
  }

  #outbox(): Outbox {
    const { plan, history } = this.stage;
    const isDurable = !plan.settings.memoryOutboxes;
    const outbox = isDurable ? fileOutbox(`${this.#folder}/outbox`) : memoryOutbox();
    return recorded(inOutbox(outbox), history, isDurable);
  }
}

export const isDiskError = (error: unknown): boolean =>
  error instanceof Error && (("code" in error && error.code === "EIO") || isDiskError(error.cause));
export const isClosed = (error: unknown): boolean => error instanceof HubError && error.code === "CLOSED";
