import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectedRule } from '../domain/fold-rule.js';
import { logOf, ruleState } from '../testing/entries.js';
import { openReadModel, type TestReadModel } from '../testing/read-model.js';

let model: TestReadModel;
beforeEach(() => void (model = openReadModel()));
afterEach(() => model.close());

const BEGINNING = { logId: null, position: 0 };
const rule = (id: string, createdPosition: number): ProjectedRule => ({
  state: ruleState({ id, days: [], opensAt: null, closesAt: null, maxOpenSeconds: 60, enabled: false }),
  createdPosition,
});

describe('the read model', () => {
  it('gives back what it was given, whole', async () => {
    const rules = [rule('a', 1), { state: ruleState({ id: 'b' }), createdPosition: 2 }];
    await model.store.commit({ from: BEGINNING, to: { logId: 'log-1', position: 2 }, rules });
    expect([...(await model.store.rules(['b', 'a', 'c'])).values()]).toEqual(rules);
    expect(await model.store.checkpoint()).toEqual({ logId: 'log-1', position: 2 });
  });

  it('keeps entries aside as they were, without data too, until they are taken up', async () => {
    const entries = logOf([
      { type: 'RuleSung', version: 1, data: { song: ['la'] } },
      { type: 'RuleSung', version: 2, data: null },
    ]);
    const setAside = entries.map((entry) => ({ entry, reason: 'unknown' }));
    const to = { logId: 'log-1', position: 2 };
    await model.store.commit({ from: BEGINNING, to, setAside: [setAside[1]!, setAside[0]!] });
    expect(await model.store.setAside()).toEqual(setAside);
    await model.store.commit({ from: to, to, takenUp: [1] });
    expect(await model.store.setAside()).toEqual([setAside[1]]);
  });

  it('is written whole or not at all, with its checkpoint', async () => {
    const broken = {
      state: { ...ruleState(), name: 'x', version: null as unknown as number },
      createdPosition: 2,
    };
    const to = { logId: 'log-1', position: 2 };
    await expect(
      model.store.commit({ from: BEGINNING, to, rules: [rule('a', 1), broken] }),
    ).rejects.toThrow();
    expect(await model.store.checkpoint()).toEqual(BEGINNING);
    expect((await model.store.rules(['a'])).size).toBe(0);
    expect((await model.reader.knownUsers(['ana'])).size).toBe(0);
  });

  it('is not written from another place than it is at', async () => {
    const to = { logId: 'log-1', position: 1 };
    await model.store.commit({ from: BEGINNING, to, rules: [rule('a', 1)] });
    for (const from of [BEGINNING, { logId: 'log-2', position: 1 }]) {
      await expect(model.store.commit({ from, to, rules: [rule('b', 1)] })).rejects.toThrow(
        'not at position',
      );
    }
    expect((await model.store.rules(['b'])).size).toBe(0);
  });
});
