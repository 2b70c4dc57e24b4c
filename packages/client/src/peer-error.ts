import { HubError, type HubErrorBody, type HubErrorCode, hubErrors, type Retry } from "@waybill/events";

const isKnown = (code: string): code is HubErrorCode => Object.hasOwn(hubErrors, code);

/**
 * What the hub answered. Its `retry` is the hub's word, also where this SDK is older than the code: such a code
 * is INTERNAL here, and `toBody()` still tells the hub's own.
 */
export class PeerError extends HubError {
  readonly #body: HubErrorBody;

  constructor(body: HubErrorBody) {
    const { code, message, issues = [] } = body;
    if (isKnown(code)) super(code, message, { issues });
    else super("INTERNAL", `${code}: ${message}`, { issues });
    this.#body = body;
  }

  override get retry(): Retry {
    return this.#body.retry;
  }

  override toBody(): HubErrorBody {
    return this.#body;
  }
}
