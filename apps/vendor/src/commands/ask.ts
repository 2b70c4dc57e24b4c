import { createVendor, type NewEvent, type Publisher } from "@waybill/client";
import { HubError, toHubError } from "@waybill/events";
import { exitCodes } from "@waybill/options";
import { isJson, writeLine } from "../write-line.ts";

export type AskOptions = { url: string; token: string; wait: Wait; timeoutMs: number; json?: boolean | undefined };
type Wait = "stored" | "processed";

/** Publishes a few events and says of each what became of it. Exit code 1 when one was refused or buried, or not confirmed or processed in time. */
export async function ask(events: readonly NewEvent[], options: AskOptions, signal: AbortSignal): Promise<number> {
  const { url, token, wait, timeoutMs, json } = options;
  const asJson = isJson(process.stdout, json);
  await using vendor = createVendor({ url, token });
  // A token that is refused is told at once, not as a timeout of each event.
  const refused = vendor.ready().then(() => new Promise<never>(() => undefined));
  const answers = await Promise.race([Promise.all(events.map((event) => askOne(vendor, event, { wait, timeoutMs, signal }))), refused]);
  for (const { record, sentence } of answers) await writeLine(process.stdout, asJson ? JSON.stringify(record) : sentence);
  await vendor.close({ drainMs: 0 });
  return answers.every(({ isDone }) => isDone) ? exitCodes.ok : exitCodes.failed;
}

/** `isDone`: what was waited for came true. */
type Answer = { isDone: boolean; sentence: string; record: Record<string, unknown> };

/** What became of one event; never rejects. */
export async function askOne(
  publisher: Pick<Publisher, "publish">,
  event: NewEvent,
  { wait, timeoutMs, signal }: { wait: Wait; timeoutMs: number; signal: AbortSignal },
): Promise<Answer> {
  const { type, parcel, store } = event;
  try {
    const published =
      wait === "processed"
        ? await publisher.publish(event, { wait, withinMs: timeoutMs, signal })
        : await publisher.publish(event, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    const { outcome } = published;
    // The outbox is gone with this process.
    if (outcome === "outbox") throw unconfirmed();
    const isLate = wait === "processed" && outcome === "stored";
    const sentence = `${type} ${parcel}: ${outcome} ${published.queue}#${published.offset}${isLate ? ", and not processed in time" : ""}`;
    return { isDone: outcome !== "dead" && !isLate, sentence, record: { type, parcel, store, ...published } };
  } catch (error) {
    const { code, message, issues, retry } = error instanceof HubError && error.code === "CANCELLED" ? unconfirmed() : toHubError(error);
    const details = issues.map(({ path, message }) => `; ${path}: ${message}`).join("");
    const body = { code, retry, message, ...(issues.length > 0 ? { issues } : {}) };
    return {
      isDone: false,
      sentence: `${type} ${parcel}: ${code}: ${message}${details}`,
      record: { type, parcel, store, outcome: "refused", error: body },
    };
  }
}

const unconfirmed = (): HubError => new HubError("TIMED_OUT", "The hub did not confirm it in time; it may have it or not.");
