import { chromium, type Browser, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/testing/chromium.mjs';

/** Without network requests except those of the page. */
const CHROMIUM_ARGS = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a headless Chromium. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error('There is no Chromium: run npm test, which installs it or says how to install it.');
  }
  // Chromium's sandbox does not work for root.
  const args = process.getuid?.() === 0 ? [...CHROMIUM_ARGS, '--no-sandbox'] : CHROMIUM_ARGS;
  return chromium.launch({ executablePath, args });
}

/** The network requests and errors of a page. */
export interface PageActivity {
  /** Every requested URL, including WebSockets. */
  readonly urls: readonly string[];
  /** Messages that the page sent over WebSockets. */
  readonly sentMessages: readonly string[];
  /** Script errors and console errors. */
  readonly errors: readonly string[];
}

export function recordPageActivity(page: Page): PageActivity {
  const urls: string[] = [];
  const sentMessages: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  page.on('websocket', (webSocket) => {
    urls.push(webSocket.url());
    webSocket.on('framesent', ({ payload }) => sentMessages.push(payload.toString()));
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return { urls, sentMessages, errors };
}
