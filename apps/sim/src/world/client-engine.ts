/** Stands where socket.io-client expects engine.io-client: its socket is the client's end of a link of the simulated network. */
import { EventEmitter } from "node:events";
import * as engine from "engine.io-client";
import { theWorld } from "./globals.ts";
import type { Data, End, Link } from "./network.ts";
import { theScene } from "./scene.ts";
import type { Process } from "./world.ts";

/** All else that socket.io-client takes from there. */
export const {
  Fetch,
  installTimerFunctions,
  NodeWebSocket,
  NodeXHR,
  nextTick,
  parse,
  protocol,
  Transport,
  TransportError,
  transports,
  WebSocket,
  WebTransport,
  XHR,
} = engine;

export class Socket extends EventEmitter implements End {
  readonly owner: Process;
  /** The SDK wraps its `send`. */
  readonly transport = { writable: true, send: (packets: readonly { data: Data }[]) => this.#send(packets) };
  #state: "opening" | "open" | "closed" = "opening";
  readonly #link: Link;
  readonly #heartbeatMs: number;
  #silence: NodeJS.Timeout | undefined;

  constructor() {
    super();
    const { network } = theScene();
    this.owner = theWorld().current;
    this.#heartbeatMs = network.settings.pingIntervalMs + network.settings.pingTimeoutMs;
    this.#link = network.dial(this);
  }

  write(data: Data): void {
    if (this.#state === "open") this.transport.send([{ data }]);
  }

  /** The SDK asks for it after a message of several packets; none waits here. */
  flush(): void {}

  opened(): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#hearWithin();
    this.emit("open");
  }

  received(data: Data): void {
    if (this.#state === "open") this.emit("data", data);
  }

  pinged(): void {
    if (this.#state !== "open") return;
    this.#hearWithin();
    this.#link.send("up", { kind: "pong" });
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#link.send("up", { kind: "close" });
    this.closed("forced close");
  }

  closed(why: string): void {
    if (this.#state === "closed") return;
    const wasOpen = this.#state === "open";
    this.#state = "closed";
    clearTimeout(this.#silence);
    if (wasOpen) this.emit("close", why);
    else if (this.listenerCount("error") > 0) this.emit("error", new Error(why));
  }

  _hasPingExpired(): boolean {
    return false;
  }

  #send(packets: readonly { data: Data }[]): void {
    for (const { data } of packets) this.#link.send("up", { kind: "data", data: typeof data === "string" ? data : Buffer.from(data) });
  }

  #hearWithin(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#link.send("up", { kind: "close" });
      this.closed("ping timeout");
    }, this.#heartbeatMs);
  }
}
