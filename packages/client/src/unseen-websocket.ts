import { NodeWebSocket } from "socket.io-client";

/**
 * A WebSocket client masks what it sends, so that a page cannot make a proxy on the way take its words for HTTP. Where nobody on the way can read
 * them, that protects nothing; it takes a publisher a twentieth of its time, and the hub half as much to undo. There the mask is zero, which `ws`
 * neither applies nor takes back. A browser's WebSocket masks by itself, whatever stands here.
 */
export class UnseenWebSocket extends NodeWebSocket {
  override createSocket(...[uri, protocols, options]: Parameters<NodeWebSocket["createSocket"]>): unknown {
    return super.createSocket(uri, protocols, isUnseen(uri) ? { ...options, generateMask } : options);
  }
}

const generateMask = (mask: Uint8Array): void => void mask.fill(0);

/** Within TLS, or within this machine. */
export function isUnseen(uri: string): boolean {
  const { protocol, hostname } = new URL(uri);
  return protocol === "wss:" || hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}
