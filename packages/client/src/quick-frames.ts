import type { Socket } from "socket.io-client";
import { announcement } from "./bytes-message.ts";
import { soon } from "./soon.ts";

/**
 * The short way of the hub's frames, and of its answers, from a WebSocket to who handles them. Engine.IO and Socket.IO hand each of a frame's two
 * packets through six functions, look for the place of the bytes, and give it a turn of its own. What is known to the letter goes straight: a text
 * that announces the bytes, and they; and a text that answers. All else goes their way, and so does one of these
 *
 *   – behind something that went their way and waits for its turn: nothing overtakes it;
 *   – whose text is not followed by bytes, or is no answer, or whose socket is not connected: theirs to refuse, or to keep.
 */
export function hearFrames<N extends string>(socket: Socket, { namespace, names, hear }: Hearing<N>): void {
  const { transport } = socket.io.engine as unknown as { transport: Partial<Transport> };
  if (!transport.onData) return;
  const theirs = transport.onData.bind(transport);
  const nameOf = new Map(names.map((name): [unknown, N] => [`${MESSAGE}${announcement(namespace, name)}`, name]));
  const answers = `${ANSWER}${namespace},`;
  const { onack } = socket as unknown as Partial<Answered>;
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
    } else if (onack && underWay === 0 && socket.connected && typeof data === "string" && data.startsWith(answers)) {
      const answer = readAnswer(data, answers.length);
      if (answer !== null) {
        onack.call(socket, answer);
        return;
      }
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
/** With Socket.IO's of an answer without bytes. */
const ANSWER = `${MESSAGE}3`;

/** As Socket.IO reads it: `id[…]`. `null`: it is written otherwise. */
function readAnswer(text: string, from: number): Answer | null {
  const to = text.indexOf("[", from);
  const id = text.slice(from, to);
  if (to < 0 || !/^\d{1,15}$/.test(id)) return null;
  try {
    return { id: Number(id), data: JSON.parse(text.slice(to)) };
  } catch {
    return null;
  }
}

type Answer = { id: number; data: unknown[] };
/** Socket.IO's own: hands an answer to who asked, and forgets the question. */
type Answered = { onack(answer: Answer): void };

/** Of Engine.IO's: not a part of its types. */
type Transport = { onData(data: unknown): void };
