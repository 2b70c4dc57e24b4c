import { limits, namespaces } from "@waybill/events";
import { Decoder, Encoder } from "socket.io-parser";
import { QuickPackets } from "./quick-packet.ts";

/** CONNECTs to namespaces that do not exist; more and the connection closes. */
const UNKNOWN_NAMESPACES_MAX = 5;
/** CONNECTs on one connection. Each beyond the first of its namespace is answered with an error; this bounds their number. */
const CONNECTS_MAX = 2_048;

const ownNamespaces: readonly string[] = ["/", ...Object.values(namespaces)];

/** What stands before a packet's JSON: type, attachments, namespace up to its comma, id. */
const head = /^\d(?:\d*-)?(?<namespace>\/[^,]*)?,?\d*/;

/**
 * Looks at each packet before it is parsed. One decoder serves one connection. Socket.IO's Client catches what `add`
 * throws, tells the connection's sockets (event `error`, an Error) and closes that connection alone.
 */
export class GuardedDecoder extends Decoder {
  #connects = 0;
  #unknownNamespaces = 0;
  readonly #quick = new QuickPackets();
  readonly #known: readonly string[];

  constructor(known: readonly string[] = ownNamespaces) {
    super({ maxAttachments: limits.attachmentsMax });
    this.#known = known;
  }

  override add(packet: unknown): void {
    if (packet === undefined) throw new Error("An empty message is no packet.");
    if (typeof packet === "string") this.#check(packet);
    const read = typeof packet === "string" && !this.waitsForBytes ? this.#quick.read(packet) : null;
    if (read) this.emitReserved("decoded", read);
    else super.add(packet);
  }

  /** Its last packet announced bytes; a text is wrong now. Socket.IO keeps that to itself. */
  get waitsForBytes(): boolean {
    return Boolean((this as unknown as { reconstructor?: unknown }).reconstructor);
  }

  #check(packet: string): void {
    const namespace = connectedNamespace(packet);
    if (namespace !== null) this.#countConnect(namespace);
    if (isTooDeep(packet)) {
      throw new Error(`The packet nests deeper than ${limits.depthMax} levels; send flat data.`);
    }
  }

  #countConnect(namespace: string): void {
    this.#connects += 1;
    if (!this.#known.includes(namespace)) this.#unknownNamespaces += 1;
    if (this.#connects > CONNECTS_MAX)
      throw new Error(`The connection asked for namespaces more than ${CONNECTS_MAX} times; once each is enough.`);
    if (this.#unknownNamespaces > UNKNOWN_NAMESPACES_MAX) {
      throw new Error(`The connection asked for namespaces that do not exist; there are ${this.#known.join(", ")}.`);
    }
  }
}

/** The namespace that a CONNECT asks for; `null`: another packet. */
export function connectedNamespace(packet: string): string | null {
  return packet.startsWith("0") ? (head.exec(packet)?.groups?.namespace ?? "/") : null;
}

/** Whether a packet's JSON nests deeper than any may. */
export const isTooDeep = (packet: string): boolean =>
  opensMore(packet, limits.depthMax) && isNestedDeeper(packet, head.exec(packet)?.[0].length ?? 0, limits.depthMax);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether it has more opening brackets than that, wherever they stand. Mostly it has three, and nobody has to look at each character. */
export function opensMore(text: string, count: number): boolean {
  let left = count;
  for (const bracket of "[{")
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      left -= 1;
      if (left < 0) return true;
    }
  return false;
}

/** One pass over JSON text from `start`, without parsing it; brackets inside of strings do not count. */
export function isNestedDeeper(text: string, start: number, depthMax: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === BACKSLASH) at += 1;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === 0x5b || char === 0x7b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (char === 0x5d || char === 0x7d) depth -= 1;
  }
  return false;
}

/** For Socket.IO's option `parser`. `onRefused` is told why a connection is about to close; `known`: the namespaces that there are. */
export function createGuardedParser(onRefused: (error: unknown) => void, known: readonly string[] = ownNamespaces) {
  return {
    Encoder,
    Decoder: class extends GuardedDecoder {
      constructor() {
        super(known);
      }
      override add(packet: unknown): void {
        try {
          super.add(packet);
        } catch (error) {
          onRefused(error);
          throw error;
        }
      }
    },
  };
}
