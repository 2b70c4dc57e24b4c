import { NodeWebSocket } from "socket.io-client";

/**
 * A WebSocket client masks what it sends, so that a page cannot make a proxy on the way take its words for HTTP. Where nobody on the way can read
 * them, that protects nothing; it takes a publisher a twentieth of its time, and the hub half as much to undo. There the mask is zero, which `ws`
 * neither applies nor takes back. A browser's WebSocket masks by itself, whatever stands here.
 */
export class UnseenWebSocket extends NodeWebSocket {
  #isUnseen = false;

  override createSocket(...[uri, protocols, options]: Parameters<NodeWebSocket["createSocket"]>): unknown {
    this.#isUnseen = isUnseen(uri);
    return super.createSocket(uri, protocols, this.#isUnseen ? { ...options, generateMask } : options);
  }

  /** Takes frames that are made already, where these would leave at once and unmasked; else `null`. */
  get sender(): FrameSender | null {
    const { readyState, _sender: sender }: Partial<Below> = this.ws ?? {};
    const isReady =
      this.#isUnseen && this.writable && readyState === OPEN && sender?._state === 0 && typeof sender.sendFrame === "function";
    return isReady ? sender : null;
  }
}

const OPEN = 1;

/** One piece, or two. */
type FrameSender = { sendFrame(pieces: Uint8Array[]): void };
/** Of `ws`, which does not tell its type, and of no browser. `_state`: 0 where nothing waits in the sender, as for its compression. */
type Below = { readyState: number; _sender: FrameSender & { _state: number } };

const generateMask = (mask: Uint8Array): void => void mask.fill(0);

/** Within TLS, or within this machine. */
export function isUnseen(uri: string): boolean {
  const { protocol, hostname } = new URL(uri);
  return protocol === "wss:" || hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}
