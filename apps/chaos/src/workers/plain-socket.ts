/** What a plain client needs of Socket.IO, and all that it may use: what its clients have had since version 3. */
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { strangers } from "../strangers/packages.ts";

export type PlainSocket = Pick<Socket, "id" | "connected" | "active" | "on" | "once" | "off" | "onAny" | "emit">;
export type Connect = (url: string, options: Partial<ManagerOptions & SocketOptions>) => PlainSocket;

/** Of the installed client, or of another package in `strangers`. */
export async function connectWith(stranger: string | null): Promise<Connect> {
  return stranger === null ? io : (await strangers.load<{ io: Connect }>(stranger)).io;
}

/**
 * Asks, and resolves with the answer; `null`: none came in time, or before the connection ended, which is unknown. Newer clients
 * have this as `timeout(…).emitWithAck(…)`.
 */
export function ask(socket: PlainSocket, question: { name: string; body: object; answerMs: number }): Promise<unknown> {
  const { name, body, answerMs } = question;
  return new Promise((resolve) => {
    const end = (answer: unknown) => {
      clearTimeout(timer);
      socket.off("disconnect", unanswered);
      resolve(answer);
    };
    const unanswered = () => end(null);
    const timer = setTimeout(unanswered, answerMs);
    socket.once("disconnect", unanswered);
    socket.emit(name, body, end);
  });
}
