import { conformance } from "./conformance.ts";
import { opener } from "./sqlite-folder.ts";

// With segments of 16 events sealing happens all the time.
conformance("sqlite", opener({ segmentEvents: 16 }), { durable: true, exactTrim: false });
