/**
 * A hub in memory that speaks the contract by its schemas, and fails by script. It keeps its promises badly on purpose
 * only where a script says so; it decides nothing that the queue engine decides, beyond order per parcel.
 */
import { createServer } from "node:http";
import {
  encodeFrame,
  HubError,
  handbackSchema,
  helloSchema,
  lanesSchema,
  limits,
  PROTOCOL_VERSION,
  queueOf,
  type Settle,
  type Subscribe,
  settleSchema,
  settlesSchema,
  subscribeSchema,
  syncSchema,
  takeSchema,
  toJsonBytes,
  unsubscribeSchema,
  type Welcome,
} from "@waybill/events";
import { Server, type Socket } from "socket.io";
import { type Faults, refusal, type Stored, takeFrame } from "./fake-lanes.ts";
import { answerReceipts } from "./fake-receipts.ts";
import type { Group, Lease, Sub } from "./fake-seats.ts";

export class FakeHub {
  faults: Faults = {};
  /** The version of the wire that it says it speaks. */
  protocol: number = PROTOCOL_VERSION;
  storageId = "storage-1";
  epoch = 1;
  leaseMs = 30_000;
  /** An event's `recordedAt` is its offset behind this. */
  recordedFromMs = 1_770_000_000_000;
  stores: string[] = ["acme"];
  driver = "dora";
  readonly queues = new Map<string, Stored[]>();
  /** By producer and queue: ids in the order of their numbers; `null`: a void. */
  readonly lanes = new Map<string, (string | null)[]>();
  readonly incarnations = new Map<string, number>();
  readonly groups = new Map<string, Group>();
  readonly settles: Settle[] = [];
  readonly hellos: { producer: string; incarnation: number }[] = [];
  readonly frames: { lanes: number; events: number }[] = [];
  readonly auths: Record<string, unknown>[] = [];
  readonly holders = new Map<string, string>();
  readonly requests: string[] = [];
  readonly subscribes: Subscribe[] = [];
  /** Offsets of each request for receipts that was answered. */
  readonly asked: (readonly number[])[] = [];
  connections = 0;
  #tokens = 0;
  #subs = 0;
  #seats: Sub[] = [];
  #watchers = new Set<() => void>();
  readonly io: Server;
  readonly #http = createServer();

