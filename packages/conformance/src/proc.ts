/** What Linux tells of a process and of a port. `null` elsewhere. */
import { readdir, readFile } from 'node:fs/promises';

/** TCP connections that the process behind this port still holds, in whatever state but closed on its side. */
export async function connectionsTo(port: number): Promise<number | null> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(textOf));
  if (tables.every((table) => table === null)) return null;
  // ESTABLISHED and CLOSE_WAIT: the other states need nothing more of the process.
  const held = new RegExp(`^ *\\d+: [0-9A-F]+:${hexPort(port)} [0-9A-F]+:[0-9A-F]+ 0[18] `, 'gm');
  return tables.reduce((sum, table) => sum + (table?.match(held)?.length ?? 0), 0);
}

/** Datagrams that the kernel threw away because the socket on this port had no room. */
export async function kernelDrops(port: number): Promise<number> {
  const table = (await textOf('/proc/net/udp')) ?? '';
  const sockets = table.matchAll(new RegExp(`^ *\\d+: [0-9A-F]+:${hexPort(port)} .* (\\d+) *$`, 'gm'));
  return [...sockets].reduce((sum, row) => sum + Number(row[1]), 0);
}

export async function openFilesOf(pid: number): Promise<number | null> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => null);
  return files === null ? null : files.length;
}

/** Resident memory in octets. */
export async function memoryOf(pid: number): Promise<number | null> {
  const status = await textOf(`/proc/${pid}/status`);
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1_024;
}

function hexPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
