// An audience whose upload is not enough for all of it: some wait, the others get everything, and each comes in when there
// is room.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { App, Channel, SMALL_PICTURE } from './app.mjs'
import { openChromium } from './browsers.mjs'
import { measure, untilPlayed, words } from './watching.mjs'

const VIEWERS = 5
/** Two copies of the stream and a little. */
const UPLOAD_LIMIT = '2M'
/** Nobody stands aside before it has lacked something for 15 s. */
const PATIENCE_MS = 120_000

/** @typedef {import('./browsers.mjs').Page} Page */

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
before(async () => { browser = await openChromium() })
after(async () => {
  await browser?.close()
  channel.remove()
})

/**
 * Waits until so many of them wait for room, no more and no fewer.
 * @param {Page[]} pages
 * @param {(count: number) => boolean} wanted
 */
async function untilAside (pages, wanted) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const measured = await Promise.all(pages.map(measure))
    const aside = pages.filter((_, at) => measured[at]?.status === 'aside')
    if (wanted(aside.length)) return aside
    if (Date.now() > deadline) throw new Error(`not seen in time: ${JSON.stringify(measured.map(each => each?.status))}`)
    await sleep(200)
  }
}

test('where upload is short some viewers wait for room and are told, and come in when others leave', async context => {
  const app = await App.live(context, channel, { ...SMALL_PICTURE, details: ['--upload-limit', UPLOAD_LIMIT] })
  /** @type {Page[]} */
  const pages = []
  for (let count = 0; count < VIEWERS; count++) {
    const page = await browser.newPage({ viewport: { width: 480, height: 360 } })
    pages.push(page)
    await page.goto(app.link)
    // Nobody passes anything on: all lives on the streamer's limit.
    await page.getByRole('switch', { name: 'Pass on to others' }).press('Space')
  }
  const waiting = await untilAside(pages, count => count >= 1)
  assert.match((await words(/** @type {Page} */ (waiting[0]))).notice, /There is not room for everyone just now.*by yourself/s)
  const watching = pages.filter(page => !waiting.includes(page))
  await Promise.any(watching.map(page => untilPlayed(page, 24)))
  // With the watchers gone there is room for all who waited, if they are few enough.
  await Promise.all(watching.map(page => page.close()))
  await Promise.any(waiting.map(page => untilPlayed(page, 8)))
})
