import { type Addressees, adminRequests, HubError, limits, type Notice, type RollCall, type RollCallReply } from "@waybill/events";
import type { Identity } from "../auth/tokens.ts";
import type { Handlers } from "../edge/handlers.ts";
import type { Listeners } from "../live/audience.ts";
import type { SessionParts } from "../sessions/session-parts.ts";

/** So long a roll call waits when it does not say how long. */
const WAIT_MS = 5_000;

/** What an operator says to many at once, or asks them. */
export function handleNoticeRequests(on: Handlers<null>, parts: SessionParts, { tenant, subject }: Identity): void {
  const { audience, names, clock, storage } = parts;

  /** Throws INVALID_MESSAGE where nobody is meant, UNKNOWN_ZONE and UNKNOWN_STORE where somebody meant another name. */
  const meant = async (to: Addressees): Promise<Listeners[]> => {
    const { drivers, vendors } = to;
    if (!drivers && !vendors) throw new HubError("INVALID_MESSAGE", "Nobody is meant: give `drivers`, `vendors`, or both (`{}` is all).");
    const named = [
      ["zone", [...(drivers?.zones ?? []), ...(drivers?.except ?? [])]],
      ["store", [...(vendors?.stores ?? []), ...(vendors?.except ?? [])]],
    ] as const;
    for (const [kind, ids] of named) {
      const [unknown] = ids.length > 0 ? await names.missing(tenant, kind, ids) : [];
      if (unknown !== undefined) throw names.error(kind, unknown);
    }
    return audience.addressees(tenant, to);
  };
  const countOf = async (listeners: Listeners[]): Promise<number[]> =>
    Promise.all(listeners.map(async (some) => (await some.fetchSockets()).length));
  const noticeOf = (text: string): Notice => ({ text, by: subject, at: new Date(clock.nowMs()).toISOString() });

  on.request("notice:send", adminRequests["notice:send"].request, async ({ text, ...to }) => {
    const listeners = await meant(to);
    const told = sum(await countOf(listeners));
    for (const some of listeners) some.emit("notice", noticeOf(text));
    storage.audit(tenant, subject, "notice:send", `${told} connections: ${text.slice(0, 128)}`);
    return { outcome: "told", sockets: told };
  });

  on.request("roll:call", adminRequests["roll:call"].request, async (call: RollCall): Promise<RollCallReply> => {
    const { text, waitMs = WAIT_MS, ...to } = call;
    const listeners = await meant(to);
    const asked = sum(await countOf(listeners));
    if (asked > limits.rollCallMax)
      throw new HubError(
        "INVALID_MESSAGE",
        `This roll call would ask ${asked} connections, and ${limits.rollCallMax} are allowed: name zones or stores.`,
      );
    const all = await Promise.all(listeners.map((some) => answersOf(some, noticeOf(text), waitMs)));
    const answers = all.flat();
    return { outcome: "answered", asked, answered: answers.length, answers: answers.flatMap(textOf) };
  });
}

/** Who does not answer in time is missing; the others have answered all the same. */
function answersOf(listeners: Listeners, notice: Notice, waitMs: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    listeners.timeout(waitMs).emit("roll-call", notice, (_timedOut: Error | null, answers: unknown[]) => resolve(answers));
  });
}

const textOf = (answer: unknown): string[] => (typeof answer === "string" ? [answer.slice(0, limits.rollCallCharsMax)] : []);
const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
