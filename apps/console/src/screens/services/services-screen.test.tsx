import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ServicesDocument, type HealthStatus } from '../../api/generated';
import { renderInConsole } from '../../testing/render-in-console';
import { ServicesScreen } from './services-screen';

const createService = (name: string, status: HealthStatus, since = '2026-11-30T10:00:00.000Z') => ({
  __typename: 'ServiceHealth' as const,
  name,
  status,
  reason: `${name} is ${status}`,
  since,
  instances: [{ __typename: 'ServiceInstance' as const, id: `${name}-1`, status }],
});
const createStoredService = (name: string, status: HealthStatus) => ({
  ...createService(name, status),
  lastDay: 0.99999,
  lastWeek: 1,
  lastMonth: null,
  transitions: [
    {
      __typename: 'HealthTransition' as const,
      from: 'UNKNOWN' as const,
      to: status,
      at: '2026-11-30T10:00:00.000Z',
      reason: `${name} is ${status}`,
    },
  ],
});
const answerWith = (...services: readonly ReturnType<typeof createStoredService>[]) => ({
  request: { query: ServicesDocument },
  result: { data: { services: [...services] } },
});
const getService = (name: string) => screen.findByRole('article', { name });

test('shows every service with status, reason and availability', async () => {
  renderInConsole(<ServicesScreen />, {
    answers: [answerWith(createStoredService('gateway', 'UP'), createStoredService('reports', 'DOWN'))],
  });
  expect(screen.getByRole('status', { name: 'Loading' })).toBeTruthy();
  const reports = within(await getService('reports'));
  expect(reports.getByText('Down')).toBeTruthy();
  expect(reports.getByText('reports is DOWN')).toBeTruthy();
  expect(reports.getByText('99.99%')).toBeTruthy();
  expect(reports.getByText('100%')).toBeTruthy();
  expect(reports.getByText('–')).toBeTruthy();
  expect(screen.getByText('1 of 2 services has a problem.')).toBeTruthy();
  const incidents = within(screen.getByRole('table', { name: 'Incidents' }));
  expect(incidents.getByRole('rowheader', { name: 'reports' })).toBeTruthy();
});

test('follows the changes of a service, and reads its history again', async () => {
  const { publish } = renderInConsole(<ServicesScreen />, {
    answers: [
      answerWith(createStoredService('reports', 'UP')),
      answerWith({
        ...createStoredService('reports', 'LATE'),
        lastDay: 0.5,
        since: '2026-11-30T11:00:00.000Z',
      }),
    ],
  });
  await getService('reports');
  act(() => publish({ heartbeat: createService('reports', 'LATE', '2026-11-30T11:00:00.000Z') }));
  const reports = within(await getService('reports'));
  await waitFor(() => expect(reports.getByText('Late')).toBeTruthy());
  await waitFor(() => expect(reports.getByText('50%')).toBeTruthy());
});

test('without services it says when one appears', async () => {
  renderInConsole(<ServicesScreen />, { answers: [answerWith()] });
  expect(await screen.findByRole('heading', { name: 'No services yet' })).toBeTruthy();
});

test('an error has the message of the gateway, and a button that tries again', async () => {
  renderInConsole(<ServicesScreen />, {
    answers: [
      {
        request: { query: ServicesDocument },
        result: { errors: [{ message: 'The subgraph `heartbeat` is temporarily unavailable.' }] },
      },
      answerWith(createStoredService('reports', 'UP')),
    ],
  });
  const alert = within(await screen.findByRole('alert'));
  expect(alert.getByText('The subgraph `heartbeat` is temporarily unavailable.')).toBeTruthy();
  act(() => alert.getByRole('button', { name: 'Try again' }).click());
  expect(await getService('reports')).toBeTruthy();
});
