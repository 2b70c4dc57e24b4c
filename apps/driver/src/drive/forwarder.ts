import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A driver's mobile network: a TCP relay on loopback to the hub, which can be cut. */
export type Forwarder = AsyncDisposable & {
  /** The hub's URL through this network. */
  url: string;
  /** Drops all connections at once, without a goodbye, and refuses new ones until `restore`. */
  cut(): void;
  restore(): void;
};

/** Relays to the hub at `hubUrl`, plain http only: a certificate would not fit loopback's name. */
export async function createForwarder(hubUrl: string): Promise<Forwarder> {
  const hub = new URL(hubUrl);
  if (hub.protocol !== "http:") throw new Error(`Only http can be relayed, not ${hub.protocol}//; start with --offline-every 0.`);
  const port = Number(hub.port || 80);
  // URL keeps an IPv6 address in brackets, connect() wants it without.
  const host = hub.hostname.replace(/^\[(.*)\]$/, "$1");
  const open = new Set<Socket>();
  let isCut = false;

  const keep = (socket: Socket, peer: () => Socket): void => {
    open.add(socket);
    socket.setNoDelay(true);
    // Either side's end, however it came, ends both; the error itself is told by the close.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      open.delete(socket);
      peer().destroy();
    });
  };
  const server = createServer((phone) => {
    if (isCut) return void phone.resetAndDestroy();
    const upstream = connect({ port, host });
    keep(phone, () => upstream);
    keep(upstream, () => phone);
    phone.pipe(upstream).pipe(phone);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A listening TCP server has a port.");

  const dropAll = (): void => {
    for (const socket of open) drop(socket);
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      isCut = true;
      dropAll();
    },
    restore() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      dropAll();
      await closed;
    },
  };
}

/** A reset, as from a network that is gone. A socket that is still connecting would first wait for its peer. */
const drop = (socket: Socket): void => {
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
};
