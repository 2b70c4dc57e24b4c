import { io, type Socket } from "socket.io-client";

export async function connectRelay(url: string): Promise<Socket> {
  const socket = io(url, { forceNew: true, transports: ["websocket"] });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", () => resolve());
    socket.once("connect_error", reject);
  });
  return socket;
}

/** Behind all that was said on it. */
export async function closeRelayed(socket: Socket): Promise<void> {
  await socket.emitWithAck("sync");
  socket.disconnect();
}
