/**
 * The one way from a packet to a handler. Whatever a peer sends, the process lives and the peer is told: no answer
 * function, too many arguments, a body that breaks its schema, a handler that throws, a socket that talks too fast.
 */
import { HubError, isEventType, isReservedName, limits, toHubError, toIssues } from "@waybill/events";
import type { Socket } from "socket.io";
import type { z } from "zod";
import { serveQuickly } from "./quick-line.ts";
import { type SocketEdge, socketEdgeOf } from "./socket-edge.ts";
import { sendText, type TextPacket, textPacket } from "./texts.ts";
import { withoutStack } from "./without-stack.ts";

/** Requests of one socket that wait for their answers. → BUSY */
const REQUESTS_IN_FLIGHT_MAX = 4_096;

/** What is still answered by a hub that leaves: it helps to finish what is in hand, or to see how far that is. */
const FINISHING = new Set(["unsubscribe", "sync", "hub:info", "backup:state"]);

type Answer = (reply: unknown) => void;

/** How the peer is answered: by Socket.IO's function; under this id; or not at all. */
type Reply = Answer | number | null;

/** Who asked, and waits: one of both, once. */
export interface Asker<A = unknown> {
  answer(reply: A): void;
  refuse(error: unknown): void;
}

/** What becomes of a message of one name. */
type Handler<S> = NoticeHandler<S> | RequestHandler<S>;
type NoticeHandler<S> = { hear: (body: unknown, session: S) => unknown };
/** `inFlightMax`: so many of a socket may wait for their answers. */
type RequestHandler<S> = {
  inFlightMax: number;
  packetOf: PacketOf | null;
  /** A request from its bytes; `null`: it is to be read as a value. */
  readBytes: ReadBytes | null;
  /** Throws what is wrong with it. */
  read: (body: unknown) => unknown;
  ask: (request: unknown, session: S, asker: Asker) => void;
};

/** An answer's packet; `before`: what stands before its id. `null`: as Socket.IO writes it. */
type PacketOf<A = unknown> = (before: string, id: number, reply: A) => TextPacket | null;

/** How what comes by the thousand is read and answered. `readBytes`: from its JSON in the bytes; `null`: by the schema. */
type Often<T, A> = { schema: Schema<T>; readBytes: (bytes: Buffer, from: number, to: number) => T | null; packetOf: PacketOf<A> };
type ReadBytes = Often<unknown, unknown>["readBytes"];

/** `isRead`: its one argument is the request already. */
type Said = { edge: SocketEdge; name: string; args: unknown[]; reply: Reply; isRead: boolean };

/**
 * All that may be said in a namespace, by name; any other name is refused. Made once for all of its sockets, which have nothing of
 * their own here but their session: thousands of them wait and say nothing.
 */
export class Handlers<S> {
  readonly #byName = new Map<string, Handler<S>>();

  /** `socket.emit(name, body, answer)`: a good body goes to the handler, and what that resolves with is the answer. */
  request<T>(name: string, schema: Schema<T>, handle: (request: T, session: S) => Promise<unknown>): void {
    this.#promised(name, { inFlightMax: REQUESTS_IN_FLIGHT_MAX, packetOf: null, read: (body) => parse(schema, name, body) }, handle);
  }

