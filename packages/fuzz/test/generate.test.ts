import { describe, expect, it } from 'vitest';
import { batchFromJson, batchToJson } from '../src/batch-json.ts';
import { Dice } from '../src/dice.ts';
import { generateBatch, type Side } from '../src/generate.ts';
import { mutate } from '../src/mutate/index.ts';
import { hostileQuery, soundQuery } from '../src/queries.ts';

const SIDES: readonly Side[] = ['client', 'upstream', 'both'];

describe('a batch', () => {
  it.each(SIDES)('of side %s is the same for the same seed and iteration', (side) => {
    expect(generateBatch(7, 3, side)).toEqual(generateBatch(7, 3, side));
    expect(generateBatch(7, 3, side)).not.toEqual(generateBatch(7, 5, side));
    expect(generateBatch(7, 3, side)).not.toEqual(generateBatch(8, 3, side));
  });

  it.each(SIDES)('of side %s comes back from JSON as it was', (side) => {
    for (let iteration = 0; iteration < 40; iteration += 1) {
      const batch = generateBatch(1, iteration, side);
      expect(batchFromJson(JSON.parse(JSON.stringify(batchToJson(batch))))).toEqual(batch);
    }
  });

  it('of the upstream names each question once, so that its answer is found', () => {
    for (let iteration = 0; iteration < 40; iteration += 1) {
      const questions = generateBatch(2, iteration, 'upstream').answers.map((answer) =>
        answer.question.toString('hex'),
      );
      expect(new Set(questions).size).toBe(questions.length);
    }
  });

  it('has no datagram that UDP cannot carry', () => {
    for (let iteration = 0; iteration < 300; iteration += 1) {
      for (const { length } of generateBatch(3, iteration, 'client').datagrams)
        expect(length).toBeLessThanOrEqual(65_507);
    }
  });
});

describe('mutation', () => {
  it('takes any octets, the empty message and its own results included', () => {
    const dice = new Dice(1);
    const other = () => hostileQuery(dice);
    let message: Buffer = Buffer.alloc(0);
    for (let left = 5_000; left > 0; left -= 1) {
      message = mutate(message, dice, other);
      expect(message.length).toBeLessThanOrEqual(65_535);
      if (dice.chance(0.2)) message = dice.chance(0.5) ? soundQuery(dice) : dice.octets(dice.below(20));
    }
  });

  it('leaves what it was given as it is', () => {
    const dice = new Dice(2);
    for (let left = 1_000; left > 0; left -= 1) {
      const message = soundQuery(dice);
      const before = Buffer.from(message);
      mutate(message, dice, () => hostileQuery(dice));
      expect(message).toEqual(before);
    }
  });

  it('changes most messages', () => {
    const dice = new Dice(3);
    let changed = 0;
    for (let left = 500; left > 0; left -= 1) {
      const message = soundQuery(dice);
      if (!mutate(message, dice, () => hostileQuery(dice)).equals(message)) changed += 1;
    }
    expect(changed).toBeGreaterThan(400);
  });
});
