import { createVendor, type NewEvent, type Publisher } from "@waybill/client";
import { HubError, toHubError } from "@waybill/events";
import { exitCodes } from "@waybill/options";
import { isJson, writeLine } from "../write-line.ts";

export type AskOptions = { url: string; token: string; timeoutMs: number; json?: boolean | undefined };

/** Publishes a few events and says of each what became of it. Exit code 1 when one was refused or not confirmed in time. */
export async function ask(events: readonly NewEvent[], { url, token, timeoutMs, json }: AskOptions, signal: AbortSignal): Promise<number> {
  const asJson = isJson(process.stdout, json);
  await using vendor = createVendor({ url, token });
  const patience = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  // A token that is refused is told at once, not as a timeout of each event.
  const refused = vendor.ready().then(() => new Promise<never>(() => undefined));
  const answers = await Promise.race([Promise.all(events.map((event) => askOne(vendor, event, patience))), refused]);
  for (const { record, sentence } of answers) await writeLine(process.stdout, asJson ? JSON.stringify(record) : sentence);
  await vendor.close({ drainMs: 0 });
  return answers.every(({ isStored }) => isStored) ? exitCodes.ok : exitCodes.failed;
}

export type Answer = { isStored: boolean; sentence: string; record: Record<string, unknown> };

/** What became of one event; never rejects. */
export async function askOne(publisher: Pick<Publisher, "publish">, event: NewEvent, signal: AbortSignal): Promise<Answer> {
  const { type, parcel, store } = event;
  try {
    const published = await publisher.publish(event, { signal });
    const place = "offset" in published ? ` ${published.queue}#${published.offset}` : "";
    return { isStored: true, sentence: `${type} ${parcel}: ${published.outcome}${place}`, record: { type, parcel, store, ...published } };
  } catch (error) {
    const { code, message, issues, retry } =
      error instanceof HubError && error.code === "CANCELLED"
        ? new HubError("TIMED_OUT", "The hub did not confirm it in time; it may have it or not.")
        : toHubError(error);
    const details = issues.map(({ path, message }) => `; ${path}: ${message}`).join("");
    const body = { code, retry, message, ...(issues.length > 0 ? { issues } : {}) };
    return {
      isStored: false,
      sentence: `${type} ${parcel}: ${code}: ${message}${details}`,
      record: { type, parcel, store, outcome: "refused", error: body },
    };
  }
}
