import type { NewEvent } from "@waybill/client";

type Printed = { id?: string; type?: string; parcel?: string; store?: string; data?: object };

/** What an event says, for comparing. */
export const printOf = ({ id, type, parcel, store, data = {} }: Printed | NewEvent): string =>
  `${id} ${type} ${parcel} ${store} ${JSON.stringify(data)}`;
