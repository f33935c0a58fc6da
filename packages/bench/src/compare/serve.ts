import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { findProgram } from '@tridot/peers';

/** Serves one file on loopback until the process ends, and shows it in a browser where there is one. @returns its URL. */
export async function servePage(file: string): Promise<string> {
  const server = createServer((_request, response) => {
    readFile(file).then(
      (page) => response.setHeader('content-type', 'text/html; charset=utf-8').end(page),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
  const opener = findProgram('xdg-open') ?? findProgram('open');
  if (opener !== null && process.stdout.isTTY)
    spawn(opener, [url], { stdio: 'ignore', detached: true }).unref();
  return url;
}
