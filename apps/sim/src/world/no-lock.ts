/** Stands for the SDK's lock file: simulated processes share one process number. Its own tests race real ones. */
export const lockFile = async (): Promise<() => Promise<void>> => async () => {};
