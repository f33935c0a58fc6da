import { forEachOption, OPTION, walk } from '@tridot/wire';

/** The option counts in units of 100 ms. */
const UNIT_MS = 100;
const TIMEOUT_BYTES = 2;

/**
 * After how long of idleness the server will close this connection, in milliseconds: 0 asks to send no more queries, `null`
 * says that it does not tell. RFC 7828 §3.1, §3.2.2.
 */
export function announcedIdleMs(response: Buffer): number | null {
  const layout = walk(response);
  if (layout.fault !== null || layout.optOffset === -1) return null;
  let announcedMs: number | null = null;
  forEachOption(response, layout, (code, start, end) => {
    if (code === OPTION.KEEPALIVE && end - start === TIMEOUT_BYTES)
      announcedMs = response.readUInt16BE(start) * UNIT_MS;
  });
  return announcedMs;
}
