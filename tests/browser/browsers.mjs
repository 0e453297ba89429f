// Chromium by Playwright and Firefox by Puppeteer, which speaks WebDriver BiDi with it, each as a person has it but for
// what a test says. Both give pages with `goto`, `evaluate` and `close`.

import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr'
export const VIEWPORT = { width: 1280, height: 720 }

/** What the pages of both have in common. @typedef {import('playwright-core').Page} Page */

/** What lets several pages play at once, where only one of them is in front. */
const NEVER_BEHIND = [
  '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows'
]
/** Pages on a machine without multicast meet only so. */
const MEET = '--disable-features=WebRtcHideLocalIpsWithMdns'

/**
 * @param {{ autoplay?: boolean, program?: string, more?: string[] }} options whether pages may play sound before they are
 *   touched, what starts the browser, and what it is told beside
 */
export async function openChromium ({ autoplay = true, program = CHROMIUM, more = [] } = {}) {
  const args = [
    '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', MEET, ...NEVER_BEHIND, ...more
  ]
  // Without a window Chromium would allow it; with one, people have the other.
  args.push(`--autoplay-policy=${autoplay ? 'no-user-gesture-required' : 'document-user-activation-required'}`)
  const browser = await chromium.launch({ executablePath: program, args, chromiumSandbox: false })
  return {
    name: 'Chromium',
    newContext: browser.newContext.bind(browser),
    /** @param {import('playwright-core').BrowserContextOptions} more */
    newPage: (more = {}) => browser.newPage({ viewport: VIEWPORT, ...more }),
    close: () => browser.close()
  }
}

export async function openFirefox () {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    defaultViewport: VIEWPORT,
    extraPrefsFirefox: { 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0 }
  })
  return {
    name: 'Firefox',
    newPage: async () => /** @type {Page} */ (/** @type {unknown} */ (await browser.newPage())),
    close: () => browser.close()
  }
}

/** Chromium with tabs as people have them: only the one in front is seen, and the timers of the others are slowed. */
export async function openTabbedChromium () {
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required', MEET],
    ignoreDefaultArgs: NEVER_BEHIND,
    defaultViewport: VIEWPORT
  })
  return {
    newPage: async () => /** @type {Page} */ (/** @type {unknown} */ (await browser.newPage())),
    close: () => browser.close()
  }
}
