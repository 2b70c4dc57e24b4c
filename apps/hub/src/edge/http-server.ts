import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { limits } from "@waybill/events";

/** What a page, a script and a frame may do with what is served here: nothing. Pages bring headers of their own. */
const headers = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

const TEXT = "text/plain; charset=utf-8";

/** Room for health checks and metrics while all sockets are taken. */
const SPARE_CONNECTIONS = 64;

const aboutHub = `This is a Waybill hub: it keeps each parcel's events until their store has handled them.
Talk to it with Socket.IO: io("<this address>/driver", { auth: { token } }), or /vendor, or /admin.
A token is made on the hub's machine: npm run token -- --role vendor --store acme-widgets

/healthz   the process runs
/readyz    it takes events
/metrics   its counters, for Prometheus
`;

export type Answer = { status: number; type: string; body: string | Uint8Array; headers?: Record<string, string> };

export type EdgeServerOptions = {
  host: string;
  port: number;
  ready: () => { ready: boolean; why?: string };
  /** Default: not found. */
  metrics?: () => Promise<string>;
  /** What `/` says. Default: what a hub is. */
  about?: string;
  /** Asked for paths that the hub itself does not know; `null`: not found. */
  page?: (path: string) => Promise<Answer | null>;
};

export type EdgeServer = {
  readonly http: Server;
  /** Resolves with the address to connect to. Rejects when the port is taken. */
  listen(): Promise<string>;
  /** 0 until it listens. */
  port(): number;
  /** Refuses new connections, ends idle ones, and resolves when none is left; Socket.IO's are closed by the hub. */
  close(): Promise<void>;
  /** Ends what is still there, websockets too: some peers never answer a close, and keep theirs open for half a minute. */
  cut(): void;
};

/** The hub's one HTTP server, hardened against slow peers. Socket.IO is attached to `http` before `listen`. */
export function createEdgeServer(options: EdgeServerOptions): EdgeServer {
  const http = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      answer(options, request).then(
        (found) => write(request, response, found),
        () => write(request, response, text(500, "The hub failed to answer.\n")),
      );
    },
  );
  http.maxHeadersCount = 64;
  http.maxConnections = limits.connectionsMax + SPARE_CONNECTIONS;
  // Node forgets a connection that was upgraded: `closeAllConnections` leaves it open.
  const connections = new Set<Socket>();
  function onClose(this: Socket): void {
    connections.delete(this);
  }
  http.on("connection", (connection: Socket) => {
    connections.add(connection);
    connection.on("close", onClose);
  });
  return {
    http,
    async listen() {
      http.listen({ host: options.host, port: options.port });
      await once(http, "listening");
      return urlOf(http, options.host);
    },
    port: () => {
      const address = http.address();
      return address === null || typeof address === "string" ? 0 : address.port;
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeIdleConnections();
      }),
    cut() {
      for (const connection of connections) connection.destroy();
    },
  };
}

async function answer(options: EdgeServerOptions, request: IncomingMessage): Promise<Answer> {
  if (request.method !== "GET" && request.method !== "HEAD") return { ...text(405, "Only GET.\n"), headers: { allow: "GET, HEAD" } };
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  switch (path) {
    case "/":
      return (await options.page?.(path)) ?? text(200, options.about ?? aboutHub);
    case "/healthz":
      return text(200, "ok\n");
    case "/readyz": {
      const { ready, why } = options.ready();
      return ready ? text(200, "ready\n") : text(503, `not ready: ${why ?? "starting"}\n`);
    }
    case "/metrics":
      if (!options.metrics) return notFound;
      return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: await options.metrics() };
    default:
      return (await options.page?.(path)) ?? notFound;
  }
}

const text = (status: number, body: string): Answer => ({ status, type: TEXT, body });

const notFound = text(404, "Not found. / says what there is.\n");

function write(request: IncomingMessage, response: ServerResponse, found: Answer): void {
  const body = Buffer.from(found.body);
  response.writeHead(found.status, { ...headers, "content-type": found.type, "content-length": body.length, ...found.headers });
  response.end(request.method === "HEAD" ? undefined : body);
}

function urlOf(http: Server, host: string): string {
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  const isAny = host === "0.0.0.0" || host === "::";
  const name = isAny ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${address.port}`;
}
