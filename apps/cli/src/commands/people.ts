import type { Addressees } from "@waybill/events";
import type { Command } from "@waybill/options";
import { z } from "zod";
import { adminCommand } from "../admin-command.ts";
import { pages } from "../pages.ts";

const roles = ["driver", "vendor"] as const;
const columns = ["id", "subject", "online", "at", "socket"] as const;

const who = adminCommand(
  {
    name: "who",
    summary: "Lists who is online, and who was since the hub's start: a row for each connection, and when the others were seen last.",
    options: {
      role: z.enum(roles).default("driver").describe("Drivers, or the people of the stores.").meta({ placeholder: "ROLE" }),
      after: z.string().optional().describe("Begin behind this driver or store.").meta({ placeholder: "ID" }),
    },
    examples: [
      { with: "", does: "drivers" },
      { with: "--role vendor", does: "who is at which store" },
    ],
  },
  async ({ admin, out, options: { role, after: first } }) => {
    const ask = (after = first) => admin.ask("people:list", after === undefined ? { role } : { role, after });
    for await (const { people } of pages(ask, (page) => page.people.at(-1)?.id)) {
      await out.rows(
        columns,
        people.map(({ id, subject, online, at, socket }) => ({ id, subject, online: online ? "yes" : "no", at, socket: socket ?? null })),
      );
    }
  },
);

const list = () => z.array(z.string()).default([]);
/** Without any of them: all drivers and all stores. */
const addressees = {
  zone: list().describe("Drivers who read this zone's pool.").meta({ placeholder: "ZONE" }),
  exceptZone: list().describe("But no driver who reads this one's.").meta({ placeholder: "ZONE" }),
  store: list().describe("Those who speak for this store.").meta({ placeholder: "STORE" }),
  exceptStore: list().describe("But nobody of this one.").meta({ placeholder: "STORE" }),
  drivers: z.boolean().default(false).describe("All drivers, and no stores unless they are named too."),
  vendors: z.boolean().default(false).describe("All stores, and no drivers unless they are named too."),
  thisNode: z.boolean().default(false).describe("Only those who are connected to this hub process."),
};
type Given = z.output<z.ZodObject<typeof addressees>>;

function addresseesOf(given: Given): Addressees {
  const { zone, exceptZone, store, exceptStore, thisNode } = given;
  const meansDrivers = given.drivers || zone.length + exceptZone.length > 0;
  const meansVendors = given.vendors || store.length + exceptStore.length > 0;
  const isAll = !meansDrivers && !meansVendors;
  const some = (names: string[]) => (names.length > 0 ? names : undefined);
  return {
    ...(meansDrivers || isAll ? { drivers: { zones: some(zone), except: some(exceptZone) } } : {}),
    ...(meansVendors || isAll ? { vendors: { stores: some(store), except: some(exceptStore) } } : {}),
    ...(thisNode ? { thisNode } : {}),
  };
}

const text = { placeholder: "TEXT", describe: "What they are told, in quotes.", min: 1, max: 1 };

const notice = adminCommand(
  {
    name: "notice",
    summary: "Tells something to drivers and stores that are online now. It is kept nowhere: who is away never hears it.",
    positionals: text,
    options: addressees,
    examples: [
      {
        with: '"Snow until noon." --zone north --zone south --except-zone port',
        does: "the drivers of two zones, but not those who also work the port",
      },
      { with: '"This hub restarts in 5 minutes." --this-node', does: "everybody who is connected to it" },
    ],
  },
  async ({ admin, out, words: [said = ""], options }) => {
    const { sockets } = await admin.ask("notice:send", { text: said, ...addresseesOf(options) });
    await out.say(`${sockets} connections were told.`, { sockets });
  },
);

const rollCall = adminCommand(
  {
    name: "roll-call",
    summary: "Asks drivers and stores that are online now, and counts who answers in time.",
    positionals: text,
    options: {
      ...addressees,
      wait: z.int().min(1).default(3_000).describe("So long the answers may take; shorter than --timeout.").meta({ unit: "duration" }),
    },
    examples: [{ with: '"All well?" --zone north --wait 10s --timeout 15s', does: "the drivers of a zone" }],
  },
  async ({ admin, out, words: [said = ""], options: { wait, ...given } }) => {
    const { asked, answered, answers } = await admin.ask("roll:call", { text: said, waitMs: wait, ...addresseesOf(given) });
    await out.say([`${answered} of ${asked} connections answered.`, ...answers.map((answer) => `  ${answer}`)].join("\n"), {
      asked,
      answered,
      answers,
    });
  },
);

/** `who`, `notice`, `roll-call`: those who are online. */
export const peopleCommands: Record<string, Command> = { who, notice, "roll-call": rollCall };
