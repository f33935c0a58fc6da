/** What a step of a handler gives back: nothing when it is done, a promise when it needs time. */
export type Step = void | Promise<void>;

/**
 * Handles one request. A subclass defines `handle` and, if it likes, `setup` before and `finish` after it. Each may
 * return a promise; as long as none does, the request is done within the event that brought it.
 */
export abstract class BaseRequestHandler {
  /** Runs first. When it fails, `handle` is left out. */
  setup(): Step {}

  /** Does what the request asks for. */
  abstract handle(): Step;

  /** Runs last, always: after a failure in `handle` or in `setup` too. */
  finish(): Step {}
}

/**
 * Runs `setup`, `handle` and `finish` and hands every failure to `onError`. Never throws and never rejects, unless
 * `onError` throws.
 */
export function runHandler(handler: BaseRequestHandler, onError: (error: unknown) => void): Step {
  try {
    const setup = handler.setup();
    if (setup instanceof Promise) return runToTheEnd(handler, setup, onError, true);
    const handle = handler.handle();
    if (handle instanceof Promise) return runToTheEnd(handler, handle, onError, false);
  } catch (error) {
    onError(error);
  }
  try {
    const step = handler.finish();
    if (step instanceof Promise) return step.catch(onError);
  } catch (error) {
    onError(error);
  }
}

/** The rest of {@link runHandler} once a step needs time. */
async function runToTheEnd(
  handler: BaseRequestHandler,
  pending: Promise<void>,
  onError: (error: unknown) => void,
  inSetup: boolean,
): Promise<void> {
  try {
    await pending;
    if (inSetup) await handler.handle();
  } catch (error) {
    onError(error);
  }
  try {
    const step = handler.finish();
    if (step instanceof Promise) await step;
  } catch (error) {
    onError(error);
  }
}
