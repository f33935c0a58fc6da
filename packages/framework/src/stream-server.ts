import type { ListenerOptions, QueryHandler } from '@tridot/listener';
import { type Connection, concurrent, Semaphore, type ServerEvent, TcpServer } from '@tridot/socketserver';
import { LISTENER_EVENT } from './listener-event.ts';
import { StreamHandler, type StreamService } from './stream-handler.ts';

/** The stream side: how many connections and how many queries are served at once. */
export class StreamServer extends TcpServer {
  readonly #options: ListenerOptions;

  constructor(answer: QueryHandler, options: ListenerOptions) {
    const { limits, onEvent } = options;
    const service: StreamService = {
      answer,
      inFlight: new Semaphore(limits.maxInFlight),
      maxInFlightPerConnection: limits.maxInFlightPerConnection,
      onEvent,
    };
    super((connection) => new StreamHandler(connection, service), {
      address: options.address,
      port: options.port,
      admission: concurrent({ max: limits.maxConnections }),
      maxPerAddress: limits.maxConnectionsPerAddress,
      idleTimeoutMs: limits.idleTimeoutMs,
      writeStallMs: limits.writeStallMs,
      lingerMs: limits.lingerMs,
    });
    this.#options = options;
  }

  protected override handleError(error: unknown, connection: Connection | undefined): void {
    if (connection === undefined) this.#options.onEvent('connection-failed');
    else super.handleError(error, connection);
  }

  protected override onEvent(event: ServerEvent): void {
    this.#options.onEvent(LISTENER_EVENT[event]);
  }
}