  /** As `request`, for what comes by the thousand: the handler tells the asker, and there is no promise for each. */
  requestOften<T, A>(
    name: string,
    { schema, readBytes, packetOf }: Often<T, A>,
    handle: (request: T, session: S, asker: Asker<A>) => void,
  ): void {
    this.#add(name, {
      inFlightMax: REQUESTS_IN_FLIGHT_MAX,
      packetOf: packetOf as PacketOf,
      readBytes,
      read: (body) => parse(schema, name, body),
      ask: (request, session, asker) => handle(request as T, session, asker),
    });
  }

  /** `socket.emit(name, bytes, answer)`: one binary message, as a frame is. `textOf`: an answer's JSON, all of it ASCII; `null`: as Socket.IO writes it. */
  frame<A>(name: string, handle: (bytes: Uint8Array, session: S) => Promise<A>, textOf: ((reply: A) => string | null) | null = null): void {
    const read = (body: unknown): Uint8Array => {
      if (body instanceof Uint8Array) return body;
      throw new HubError("INVALID_MESSAGE", `"${name}" takes one binary message; send what encodeFrame makes.`);
    };
    const packetOf: PacketOf<A> = (before, id, reply) => {
      const text = textOf?.(reply) ?? null;
      return text === null ? null : textPacket(`${before}${id}[${text}]`);
    };
    this.#promised(name, { inFlightMax: limits.publishesInFlightMax, packetOf: packetOf as PacketOf, read }, handle);
  }

  /** `socket.emit(name, body)`: without an answer; what is wrong with it comes back as `refused`. */
  notice<T>(name: string, schema: Schema<T>, handle: (notice: T, session: S) => void | Promise<void>): void {
    this.#add(name, { hear: (body, session) => handle(parse(schema, name, body), session) });
  }

  /** From now on the socket is heard. */
  serve(socket: Socket, session: S): void {
    const edge = socketEdgeOf(socket);
    // It says nothing further on: behind it Socket.IO would look for listeners, of which there are none, in a tick of its own.
    socket.use(([name, ...args]: unknown[]) => {
      const reply = isAnswer(args.at(-1)) ? (args.pop() as Answer) : null;
      if (typeof name === "string") this.#hear({ edge, name, args, reply, isRead: false }, session);
      else refuseUnknown(edge, name, reply);
    });
    serveQuickly({
      socket,
      hear: (name, args, id) => this.#hear({ edge, name, args, reply: id, isRead: false }, session),
      hearBytes: (bytes, { name, id, from, to }) => {
        const handler = this.#byName.get(name);
        const request = handler && "readBytes" in handler ? handler.readBytes?.(bytes, from, to) : null;
        if (!request) return false;
        this.#hear({ edge, name, args: [request], reply: id, isRead: true }, session);
        return true;
      },
    });
  }

  #promised<T>(
    name: string,
    how: { inFlightMax: number; packetOf: PacketOf | null; read: (body: unknown) => T },
    handle: (request: T, session: S) => Promise<unknown>,
  ): void {
    this.#add(name, {
      ...how,
      readBytes: null,
      ask(request, session, asker) {
        Promise.resolve(handle(request as T, session)).then(
          (reply) => asker.answer(reply),
          (error: unknown) => asker.refuse(error),
        );
      },
    });
  }

  #add(name: string, handler: Handler<S>): void {
    if (this.#byName.has(name)) throw new Error(`"${name}" has a handler already`);
    this.#byName.set(name, handler);
  }

  #hear(said: Said, session: S): void {
    const { edge, name, reply } = said;
    const handler = this.#byName.get(name);
    if (handler === undefined) refuseUnknown(edge, name, reply);
    // What came with the end of its connection is not heard.
    else if (!edge.socket.connected) return;
    else if ("hear" in handler) take(said, handler, session);
    else answer(said, handler, session);
  }
}

