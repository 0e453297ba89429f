// What a page that watches says of itself, and waiting for it.

import { setTimeout as sleep } from 'node:timers/promises'

/** For what takes a second on an idle machine. */
const PATIENCE_MS = 40_000

/** @typedef {import('./browsers.mjs').Page} Page */
/** @typedef {import('../../assets/viewer/measurements.js').Measurements} Measurements */

/**
 * @param {Page} page
 * @returns {Promise<Measurements | undefined>} undefined before its scripts run
 */
export function measure (page) {
  return page.evaluate(() => /** @type {any} */ (window).liveOnTorrent?.stats())
}

/**
 * Waits until the page's measurements are as wanted.
 * @param {Page} page
 * @param {string} what is waited for, for the error
 * @param {(measured: Measurements) => boolean} wanted
 */
export async function until (page, what, wanted) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const measured = await measure(page)
    if (measured !== undefined && wanted(measured)) return measured
    if (Date.now() > deadline) throw new Error(`not seen in time: ${what}; ${JSON.stringify(measured)}`)
    await sleep(50)
  }
}

/**
 * Waits until the page shows this status.
 * @param {Page} page
 * @param {import('../../assets/viewer/page/status.js').Status} status
 */
export function untilStatus (page, status) {
  return until(page, `the status '${status}'`, measured => measured.status === status)
}

/**
 * Waits until the page plays: so many more segments from now on.
 * @param {Page} page
 * @param {number} segments
 */
export async function untilPlayed (page, segments) {
  const { segments: before } = await untilStatus(page, 'live')
  return until(page, `${segments} segments more`, measured => measured.segments >= before + segments)
}

/**
 * What the page shows in the picture's place, and below it.
 * @param {Page} page
 */
export function words (page) {
  return page.evaluate(() => ({
    notice: /** @type {HTMLElement} */ (document.querySelector('#notice')).innerText,
    title: /** @type {HTMLElement} */ (document.querySelector('h1')).innerText,
    badge: /** @type {HTMLElement} */ (document.querySelector('#badge')).innerText,
    announcement: document.querySelector('#announcement')?.textContent
  }))
}
