import { z } from "zod";

/** How clients reach a server: told to the workers, so plain data. */
export const accessSchema = z.strictObject({
  /** Its clients, by their name in `clients.ts`. */
  client: z.string(),
  at: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});
export type Access = z.output<typeof accessSchema>;

/** A fact of the access that its client needs. */
export function textOf(at: Access["at"], name: string): string {
  const value = at[name];
  if (typeof value !== "string") throw new Error(`The access to this peer says no ${name}.`);
  return value;
}
