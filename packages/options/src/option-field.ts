import { z } from "zod";

/** How a text becomes a number: `30s`, `5m`, `250ms` for a duration in milliseconds. */
const unitSchema = z.enum(["duration"]);

const leafSchema = z.strictObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: z.union([z.string(), z.number(), z.boolean()]).optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
});
export type Leaf = z.infer<typeof leafSchema>;

/** What one option's zod schema says of itself, as JSON Schema, with our own `.meta({…})` beside it. Anything else is a slip of the pen. */
const nodeSchema = leafSchema.extend({
  anyOf: z.array(leafSchema).optional(),
  items: leafSchema.extend({ anyOf: z.array(leafSchema).optional() }).optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  default: z.unknown().optional(),
  description: z.string({ error: "each option is described: .describe(…)" }),
  env: z
    .string()
    .regex(/^WAYBILL_[A-Z0-9_]+$/, "environment names begin with WAYBILL_")
    .optional(),
  flag: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .optional(),
  placeholder: z.string().optional(),
  path: z.boolean().optional(),
  takes: z.string().optional(),
  unit: unitSchema.optional(),
  secret: z.boolean().optional(),
});

/** One option, as the command line, the environment, the help and the docs see it. */
export type OptionField = {
  /** The key of the zod object. */
  key: string;
  /** Without its dashes. */
  flag: string;
  describe: string;
  env: string | undefined;
  placeholder: string;
  isBoolean: boolean;
  /** Given several times; in the environment as a comma-separated list. */
  isRepeatable: boolean;
  isRequired: boolean;
  isPath: boolean;
  isSecret: boolean;
  unit: z.infer<typeof unitSchema> | undefined;
  /** What it takes, in words, where the schema cannot say it well. */
  takes: string | undefined;
  /** The forms that a value may take. */
  leaves: readonly Leaf[];
  default: unknown;
};

const kebab = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Reads the table of options out of the zod object. Throws on a definition that cannot work; a programmer's fault, not a user's. */
export function readFields(schema: z.ZodObject): OptionField[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return Object.entries(properties).map(([key, property]) => {
    const read = nodeSchema.safeParse(property);
    if (!read.success) throw new TypeError(`Option ${key} is not well defined. ${z.prettifyError(read.error)}`);
    const node = read.data;
    const value = node.items ?? node;
    const leaves = value.anyOf ?? [leafSchema.parse(pickLeaf(value))];
    const isBoolean = leaves.every((leaf) => leaf.type === "boolean");
    return {
      key,
      flag: node.flag ?? kebab(key),
      describe: node.description,
      env: node.env,
      placeholder: node.placeholder ?? usualPlaceholder(node, leaves),
      isBoolean,
      isRepeatable: node.items !== undefined,
      isRequired: required.includes(key),
      isPath: node.path ?? false,
      isSecret: node.secret ?? false,
      unit: node.unit,
      takes: node.takes,
      leaves,
      default: node.default,
    };
  });
}

function pickLeaf(node: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(node).filter(([key]) => key in leafSchema.shape));
}

function usualPlaceholder({ path, unit }: z.infer<typeof nodeSchema>, leaves: readonly Leaf[]): string {
  if (path) return "PATH";
  if (unit === "duration") return "TIME";
  const words = leaves.flatMap((leaf) => leaf.enum ?? (leaf.const === undefined ? [] : [leaf.const]));
  const open = leaves.filter((leaf) => leaf.enum === undefined && leaf.const === undefined);
  return [...words, ...open.map((leaf) => (isNumeric(leaf) ? "N" : "TEXT"))].join("|");
}

export function isNumeric(leaf: Leaf): boolean {
  return leaf.type === "number" || leaf.type === "integer" || typeof leaf.const === "number";
}
