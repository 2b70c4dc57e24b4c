/**
 * A limit on everything, with the reason and the code that answers it. `welcome` tells clients those that
 * they must keep. Sizes in bytes, times in milliseconds.
 */
export const limits = {
  /** One event as JSON. A parcel's fact is some 300 bytes; larger things are blobs. → EVENT_TOO_LARGE */
  eventBytesMax: 16_384,
  /** One message from any client, on either transport; the hub may hold as much per connection. → the connection closes */
  frameBytesMax: 65_536,
  /** A frame from the hub to an SDK, whose credit bounds it. */
  deliverBytesMax: 262_144,
  /** Events in one publish frame; bounds what one refusal can send back. → INVALID_MESSAGE */
  batchEventsMax: 512,
  /** JSON nesting of any packet; ours have 4 levels. Deeper ones exhaust the stack of a naive parser. → the connection closes */
  depthMax: 32,
  /** Binary attachments of one packet: a frame is one. → the connection closes */
  attachmentsMax: 1,
  /** A token in `auth`; ours have some 400 bytes. → UNAUTHORIZED */
  tokenBytesMax: 4_096,
  /** Publish frames of one socket that wait for their commit. → BUSY */
  publishesInFlightMax: 16,
  /** Events of one plain client that wait for their commit. → BUSY */
  plainUnderWayMax: 1_024,
  /** Subscriptions of one socket. → TOO_MANY_SUBSCRIPTIONS */
  subscriptionsPerSocketMax: 4_096,
  /** Subscriptions in one `settles`. → INVALID_MESSAGE */
  settlesPerMessageMax: 256,
  /** Groups of one queue. → TOO_MANY_GROUPS */
  groupsPerQueueMax: 32,
  /** Events in a consumer's hand: the SDK's default and the most that may be asked. */
  creditEventsMax: 1_024,
  /** Bytes of events in a consumer's hand: what the hub holds for a consumer that stopped reading. */
  creditBytesMax: 1_048_576,
  /** Events in hand of a plain client, one per key. */
  plainCreditEventsMax: 32,
  /** Offsets that an active subscription holds in memory. */
  windowEventsMax: 8_192,
  /** Bytes of events that an active subscription holds in memory. */
  windowBytesMax: 4_194_304,
  /** Waiting events of one key in the window; more and the key is parked. */
  keyWaitingMax: 64,
  /** Parcels of a subscription that are put aside, stuck or delayed, some kB of the hub's memory each; while they are so many, nothing more is read. */
  parkedKeysMax: 100_000,
  /** Failed attempts until an event is stuck or buried. */
  failedMax: 5,
  /** Interrupted attempts (connection or process died) until an event is stuck or buried. */
  interruptedMax: 20,
  /** Dead letters of a subscription; at the limit it pauses, nothing is dropped. */
  deadLettersMax: 10_000,
  /** Dead letters that one request may redrive or discard. → INVALID_MESSAGE */
  lettersPerRequestMax: 500,
  /** Events in one answer to `queue:peek`. → INVALID_MESSAGE */
  peekEventsMax: 500,
  /** Bytes of events in one answer to `queue:peek`; one event always fits. */
  peekBytesMax: 1_048_576,
  /** Queues that one `queue:grown` may name, and that one answer names. → INVALID_MESSAGE */
  grownQueuesMax: 500,
  /** The longest that `queue:peek` and `queue:grown` wait for something new; shorter than proxies hold a silent connection. → INVALID_MESSAGE */
  waitMsMax: 25_000,
  /** Requests of one socket that wait for something new. → BUSY */
  waitingPerSocketMax: 16,
  /** A delivery's lease; the SDK extends it while a handler runs. */
  leaseMs: 30_000,
  /** So long a hub that leaves waits for what is in hand, at most. It ends earlier when all hands are empty. */
  drainMs: 5_000,
  /** The longest wait that a hub can be set to; whoever stops it must wait as long before a SIGKILL. */
  drainMsMax: 600_000,
  /** The longest lease that a hub can be set to: so long a hung handler holds up its parcel. */
  leaseMsMax: 3_600_000,
  /** A pool's offer: so long one driver looks at a job before the next is asked. */
  offerMs: 15_000,
  /** Unsettled events of group `main`. → QUEUE_FULL */
  queueEventsMax: 10_000_000,
  /** How far ahead an event's `notBefore` may lie: so long its parcel waits, and its history is kept. A wrong year is found by it. → INVALID_EVENT */
  delayMsMax: 2_592_000_000,
  /** Offsets of one request for receipts. → INVALID_MESSAGE */
  receiptsMax: 512,
  /** A request for receipts waits so long at most: shorter than proxies let an answer take. → INVALID_MESSAGE */
  receiptWaitMsMax: 25_000,
  /** Requests of one socket that wait for receipts; each may name many events. → BUSY */
  receiptWaitsMax: 64,
  /** Ids of a lane that are kept, to answer a repeat with its offset. */
  laneRecentMax: 1_024,
  /** Ids of a plain producer that are kept; older repeats are stored again. */
  plainRecentMax: 1_024,
  /** Events that an outbox may hold. → OUTBOX_FULL */
  outboxEventsMax: 100_000,
  /** Reasons that clients give for a nack or a reject, in characters. A plain client's is cut, a frame's → INVALID_MESSAGE */
  reasonCharsMax: 512,
  /** Names made known at first sight by a hub that runs with --open. → UNKNOWN_STORE */
  openNamesMax: 10_000,
  /** Subjects that left and are remembered, with when; a hub forgets them all when it stops. */
  lastSeenMax: 10_000,
  /** Connections of one store or driver that are told of each other's coming and going; beyond it only operators are: a message to each, for each. */
  presenceToldMax: 256,
  /** Connections and subjects in one answer to `who` or `people:list`. */
  peopleMax: 500,
  /** Positions, typings and words of one socket a second: each may go to many. Positions and typings beyond it are dropped, a word → BUSY */
  livePerSecondMax: 50,
  /** A word in private, a notice or a roll call, in characters. What must not be lost is a `message`. → INVALID_MESSAGE */
  wordCharsMax: 1_024,
  /** So long the hub waits until the other client acknowledges a word. */
  wordWaitMs: 5_000,
  /** Zones or stores that one notice or roll call names. → INVALID_MESSAGE */
  addresseesMax: 100,
  /** Connections that one roll call asks: all their answers are held at once. → INVALID_MESSAGE */
  rollCallMax: 2_000,
  /** An answer to a roll call, in characters; longer ones are cut. */
  rollCallCharsMax: 128,
  /** Connections of one hub. → the handshake is refused; clients keep trying */
  connectionsMax: 20_000,
  /** Connections of one address that have not shown a good token yet; a whole fleet may sit behind one. → the handshake is refused */
  unauthenticatedPerAddressMax: 500,
  /** A connection that has not joined a namespace by then is closed. */
  connectTimeoutMs: 5_000,
} as const;

export type Limits = typeof limits;
