import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDefaultSettings, SERVICES } from '@seguridad-abc/cli';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const FOLDER = fileURLToPath(new URL('../../deploy/kubernetes', import.meta.url));
const BASE = join(FOLDER, 'base');

/** The kinds of the manifests, with their schemas of kubernetes-models. */
const MODELS = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  StatefulSet,
};
type Kind = keyof typeof MODELS;
interface Manifest {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
}
interface Kustomization {
  readonly resources: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
}

const readManifests = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(file, 'utf8'), { merge: true }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
const readKustomization = (folder: string) =>
  parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization;
const FILES = ['base', 'example'].flatMap((folder) =>
  readdirSync(join(FOLDER, folder))
    .filter((name) => name !== 'kustomization.yaml')
    .map((name) => join(FOLDER, folder, name)),
);
const MANIFESTS = FILES.flatMap((file) => readManifests(file));
const BASE_MANIFESTS = FILES.filter((file) => dirname(file) === BASE).flatMap((file) => readManifests(file));
const find = <Name extends Kind>(kind: Name, name: string) => {
  const manifest = BASE_MANIFESTS.find((each) => each.kind === kind && each.metadata.name === name);
  if (!manifest) throw new Error(`There is no ${kind} ${name}.`);
  return manifest as unknown as InstanceType<(typeof MODELS)[Name]>;
};
/** The pods of a service. */
const findWorkload = (name: string) =>
  name === 'heartbeat' ? find('StatefulSet', name) : find('Deployment', name);
const settings = () => find('ConfigMap', 'seguridad-abc').data ?? {};

