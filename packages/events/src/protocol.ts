import { positionSchema } from "./parcel-events.ts";
import {
  addNamesReplySchema,
  addNamesSchema,
  listJobsReplySchema,
  listJobsSchema,
  listNamesReplySchema,
  listNamesSchema,
} from "./wire/admin.ts";
import { creditSchema, gapSchema, lostSchema, resetSchema, settleSchema, settlesSchema } from "./wire/deliver.ts";
import {
  createGroupReplySchema,
  createGroupSchema,
  deleteGroupReplySchema,
  deleteGroupSchema,
  resetGroupReplySchema,
  resetGroupSchema,
} from "./wire/groups.ts";
import { helloReplySchema, helloSchema, lanesReplySchema, lanesSchema } from "./wire/hello.ts";
import {
  backupReplySchema,
  backupStateSchema,
  hubInfoReplySchema,
  hubInfoSchema,
  listBackupsReplySchema,
  listBackupsSchema,
  makeBackupSchema,
} from "./wire/hub.ts";
import { handbackSchema, jobReplySchema, jobsReplySchema, jobsSchema, takeSchema } from "./wire/job.ts";
import {
  listPeopleReplySchema,
  listPeopleSchema,
  noticeSchema,
  positionedSchema,
  presenceSchema,
  rollCallReplySchema,
  rollCallSchema,
  sendNoticeReplySchema,
  sendNoticeSchema,
  typingNoticeSchema,
  typingSchema,
  whoReplySchema,
  whoSchema,
  wordNoticeSchema,
  wordReplySchema,
  wordSchema,
} from "./wire/live.ts";
import {
  discardSchema,
  explainReplySchema,
  explainSchema,
  keyReplySchema,
  lettersReplySchema,
  listDeadReplySchema,
  listDeadSchema,
  listKeysReplySchema,
  listKeysSchema,
  listSubscriptionsReplySchema,
  listSubscriptionsSchema,
  pauseSubscriptionSchema,
  redriveSchema,
  retryKeySchema,
  setPolicySchema,
  showDeadReplySchema,
  showDeadSchema,
  showEventReplySchema,
  showEventSchema,
  skipKeySchema,
  subscriptionInfoReplySchema,
  subscriptionInfoSchema,
} from "./wire/operate.ts";
import {
  grownQueuesReplySchema,
  grownQueuesSchema,
  listQueuesReplySchema,
  listQueuesSchema,
  peekQueueReplySchema,
  peekQueueSchema,
  queueInfoReplySchema,
  queueInfoSchema,
} from "./wire/queue.ts";
import { receiptsReplySchema, receiptsSchema } from "./wire/receipts.ts";
import { doneReplySchema, subscribeReplySchema, subscribeSchema, syncSchema, unsubscribeSchema } from "./wire/subscribe.ts";
import { drainingSchema, refusedSchema, welcomeSchema } from "./wire/welcome.ts";

/** Raise it with every change of the wire; `wire-schema.json` beside it shows what changed. The hub speaks this and the one before. */
export const PROTOCOL_VERSION = 2;
export const PROTOCOL_VERSION_MIN = 1;

/** Requests that driver and vendor share. Each has one answer. `publish` (a frame) and the plain event types stand apart: their bodies are bytes, or named by the type. */
const clientRequests = {
  receipts: { request: receiptsSchema, reply: receiptsReplySchema },
  who: { request: whoSchema, reply: whoReplySchema },
  word: { request: wordSchema, reply: wordReplySchema },
  hello: { request: helloSchema, reply: helloReplySchema },
  lanes: { request: lanesSchema, reply: lanesReplySchema },
  subscribe: { request: subscribeSchema, reply: subscribeReplySchema },
  unsubscribe: { request: unsubscribeSchema, reply: doneReplySchema },
  sync: { request: syncSchema, reply: doneReplySchema },
} as const;

export const driverRequests = {
  ...clientRequests,
  take: { request: takeSchema, reply: jobReplySchema },
  handback: { request: handbackSchema, reply: jobReplySchema },
  jobs: { request: jobsSchema, reply: jobsReplySchema },
} as const;

export const vendorRequests = { ...clientRequests } as const;

export const adminRequests = {
  "names:add": { request: addNamesSchema, reply: addNamesReplySchema },
  "names:list": { request: listNamesSchema, reply: listNamesReplySchema },
  "jobs:list": { request: listJobsSchema, reply: listJobsReplySchema },
  "people:list": { request: listPeopleSchema, reply: listPeopleReplySchema },
  "notice:send": { request: sendNoticeSchema, reply: sendNoticeReplySchema },
  "roll:call": { request: rollCallSchema, reply: rollCallReplySchema },
  "sub:list": { request: listSubscriptionsSchema, reply: listSubscriptionsReplySchema },
  "sub:info": { request: subscriptionInfoSchema, reply: subscriptionInfoReplySchema },
  "sub:pause": { request: pauseSubscriptionSchema, reply: doneReplySchema },
  "sub:policy": { request: setPolicySchema, reply: doneReplySchema },
  "sub:create": { request: createGroupSchema, reply: createGroupReplySchema },
  "sub:delete": { request: deleteGroupSchema, reply: deleteGroupReplySchema },
  "sub:reset": { request: resetGroupSchema, reply: resetGroupReplySchema },
  "key:list": { request: listKeysSchema, reply: listKeysReplySchema },
  "key:retry": { request: retryKeySchema, reply: keyReplySchema },
  "key:skip": { request: skipKeySchema, reply: keyReplySchema },
  "dead:list": { request: listDeadSchema, reply: listDeadReplySchema },
  "dead:show": { request: showDeadSchema, reply: showDeadReplySchema },
  "dead:redrive": { request: redriveSchema, reply: lettersReplySchema },
  "dead:discard": { request: discardSchema, reply: lettersReplySchema },
  "queue:list": { request: listQueuesSchema, reply: listQueuesReplySchema },
  "queue:info": { request: queueInfoSchema, reply: queueInfoReplySchema },
  "queue:peek": { request: peekQueueSchema, reply: peekQueueReplySchema },
  "queue:grown": { request: grownQueuesSchema, reply: grownQueuesReplySchema },
  "event:show": { request: showEventSchema, reply: showEventReplySchema },
  "hub:info": { request: hubInfoSchema, reply: hubInfoReplySchema },
  "backup:make": { request: makeBackupSchema, reply: backupReplySchema },
  "backup:state": { request: backupStateSchema, reply: backupReplySchema },
  "backup:list": { request: listBackupsSchema, reply: listBackupsReplySchema },
  "event:explain": { request: explainSchema, reply: explainReplySchema },
} as const;

/** From clients, without an answer. */
export const clientNotices = { settle: settleSchema, settles: settlesSchema, credit: creditSchema, typing: typingSchema } as const;
export const driverNotices = { ...clientNotices, position: positionSchema } as const;
export const vendorNotices = clientNotices;

/** From the hub, besides `deliver` and `delivers` (frames) and the plain event types. */
export const hubNotices = {
  welcome: welcomeSchema,
  refused: refusedSchema,
  draining: drainingSchema,
  lost: lostSchema,
  reset: resetSchema,
  gap: gapSchema,
  presence: presenceSchema,
  typing: typingNoticeSchema,
  word: wordNoticeSchema,
  notice: noticeSchema,
  "roll-call": noticeSchema,
  position: positionedSchema,
} as const;
