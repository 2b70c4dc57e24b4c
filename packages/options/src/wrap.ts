/** Breaks a text at its blanks into lines of at most `width` characters; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const indent = 2;
const leftMax = 30;

/** Two columns, the left one as wide as its entries need, up to 30; a longer entry has a line of its own. */
export function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const fitting = rows.map(([left]) => left.length).filter((length) => length <= leftMax);
  const leftWidth = Math.max(0, ...fitting) + 2;
  const margin = " ".repeat(indent);
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, width - indent - leftWidth);
    const blank = " ".repeat(indent + leftWidth);
    if (left.length > leftMax) return [margin + left, ...lines.map((line) => blank + line)];
    return lines.map((line, index) => (index === 0 ? margin + left.padEnd(leftWidth) + line : blank + line));
  });
}
