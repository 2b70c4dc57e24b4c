import type { HubInfo } from "@waybill/client";
import { type Command, command, defineOptions } from "@waybill/options";
import { z } from "zod";
import { type AdminOptions, adminOptions } from "../admin-options.ts";
import { createOutput, type Output } from "../output.ts";
import { pause } from "../pause.ts";
import { stayConnected } from "../stay-connected.ts";
import { type Rates, ratesBetween } from "../top/rates.ts";
import { openScreen, type Screen } from "../top/screen.ts";
import { topView } from "../top/top-view.ts";

const EVERY_MS = 1_000;
const usage = "npm run waybill -- top";

const top: Command = command(
  defineOptions({
    name: "waybill top",
    summary: "Shows how the hub is, once a second: rates, what waits, memory, disk, and its busiest subscriptions. q or Ctrl-C ends it.",
    usage,
    options: z.strictObject({
      once: z.boolean().default(false).describe("Print it once, over one second, and end."),
      ...adminOptions,
    }),
    examples: [
      { command: usage, does: "on a terminal, live; elsewhere a JSON line a second" },
      { command: `${usage} --once`, does: "as it is now" },
    ],
  }),
  async ({ options, signal }) => {
    const json = options.json ?? process.stdout.isTTY !== true;
    const out = createOutput({ json, stream: process.stdout });
    const stop = new AbortController();
    signal.addEventListener("abort", () => stop.abort(), { once: true });
    if (options.once || json || !process.stdout.isTTY) await print(options, out, stop);
    else await live(options, stop);
  },
);

/** One snapshot after the other, as a line or as lines. */
async function print(options: AdminOptions & { once: boolean }, out: Output, stop: AbortController): Promise<void> {
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  let before: HubInfo | null = null;
  await stayConnected({ options, signal: stop.signal, tell }, async (admin) => {
    while (!stop.signal.aborted) {
      const info = await admin.hub();
      const rates = ratesBetween(before, info);
      before = info;
      if (rates !== null) {
        await out.say(lines({ options, info, rates }).join("\n"), { ...info, rates });
        if (options.once) return;
      }
      await pause(EVERY_MS, stop.signal);
    }
  });
}

const lines = ({ options, info, rates }: { options: AdminOptions; info: HubInfo; rates: Rates }): string[] =>
  topView({ info, rates, url: options.url, note: "", width: process.stdout.columns ?? 100, height: Number.POSITIVE_INFINITY });

async function live(options: AdminOptions, stop: AbortController): Promise<void> {
  const seen: { latest?: { info: HubInfo; rates: Rates | null }; note: string; screen?: Screen } = { note: "" };
  const show = (): void => {
    const { latest, note, screen } = seen;
    if (latest && screen) screen.show(topView({ ...latest, url: options.url, note, width: screen.width, height: screen.height }));
  };
  const tell = (line: string, isAway: boolean): void => {
    seen.note = isAway ? line : "";
    show();
  };
  try {
    await stayConnected({ options, signal: stop.signal, tell }, async (admin) => {
      while (!stop.signal.aborted) {
        const info = await admin.hub();
        seen.latest = { info, rates: ratesBetween(seen.latest?.info ?? null, info) };
        // Only now, so that a hub that cannot be reached at all is an error on the usual screen.
        seen.screen ??= openScreen({ out: process.stdout, keys: process.stdin }, { quit: () => stop.abort(), resized: show });
        show();
        await pause(EVERY_MS, stop.signal);
      }
    });
  } finally {
    seen.screen?.[Symbol.dispose]();
  }
}

/** `top`. */
export const topCommands: Record<string, Command> = { top };
