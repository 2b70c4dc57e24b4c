/**
 * Starts the hub, the shops, the drivers and the stores, shows what they say as one stream, and stops them in an order in which
 * each can still say goodbye: shops, drivers and stores first, the hub last.
 */
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { command, runMain } from "@waybill/options";
import { createSupervisor, type Exit, type JsonLine, type Program, ProgramEndedError, type RunningHub, startHub } from "@waybill/testkit";
import { joiningText } from "./joining.ts";
import { startOptions } from "./options.ts";
import { renderLine, type Who } from "./render-line.ts";
import type { ShopsConfig } from "./shops-config.ts";

const STORES = ["acme-widgets", "1-206-flowers"];
const ZONES = ["north", "south"];
const DRIVERS = ["ada", "ben", "cleo"];
const CARRY = 6;

const pathOf = (relative: string) => fileURLToPath(new URL(`../../../../${relative}`, import.meta.url));

await runMain(
  command(startOptions, async ({ options, signal }) => {
    const { data, port, everyMs, speed, seed } = options;
    await using supervisor = createSupervisor();
    const crash = new AbortController();
    const show = (who: Who) => ({
      onLine(line: JsonLine) {
        const text = process.stdout.isTTY ? renderLine(who, line) : JSON.stringify({ who, ...line });
        if (text !== null) process.stdout.write(`${text}\n`);
      },
      onCrash: (exit: Exit, program: Program) => crash.abort(new ProgramEndedError(program, exit)),
    });

    const hub = await startHub({ supervisor, dataDir: data, port, ...show("hub") });
    const token = hub.token({ sub: "stores", role: "vendor", stores: STORES });
    if (process.stdout.isTTY) process.stdout.write(joiningText({ url: hub.url, token: joinToken(hub), store: "acme-widgets" }));
    else
      process.stdout.write(
        `${JSON.stringify({ who: "start", msg: "join", url: hub.url, store: "acme-widgets", token: joinToken(hub) })}\n`,
      );

    const folder = (name: string) => {
      mkdirSync(join(data, name), { recursive: true });
      return join(data, name);
    };
    supervisor.start({
      name: "stores",
      script: pathOf("apps/vendor/bin/vendor.js"),
      // A group of its own: `main` is left to whoever joins as the store.
      args: [
        "--url",
        hub.url,
        "--token",
        token,
        ...STORES.flatMap((id) => ["--store", id]),
        "--group",
        "board",
        "--from",
        "start",
        "--json",
      ],
      ...show("stores"),
    });
    supervisor.start({
      name: "drivers",
      script: pathOf("apps/driver/bin/driver.js"),
      args: [
        "drive",
        "--url",
        hub.url,
        ...driverTokens(hub),
        ...ZONES.flatMap((id) => ["--zone", id]),
        "--outbox",
        folder("driver"),
        "--json",
        "--seed",
        seed,
        "--speed",
        String(speed),
        "--offline-every",
        "2h",
        "--carry",
        String(CARRY),
      ],
      ...show("drivers"),
    });
    const shopsToken = hub.token({ sub: "shops", role: "vendor", stores: STORES });
    const shops: ShopsConfig = { url: hub.url, token: shopsToken, dir: folder("shops"), stores: STORES, zones: ZONES, everyMs, seed };
    supervisor.start({ name: "shops", script: pathOf("apps/demo/src/start/shops.ts"), args: [JSON.stringify(shops)], ...show("shops") });

    const stopping = AbortSignal.any([signal, crash.signal]);
    if (!stopping.aborted) await once(stopping, "abort");
    if (!signal.aborted) crash.signal.throwIfAborted();
  }),
);

function joinToken(hub: RunningHub): string {
  return hub.token({ sub: "you", role: "vendor", stores: ["acme-widgets"] });
}

function driverTokens(hub: RunningHub): string[] {
  return DRIVERS.flatMap((driver) => ["--token", hub.token({ sub: driver, role: "driver", driver })]);
}
