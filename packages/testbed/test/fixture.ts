import { onTestFinished } from 'vitest';
import type { Behaviour } from '../src/behaviours/index.ts';
import { query } from '../src/query.ts';
import { createTestCa, type TestCa } from '../src/test-ca.ts';
import { startUpstream, type TestUpstream, type UpstreamOptions } from '../src/upstream.ts';
import { DotClient } from './dot-client.ts';

let shared: Promise<TestCa> | null = null;

/** One CA for a whole test file: making one is slow and no test changes it. */
export function sharedCa(): Promise<TestCa> {
  shared ??= createTestCa();
  return shared;
}

export async function upstreamWith(
  behaviours: readonly (Behaviour | readonly Behaviour[])[] = [],
  options: UpstreamOptions = {},
): Promise<TestUpstream> {
  const upstream = await startUpstream({ ca: await sharedCa(), ...options });
  upstream.behave(...behaviours);
  onTestFinished(() => upstream.close());
  return upstream;
}

export async function clientOf(upstream: TestUpstream): Promise<DotClient> {
  const client = new DotClient(upstream);
  onTestFinished(() => {
    client.socket.destroy();
  });
  return client.connected();
}

/** Queries for a0.example.com, a1.example.com and so on, whose IDs are 0, 1 and so on. */
export function numbered(count: number): Buffer[] {
  return Array.from({ length: count }, (_, id) => query({ name: `a${id}.example.com`, id }));
}
