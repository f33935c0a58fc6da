import type { Admission } from './admission.ts';
import { type BaseRequestHandler, runHandler, type Step } from './base-request-handler.ts';
import { ConnectionLostError, StateError } from './errors.ts';
import { MAX_TIMER_MS } from './limits.ts';
import type { ServerAddress } from './peer.ts';

/** Things a server does that no peer is told about. */
export type ServerEvent =
  /** A request came while all places of the {@link Admission} were taken, and was dropped. */
  | 'request-dropped'
  /** The system refused to send a datagram. */
  | 'send-failed'
  /** A connection was accepted. */
  | 'connection-opened'
  /** A connection was closed at once: no place was free and none could be made. */
  | 'connection-refused'
  /** The connection that had been idle longest was ended to make room. */
  | 'connection-evicted'
  /** A connection was ended because it had been idle for `idleTimeoutMs`. */
  | 'connection-idle'
  /** A connection was closed because its peer had read nothing for `writeStallMs`. */
  | 'connection-stalled'
  /** A connection ended in an error of the peer or of the network. */
  | 'connection-failed';

/** Makes the handler of one request. */
export type HandlerFactory<Request, Server> = (request: Request, server: Server) => BaseRequestHandler;

export interface CloseOptions {
  /** How long to wait for requests that are being handled, in milliseconds. Default 0: not at all. */
  readonly graceMs?: number;
}

/**
 * What a datagram server and a stream server have in common: the life of the socket, and the way of one request.
 *
 *   socket ─► handleRequest ─► verifyRequest ─► admission ─► processRequest ─► finishRequest ─► setup, handle, finish
 *                  └► closeRequest   └► handleOverload              └► shutdownRequest               └► handleError
 */
export abstract class BaseServer<Request> {
  readonly #admission: Admission;
  readonly #waiting: Request[] = [];
  readonly #closed = Promise.withResolvers<void>();
  readonly #quiet = Promise.withResolvers<void>();
  #state: 'new' | 'bound' | 'closing' | 'closed' = 'new';
  #running = 0;
  #address: ServerAddress | undefined;
  #binding: Promise<ServerAddress> | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #graceEndsAt = Number.POSITIVE_INFINITY;

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  /** Where the server can be reached; undefined until `listen` has settled. */
  get address(): ServerAddress | undefined {
    return this.#address;
  }

  /** Requests being handled now. */
  get running(): number {
    return this.#running;
  }

  // --- for the caller ---

  /**
   * Binds the socket and begins to serve. A second call gives the same promise; after a failure it tries again.
   *
   * @throws the system's error (`EADDRINUSE`, `EACCES`, …) when the address cannot be bound; then nothing stays bound
   * @throws {StateError} ERR_STATE: the server has been closed
   */
  listen(): Promise<ServerAddress> {
    if (this.#state !== 'new' && this.#state !== 'bound') {
      return Promise.reject(new StateError('the server has been closed'));
    }
    this.#binding ??= this.#bind();
    return this.#binding;
  }

  /** Does what `listen` does, and settles once the server has been closed. @throws as `listen` */
  async serveForever(): Promise<void> {
    await this.listen();
    await this.#closed.promise;
  }

