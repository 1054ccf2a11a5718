import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { graphql, parse } from 'graphql';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PROJECT_FOLDER = fileURLToPath(new URL('../../../', import.meta.url));
const PACKAGE_FOLDER = join(PROJECT_FOLDER, 'packages', 'executor');
/** Packs, installs about twenty packages and compiles. */
const TIMEOUT_MS = 300_000;
/** An ES module: Node loads it with `require` too, but old module resolutions of TypeScript do not find it. */
const SUPPORTED_RESOLUTIONS = ['node16-esm', 'bundler'];

const folder = mkdtempSync(join(tmpdir(), 'seguridad-abc-package-'));
let tarballFile: string;
let tarball: Buffer;

const run = (command: string, args: readonly string[], cwd: string) =>
  promisify(execFile)(command, [...args], { cwd, maxBuffer: 100_000_000 });
const tsc = (cwd: string, ...args: string[]) =>
  run(process.execPath, [join(PROJECT_FOLDER, 'node_modules', 'typescript', 'bin', 'tsc'), ...args], cwd);

// `npm pack` builds. It works on a copy, because other tests use the package's own `dist`.
beforeAll(async () => {
  const copy = join(folder, 'packages', 'executor');
  cpSync(PACKAGE_FOLDER, copy, {
    recursive: true,
    filter: (path) => !/[/\\](?:node_modules|dist|\.turbo)$/.test(path),
  });
  for (const name of ['tsconfig.base.json', 'package.json', 'scripts']) {
    cpSync(join(PROJECT_FOLDER, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(PROJECT_FOLDER, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(copy, 'dist'));
  writeFileSync(join(copy, 'dist', 'left-over.js'), '');
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], copy);
  const [{ filename = '' } = {}] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { filename?: string }[];
  tarballFile = join(folder, filename);
  tarball = readFileSync(tarballFile);
}, TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the package has what its users need, and no tests or old builds', () => {
  const files = createPackageFromTarballData(tarball)
    .listFiles()
    .map((path) => path.replace('/node_modules/@seguridad-abc/executor/', ''));
  expect(files).toEqual(
    expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts']),
  );
  expect(files.filter((path) => /test|left-over/.test(path))).toEqual([]);
  const { exports } = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string>>;
  };
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  expect(targets.filter((target) => !files.includes(target.replace('./', '')))).toEqual([]);
  // The source maps lead to sources that exist.
  const { sources } = JSON.parse(
    createPackageFromTarballData(tarball).readFile('/node_modules/@seguridad-abc/executor/dist/index.js.map'),
  ) as { sources: string[] };
  expect(sources).toEqual(['../src/index.ts']);
  expect(files).toContain('src/index.ts');
});

test('the README lists every export', async () => {
  const readme = readFileSync(join(PACKAGE_FOLDER, 'README.md'), 'utf8');
  const [, section = ''] = /^## API\n(.*?)^## /ms.exec(readme) ?? [];
  const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(Object.keys(await import('@seguridad-abc/executor')).sort());
});

test('publint finds nothing wrong', async () => {
  const arrayBuffer = new Uint8Array(tarball).buffer;
  const { messages } = await publint({ pack: { tarball: arrayBuffer }, strict: true });
  expect(messages).toEqual([]);
});

test('TypeScript resolves the types of the package', async () => {
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  if (analysis.types === false) throw new Error('The package has no types.');
  const problems = analysis.problems.filter(
    (problem) => !('resolutionKind' in problem) || SUPPORTED_RESOLUTIONS.includes(problem.resolutionKind),
  );
  expect(problems).toEqual([]);
});

test(
  "the README's quick start compiles and runs in an empty project",
  async () => {
    const project = join(folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarballFile], project);

    const [, example = ''] =
      /^```ts\n(.*?)^```/ms.exec(readFileSync(join(PACKAGE_FOLDER, 'README.md'), 'utf8')) ?? [];
    // The port that the example names may be in use on this machine.
    const listen = /^server\.listen\(4000, .*\);$/m;
    expect(example).toMatch(listen);
    const program = example.replace(
      listen,
      "server.listen(0, '127.0.0.1', () => process.send?.(server.address()));",
    );
    writeFileSync(join(project, 'index.ts'), program);
    // The types of Node are those of this repository.
    const typeRoots = join(PROJECT_FOLDER, 'node_modules', '@types');
    await tsc(
      project,
      ...[
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--types',
        'node',
        '--typeRoots',
        typeRoots,
      ],
      'index.ts',
    );

    const typeDefs = parse('type Query { hello(name: String!): String! }');
    const schema = buildSubgraphSchema([
      {
        typeDefs,
        resolvers: { Query: { hello: (_: unknown, { name }: { name: string }) => `Hello, ${name}` } },
      },
    ]);
    const subgraph = createServer((request, response) => {
      void json(request)
        .then((body) => {
          const { query, variables } = body as { query: string; variables?: Record<string, unknown> };
          return graphql({ schema, source: query, variableValues: variables });
        })
        .then((result) => response.setHeader('content-type', 'application/json').end(JSON.stringify(result)));
    }).listen(0, '127.0.0.1');
    await once(subgraph, 'listening');
    const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`;
    const { supergraphSdl = '' } = composeServices([{ name: 'hello', url, typeDefs }]);
    writeFileSync(join(project, 'supergraph.graphql'), supergraphSdl);

    const gateway = spawn(process.execPath, ['index.js'], {
      cwd: project,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    try {
      const [{ port }] = (await once(gateway, 'message')) as [AddressInfo];
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ hello(name: "Ana") }' }),
      });
      expect(await response.json()).toEqual({ data: { hello: 'Hello, Ana' } });
      gateway.kill('SIGTERM');
      expect(await once(gateway, 'exit')).toEqual([0, null]);
    } finally {
      gateway.kill('SIGKILL');
      subgraph.closeAllConnections();
      subgraph.close();
    }
  },
  TIMEOUT_MS,
);
