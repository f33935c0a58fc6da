declare module 'dns-packet/types.js' {
  // biome-ignore lint/suspicious/noShadowRestrictedNames: the library's own name
  export function toString(type: number): string;
}
declare module 'dns-packet/rcodes.js' {
  // biome-ignore lint/suspicious/noShadowRestrictedNames: the library's own name
  export function toString(rcode: number): string;
}
