import { hubErrors } from "@waybill/events";

/** What to do about an error's code, from the contract's table. */
export const adviseOn = (code: string): string | undefined => Object.entries(hubErrors).find(([known]) => known === code)?.[1].advice;
