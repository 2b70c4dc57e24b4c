/**
 * A great many bare Socket.IO clients in one process, as they come: they connect, say hello, hear positions, acknowledge events, and come
 * back by themselves when the server was away.
 */
import { io } from "socket.io-client";
import { z } from "zod";
import { monotonicUs } from "../measure/latencies.ts";
import { memberSchema } from "../peers/crowd.ts";
import { runWorker } from "./worker.ts";

const configSchema = z.strictObject({ members: z.array(memberSchema) });
export type CrowdConfig = z.input<typeof configSchema>;

const jobSchema = z.union([
  /** Resolves when all have been answered; so many connect at once. */
  z.strictObject({ open: z.int().min(1) }),
  /** Resolves when so many positions were heard since the last such job, or no more come: they may be lost. */
  z.strictObject({ positions: z.int() }),
  /** Resolves when so many members were answered again, and have so many events more, since the last such job. */
  z.strictObject({ back: z.int(), events: z.int() }),
]);
export type CrowdJob = z.input<typeof jobSchema>;

/** Nothing more of a position comes after such a silence. */
const QUIET_MS = 2_000;

/** What happens to many: counted, and waited for. */
function createCount() {
  let count = 0;
  let lastUs = 0;
  let wake = (): void => {};
  return {
    add(): void {
      count += 1;
      lastUs = monotonicUs();
      wake();
    },
    /** Resolves when so many happened, or nothing more did for a while; answers how many, and when the last of them. Begins anew. */
    async gather(wanted: number): Promise<{ atUs: number; count: number }> {
      for (let before = -1; count < wanted && count > before; ) {
        before = count;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, QUIET_MS);
          wake = () => {
            if (count < wanted) return;
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const gathered = { atUs: lastUs, count };
      count = 0;
      return gathered;
    },
    /** Resolves when so many more happened; answers when the last did. */
    async take(wanted: number): Promise<number> {
      while (count < wanted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      count -= wanted;
      return monotonicUs();
    },
  };
}

const answerSchema = z.looseObject({ outcome: z.string() }).optional();

await runWorker({ config: configSchema, job: jobSchema }, async ({ members }) => {
  const answered = createCount();
  const positions = createCount();
  const events = createCount();

  const open = ({ url, auth, readyOn, hello: [name, body] }: z.output<typeof memberSchema>): Promise<void> =>
    new Promise((resolve) => {
      const socket = io(url, { auth, forceNew: true, transports: ["websocket"] });
      socket.on(readyOn, () => {
        socket.emit(name, body, (answer: unknown) => {
          if (answerSchema.parse(answer)?.outcome === "refused")
            throw new Error(`A member of the crowd was refused: ${JSON.stringify(answer)}`);
          answered.add();
          resolve();
        });
      });
      socket.on("position", positions.add);
      socket.on("in-transit", (_event: unknown, ack: () => void) => {
        events.add();
        ack();
      });
    });

  return {
    async job(job) {
      if ("open" in job) {
        const waiting = [...members];
        const one = async (): Promise<void> => {
          for (let member = waiting.pop(); member !== undefined; member = waiting.pop()) await open(member);
        };
        await Promise.all(Array.from({ length: job.open }, one));
        return { atUs: await answered.take(members.length) };
      }
      if ("positions" in job) return positions.gather(job.positions);
      const atUs = await answered.take(job.back);
      return { atUs, caughtUpUs: await events.take(job.events) };
    },
  };
});