  /**
   * Takes no more requests, waits for those being handled, then lets the socket go: the port can be bound again at once.
   * Settles in every state and never rejects. A second call with a shorter grace shortens the wait.
   */
  close(options: CloseOptions = {}): Promise<void> {
    if (this.#state === 'closed') return this.#closed.promise;
    this.#endGraceIn(options.graceMs ?? 0);
    if (this.#state !== 'closing') void this.#shutDown();
    return this.#closed.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // --- hooks: override what should be otherwise ---

  /** False: the request is not handled. */
  protected verifyRequest(_request: Request): boolean {
    return true;
  }

  /** True: the request is handled at once. False: it waits in the backlog, or there is an overload. */
  protected hasPlaceFor(_request: Request): boolean {
    return this.#running < this.#admission.max;
  }

  /** Every place is taken, and the backlog is full. */
  protected handleOverload(request: Request): void {
    this.onEvent('request-dropped');
    this.closeRequest(request);
  }

  /** Handles one request; its place is free again once this has settled. Never rejects. */
  protected processRequest(request: Request): Step {
    const step = this.finishRequest(request);
    if (step instanceof Promise) return step.then(() => this.shutdownRequest(request));
    this.shutdownRequest(request);
  }

  /** Makes the handler and runs it. Never rejects. */
  protected finishRequest(request: Request): Step {
    const onError = (error: unknown): void => {
      // That a peer has gone was an event when it happened, and is no fault of the handler's.
      if (!(error instanceof ConnectionLostError)) this.handleError(error, request);
    };
    let handler: BaseRequestHandler;
    try {
      handler = this.createHandler(request);
    } catch (error) {
      onError(error);
      return;
    }
    return runHandler(handler, onError);
  }

  /** The handler has finished: ends the request in an orderly way. */
  protected shutdownRequest(request: Request): void {
    this.closeRequest(request);
  }

  /** Lets go of a request, handled or not. */
  protected closeRequest(_request: Request): void {}

  /**
   * A handler failed, or, when `request` is undefined, the server's own socket did. The default is to print the error
   * and to go on. What this method throws ends the process.
   */
  protected handleError(error: unknown, _request: Request | undefined): void {
    console.error('socketserver: a request failed:', error);
  }

  /** Called for every {@link ServerEvent}. */
  protected onEvent(_event: ServerEvent): void {}

  // --- for a kind of socket ---

  /** Binds a socket; on failure nothing stays bound. */
  protected abstract bind(): Promise<ServerAddress>;
  protected abstract createHandler(request: Request): BaseRequestHandler;
  /** Takes no more requests. The socket, if there is one, stays for those being handled. */
  protected abstract stopTaking(): void;
  /** False while something is still on its way out. */
  protected abstract isQuiet(): boolean;
  /** Lets go of the socket and of everything else, at once. */
  protected abstract letGo(): Promise<void>;

  /** The way of a request that the socket brought. */
  protected handleRequest(request: Request): void {
    if (this.#state !== 'bound' || !this.#verified(request)) this.closeRequest(request);
    else if (this.hasPlaceFor(request)) this.#run(request);
    else if (this.#waiting.length < this.#admission.backlog) this.#waiting.push(request);
    else this.handleOverload(request);
  }

  /** To be called when `isQuiet` may have become true. */
  protected settle(): void {
    if (this.#state === 'closing' && this.#running === 0 && this.isQuiet()) this.#quiet.resolve();
  }

  // --- inside ---

  #verified(request: Request): boolean {
    try {
      return this.verifyRequest(request);
    } catch (error) {
      this.handleError(error, request);
      return false;
    }
  }

  #run(request: Request): void {
    this.#running += 1;
    const step = this.processRequest(request);
    if (step instanceof Promise) void step.then(this.#onDone);
    else this.#running -= 1;
  }

  readonly #onDone = (): void => {
    this.#running -= 1;
    while (this.#waiting[0] !== undefined && this.hasPlaceFor(this.#waiting[0])) {
      const next = this.#waiting.shift();
      if (next !== undefined) this.#run(next);
    }
    if (this.#state === 'closing') this.settle();
  };

  async #bind(): Promise<ServerAddress> {
    try {
      this.#address = await this.bind();
      if (this.#state === 'new') this.#state = 'bound';
      return this.#address;
    } catch (error) {
      this.#binding = undefined;
      throw error;
    }
  }

  async #shutDown(): Promise<void> {
    const binding = this.#binding;
    this.#state = 'closing';
    this.stopTaking();
    if (binding !== undefined) {
      // A bind that fails is told to the one who called `listen`.
      await binding.catch(() => {});
      this.stopTaking();
    }
    for (const request of this.#waiting.splice(0)) this.closeRequest(request);
    this.settle();
    await this.#quiet.promise;
    clearTimeout(this.#graceTimer);
    await this.letGo();
    this.#state = 'closed';
    this.#closed.resolve();
  }

  #endGraceIn(graceMs: number): void {
    const waitMs = graceMs > 0 ? Math.min(graceMs, MAX_TIMER_MS) : 0;
    const endsAt = performance.now() + waitMs;
    if (endsAt >= this.#graceEndsAt) return;
    this.#graceEndsAt = endsAt;
    clearTimeout(this.#graceTimer);
    if (waitMs > 0) this.#graceTimer = setTimeout(this.#quiet.resolve, waitMs);
    // What is ready within this turn of the event loop still goes out.
    else setImmediate(this.#quiet.resolve);
  }
}
