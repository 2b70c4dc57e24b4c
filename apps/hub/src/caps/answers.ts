import { HubError, limits } from "@waybill/events";
import type { Socket } from "socket.io";
import type { SocketEdge } from "../edge/socket-edge.ts";
import { notTheAskersFault } from "../proof/not-the-clients-fault.ts";

/** What old clients listen to, if they listen to anything of that kind. */
const ERROR_EVENT = "error";

type Answer = (reply: unknown) => void;

/** How an old client is answered: by its answer function where it passed one, and about what is wrong by an event `error` in any case. */
export function createAnswers(socket: Socket, edge: SocketEdge) {
  let turn: Promise<void> = Promise.resolve();
  let underWay = 0;
  const warned = new Set<string>();

  const tell = (error: HubError, about: string) => {
    edge.report.requestRefused(error.code, 1);
    // One line in the log per client and code: an old client repeats its mistakes for ever.
    if (!warned.has(error.code)) {
      warned.add(error.code);
      const { name } = socket.nsp;
      edge.report.warn("refused", { namespace: name, address: socket.conn.remoteAddress, code: error.code, why: error.message });
    }
    if (socket.connected) socket.emit(ERROR_EVENT, { ...error.toBody(), about });
  };

  const refuse = (thrown: unknown, about: string, answer: Answer | null) => {
    const error = notTheAskersFault(about, thrown, edge.report);
    if (error.code === "INTERNAL") edge.report.fault(`"${about}" of an old client failed`, error.cause ?? error);
    tell(error, about);
    if (socket.connected) answer?.({ outcome: "refused", error: error.toBody() });
  };

  return {
    tell,
    /** Takes the answer function out of the arguments, if there is one. */
    answerIn(args: unknown[]): Answer | null {
      const last = args.at(-1);
      if (typeof last !== "function") return null;
      args.pop();
      return (reply) => last(reply);
    },
    /** Behind all that the client said before; at most 1,024 wait. → BUSY */
    inTurn(about: string, answer: Answer | null, work: () => Promise<unknown>): void {
      const tooMuch = edge.tooFast() ?? (underWay >= limits.plainUnderWayMax ? busy(underWay) : null);
      if (tooMuch) {
        refuse(tooMuch, about, answer);
        return;
      }
      underWay += 1;
      turn = turn
        .then(work)
        .then((reply) => {
          if (socket.connected) answer?.(reply);
        })
        .catch((error: unknown) => refuse(error, about, answer))
        .finally(() => {
          underWay -= 1;
        });
    },
    settled: () => turn,
  };
}

const busy = (underWay: number) => new HubError("BUSY", `${underWay} messages of this client wait for their turn; send fewer at once.`);
