/** To the millisecond, as the hub's own log has it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
