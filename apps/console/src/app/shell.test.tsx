import { act, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { activateLanguage } from '../languages/language';
import { renderInConsole } from '../testing/render-in-console';
import { Shell } from './shell';

const ANA = { id: 'ana', role: 'customer' } as const;
const listLinks = () =>
  [...screen.getByRole('navigation', { name: /Main|Principal/ }).querySelectorAll('a')].map(
    ({ textContent }) => textContent,
  );

test('the navigation has the screens of the role', async () => {
  const operator = renderInConsole(<Shell />);
  expect(listLinks()).toStrictEqual(['Services']);
  expect(await screen.findByRole('heading', { level: 1, name: 'Services' })).toBeTruthy();
  operator.unmount();
  renderInConsole(<Shell />, { caller: ANA });
  expect(listLinks()).toStrictEqual(['Openings']);
});

test('the address of another role, and one of nobody, say so', () => {
  const forbidden = renderInConsole(<Shell />, { caller: ANA, path: '/services' });
  expect(screen.getByRole('heading', { name: 'Your account cannot see this page' })).toBeTruthy();
  forbidden.unmount();
  renderInConsole(<Shell />, { path: '/nothing' });
  expect(screen.getByRole('heading', { name: 'There is nothing at this address' })).toBeTruthy();
});

test('the texts are in the chosen language, also of what is shown already', async () => {
  renderInConsole(<Shell />, { path: '/nothing' });
  await act(() => activateLanguage('es'));
  expect(screen.getByRole('heading', { name: 'No hay nada en esta dirección' })).toBeTruthy();
  expect(listLinks()).toStrictEqual(['Servicios']);
  expect(document.documentElement.lang).toBe('es');
});

test('the header says whether the page is live, and how old its data is', async () => {
  const { setLiveState } = renderInConsole(<Shell />, { path: '/nothing' });
  expect(screen.getByText('Live')).toBeTruthy();
  act(() => setLiveState({ status: 'lost', currentUntil: Date.now() - 12_500 }));
  expect(screen.getByRole('status').textContent).toBe('Live connection lost');
  expect(screen.getByText(/12 sec old/)).toBeTruthy();
  act(() => setLiveState({ status: 'connected', currentUntil: Date.now() }));
  await waitFor(() => expect(screen.queryByText(/old/)).toBeNull());
});
