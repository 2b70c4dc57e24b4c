/** What all processes of a run are to say of themselves: where their time went, or their memory. */
export type Profiling = { of: "time" | "allocations"; folder: string };

/** Node's flags for that. */
export function profilingArgs(profile: Profiling | undefined): string[] {
  switch (profile?.of) {
    case "time":
      return ["--cpu-prof", `--cpu-prof-dir=${profile.folder}`];
    case "allocations": {
      const sampler = new URL("./sample-allocations.ts", import.meta.url);
      sampler.searchParams.set("folder", profile.folder);
      return ["--import", sampler.href];
    }
    case undefined:
      return [];
  }
}