  constructor() {
    this.io = new Server(this.#http, { transports: ["websocket"], serveClient: false });
    for (const namespace of ["/driver", "/vendor"]) {
      const nsp = this.io.of(namespace);
      nsp.use((socket, next) => {
        const auth: Record<string, unknown> = socket.handshake.auth;
        this.auths.push(auth);
        const refused = this.faults.refuseConnection?.(auth) ?? null;
        this.#changed();
        next(refused === null ? undefined : Object.assign(new Error(refused.message), { data: refused }));
      });
      nsp.on("connection", (socket) => this.#join(socket));
    }
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(port, "127.0.0.1", resolve));
    return this.url;
  }

  get url(): string {
    const address = this.#http.address();
    return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  }

  async close(): Promise<void> {
    await this.io.close();
  }

  events(queue: string): Stored[] {
    const events = this.queues.get(queue) ?? [];
    this.queues.set(queue, events);
    return events;
  }

  group(queue: string, group = "main"): Group {
    const key = `${queue} ${group}`;
    const found = this.groups.get(key) ?? { settled: new Set(), failed: new Map(), holder: new Map(), types: null, generation: 1 };
    this.groups.set(key, found);
    return found;
  }

  /** Resolves when `isSo`, which is asked at every change. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  get sockets(): Socket[] {
    return [...this.io.of("/driver").sockets.values(), ...this.io.of("/vendor").sockets.values()];
  }

  get seats(): readonly Sub[] {
    return this.#seats;
  }

  /** An event of the hub's own, for consumers. */
  append(queue: string, event: { id: string; parcel: string; type?: string; data?: object }): number {
    const { id, parcel, type = "in-transit", data = {} } = event;
    const body = toJsonBytes({ id, type, parcel, store: "acme", at: "2026-02-14T09:30:00+01:00", data });
    return this.store(queue, { id, parcel, type, body });
  }

  /** Offers an event again, as a retry of the hub would, without looking at anything. */
  offerAgain(queue: string, offset: number, how: { redrive?: number; epoch?: number } = {}): void {
    const sub = this.#seats.find((seat) => seat.queue === queue);
    if (sub !== undefined) this.#send(sub, [offset], how.redrive ?? 0);
  }

  lose(sub: Sub, tokens: [number, number][]): void {
    for (const [from, to] of tokens) for (let token = from; token <= to; token += 1) this.#release(sub, token);
    sub.socket.emit("lost", { sub: sub.sub, epoch: this.epoch, tokens });
  }

  offer(): void {
    for (const sub of this.#seats) this.#offerTo(sub);
    this.#changed();
  }

  settle(queue: string, ...offsets: number[]): void {
    for (const offset of offsets) this.group(queue).settled.add(offset);
    this.#changed();
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  store(queue: string, event: Stored): number {
    const events = this.events(queue);
    events.push(event);
    queueMicrotask(() => this.offer());
    return events.length;
  }

  #join(socket: Socket): void {
    this.connections += 1;
    const on = (name: string, handle: (body: unknown, ack: (reply: object) => void) => void): void => {
      socket.on(name, (body: unknown, ack: unknown) => {
        this.requests.push(name);
        const answer = typeof ack === "function" ? (reply: object) => ack(reply) : () => {};
        const hear = (): void => {
          try {
            handle(body, answer);
          } catch (error) {
            answer(
              refusal(error instanceof HubError ? error.toBody() : { code: "INVALID_MESSAGE", retry: "never", message: String(error) }),
            );
          }
          this.#changed();
        };
        const { beforeHear } = this.faults;
        if (beforeHear !== undefined && ["settle", "settles", "sync", "publish"].includes(name)) beforeHear(name, hear);
        else hear();
      });
    };
    let producer: { id: string; incarnation: number } | null = null;
    on("hello", (body, ack) => {
      const hello = helloSchema.parse(body);
      const refused = this.faults.refuseHello?.() ?? null;
      if (refused !== null) return ack(refusal(refused));
      this.hellos.push(hello);
      if (hello.incarnation < (this.incarnations.get(hello.producer) ?? 0))
        throw new HubError("PRODUCER_FENCED", "A newer process holds this outbox.");
      this.incarnations.set(hello.producer, hello.incarnation);
      producer = { id: hello.producer, incarnation: hello.incarnation };
      ack({ outcome: "known", storageId: this.storageId });
    });
    on("lanes", (body, ack) => {
      const { queues } = lanesSchema.parse(body);
      const id = producer?.id;
      if (id === undefined) throw new HubError("HELLO_MISSING", "Say hello first.");
      ack({ outcome: "lanes", confirmedTo: queues.map((queue) => this.lanes.get(`${id} ${queue}`)?.length ?? 0) });
    });
    on("receipts", (body, ack) => {
      if (producer === null) throw new HubError("FORBIDDEN", "Not introduced.");
      answerReceipts(this, body, ack);
    });
    on("publish", (body, ack) => {
      if (!(body instanceof Uint8Array)) throw new HubError("INVALID_MESSAGE", "Not bytes.");
      if (producer === null) throw new HubError("HELLO_MISSING", "Say hello first.");
      if (producer.incarnation < (this.incarnations.get(producer.id) ?? 0))
        throw new HubError("PRODUCER_FENCED", "A newer process holds this outbox.");
      const reply = takeFrame(this, producer.id, {
        frame: body,
        wire: Math.min(this.protocol, Number(socket.handshake.auth.protocol ?? 1)),
      });
      if (this.faults.dropConfirms !== undefined && this.faults.dropConfirms > 0) this.faults.dropConfirms -= 1;
      else ack(reply);
    });
    on("subscribe", (body, ack) => {
      const request = subscribeSchema.parse(body);
      const { queue = queueOf("store", this.stores[0] ?? ""), group = "main", types, credit, instance = "", order = "key" } = request;
      this.subscribes.push(request);
      const sub: Sub = {
        sub: ++this.#subs,
        socket,
        queue,
        group,
        instance,
        credit: credit?.events ?? 0,
        inHand: new Map(),
        isPool: queue.startsWith("zone/"),
      };
      const state = this.group(queue, group);
      if (types !== undefined) state.types = new Set(types);
      this.#seats.push(sub);
      ack({
        outcome: "subscribed",
        sub: sub.sub,
        queue,
        group,
        generation: state.generation,
        floor: 0,
        leaseMs: this.leaseMs,
        order,
        ...this.faults.resume?.(request),
      });
      this.#offerTo(sub);
    });
    on("sync", (body, ack) => {
      syncSchema.parse(body);
      ack({ outcome: "done" });
    });
    on("unsubscribe", (body, ack) => {
      const { sub } = unsubscribeSchema.parse(body);
      this.#leave((seat) => seat.sub === sub);
      ack({ outcome: "done" });
    });
    on("settle", (body) => this.#settle(settleSchema.parse(body)));
    on("settles", (body) => {
      for (const settle of settlesSchema.parse(body)) this.#settle(settle);
    });
    on("credit", (body) => {
      const { sub, events } = body as { sub: number; events: number };
      const seat = this.#seats.find((one) => one.sub === sub);
      if (seat !== undefined) seat.credit = events;
    });
    on("take", (body, ack) => {
      const { parcel } = takeSchema.parse(body);
      const holder = this.holders.get(parcel);
      if (holder !== undefined && holder !== this.driver) throw new HubError("CLAIM_LOST", "Another driver holds the job.");
      this.holders.set(parcel, this.driver);
      ack({ outcome: "yours", parcel, store: "acme", zone: "north", claim: 2 });
    });
    on("handback", (body, ack) => {
      const { parcel } = handbackSchema.parse(body);
      this.holders.delete(parcel);
      ack({ outcome: "released", parcel, claim: 3 });
    });
    on("jobs", (_body, ack) =>
      ack({ outcome: "jobs", jobs: [...this.holders.keys()].map((parcel) => ({ parcel, store: "acme", zone: "north", claim: 2 })) }),
    );
    on("position", () => {});
    socket.on("disconnect", () => {
      this.#leave((seat) => seat.socket === socket);
      this.offer();
    });
    if (this.faults.silent !== true) socket.emit("welcome", this.#welcome(socket.nsp.name));
    this.#changed();
  }

  #welcome(namespace: string): Welcome {
    const { eventBytesMax, frameBytesMax, batchEventsMax, publishesInFlightMax, creditEventsMax, creditBytesMax } = limits;
    const isDriver = namespace === "/driver";
    return {
      protocol: this.protocol,
      storageId: this.storageId,
      epoch: this.epoch,
      hubTime: Date.now(),
      you: isDriver
        ? { role: "driver", tenant: "default", subject: this.driver, driver: this.driver, stores: [] }
        : { role: "vendor", tenant: "default", subject: "shop", stores: this.stores },
      limits: {
        eventBytesMax,
        frameBytesMax,
        batchEventsMax,
        publishesInFlightMax,
        creditEventsMax,
        creditBytesMax,
        ...this.faults.welcome,
      },
    };
  }

  #offerTo(sub: Sub): void {
    const group = this.group(sub.queue, sub.group);
    const events = this.events(sub.queue);
    const offsets: number[] = [];
    const blocked = new Set<string>();
    for (let offset = 1; offset <= events.length && sub.inHand.size + offsets.length < sub.credit; offset += 1) {
      const event = events[offset - 1];
      if (event === undefined || group.settled.has(offset)) continue;
      if (group.types !== null && !group.types.has(event.type)) continue;
      const holder = group.holder.get(offset);
      if (holder !== undefined && holder.sub !== sub) blocked.add(event.parcel);
      if (holder === undefined && !blocked.has(event.parcel)) offsets.push(offset);
    }
    if (offsets.length > 0) this.#send(sub, offsets, 0);
  }

  #send(sub: Sub, offsets: number[], redrive: number): void {
    const first = this.#tokens + 1;
    const group = this.group(sub.queue, sub.group);
    for (const offset of offsets) {
      const lease = { sub, token: ++this.#tokens, offset, redrive };
      sub.inHand.set(lease.token, lease);
      group.holder.set(offset, lease);
    }
    const header = {
      sub: sub.sub,
      epoch: this.epoch,
      generation: group.generation,
      first,
      events: offsets.map((offset) => [offset, this.recordedFromMs + offset, group.failed.get(offset) ?? 0, 0, redrive]),
    };
    const bodies = offsets.flatMap((offset) => this.events(sub.queue)[offset - 1]?.body ?? []);
    const send = (): void => void sub.socket.emit("deliver", encodeFrame(header, bodies));
    if (this.faults.beforeDeliver !== undefined) this.faults.beforeDeliver(send);
    else send();
  }

  #settle(settle: Settle): void {
    this.settles.push(settle);
    const sub = this.#seats.find((seat) => seat.sub === settle.sub);
    if (sub === undefined) return;
    const group = this.group(sub.queue, sub.group);
    for (const [from, to] of settle.acks ?? []) {
      for (let token = from; token <= to; token += 1) {
        const lease = this.#release(sub, token);
        if (lease !== undefined) group.settled.add(lease.offset);
      }
    }
    for (const { token } of [...(settle.nacks ?? []), ...(settle.rejects ?? [])]) {
      const lease = this.#release(sub, token);
      if (lease === undefined) continue;
      group.failed.set(lease.offset, (group.failed.get(lease.offset) ?? 0) + 1);
      const events = this.events(sub.queue);
      // A nack voids the later leases of its parcel.
      for (const later of [...sub.inHand.values()]) {
        if (later.offset > lease.offset && events[later.offset - 1]?.parcel === events[lease.offset - 1]?.parcel)
          this.#release(sub, later.token);
      }
    }
    for (const [from, to] of settle.withdraws ?? []) for (let token = from; token <= to; token += 1) this.#release(sub, token);
    queueMicrotask(() => this.offer());
  }

  #release(sub: Sub, token: number): Lease | undefined {
    const lease = sub.inHand.get(token);
    if (lease === undefined) return undefined;
    sub.inHand.delete(token);
    const { holder } = this.group(sub.queue, sub.group);
    if (holder.get(lease.offset) === lease) holder.delete(lease.offset);
    return lease;
  }

  #leave(isGone: (seat: Sub) => boolean): void {
    for (const sub of this.#seats.filter(isGone)) for (const token of [...sub.inHand.keys()]) this.#release(sub, token);
    this.#seats = this.#seats.filter((seat) => !isGone(seat));
  }
}
