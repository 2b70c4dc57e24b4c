import type { Delivery } from "@waybill/client";
import type { Handled } from "./render-delivery.ts";
import type { CommandResult } from "./run-command.ts";

export type HandleOptions = {
  /** The command for each event; without one, an event is handled when its line is written. */
  run: ((delivery: Delivery) => Promise<CommandResult>) | null;
  /** Resolves when the line has left this process. */
  write(delivery: Delivery, handled: Handled): Promise<void>;
};

/**
 * Handles one delivery: returns for an ack, throws for a nack, with the reason. Its line is written before, so whoever reads the
 * lines has seen every event that was acknowledged.
 */
export async function handleDelivery(delivery: Delivery, { run, write }: HandleOptions): Promise<void> {
  const result = run ? await run(delivery) : { outcome: "ok" as const };
  if (result.outcome === "ok") return write(delivery, { outcome: "acked" });
  await write(delivery, result);
  throw new Error(result.reason);
}
