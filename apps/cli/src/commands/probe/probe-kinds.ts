import { URLSearchParams } from 'node:url';
import type { DocumentNode } from 'graphql';
import { CreateRuleDocument, DeleteRuleDocument, type CreateRuleInput } from '../../graphql/generated.js';
import {
  getDocumentId,
  getDocumentText,
  type DocumentFormat,
  type RawRequest,
} from '../../graphql/graphql-client.js';
import type { SeededRandom } from '../../shared/seeded-random.js';

/** The only correct response to a probe. */
export interface ExpectedResponse {
  /** Of HTTP. */
  readonly status: number;
  /** The code of its only error. Absent: a rule was created. */
  readonly code?: string;
  /** The code of its only error if the gateway runs listed operations only. @default code */
  readonly codeIfUnlisted?: string;
  /** The path of that error. */
  readonly path?: readonly string[];
}

export interface ProbeKind {
  readonly name: string;
  /** Relative frequency. */
  readonly weight: number;
  /** Creates the request from a valid input. */
  readonly createRequest: (input: CreateRuleInput, format: DocumentFormat) => RawRequest;
  readonly expected: ExpectedResponse;
}

/** A request to send. */
export interface Probe {
  readonly kind: ProbeKind;
  readonly input: CreateRuleInput;
}

/** Above the gateway's limit of 2 MiB. */
const OVERSIZED_NAME_LENGTH = 2_200_000;

const describeDocument = (document: DocumentNode, format: DocumentFormat) =>
  format === 'id' ? { documentId: getDocumentId(document) } : { query: getDocumentText(document) };

const createPost = (
  document: DocumentNode,
  format: DocumentFormat,
  variables: Readonly<Record<string, unknown>>,
): RawRequest => ({
  method: 'POST',
  body: JSON.stringify({ ...describeDocument(document, format), variables }),
});

/** Name of the kind that creates a rule. */
export const VALID_CREATE_RULE_PROBE_NAME = 'valid createRule';

export const PROBE_KINDS: readonly [ProbeKind, ...ProbeKind[]] = [
  {
    name: VALID_CREATE_RULE_PROBE_NAME,
    weight: 3,
    createRequest: (input, format) => createPost(CreateRuleDocument, format, { input }),
    expected: { status: 200 },
  },
  {
    name: 'missing field',
    weight: 1,
    createRequest: (input, format) =>
      createPost(CreateRuleDocument, format, { input: { ...input, name: undefined } }),
    expected: { status: 200, code: 'BAD_USER_INPUT' },
  },
  {
    name: 'half a pair of hours',
    weight: 1,
    createRequest: (input, format) =>
      createPost(CreateRuleDocument, format, { input: { ...input, opensAt: '08:00', closesAt: null } }),
    expected: { status: 200, code: 'BAD_USER_INPUT', path: ['createRule'] },
  },
  {
    name: 'wrong type',
    weight: 1,
    createRequest: (input, format) =>
      createPost(CreateRuleDocument, format, { input: { ...input, maxOpenSeconds: 'sixty' } }),
    expected: { status: 200, code: 'BAD_USER_INPUT' },
  },
  {
    name: 'unknown field',
    weight: 1,
    createRequest: (input) => ({
      method: 'POST',
      body: JSON.stringify({
        query: getDocumentText(CreateRuleDocument).replace('version', 'version colour'),
        variables: { input },
      }),
    }),
    expected: { status: 200, code: 'GRAPHQL_VALIDATION_FAILED', codeIfUnlisted: 'OPERATION_NOT_ALLOWED' },
  },
  {
    name: 'no token',
    weight: 1,
    createRequest: (input, format) => ({ ...createPost(CreateRuleDocument, format, { input }), headers: {} }),
    expected: { status: 401, code: 'UNAUTHENTICATED' },
  },
  {
    name: 'wrong method',
    weight: 1,
    createRequest: (input, format) => ({
      method: 'GET',
      search: new URLSearchParams({
        ...describeDocument(CreateRuleDocument, format),
        variables: JSON.stringify({ input }),
      }).toString(),
    }),
    expected: { status: 405, code: 'METHOD_NOT_ALLOWED' },
  },
  {
    name: 'unknown id',
    weight: 1,
    createRequest: ({ name }, format) => createPost(DeleteRuleDocument, format, { id: `none-${name}` }),
    expected: { status: 200, code: 'NOT_FOUND', path: ['deleteRule'] },
  },
  {
    name: 'malformed body',
    weight: 1,
    createRequest: (input, format) => ({
      method: 'POST',
      body: JSON.stringify({ ...describeDocument(CreateRuleDocument, format), variables: { input } }).slice(
        0,
        -1,
      ),
    }),
    expected: { status: 400, code: 'BAD_REQUEST' },
  },
  {
    name: 'huge body',
    weight: 1,
    createRequest: (input, format) =>
      createPost(CreateRuleDocument, format, {
        input: { ...input, name: 'x'.repeat(OVERSIZED_NAME_LENGTH) },
      }),
    expected: { status: 413, code: 'PAYLOAD_TOO_LARGE' },
  },
];

const TOTAL_WEIGHT = PROBE_KINDS.reduce((sum, { weight }) => sum + weight, 0);
const OPENINGS = ['Front door', 'Back door', 'Kitchen window', 'Fridge', 'Safe'] as const;
const TIME_ZONES = ['America/Bogota', 'Europe/Madrid', 'Asia/Kathmandu'] as const;
type RuleLimits = Pick<CreateRuleInput, 'opensAt' | 'closesAt' | 'days' | 'maxOpenSeconds'>;
const LIMITS: readonly [RuleLimits, ...RuleLimits[]] = [
  { maxOpenSeconds: 20 },
  { opensAt: '08:00', closesAt: '18:00' },
  { opensAt: '22:00', closesAt: '06:00', days: ['FRIDAY', 'SATURDAY'], maxOpenSeconds: 600 },
];

export interface ProbesOptions {
  readonly random: SeededRandom;
  readonly userId: string;
  /** Numbers the rule names: names must be unique per user. */
  readonly firstNumber: number;
}

/** Creates probes of random kinds. */
export const createProbes = (
  count: number,
  { random, userId, firstNumber }: ProbesOptions,
): readonly Probe[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: pickKind(random),
    input: {
      userId,
      name: `Probe ${firstNumber + index}`,
      opening: random.pick(OPENINGS),
      timeZone: random.pick(TIME_ZONES),
      ...random.pick(LIMITS),
    },
  }));

function pickKind(random: SeededRandom): ProbeKind {
  let remaining = random.nextInt(TOTAL_WEIGHT);
  return PROBE_KINDS.find(({ weight }) => (remaining -= weight) < 0) ?? PROBE_KINDS[0];
}
