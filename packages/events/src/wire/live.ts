import { z } from "zod";

/** Hub to a room: who is there. May be lost. */
export const presenceSchema = z.object({ role: z.enum(["driver", "vendor"]), id: z.string(), online: z.boolean() });
export type Presence = z.infer<typeof presenceSchema>;

/** Hub to a parcel's room: where its driver is. Volatile. */
export const positionedSchema = z.object({
  driver: z.string(),
  parcel: z.string().optional(),
  lat: z.number(),
  lng: z.number(),
  at: z.string(),
});
export type Positioned = z.infer<typeof positionedSchema>;
