import type { Socket } from "socket.io";
import type { Identity } from "../auth/tokens.ts";

/** Sockets of one identity that poll. Each holds a request open; plain clients leave for websocket at once where they can. */
const POLLING_SESSIONS_MAX = 1_000;

/** Who is counted as one. Old clients have no role. */
type Peer = Pick<Identity, "tenant" | "subject"> & { role: string };

/** Counts polling sessions per identity; `take` says whether one more may be. It counts until its connection upgrades or closes. */
export function createPollingSessions(max: number = POLLING_SESSIONS_MAX): { take(socket: Socket, identity: Peer): boolean } {
  const sessions = new Map<string, Set<Socket["conn"]>>();
  return {
    take({ conn }, { tenant, role, subject }) {
      if (conn.transport.name !== "polling") return true;
      const name = `${tenant}/${role}/${subject}`;
      const own = sessions.get(name) ?? new Set();
      if (own.has(conn)) return true;
      if (own.size >= max) return false;
      sessions.set(name, own.add(conn));
      const release = () => {
        own.delete(conn);
        if (own.size === 0 && sessions.get(name) === own) sessions.delete(name);
      };
      conn.once("upgrade", release);
      conn.once("close", release);
      return true;
    },
  };
}