describe('the Kubernetes manifests', () => {
  test('are named by their kustomizations, each file once', () => {
    for (const folder of [BASE, join(FOLDER, 'example')]) {
      const { resources, patches = [] } = readKustomization(folder);
      const named = [...resources, ...patches.map(({ path }) => path)];
      const present = readdirSync(folder).filter((name) => name !== 'kustomization.yaml');
      expect(named.filter((name) => name !== '../base').sort()).toEqual(present.sort());
      expect(named.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
    }
  });

  test.each(MANIFESTS.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    '%s %s has the values that its schema allows',
    (kind, _name, manifest) => {
      const model = new MODELS[kind](manifest);
      // The models have one API version each, and set it: a manifest of another one would differ.
      expect(model.toJSON()).toMatchObject(manifest);
      expect(() => model.validate()).not.toThrow();
    },
  );

  test('admit only the Ingress to the gateway, which believes the client addresses that private ones name', () => {
    expect(find('NetworkPolicy', 'gateway').spec?.ingress).toEqual([
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }],
        ports: [{ port: 'http' }],
      },
    ]);
  });

  test('hide /metrics from clients', () => {
    const [ingress, service] = readManifests(join(FOLDER, 'example', 'ingress.yaml')) as unknown as [
      InstanceType<typeof Ingress>,
      InstanceType<typeof Service>,
    ];
    const paths = ingress.spec?.rules?.flatMap(({ http }) => http?.paths ?? []) ?? [];
    expect(paths.map(({ path, backend }) => [path, backend.service?.name])).toEqual([
      ['/metrics', service.metadata?.name],
      ['/', 'gateway'],
    ]);
    expect(ingress.metadata?.annotations?.['nginx.ingress.kubernetes.io/use-regex']).toBe('true');
    expect(service.spec?.selector).toBeUndefined();
  });

  // JSON schemas of Kubernetes allow any other property. TypeScript does not, in a literal.
  test('have no misspelled field', () => {
    const file = fileURLToPath(new URL('manifests.ts', import.meta.url));
    const modules: Record<Kind, string> = {
      ConfigMap: 'v1',
      Deployment: 'apps/v1',
      HorizontalPodAutoscaler: 'autoscaling/v2',
      Ingress: 'networking.k8s.io/v1',
      NetworkPolicy: 'networking.k8s.io/v1',
      PodDisruptionBudget: 'policy/v1',
      Service: 'v1',
      StatefulSet: 'apps/v1',
    };
    const misspelled: Manifest & { spec: object } = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'misspelled' },
      spec: { portz: [] },
    };
    const source = [
      ...Object.entries(modules).map(
        ([kind, module]) => `import type { I${kind} } from 'kubernetes-models/${module}/${kind}';`,
      ),
      ...[...MANIFESTS, misspelled].map(
        (manifest, index) =>
          `export const manifest${index}: I${manifest.kind} = ${JSON.stringify(manifest)};`,
      ),
    ].join('\n');
    const options = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    };
    const host = ts.createCompilerHost(options);
    const readSource = host.getSourceFile.bind(host);
    host.getSourceFile = (name, version, ...rest) =>
      name === file ? ts.createSourceFile(name, source, version) : readSource(name, version, ...rest);
    const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host));
    expect(diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([
      expect.stringContaining('\'"portz"\' does not exist'),
    ]);
  }, 60_000);

  test.each(SERVICES)(
    'run $name as two instances or more, of which one at a time stops',
    ({ name, portSetting }) => {
      const { spec } = findWorkload(name);
      const pod = spec?.template.spec;
      const [container] = pod?.containers ?? [];
      // A StatefulSet replaces one pod after the other; a Deployment starts a new one before.
      if (name !== 'heartbeat')
        expect(find('Deployment', name).spec?.strategy?.rollingUpdate).toEqual({
          maxSurge: 1,
          maxUnavailable: 0,
        });
      const autoscaler = BASE_MANIFESTS.find(
        (each) => each.kind === 'HorizontalPodAutoscaler' && each.metadata.name === name,
      );
      // An autoscaler owns the number of instances.
      if (autoscaler) {
        expect(spec?.replicas).toBeUndefined();
        expect(find('HorizontalPodAutoscaler', name).spec).toMatchObject({
          minReplicas: 2,
          scaleTargetRef: { name },
        });
      } else expect(spec?.replicas).toBe(2);
      const labels = spec?.template.metadata?.labels;
      expect(spec?.selector.matchLabels).toEqual(labels);
      expect(find('Service', name).spec?.selector).toEqual(labels);
      expect(find('PodDisruptionBudget', name).spec).toMatchObject({
        maxUnavailable: 1,
        selector: { matchLabels: labels },
      });

      expect(container?.args).toEqual([name]);
      const port = Number(readDefaultSettings()[portSetting]);
      expect(container?.ports).toEqual([{ name: 'http', containerPort: port }]);
      expect(find('Service', name).spec?.ports).toEqual([{ name: 'http', port, targetPort: 'http' }]);
      expect(
        [container?.startupProbe, container?.livenessProbe, container?.readinessProbe].map(
          (probe) => probe?.httpGet?.path,
        ),
      ).toEqual(['/health', '/health', '/ready']);
    },
  );

  test.each(SERVICES)('give $name the time to finish, and nothing that it does not need', ({ name }) => {
    const pod = findWorkload(name).spec?.template.spec;
    const [container] = pod?.containers ?? [];
    const runService = readFileSync('packages/platform/src/run-service.ts', 'utf8');
    const readMs = (constant: string) =>
      Number(new RegExp(`${constant} = ([\\d_]+)`).exec(runService)?.[1]?.replaceAll('_', ''));
    const preStopSeconds = Number(container?.lifecycle?.preStop?.exec?.command?.[1]);
    const neededSeconds = preStopSeconds + (readMs('DRAIN_TIMEOUT_MS') + readMs('STOP_TIMEOUT_MS')) / 1_000;
    expect(preStopSeconds).toBeGreaterThan(0);
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(neededSeconds);

    expect(pod?.automountServiceAccountToken).toBe(false);
    expect(pod?.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container?.securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(container?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([
      '/data',
      '/tmp',
      '/etc/seguridad-abc',
    ]);
    // An installation without authorities of its own starts too.
    expect(pod?.volumes?.find(({ name: volume }) => volume === 'authorities')?.secret).toEqual({
      secretName: 'seguridad-abc-authorities',
      optional: true,
    });
    expect(Object.keys(container?.resources?.requests ?? {})).toEqual(
      expect.arrayContaining(['cpu', 'memory']),
    );
    expect(Object.keys(container?.resources?.limits ?? {})).toEqual(['memory']);
  });

  test('have settings that exist, and no secret', () => {
    const secrets = [
      'INSTALLATION_SECRET',
      'DATABASE_URL',
      'REDIS_URL',
      'REDIS_SENTINEL_PASSWORD',
      'METRICS_TOKEN',
      'AUTH_TOKEN',
    ];
    const names = MANIFESTS.filter(({ kind }) => kind === 'ConfigMap').flatMap((manifest) =>
      Object.keys((manifest as { data?: object }).data ?? {}),
    );
    const known = Object.keys(readDefaultSettings());
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(names.filter((name) => secrets.includes(name))).toEqual([]);
    // What the comment says that the Secret has.
    const comment = readFileSync(join(BASE, 'settings.yaml'), 'utf8').split('apiVersion')[0] ?? '';
    const inSecret = comment.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
    expect(inSecret.filter((name) => !known.includes(name))).toEqual([]);
    expect(inSecret).toContain('DATABASE_URL');
  });

  test('reach the subgraphs by their Services, which get the installation secret', () => {
    const subgraphs = SERVICES.filter(({ name }) => name !== 'gateway');
    const { SUBGRAPH_URLS = '', INTERNAL_HOSTS, REPORTS_PEERS, MONITORING_URL } = settings();
    expect(SUBGRAPH_URLS.split(';').sort()).toEqual(
      subgraphs
        .map(
          ({ name, portSetting }) =>
            `${name}=http://${name}:${readDefaultSettings()[portSetting] ?? ''}/graphql`,
        )
        .sort(),
    );
    expect(INTERNAL_HOSTS?.split(',').sort()).toEqual(subgraphs.map(({ name }) => name).sort());
    expect(MONITORING_URL).toBe('http://monitoring:4001');
    expect(REPORTS_PEERS).toBe('http://reports-peers:4002');
    for (const name of ['reports-peers', 'heartbeat-pods'])
      expect(find('Service', name).spec?.clusterIP).toBe('None');
    expect(find('StatefulSet', 'heartbeat').spec?.serviceName).toBe('heartbeat-pods');
  });
});
