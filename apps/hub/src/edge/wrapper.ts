/**
 * The one way from a packet to a handler. Whatever a peer sends, the process lives and the peer is told: no answer
 * function, too many arguments, a body that breaks its schema, a handler that throws, a socket that talks too fast.
 */
import { HubError, isEventType, isReservedName, limits, toHubError, toIssues } from "@waybill/events";
import type { Socket } from "socket.io";
import type { z } from "zod";
import { type SocketEdge, socketEdgeOf } from "./socket-edge.ts";

/** Requests of one socket that wait for their answers. → BUSY */
const REQUESTS_IN_FLIGHT_MAX = 4_096;

/** What is still answered by a hub that leaves: it helps to finish what is in hand, or to see how far that is. */
const FINISHING = new Set(["unsubscribe", "sync", "hub:info", "backup:state"]);

type Answer = (reply: unknown) => void;

/** `socket.emit(name, body, answer)`: a good body goes to the handler, and what that resolves with is the answer. */
export function handleRequest<T>(socket: Socket, name: string, schema: Schema<T>, handler: (request: T) => Promise<unknown>): void {
  answerEach(socket, name, REQUESTS_IN_FLIGHT_MAX, (body) => handler(parse(schema, name, body)));
}

/** `socket.emit(name, bytes, answer)`: one binary message, as a frame is. */
export function handleFrame(socket: Socket, name: string, handler: (bytes: Uint8Array) => Promise<unknown>): void {
  answerEach(socket, name, limits.publishesInFlightMax, (body) => {
    if (!(body instanceof Uint8Array))
      throw new HubError("INVALID_MESSAGE", `"${name}" takes one binary message; send what encodeFrame makes.`);
    return handler(body);
  });
}

/** `socket.emit(name, body)`: without an answer; what is wrong with it comes back as `refused`. */
export function handleNotice<T>(socket: Socket, name: string, schema: Schema<T>, handler: (notice: T) => void | Promise<void>): void {
  const edge = socketEdgeOf(socket);
  const run = async (args: unknown[]) => {
    const tooFast = edge.tooFast();
    if (tooFast) throw tooFast;
    if (args.length !== 1)
      throw new HubError("INVALID_MESSAGE", `"${name}" takes one argument and has no answer; found ${args.length} arguments.`);
    await handler(parse(schema, name, args[0]));
  };
  socket.on(name, (...args: unknown[]) => {
    run(args).catch((error: unknown) => edge.mistake(reported(edge, name, error)));
  });
}

/** Names that nobody handles. Call it after all handlers are known; positions of names in `known` do not matter. */
export function refuseUnknown(socket: Socket, known: Iterable<string>): void {
  const edge = socketEdgeOf(socket);
  const handled = new Set(known);
  socket.onAny((name: unknown, ...args: unknown[]) => {
    if (typeof name === "string" && handled.has(name)) return;
    const error = unknownName(String(name).slice(0, 64), socket.nsp.name);
    const answer = args.at(-1);
    if (isAnswer(answer)) answer({ outcome: "refused", error: error.toBody() });
    edge.mistake(error);
  });
}

function answerEach(socket: Socket, name: string, inFlightMax: number, handle: (body: unknown) => Promise<unknown>): void {
  const edge = socketEdgeOf(socket);
  let inFlight = 0;
  const run = async (args: unknown[]): Promise<unknown> => {
    const tooFast = edge.tooFast();
    if (tooFast) throw tooFast;
    if (args.length !== 1)
      throw new HubError("INVALID_MESSAGE", `"${name}" takes one argument before the answer function; found ${args.length}.`);
    if (edge.isDraining() && !FINISHING.has(name))
      throw new HubError("HUB_DRAINING", `This hub is leaving; nothing was done. Send "${name}" again on the next connection.`);
    if (inFlight > inFlightMax)
      throw new HubError("BUSY", `More than ${inFlightMax} "${name}" of this socket wait for their answers; wait for some.`);
    return await handle(args[0]);
  };
  socket.on(name, (...args: unknown[]) => {
    const answer = args.pop();
    if (!isAnswer(answer)) return edge.mistake(ackMissing(name));
    inFlight += 1;
    run(args)
      .catch((error: unknown) => {
        const hubError = reported(edge, name, error);
        edge.report.requestRefused(hubError.code, 1);
        return { outcome: "refused", error: hubError.toBody() };
      })
      .then((reply) => {
        inFlight -= 1;
        if (socket.connected) answer(reply);
      })
      .catch((error: unknown) => edge.report.fault(`the answer to "${name}" could not be sent`, error));
  });
}

/** What a zod schema can do that is asked of one here. */
type Schema<T> = { safeParse(body: unknown): { success: true; data: T } | { success: false; error: z.ZodError } };

function parse<T>(schema: Schema<T>, name: string, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = toIssues(parsed.error);
  const first = issues[0];
  throw new HubError("INVALID_MESSAGE", `"${name}" breaks its schema at ${first?.path || "the top"}: ${first?.message ?? "invalid"}`, {
    issues,
  });
}

/** What the peer is told; what it is not told stands in the log. */
function reported(edge: SocketEdge, name: string, error: unknown): HubError {
  const hubError = toHubError(error);
  if (hubError.code === "INTERNAL") edge.report.fault(`"${name}" failed`, hubError.cause ?? hubError);
  return hubError;
}

const isAnswer = (value: unknown): value is Answer => typeof value === "function";

const ackMissing = (name: string) =>
  new HubError("ACK_MISSING", `"${name}" came without an answer function; nothing was done. Pass one as the last argument of emit.`);

function unknownName(name: string, namespace: string): HubError {
  if (isReservedName(name))
    return new HubError("RESERVED_NAME", `"${name}" is a name of Socket.IO or the hub, and no client of ${namespace} may emit it.`);
  if (isEventType(name)) return new HubError("FORBIDDEN", `"${name}" cannot be published on ${namespace}.`);
  return new HubError("UNKNOWN_TYPE", `No event type is called "${name}"; PROTOCOL.md lists them.`);
}
