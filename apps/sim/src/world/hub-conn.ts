import { EventEmitter } from "node:events";
import type { Data, End, Link, NetworkSettings } from "./network.ts";
import type { Process } from "./world.ts";

/** The hub's end of a link: as much of Engine.IO's server socket as Socket.IO and the hub use. */
export class HubConn extends EventEmitter implements End {
  readonly owner: Process;
  readonly id: string;
  readonly protocol = 4;
  readonly remoteAddress = "127.0.0.1";
  readonly transport = { name: "websocket", writable: true };
  readonly request = { headers: {}, connection: {}, url: "/", _query: {} };
  readyState: "open" | "closed" = "open";
  readonly #link: Link;
  readonly #settings: NetworkSettings;
  #pingTimer: NodeJS.Timeout;
  #pongTimer: NodeJS.Timeout | undefined;

  constructor({ link, owner, settings }: { link: Link; owner: Process; settings: NetworkSettings }) {
    super();
    this.owner = owner;
    this.id = link.name;
    this.#link = link;
    this.#settings = settings;
    this.#pingTimer = this.#pingLater();
  }

  write(data: Data): void {
    if (this.readyState !== "open") return;
    this.#link.send("down", { kind: "data", data: typeof data === "string" ? data : Buffer.from(data) });
  }

  received(data: Data): void {
    if (this.readyState === "open") this.emit("data", data);
  }

  ponged(): void {
    clearTimeout(this.#pongTimer);
    this.#pingTimer = this.#pingLater();
  }

  close(): void {
    if (this.readyState !== "open") return;
    this.#link.send("down", { kind: "close" });
    this.closed("forced close");
  }

  closed(why: string): void {
    if (this.readyState !== "open") return;
    this.readyState = "closed";
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#pongTimer);
    this.emit("close", why);
  }

  #pingLater(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#link.send("down", { kind: "ping" });
      this.#pongTimer = setTimeout(() => {
        this.#link.send("down", { kind: "close" });
        this.closed("ping timeout");
      }, this.#settings.pingTimeoutMs);
    }, this.#settings.pingIntervalMs);
  }
}
