import { writeDuration } from "./duration.ts";
import { isNumeric, type Leaf, type OptionField } from "./option-field.ts";

/** What an option takes, in words for people: `a whole number from 0 to 65535`, `pretty or json`. Empty where there is nothing to say. */
export function expects(field: OptionField): string {
  if (field.takes !== undefined) return field.takes;
  if (field.isBoolean) return "yes or no";
  if (field.unit === "duration")
    return `a duration${field.leaves.map((leaf) => rangeText(leaf, writeDuration)).join("")}, such as 30s, 5m or 2h`;
  const forms = field.leaves.map(leafText);
  return forms.length > 1 ? forms.map((text) => text || "text").join(" or ") : forms.join("");
}

function leafText(leaf: Leaf): string {
  if (leaf.const !== undefined) return String(leaf.const);
  if (leaf.enum !== undefined) return listed(leaf.enum.map(String));
  if (isNumeric(leaf)) return `${leaf.type === "integer" ? "a whole number" : "a number"}${rangeText(leaf, String)}`;
  if (leaf.format === "uri") return "an address (URL)";
  // A pattern tells people nothing; `meta.takes` does.
  return leaf.pattern === undefined ? lengthText(leaf) : "";
}

function lengthText({ minLength = 0, maxLength }: Leaf): string {
  if (minLength > 1) return `text of at least ${minLength} characters`;
  return maxLength === undefined ? "" : `text of at most ${maxLength} characters`;
}

function rangeText(leaf: Leaf, write: (value: number) => string): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = leaf;
  // zod bounds every integer by what a double can count; that is no news to a user.
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (from !== undefined && to !== undefined) return ` from ${write(from)} to ${write(to)}`;
  const parts = [
    from === undefined ? "" : ` of at least ${write(from)}`,
    exclusiveMinimum === undefined ? "" : ` above ${write(exclusiveMinimum)}`,
    to === undefined ? "" : ` of at most ${write(to)}`,
    exclusiveMaximum === undefined ? "" : ` below ${write(exclusiveMaximum)}`,
  ];
  return parts.filter((part) => part !== "").join(" and");
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
