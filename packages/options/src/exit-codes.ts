/** What a program's end says to scripts. */
export const exitCodes = {
  /** Done; or stopped on request, with everything put away. */
  ok: 0,
  /** It failed, or its verdict is that something is wrong. Trying again may help. */
  failed: 1,
  /** Called wrongly: the message names the flag. */
  usage: 2,
  /** Refused for good (no right, held by another, too new): trying again does not help. */
  refused: 3,
  /** Ended by a second Ctrl-C, or before it could finish: 128 + the signal's number. */
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
