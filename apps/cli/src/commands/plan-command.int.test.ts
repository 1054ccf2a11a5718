import { writeFileSync } from 'node:fs';
import { temporaryFolder } from '@seguridad-abc/platform/testing';
import { afterAll, expect, test } from 'vitest';
import type { CommandContext, CommandHost } from '../command-line/command-host.js';
import { createParser } from '../main.js';

const SUPERGRAPH = new URL('../../../../supergraph.graphql', import.meta.url).pathname;
const folder = temporaryFolder();
afterAll(() => folder.remove());

/** Runs `npm run plan` in {@link folder}. */
async function runPlanCommand(...args: readonly string[]) {
  const printed: string[] = [];
  const warnings: string[] = [];
  let exitCode: number | undefined;
  const context: Partial<CommandContext> = {
    folder: folder.path,
    print: (text) => void printed.push(text),
    warn: (text) => void warnings.push(text),
  };
  const host: CommandHost = {
    async run(_options, work) {
      // The command uses no other member.
      exitCode = await work(context as CommandContext);
    },
  };
  const parser = await createParser(['plan', ...args], host);
  await parser.parseAsync();
  return { output: printed.join('\n'), warnings, exitCode };
}

test('prints the plan and the cost of an operation in a file', async () => {
  writeFileSync(
    `${folder.path}/rules.graphql`,
    'query Rules($size: Int) { rules(first: $size) { nodes { name } } }',
  );
  const plan = (size: number) =>
    runPlanCommand(SUPERGRAPH, 'rules.graphql', '--variables', JSON.stringify({ size }));
  const getCost = (output: string) => Number(/Estimated cost: (\d+)$/.exec(output)?.[1]);
  const [small, large] = [await plan(1), await plan(50)];
  expect(small).toMatchObject({ exitCode: 0, warnings: [] });
  expect(small.output).toContain('Fetch(service: "reports")');
  expect(getCost(large.output)).toBeGreaterThan(getCost(small.output));
});

test('prints the plan of a text as JSON or as a flowchart', async () => {
  const json = await runPlanCommand(SUPERGRAPH, '{ services { name } }', '--format', 'json');
  expect(JSON.parse(json.output)).toMatchObject({
    queryPlan: { kind: 'QueryPlan', node: { kind: 'Fetch', serviceName: 'heartbeat' } },
  });
  const mermaid = await runPlanCommand(SUPERGRAPH, '{ services { name } }', '--format', 'mermaid');
  expect(mermaid.output).toMatch(/^flowchart TD\n[^]*\["heartbeat<br\/>/);
});

test('an invalid operation ends with code 1 and its errors', async () => {
  expect(await runPlanCommand(SUPERGRAPH, '{ nothing }')).toStrictEqual({
    output: '',
    warnings: [expect.stringContaining('Cannot query field "nothing" on type "Query".')],
    exitCode: 1,
  });
});

test.each([
  [[SUPERGRAPH, 'missing.graphql'], 'UsageError', 'The file missing.graphql cannot be read'],
  [
    [SUPERGRAPH, '{ services { name } }', '--variables', '[1]'],
    'UsageError',
    '--variables must be a JSON object',
  ],
  [[SUPERGRAPH.replace('.graphql', '.yaml'), '{ a }'], 'Error', 'The operation cannot be planned'],
])('%j is refused', async (args, name, message) => {
  await expect(runPlanCommand(...args)).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message) as unknown,
  });
});
