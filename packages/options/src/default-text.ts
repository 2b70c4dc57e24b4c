import { writeDuration } from "./duration.ts";
import type { OptionField } from "./option-field.ts";

/** The default as the user would write it; empty when there is none worth a word. */
export function defaultText(field: OptionField): string {
  const value = field.default;
  if (value === undefined || value === null || field.isSecret) return "";
  if (Array.isArray(value)) return value.join(",");
  if (typeof value === "boolean") return value ? "yes" : "";
  if (typeof value === "number" && field.unit === "duration") return writeDuration(value);
  return String(value);
}

/** `--port PORT`, `--[no-]open`. */
export function flagText(field: OptionField): string {
  if (!field.isBoolean) return `--${field.flag} ${field.placeholder}`;
  return field.default === true ? `--no-${field.flag}` : `--${field.flag}`;
}
