import { type Command, command, defineOptions } from "@waybill/options";
import { z } from "zod";
import { adminOptions } from "./admin-options.ts";
import { parseSubscription, subscriptionHint } from "./subscription-word.ts";
import { type AdminContext, withAdmin } from "./with-admin.ts";

type Input<S extends z.ZodRawShape> = {
  /** Its words: `dead show`. */
  name: string;
  summary: string;
  /** What is written behind SUBSCRIPTION, exactly so many words. */
  more?: readonly { placeholder: string; describe: string }[];
  options: S;
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
  { name, summary, more = [], options: shape }: Input<S>,
  work: (context: Work<S>) => Promise<number | undefined> | Promise<void>,
): Command {
  const words = 1 + more.length;
  const definition = defineOptions({
    name: `waybill ${name}`,
    summary,
    usage: `npm run waybill -- ${name}`,
    positionals: {
      placeholder: ["SUBSCRIPTION", ...more.map(({ placeholder }) => placeholder)].join(" "),
      describe: [subscriptionHint, ...more.map(({ placeholder, describe }) => `${placeholder}: ${describe}`)].join(". "),
      min: words,
      max: words,
    },
    options: z.strictObject<z.ZodRawShape>({ ...shape, ...adminOptions }),
  });
  return command(definition, ({ options: all, positionals: [word = "", ...rest], signal }) => {
    const of = parseSubscription(word);
    // Parsed before, all together; here each part gets its own type back.
    const options = z.object(shape).parse(all);
    return withAdmin(z.object(adminOptions).parse(all), signal, (context) => work({ ...context, of, word, rest, options }));
  });
}
