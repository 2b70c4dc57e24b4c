const CHARS_MAX = 300;

/** C0 and C1 control characters, and those that turn the direction of text or break a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const signedToken = /\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}/g;

/** What a peer chose, made safe for a log that people read on a terminal: no control characters, no tokens, not long. */
export function clean(text: string): string {
  const cut = text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}…` : text;
  return cut.replace(signedToken, "[token]").replace(control, "�");
}

export type Detail = Record<string, unknown>;

/** The same for each text of a log line's fields; nothing nests there. */
export function cleanDetail(detail: Detail): Detail {
  const cleaned: Detail = {};
  for (const [key, value] of Object.entries(detail)) {
    if (value !== undefined) cleaned[key] = typeof value === "string" ? clean(value) : value;
  }
  return cleaned;
}
