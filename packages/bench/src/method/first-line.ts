/** What went wrong, in one line: programs that did not start bring all of their log. */
export function firstLineOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
}
