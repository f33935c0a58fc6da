export type { Behaviour, Exchange, TlsOverride } from './behaviour.ts';
export * from './content.ts';
export { alertAfter, closeAfter, closeWhenIdle, finAfter, halfCloseAfter, resetAfter } from './endings.ts';
export * from './framing.ts';
export * from './handshake.ts';
export { NAMED_BEHAVIOURS, parseBehaviour } from './named.ts';
export * from './selecting.ts';
export * from './timing.ts';
export * from './wrong-responses.ts';
