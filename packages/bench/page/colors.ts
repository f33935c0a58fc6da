const KNOWN = ['raw', 'framework', 'library', 'kresd', 'unbound', 'smartdns', 'dnsdist', 'stubby'];

/** The colour of a subject, as CSS knows it, so that it follows the theme. */
export function colorOf(subject: string): string {
  // Of the codecs, ours.
  if (subject === 'wire') return 'var(--raw)';
  return `var(--${KNOWN.includes(subject) ? subject : 'baseline'})`;
}
