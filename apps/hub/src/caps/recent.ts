const REMEMBERED_MAX = 1_024;

/** The last so many names; older ones are forgotten. */
export function createRecent(): { add(name: string): void; has(name: string): boolean } {
  const names = new Set<string>();
  return {
    add(name) {
      names.delete(name);
      names.add(name);
      const [oldest] = names;
      if (names.size > REMEMBERED_MAX && oldest !== undefined) names.delete(oldest);
    },
    has: (name) => names.has(name),
  };
}
