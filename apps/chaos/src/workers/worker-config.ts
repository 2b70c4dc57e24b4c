import { readFileSync } from "node:fs";
import { z } from "zod";

const tokenFor = z.strictObject({ name: z.string(), token: z.string() });

/** What a worker process is told: a JSON file, named by its only argument. */
export const workerConfigSchema = z.strictObject({
  kind: z.enum(["driver", "vendor", "plain", "fence", "python", "caps"]),
  /** In messages, as its folder's name, and first part of all that it publishes. */
  name: z.string(),
  url: z.url(),
  /** Its own: outbox, history. Survives its kills. */
  dir: z.string(),
  /** The stores' databases. */
  effectsDir: z.string(),
  seed: z.number(),
  /** Wall time of the start of the run: all agree on the phases of the load. */
  startedAtMs: z.number(),
  /** Events a second, all producers of this process together. */
  rate: z.number(),
  leaseMs: z.number(),
  /** Drivers publish as these. */
  drivers: z.array(tokenFor),
  /** Sockets for deliveries, each with its stores. */
  vendors: z.array(z.strictObject({ ...tokenFor.shape, stores: z.array(z.string()) })),
  /** Stores that are published to. */
  stores: z.array(z.string()),
  hotStore: z.string(),
  /** A second consumer of the same stores comes and goes. */
  churns: z.boolean(),
  /** The package of its Socket.IO client in `strangers`; `null`: the installed one. */
  stranger: z.string().nullable(),
  /** Of --bug, where it is one of the client's. */
  bug: z.string().nullable(),
});
export type WorkerConfig = z.infer<typeof workerConfigSchema>;

/** Only the supervisor starts workers. */
export function readWorkerConfig(): WorkerConfig {
  return workerConfigSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
}

/** Shorter than the client's own: a hub that was killed is back within a second. */
export const reconnect = { reconnectMs: 100, reconnectMsMax: 1_000, answerMs: 4_000 } as const;
