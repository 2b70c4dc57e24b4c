import { HubError } from "@waybill/events";
import type { Engine } from "@waybill/queue";

/** So long one waits at most: a little less than those who ask. */
const WAIT_MS = 4_000;

type Waiter = {
  /** What was told to the engine is in this commit at the latest. */
  commit: number;
  isDone: (engine: Engine) => boolean;
  resolve: () => void;
  reject: (error: unknown) => void;
};

/** Who waits until what an engine was told is durable: it is in the first commit that is sent afterwards, or there is nothing to write. */
export type CommitWatch = {
  sent(): void;
  landed(): void;
  /** Before the inputs are applied. */
  next(isDone?: (engine: Engine) => boolean): Promise<void>;
  /** The same without a promise; forgotten when the engine is made anew. Called while effects are carried out. */
  afterwards(task: () => void): void;
  /** Between two turns: at once when nothing is on its way. */
  afterSent(task: () => void): void;
  /** After each turn of the engine. */
  look(engine: Engine): void;
  fail(error: unknown): void;
  isWaited(): boolean;
};

export function createCommitWatch(): CommitWatch {
  const waiters = new Set<Waiter>();
  /** In the order of their commits. */
  let tasks: { commit: number; run: () => void }[] = [];
  let sent = 0;
  let landed = 0;

  const isOver = (waiter: Waiter, engine: Engine): boolean => (landed >= waiter.commit || landed === sent) && waiter.isDone(engine);

  return {
    sent: () => {
      sent += 1;
    },
    landed: () => {
      landed += 1;
    },
    next: (isDone = () => true) =>
      new Promise((resolve, reject) => {
        const waiter: Waiter = { commit: sent + 1, isDone, resolve, reject };
        waiters.add(waiter);
        const late = () => {
          if (waiters.delete(waiter))
            reject(new HubError("TIMED_OUT", `It was not done within ${WAIT_MS} ms; look again what became of it.`));
        };
        setTimeout(late, WAIT_MS).unref();
      }),
    afterwards: (run) => void tasks.push({ commit: sent + 1, run }),
    afterSent(run) {
      if (landed === sent) run();
      else tasks.push({ commit: sent + 1, run });
    },
    look(engine) {
      const isDue = ({ commit }: { commit: number }) => landed >= commit || landed === sent;
      if (tasks[0] !== undefined && isDue(tasks[0])) {
        const due = tasks.filter(isDue);
        tasks = tasks.slice(due.length);
        for (const { run } of due) run();
      }
      for (const waiter of waiters) {
        try {
          if (!isOver(waiter, engine)) continue;
          waiter.resolve();
        } catch (error) {
          waiter.reject(error);
        }
        waiters.delete(waiter);
      }
    },
    fail(error) {
      // Commits of before are answered to nobody.
      landed = sent;
      for (const waiter of waiters) waiter.reject(error);
      waiters.clear();
      tasks = [];
    },
    isWaited: () => waiters.size > 0 || tasks.length > 0,
  };
}
