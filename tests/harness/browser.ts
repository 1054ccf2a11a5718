import { chromium, type Browser, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/lib/testing/chromium.mjs';

/** It shall ask nobody for updates, and talk to nobody but the page's server. */
const ARGS = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium, without a window. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error('There is no Chromium: npm test installs it, or says how.');
  // Its sandbox refuses to work for root.
  const args = process.getuid?.() === 0 ? [...ARGS, '--no-sandbox'] : ARGS;
  return chromium.launch({ executablePath, args });
}

/** What a page does that the person before it does not see. */
export interface Watched {
  /** Every URL asked for, WebSockets too. */
  readonly urls: readonly string[];
  /** What was sent over WebSockets. */
  readonly sent: readonly string[];
  /** Errors of scripts, and what the browser refused to do. */
  readonly errors: readonly string[];
}

export function watch(page: Page): Watched {
  const urls: string[] = [];
  const sent: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  page.on('websocket', (socket) => {
    urls.push(socket.url());
    socket.on('framesent', ({ payload }) => sent.push(payload.toString()));
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return { urls, sent, errors };
}
