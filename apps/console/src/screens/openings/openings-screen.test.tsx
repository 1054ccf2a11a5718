import { act, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { OpeningsDocument, type OpeningStateFragment } from '../../api/generated';
import { renderInConsole } from '../../testing/render-in-console';
import { OpeningsScreen } from './openings-screen';

const ANA = { id: 'ana', role: 'customer' } as const;
const PAGE_INFO = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };

const createOpening = (name: string, fields: Partial<OpeningStateFragment> = {}) => ({
  __typename: 'Opening' as const,
  name,
  state: 'CLOSED' as const,
  since: '2026-11-30T10:00:00.000Z',
  lastReadingAt: '2026-11-30T10:00:00.000Z',
  tampered: null,
  batteryLow: null,
  rules: [],
  ...fields,
});
const answerWith = (openings: readonly ReturnType<typeof createOpening>[], pageInfo = PAGE_INFO) => ({
  request: { query: OpeningsDocument, variables: { first: 60 } },
  result: {
    data: {
      viewer: {
        __typename: 'User' as const,
        id: 'ana',
        openingConnection: {
          __typename: 'OpeningConnection' as const,
          totalCount: openings.length,
          nodes: [...openings],
          pageInfo: { __typename: 'PageInfo' as const, ...pageInfo },
        },
      },
    },
  },
});
const getOpening = async (name: string) => within(await screen.findByRole('article', { name }));

test('shows each opening with its state and what is wrong with its sensor', async () => {
  renderInConsole(<OpeningsScreen />, {
    caller: ANA,
    answers: [
      answerWith([
        createOpening('Back door', { tampered: true, batteryLow: true }),
        createOpening('Garage', { state: 'OPEN' }),
        createOpening('Window', { state: null, since: null, lastReadingAt: null }),
      ]),
    ],
  });
  const backDoor = await getOpening('Back door');
  expect(backDoor.getByText('Closed')).toBeTruthy();
  expect(backDoor.getByText('The sensor is tampered with')).toBeTruthy();
  expect(backDoor.getByText('The battery is low')).toBeTruthy();
  const garage = await getOpening('Garage');
  expect(garage.getByText('Open since')).toBeTruthy();
  expect(garage.queryByText('The battery is low')).toBeNull();
  const window = await getOpening('Window');
  expect([window.getByText('Unknown'), window.getByText('none yet')]).toHaveLength(2);
  expect(screen.getByText('1 of 3 is open.')).toBeTruthy();
});

test('asks for the openings again when an alarm changes', async () => {
  const { publish } = renderInConsole(<OpeningsScreen />, {
    caller: ANA,
    answers: [
      answerWith([createOpening('Garage')]),
      answerWith([createOpening('Garage', { state: 'OPEN' })]),
    ],
  });
  expect((await getOpening('Garage')).getByText('Closed')).toBeTruthy();
  act(() =>
    publish({
      alarmChanged: {
        __typename: 'AlarmChange',
        kind: 'RAISED',
        alarm: { __typename: 'Alarm', id: '1', opening: 'Garage' },
      },
    }),
  );
  expect(await screen.findByText('Open')).toBeTruthy();
});

test.each([
  ['a caller whom nobody knows yet', { viewer: null }],
  ['a caller without openings', answerWith([]).result.data],
])('%s sees that there are no openings yet', async (_, data) => {
  renderInConsole(<OpeningsScreen />, {
    caller: ANA,
    answers: [{ request: { query: OpeningsDocument, variables: { first: 60 } }, result: { data } }],
  });
  expect(await screen.findByRole('heading', { name: 'No openings yet' })).toBeTruthy();
});

test('a second page is one button away', async () => {
  renderInConsole(<OpeningsScreen />, {
    caller: ANA,
    answers: [
      answerWith([createOpening('A')], { ...PAGE_INFO, hasNextPage: true, endCursor: 'a' } as never),
      {
        ...answerWith([createOpening('B')]),
        request: { query: OpeningsDocument, variables: { after: 'a', first: 60 } },
      },
    ],
  });
  await getOpening('A');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Previous' }).disabled).toBe(true);
  act(() => screen.getByRole('button', { name: 'Next' }).click());
  expect(await getOpening('B')).toBeTruthy();
});
