/** The program was called wrongly. One line per fault: what was found, why it is refused, what to do. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "USAGE";
  readonly faults: readonly string[];
  /** Where to read on; printed below the faults. */
  readonly seeAlso: string | undefined;
  constructor(faults: readonly string[], seeAlso?: string) {
    super(faults.join("\n"));
    this.faults = faults;
    this.seeAlso = seeAlso;
  }
}
