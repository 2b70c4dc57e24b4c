/**
 * The one way from a packet to a handler. Whatever a peer sends, the process lives and the peer is told: no answer
 * function, too many arguments, a body that breaks its schema, a handler that throws, a socket that talks too fast.
 */
import { HubError, type HubErrorBody, isEventType, isReservedName, limits, toHubError, toIssues } from "@waybill/events";
import type { Socket } from "socket.io";
import type { z } from "zod";
import { serveQuickly } from "./quick-line.ts";
import { type SocketEdge, socketEdgeOf } from "./socket-edge.ts";
import { withoutStack } from "./without-stack.ts";

/** Requests of one socket that wait for their answers. → BUSY */
const REQUESTS_IN_FLIGHT_MAX = 4_096;

/** What is still answered by a hub that leaves: it helps to finish what is in hand, or to see how far that is. */
const FINISHING = new Set(["unsubscribe", "sync", "hub:info", "backup:state"]);

type Answer = (reply: unknown) => void;

/** What becomes of a message of one name. `inFlightMax`: so many of a socket may wait for their answers; `null`: it has none. */
type Handler<S> = { inFlightMax: number | null; handle: (body: unknown, session: S) => unknown };

type Named = { name: unknown; args: unknown[]; reply: Answer | null };

/**
 * All that may be said in a namespace, by name; any other name is refused. Made once for all of its sockets, which have nothing of
 * their own here but their session: thousands of them wait and say nothing.
 */
export class Handlers<S> {
  readonly #byName = new Map<string, Handler<S>>();

  /** `socket.emit(name, body, answer)`: a good body goes to the handler, and what that resolves with is the answer. */
  request<T>(name: string, schema: Schema<T>, handle: (request: T, session: S) => Promise<unknown>): void {
    this.#add(name, { inFlightMax: REQUESTS_IN_FLIGHT_MAX, handle: (body, session) => handle(parse(schema, name, body), session) });
  }

  /** `socket.emit(name, bytes, answer)`: one binary message, as a frame is. */
  frame(name: string, handle: (bytes: Uint8Array, session: S) => Promise<unknown>): void {
    this.#add(name, {
      inFlightMax: limits.publishesInFlightMax,
      handle(body, session) {
        if (body instanceof Uint8Array) return handle(body, session);
        throw new HubError("INVALID_MESSAGE", `"${name}" takes one binary message; send what encodeFrame makes.`);
      },
    });
  }

  /** `socket.emit(name, body)`: without an answer; what is wrong with it comes back as `refused`. */
  notice<T>(name: string, schema: Schema<T>, handle: (notice: T, session: S) => void | Promise<void>): void {
    this.#add(name, { inFlightMax: null, handle: (body, session) => handle(parse(schema, name, body), session) });
  }

  /** From now on the socket is heard. */
  serve(socket: Socket, session: S): void {
    const edge = socketEdgeOf(socket);
    // It says nothing further on: behind it Socket.IO would look for listeners, of which there are none, in a tick of its own.
    socket.use(([name, ...args]: unknown[]) => {
      const reply = isAnswer(args.at(-1)) ? (args.pop() as Answer) : null;
      this.#hear(edge, session, { name, args, reply });
    });
    serveQuickly({
      socket,
      hear: (name, args, id) => this.#hear(edge, session, { name, args, reply: id === null ? null : answerOf(socket, id) }),
    });
  }

  #add(name: string, handler: Handler<S>): void {
    if (this.#byName.has(name)) throw new Error(`"${name}" has a handler already`);
    this.#byName.set(name, handler);
  }

  #hear(edge: SocketEdge, session: S, { name, args, reply }: Named): void {
    const handler = typeof name === "string" ? this.#byName.get(name) : undefined;
    if (typeof name !== "string" || handler === undefined) refuseUnknown(edge, name, reply);
    // What came with the end of its connection is not heard.
    else if (edge.socket.connected) {
      const { inFlightMax, handle } = handler;
      const said: Said = { edge, name, args, handle: (body) => handle(body, session) };
      if (inFlightMax === null) take(said, reply);
      else answer(said, reply, inFlightMax);
    }
  }
}

type Said = { edge: SocketEdge; name: string; args: unknown[]; handle: (body: unknown) => unknown };

function take(said: Said, reply: Answer | null): void {
  const { edge, name, args, handle } = said;
  const failed = (error: unknown) => edge.mistake(reported(said, error));
  try {
    const tooFast = edge.tooFast();
    if (tooFast) throw tooFast;
    const found = args.length + (reply === null ? 0 : 1);
    if (reply !== null || args.length !== 1)
      throw new HubError("INVALID_MESSAGE", `"${name}" takes one argument and has no answer; found ${found} arguments.`);
    const handling = handle(args[0]);
    if (handling instanceof Promise) handling.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function answer(said: Said, reply: Answer | null, inFlightMax: number): void {
  const { edge, name, args, handle } = said;
  if (reply === null) {
    edge.mistake(ackMissing(name));
    return;
  }
  const inFlight = edge.asked(name);
  try {
    refuseEarly(said, { inFlight, inFlightMax });
    Promise.resolve(handle(args[0])).then(
      (answered) => send(said, reply, answered),
      (error: unknown) => send(said, reply, refusedBecause(said, error)),
    );
  } catch (error) {
    send(said, reply, refusedBecause(said, error));
  }
}

/** Throws why it is not even looked at. */
function refuseEarly({ edge, name, args }: Said, { inFlight, inFlightMax }: { inFlight: number; inFlightMax: number }): void {
  const tooFast = edge.tooFast();
  if (tooFast) throw tooFast;
  if (args.length !== 1)
    throw new HubError("INVALID_MESSAGE", `"${name}" takes one argument before the answer function; found ${args.length}.`);
  if (edge.isDraining() && !FINISHING.has(name))
    throw new HubError("HUB_DRAINING", `This hub is leaving; nothing was done. Send "${name}" again on the next connection.`);
  if (inFlight > inFlightMax)
    throw new HubError("BUSY", `More than ${inFlightMax} "${name}" of this socket wait for their answers; wait for some.`);
}

function refusedBecause(said: Said, error: unknown): { outcome: "refused"; error: HubErrorBody } {
  const hubError = reported(said, error);
  said.edge.report.requestRefused(hubError.code, 1);
  return { outcome: "refused", error: hubError.toBody() };
}

function send({ edge, name }: Said, reply: Answer, answered: unknown): void {
  edge.answered(name);
  try {
    if (edge.socket.connected) reply(answered);
  } catch (error) {
    edge.report.fault(`the answer to "${name}" could not be sent`, error);
  }
}

function refuseUnknown(edge: SocketEdge, name: unknown, reply: Answer | null): void {
  const error = unknownName(String(name).slice(0, 64), edge.socket.nsp.name);
  reply?.({ outcome: "refused", error: error.toBody() });
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
function reported({ edge, name }: Said, error: unknown): HubError {
  const hubError = toHubError(error);
  if (hubError.code === "INTERNAL") edge.report.fault(`"${name}" failed`, hubError.cause ?? hubError);
  return hubError;
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
