/** What those who have to do with each other say beside the queue: that they are typing, and a word in private. Kept nowhere. */
import { HubError, limits, roomOf, type Typing, type TypingNotice, type Word, type WordNotice, type WordReply } from "@waybill/events";
import type { SessionParts, SessionStart } from "../sessions/session-parts.ts";
import { createPeople } from "./people.ts";

export type Talk = {
  typing(notice: Typing): Promise<void>;
  word(request: Word): Promise<WordReply>;
};

export function createTalk(parts: SessionParts, { socket, identity }: SessionStart): Talk {
  const { audience, clock } = parts;
  const { tenant, role, subject } = identity;
  const people = createPeople(parts, identity);
  const me = (id: string) => ({ role: role === "driver" ? ("driver" as const) : ("vendor" as const), id, subject, socket: socket.id });

  return {
    async typing({ typing, ...about }) {
      const { store, driver } = await people.parties(about);
      const told: TypingNotice = { ...me(identity.driver ?? store), store, parcel: about.parcel, typing };
      // In the sender's own namespace all but the sender; the other party sits in another one.
      const [mine, theirs] =
        role === "driver"
          ? [roomOf(tenant, "driver", told.id), audience.store(tenant, store)]
          : [roomOf(tenant, "store", store), driver === null ? null : audience.driver(tenant, driver)];
      socket.broadcast.to(mine).emit("typing", told);
      theirs?.emit("typing", told);
    },

    async word({ to, text, ...about }) {
      const parties = await people.parties(about);
      const hearer = people.at(parties).find((person) => person.online && person.socket === to);
      const listener = hearer && audience.socket(tenant, hearer.role, to);
      if (!listener) throw notHere(to);
      const said: WordNotice = { ...me(identity.driver ?? parties.store), text, at: new Date(clock.nowMs()).toISOString() };
      const heard = Promise.withResolvers<WordReply>();
      listener.timeout(limits.wordWaitMs).emit("word", said, (timedOut: Error | null, answers: unknown[]) => {
        if (timedOut || answers.length > 0) return heard.resolve({ outcome: timedOut ? "sent" : "heard" });
        heard.reject(notHere(to)); // It has just gone: nobody was asked.
      });
      return heard.promise;
    },
  };
}

/** The same for a stranger's connection as for one that is not: ids cannot be tried out. */
const notHere = (socket: string) =>
  new HubError("NOT_HERE", `No connection ${socket} of somebody whom \`who\` shows you is here; ask \`who\` again.`);
