import {
  adminRequests,
  HubError,
  type HubErrorBody,
  hubErrorBodySchema,
  hubErrors,
  namespaces,
  type ReplyOf,
  type RequestOf,
} from "@waybill/events";
import { io, type Socket } from "socket.io-client";

type AdminRequests = typeof adminRequests;
export type AdminRequestName = keyof AdminRequests;
/** An answer that is not a refusal: those are thrown. */
export type AdminAnswer<K extends AdminRequestName> = Exclude<ReplyOf<AdminRequests, K>, { outcome: "refused" }>;

/** What commands need of the hub: one question, one answer. Throws HubError when the hub refuses, or does not answer in time. */
export type Admin = AsyncDisposable & {
  ask<K extends AdminRequestName>(name: K, request: RequestOf<AdminRequests, K>): Promise<AdminAnswer<K>>;
};

export type AdminOptions = { url: string; token: string; timeoutMs: number; signal: AbortSignal };

/** Connects to /admin. Throws UNAUTHORIZED when the token is refused, TIMED_OUT when no hub answers in time, CANCELLED by the signal. */
export async function connectAdmin({ url, token, timeoutMs, signal }: AdminOptions): Promise<Admin> {
  const socket = io(new URL(namespaces.admin, url).href, {
    auth: { token },
    transports: ["websocket"],
    reconnection: false,
    timeout: timeoutMs,
  });
  const stop = (): void => void socket.disconnect();
  const close = (): void => {
    signal.removeEventListener("abort", stop);
    stop();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    await connected(socket, { url, timeoutMs, signal });
  } catch (error) {
    close();
    throw signal.aborted ? cancelled() : error;
  }
  return {
    async ask(name, request) {
      // A disconnect, ours or the hub's, fails what is unanswered.
      const body: unknown = await socket
        .timeout(timeoutMs)
        .emitWithAck(name, request)
        .catch((cause: unknown) => {
          throw signal.aborted
            ? cancelled()
            : new HubError("TIMED_OUT", `The hub did not answer "${name}" within ${timeoutMs} ms.`, { cause });
        });
      return parseAnswer(name, body);
    },
    async [Symbol.asyncDispose]() {
      close();
    },
  };
}

function connected(socket: Socket, { url, timeoutMs, signal }: Omit<AdminOptions, "token">): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = (): void => reject(new HubError("TIMED_OUT", `No hub answered at ${url} within ${timeoutMs} ms.`));
  const timer = setTimeout(late, timeoutMs);
  signal.addEventListener("abort", late, { once: true });
  socket.once("connect", resolve);
  socket.once("connect_error", (error: Error & { data?: unknown }) => {
    const body = hubErrorBodySchema.safeParse(error.data);
    if (body.success) reject(fromBody(body.data));
    else
      reject(
        new HubError("TIMED_OUT", `No hub at ${url} (${error.message}). Is it running? \`npm run hub\` starts one.`, { cause: error }),
      );
  });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", late);
  });
}

function parseAnswer<K extends AdminRequestName>(name: K, body: unknown): AdminAnswer<K> {
  const reply = adminRequests[name].reply.safeParse(body);
  if (!reply.success)
    throw new HubError("UNSUPPORTED_PROTOCOL", `The hub's answer to "${name}" is none that this version knows.`, { cause: reply.error });
  if (reply.data.outcome === "refused") throw fromBody(reply.data.error);
  // Parsed by this name's own schema just above; the compiler loses the tie between name and schema.
  return reply.data as AdminAnswer<K>;
}

/** A code that this version does not know is told by its message; what to do follows its `retry`. */
function fromBody(body: HubErrorBody): HubError {
  const known = isKnownCode(body.code) ? body.code : body.retry === "never" ? "INVALID_MESSAGE" : "INTERNAL";
  const message = isKnownCode(body.code) ? body.message : `${body.code}: ${body.message}`;
  return new HubError(known, message, { issues: body.issues ?? [] });
}
const isKnownCode = (code: string): code is keyof typeof hubErrors => Object.hasOwn(hubErrors, code);

const cancelled = (): HubError => new HubError("CANCELLED", "Stopped before the hub answered.");
