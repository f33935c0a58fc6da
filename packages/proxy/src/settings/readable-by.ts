import { z } from 'zod';

/** Fails the check with the message that a parser threw, and keeps the text as it was written. */
export function readableBy(parse: (text: string) => unknown): z.ZodString {
  return z.string().check((context) => {
    try {
      parse(context.value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: context.value });
    }
  });
}
