/** C0 and C1 controls, DEL, and the separators that some terminals and parsers take for the end of a line. */
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

/**
 * Text from elsewhere made safe for one line of a log or terminal: control characters become `\xNN` or `\uNNNN`, so that
 * nobody else's text can begin a line of ours or move a cursor.
 */
export function oneLine(text: string): string {
  return text.replace(CONTROLS, (control) => {
    const code = control.charCodeAt(0);
    return code > 0xff
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}

const SHOWN_CHARACTERS = 80;

/** A value as an error message shows it: text in quotes, at most 80 characters of it, on one line. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
  return oneLine(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}
