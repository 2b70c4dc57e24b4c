import type { Command } from "@waybill/options";
import type { z } from "zod";
import { type AdminCommandInput, adminCommand } from "./admin-command.ts";
import { parseSubscription, subscriptionHint } from "./subscription-word.ts";
import type { AdminContext } from "./with-admin.ts";

type Input<S extends z.ZodRawShape> = Omit<AdminCommandInput<S>, "positionals"> & {
  /** What is written behind SUBSCRIPTION, exactly so many words. */
  more?: readonly { placeholder: string; describe: string }[];
};

type Work<S extends z.ZodRawShape> = AdminContext & {
  of: { queue: string; group?: string };
  /** The subscription as it was written. */
  word: string;
  rest: readonly string[];
  options: z.output<z.ZodObject<S>>;
};

/** A command about one subscription, which is its first word. */
export function subscriptionCommand<S extends z.ZodRawShape>(
  { more = [], ...input }: Input<S>,
  work: (context: Work<S>) => Promise<number | undefined> | Promise<void>,
): Command {
  const words = 1 + more.length;
  const positionals = {
    placeholder: ["SUBSCRIPTION", ...more.map(({ placeholder }) => placeholder)].join(" "),
    describe: [subscriptionHint, ...more.map(({ placeholder, describe }) => `${placeholder}: ${describe}`)].join(". "),
    min: words,
    max: words,
  };
  return adminCommand({ ...input, positionals }, ({ words: [word = "", ...rest], ...context }) =>
    work({ ...context, of: parseSubscription(word), word, rest }),
  );
}
