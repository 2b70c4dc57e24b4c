import type { Socket } from "socket.io-client";
import { announcement } from "./bytes-message.ts";
import { soon } from "./soon.ts";

/**
 * The short way of the hub's frames from a WebSocket to who handles them. Engine.IO and Socket.IO hand each of its two packets through six
 * functions, look for the place of the bytes, and give it a turn of its own. What is known to the letter goes straight: a text that announces the
 * bytes, and they. All else goes their way, and so does a frame
 *
 *   – behind something that went their way and waits for its turn: nothing overtakes it;
 *   – whose text is not followed by bytes, or whose socket is not connected: theirs to refuse, or to keep.
 */
export function hearFrames<N extends string>(socket: Socket, { namespace, names, hear }: Hearing<N>): void {
  const { transport } = socket.io.engine as unknown as { transport: Partial<Transport> };
  if (!transport.onData) return;
  const theirs = transport.onData.bind(transport);
  const nameOf = new Map(names.map((name): [unknown, N] => [`${MESSAGE}${announcement(namespace, name)}`, name]));
  let announced: unknown = null;
  /** So many went their way and wait for their turn. */
  let underWay = 0;

  const goTheirWay = (data: unknown): void => {
    underWay += 1;
    theirs(data);
    // Certainly behind the turn that Socket.IO gives it, whichever kind that is.
    soon(() => {
      underWay -= 1;
    });
  };

  transport.onData = (data) => {
    const text = announced;
    announced = null;
    if (text !== null) {
      const name = nameOf.get(text);
      if (name !== undefined && typeof data !== "string" && socket.connected) {
        hear(name, data);
        return;
      }
      goTheirWay(text);
    } else if (underWay === 0 && nameOf.has(data)) {
      announced = data;
      return;
    }
    goTheirWay(data);
  };
}

type Hearing<N> = {
  /** The socket's, as `/vendor`. */
  namespace: string;
  names: readonly N[];
  /** As the WebSocket has them. */
  hear: (name: N, bytes: unknown) => void;
};

/** Engine.IO's mark of a message. */
const MESSAGE = "4";

/** Of Engine.IO's: not a part of its types. */
type Transport = { onData(data: unknown): void };
