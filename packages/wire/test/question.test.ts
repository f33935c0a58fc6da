import { describe, expect, it } from 'vitest';
import { answersQuestion, buildOutgoing, qclassOf, qtypeOf, restoreQuestion, walk } from '../src/index.ts';
import { message, question, record } from './build-message.ts';

const QUERY = message({ questions: [question('wWw.example.com', 65)] });
const ASKED = buildOutgoing(QUERY, walk(QUERY));

function response(...questions: Buffer[]): Buffer {
  return message({ flags: 0x8180, questions, answers: [record()] });
}

describe('answersQuestion', () => {
  it.each([
    ['the same question', response(question('wWw.example.com', 65)), true],
    ['another case', response(question('WwW.EXAMPLE.com', 65)), true],
    ['no question', response(), true],
    ['another name', response(question('www.example.net', 65)), false],
    ['a name with other octets beside the letters', response(question('www.example{com', 65)), false],
    ['a shorter name', response(question('example.com', 65)), false],
    ['another type', response(question('www.example.com', 28)), false],
    ['a type that differs as letters do', response(question('www.example.com', 97)), false],
    ['another class', response(question('www.example.com', 65, 3)), false],
    ['two questions', response(question('www.example.com', 65), question('www.example.com', 65)), false],
    ['a question cut off', response(question('www.example.com', 65)).subarray(0, 30), false],
    ['QR 0', message({ flags: 0x0100, questions: [question('www.example.com', 65)] }), false],
    ['another opcode', message({ flags: 0xa180, questions: [question('www.example.com', 65)] }), false],
    ['less than a header', Buffer.alloc(11, 0x80), false],
  ])('judges %s', (_title, octets, expected) => {
    expect(answersQuestion(octets, ASKED)).toBe(expected);
  });

  it('takes only a response without a question for a query without one', () => {
    const query = message({});
    const asked = buildOutgoing(query, walk(query));
    expect(answersQuestion(response(), asked)).toBe(true);
    expect(answersQuestion(response(question()), asked)).toBe(false);
  });
});

describe('restoreQuestion', () => {
  it('gives the client the letters it sent', () => {
    const octets = response(question('www.EXAMPLE.com', 65));
    restoreQuestion(octets, ASKED);
    expect(octets).toEqual(response(question('wWw.example.com', 65)));
  });

  it('leaves a response without a question alone', () => {
    const octets = response();
    restoreQuestion(octets, ASKED);
    expect(octets).toEqual(response());
  });
});

describe('qtypeOf, qclassOf', () => {
  it('read the first question', () => {
    expect(qtypeOf(QUERY, walk(QUERY))).toBe(65);
    expect(qclassOf(QUERY, walk(QUERY))).toBe(1);
    expect(qtypeOf(message({}), walk(message({})))).toBe(-1);
    expect(qclassOf(message({}), walk(message({})))).toBe(-1);
  });
});