function take<S>(said: Said, { hear }: NoticeHandler<S>, session: S): void {
  const { edge, name, args, reply } = said;
  const failed = (error: unknown) => edge.mistake(reported(edge, name, error));
  try {
    const tooFast = edge.tooFast();
    if (tooFast) throw tooFast;
    const found = args.length + (reply === null ? 0 : 1);
    if (reply !== null || args.length !== 1)
      throw new HubError("INVALID_MESSAGE", `"${name}" takes one argument and has no answer; found ${found} arguments.`);
    const handling = hear(args[0], session);
    if (handling instanceof Promise) handling.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function answer<S>(said: Said, { inFlightMax, packetOf, read, ask }: RequestHandler<S>, session: S): void {
  const { edge, name, args, reply, isRead } = said;
  if (reply === null) {
    edge.mistake(ackMissing(name));
    return;
  }
  const inFlight = edge.asked(name);
  const asked = new Asked(said, reply, packetOf);
  try {
    refuseEarly(said, inFlight, inFlightMax);
    ask(isRead ? args[0] : read(args[0]), session, asked);
  } catch (error) {
    asked.refuse(error);
  }
}

/** A request that waits for its answer. */
class Asked implements Asker {
  readonly #edge: SocketEdge;
  readonly #name: string;
  readonly #reply: Answer | number;
  readonly #packetOf: PacketOf | null;

  constructor({ edge, name }: Said, reply: Answer | number, packetOf: PacketOf | null) {
    this.#edge = edge;
    this.#name = name;
    this.#reply = reply;
    this.#packetOf = packetOf;
  }

  answer(reply: unknown): void {
    this.#tell(reply, this.#packetOf);
  }

  refuse(error: unknown): void {
    const hubError = reported(this.#edge, this.#name, error);
    this.#edge.report.requestRefused(hubError.code, 1);
    this.#tell({ outcome: "refused", error: hubError.toBody() }, null);
  }

  #tell(answered: unknown, packetOf: PacketOf | null): void {
    const { socket, report } = this.#edge;
    this.#edge.answered(this.#name);
    try {
      if (socket.connected) replyTo(socket, this.#reply, { answered, packetOf });
    } catch (error) {
      report.fault(`the answer to "${this.#name}" could not be sent`, error);
    }
  }
}

/** Throws why it is not even looked at. */
function refuseEarly({ edge, name, args }: Said, inFlight: number, inFlightMax: number): void {
  const tooFast = edge.tooFast();
  if (tooFast) throw tooFast;
  if (args.length !== 1)
    throw new HubError("INVALID_MESSAGE", `"${name}" takes one argument before the answer function; found ${args.length}.`);
  if (edge.isDraining() && !FINISHING.has(name))
    throw new HubError("HUB_DRAINING", `This hub is leaving; nothing was done. Send "${name}" again on the next connection.`);
  if (inFlight > inFlightMax)
    throw new HubError("BUSY", `More than ${inFlightMax} "${name}" of this socket wait for their answers; wait for some.`);
}

function refuseUnknown(edge: SocketEdge, name: unknown, reply: Reply): void {
  const error = unknownName(String(name).slice(0, 64), edge.socket.nsp.name);
  if (reply !== null) replyTo(edge.socket, reply, { answered: { outcome: "refused", error: error.toBody() }, packetOf: null });
  edge.mistake(error);
}

/** What a zod schema can do that is asked of one here. */
type Schema<T> = { safeParse(body: unknown): { success: true; data: T } | { success: false; error: z.ZodError } };

function parse<T>(schema: Schema<T>, name: string, body: unknown): T {
  const parsed = withoutStack(() => schema.safeParse(body));
  if (parsed.success) return parsed.data;
  const issues = toIssues(parsed.error);
  const first = issues[0];
  const what = `"${name}" breaks its schema at ${first?.path || "the top"}: ${first?.message ?? "invalid"}`;
  throw withoutStack(() => new HubError("INVALID_MESSAGE", what, { issues }));
}

/** What the peer is told; what it is not told stands in the log. */
function reported(edge: SocketEdge, name: string, error: unknown): HubError {
  const hubError = toHubError(error);
  if (hubError.code === "INTERNAL") edge.report.fault(`"${name}" failed`, hubError.cause ?? hubError);
  return hubError;
}

type Answered = { answered: unknown; packetOf: PacketOf | null };

function replyTo(socket: Socket, reply: Answer | number, { answered, packetOf }: Answered): void {
  if (typeof reply !== "number") {
    reply(answered);
    return;
  }
  const packet = packetOf?.(beforeId(socket.nsp.name), reply, answered) ?? null;
  if (packet === null) answerOf(socket, reply)(answered);
  else sendText(socket, packet);
}

/** The namespace of the answer before, mostly of all. */
let latest = { namespace: "", before: "" };

function beforeId(namespace: string): string {
  if (latest.namespace !== namespace) latest = { namespace, before: `3${namespace},` };
  return latest.before;
}

/** Socket.IO's own function for it. */
const answerOf = (socket: Socket, id: number): Answer => (socket as unknown as { ack(id: number): Answer }).ack(id);

const isAnswer = (value: unknown): value is Answer => typeof value === "function";

const ackMissing = (name: string) =>
  new HubError("ACK_MISSING", `"${name}" came without an answer function; nothing was done. Pass one as the last argument of emit.`);

function unknownName(name: string, namespace: string): HubError {
  if (isReservedName(name))
    return new HubError("RESERVED_NAME", `"${name}" is a name of Socket.IO or the hub, and no client of ${namespace} may emit it.`);
  if (isEventType(name)) return new HubError("FORBIDDEN", `"${name}" cannot be published on ${namespace}.`);
  return new HubError("UNKNOWN_TYPE", `No event type is called "${name}"; PROTOCOL.md lists them.`);
}
