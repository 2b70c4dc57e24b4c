import { type Command, command, defineOptions, type OptionsDefinition } from "@waybill/options";
import { z } from "zod";
import { adminOptions } from "./admin-options.ts";
import { type AdminContext, withAdmin } from "./with-admin.ts";

export type AdminCommandInput<S extends z.ZodRawShape> = {
  /** Its words: `dead show`. */
  name: string;
  summary: string;
  positionals?: NonNullable<OptionsDefinition["positionals"]>;
  options: S;
  /** What is written behind the words, and what that does. */
  examples?: readonly { with: string; does: string }[];
};

export type AdminWork<S extends z.ZodRawShape> = AdminContext & { words: readonly string[]; options: z.output<z.ZodObject<S>> };

/** A command that asks the hub: its own options, and those of the connection. */
export function adminCommand<S extends z.ZodRawShape>(
  { name, summary, positionals, options: shape, examples = [] }: AdminCommandInput<S>,
  work: (context: AdminWork<S>) => Promise<number | undefined> | Promise<void>,
): Command {
  const usage = `npm run waybill -- ${name}`;
  const definition = defineOptions({
    name: `waybill ${name}`,
    summary,
    usage,
    ...(positionals ? { positionals } : {}),
    options: z.strictObject<z.ZodRawShape>({ ...shape, ...adminOptions }),
    examples: examples.map(({ with: rest, does }) => ({ command: `${usage} ${rest}`.trimEnd(), does })),
  });
  return command(definition, ({ options: all, positionals: words, signal }) => {
    // Parsed before, all together; here each part gets its own type back.
    const options = z.object(shape).parse(all);
    return withAdmin(z.object(adminOptions).parse(all), signal, (context) => work({ ...context, words, options }));
  });
}
